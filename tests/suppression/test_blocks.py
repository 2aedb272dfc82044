"""A form of addresses is kept out: by every door and at the gate; lifting it lifts nobody's own no."""

from __future__ import annotations

import io
import re
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.test import Client, override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.people import a_contact, a_reader, a_shop
from tests.signup.forms import a_form, posted

from shodaku.accounts.domain import Role
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, parse_email
from shodaku.delivery import selectors as delivery
from shodaku.delivery.staff import remember_staff
from shodaku.imports.domain import Basis, Verdict
from shodaku.imports.services import ImportOrder, bring_in
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_written
from shodaku.suppression import blocks, selectors, services
from shodaku.suppression.domain import BlockFault, Form, matches, parse_block

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
WAIT_SECONDS_MAX = 30


@pytest.fixture
def shop(database):
    return a_shop()


def block(shop, text, **more):
    return services.block(shop.workspace_id, text, by="test", now=NOW, **more)


def unblock(shop, made, role=Role.OWNER):
    return services.unblock(shop.workspace_id, made.block_no, by="test", role=role, now=NOW)


def kept_out(shop, contact_id):
    """As the gate reads it."""
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    _, facts = delivery.verdict(shop.workspace_id, contact_id, question, now=NOW)
    return facts.person.erased_at is not None


def owner(shop, address):
    with db.transaction(shop.workspace_id):
        pair = services.tokens(shop.workspace_id, Channel.EMAIL, address)
        return contacts.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("example.jp", Form("domain", "example.jp")),
        ("@Example.JP", Form("domain", "example.jp")),
        ("*@sub.example.jp", Form("domain", "sub.example.jp")),
        ("＊＠ｅｘａｍｐｌｅ．ｊｐ", Form("domain", "example.jp")),
        ("*@日本語.jp", Form("domain", "xn--wgv71a119e.jp")),
        ("*-old@*.example.jp", Form("pattern", "*-old@*.example.jp")),
        ("Info@example.jp", Form("pattern", "info@example.jp")),
        ("100%_x@example.jp", Form("pattern", "100%_x@example.jp")),
    ],
)
def test_a_block_is_read_as_people_write_it(text, form):
    assert parse_block(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "*@*", "*", "**@**", "a@b@c", "a b@example.jp", "*a*b*c*d*@x.jp", "x" * 101, "山@example.jp",
        "a@exa(mple.jp", "@-x.jp",
    ],
)  # fmt: skip
def test_what_is_no_block_is_refused(text):
    with pytest.raises(BlockFault):
        parse_block(text)


def oracle(form, address):
    key = parse_email(address).key
    if form.kind == "domain":
        return key.split("@")[1] == form.value
    return re.fullmatch(re.escape(form.value).replace(r"\*", ".*"), key) is not None


SMALL = st.text("ab.-_%", min_size=1, max_size=6)
ADDRESSES = st.builds("{}@{}.jp".format, SMALL, st.text("ab", min_size=1, max_size=4))
PATTERNS = st.builds("{}@{}".format, st.text("ab*-_%.", max_size=6), st.text("ab*.-", min_size=1, max_size=6))


@settings(deadline=None, max_examples=400)
@given(
    PATTERNS, st.lists(st.builds("{}@{}.jp".format, SMALL, st.text("ab", min_size=1, max_size=4)), max_size=8)
)
@example("*aa*@*", ["a@a.jp", "aa@a.jp"])
@example("*a*a@*jp", ["a@a.jp", "aa@b.jp", "aba@b.jp"])
@example("a*a@b.jp", ["a@b.jp", "aa@b.jp"])
def test_a_block_matches_as_a_naive_reading_does_in_python_and_in_the_database(database, text, addresses):
    try:
        form = parse_block(text)
    except BlockFault:
        return
    good = [each for each in addresses if _is_address(each)]
    told = [matches(form, each) for each in good]
    assert told == [oracle(form, each) for each in good]
    with psycopg.connect(database.application) as connection:
        keys = [parse_email(each).key for each in good]
        rows = connection.execute(
            "select shodaku_blocks(%s, %s, key) "
            "from unnest(%s::text[]) with ordinality as each (key, at) order by at",
            [form.kind, form.value, keys],
        ).fetchall()
    assert told == [row[0] for row in rows]


def _is_address(text):
    try:
        parse_email(text)
    except ValueError:
        return False
    return True


def test_who_is_there_already_gets_no_advertising_and_who_is_not_covered_does(shop):
    covered, other = a_reader(shop, "taro@blocked.example"), a_reader(shop, "taro@sub.blocked.example")
    block(shop, "*@blocked.example")
    assert kept_out(shop, covered)
    assert not kept_out(shop, other)


def test_whoever_comes_in_by_a_way_that_forgot_to_ask_is_covered_from_the_first_moment(shop):
    block(shop, "*-old@*.example")
    assert kept_out(shop, a_reader(shop, "taro-old@shop.example"))
    assert not kept_out(shop, a_reader(shop, "taro-new@shop.example"))


def test_an_address_brought_in_at_the_same_time_as_the_block_is_covered(shop):
    """The block waits for whoever has just inserted and not yet committed."""
    block_done = threading.Event()

    def make():
        block(shop, "*@blocked.example")
        block_done.set()

    thread = threading.Thread(target=make)
    with db.transaction(shop.workspace_id):
        contact_id = a_contact(shop, "taro@blocked.example")
        thread.start()
        assert not block_done.wait(0.2)
    thread.join(WAIT_SECONDS_MAX)
    assert kept_out(shop, contact_id)


def test_an_import_takes_nobody_of_a_blocked_form_in(shop):
    block(shop, "*@blocked.example")
    order = ImportOrder(basis=Basis.NONE, evidence="", file_name="a.csv")
    listed = io.BytesIO("メールアドレス\ntaro@blocked.example\nhanako@free.example\n".encode())
    report = bring_in(shop.workspace_id, listed, order, dry_run=False, staff_id=None, now=NOW)
    assert report.counts[Verdict.SUPPRESSED] == 1
    assert owner(shop, "taro@blocked.example") is None
    assert owner(shop, "hanako@free.example") is not None


def test_a_form_answers_as_always_and_keeps_nothing_of_a_blocked_address(shop):
    a_form(shop)
    block(shop, "*@blocked.example")
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        blocked = posted(shop, Client(), email="taro@blocked.example")
        free = posted(shop, Client(), email="taro@free.example")
    assert (blocked.status_code, blocked.get("Location")) == (free.status_code, free.get("Location"))
    assert blocked.content == free.content
    assert owner(shop, "taro@blocked.example") is None
    assert owner(shop, "taro@free.example") is not None


def test_somebody_of_the_staff_is_not_remembered_under_a_blocked_address(shop):
    block(shop, "*@blocked.example")
    assert remember_staff(shop.workspace_id, parse_email("boss@blocked.example"), now=NOW) is None


def test_only_an_owner_lifts_a_block_and_then_what_it_marked_is_free(shop):
    contact_id = a_reader(shop, "taro@blocked.example")
    made = block(shop, "*@blocked.example")
    for role in set(Role) - {Role.OWNER}:
        with pytest.raises(blocks.OwnersOnly):
            unblock(shop, made, role)
    assert kept_out(shop, contact_id)
    assert unblock(shop, made) == 1
    assert not kept_out(shop, contact_id)
    assert services.blocks(shop.workspace_id) == []
    with pytest.raises(blocks.NoSuchBlock):
        unblock(shop, made)


@pytest.mark.parametrize("first", ["block", "refusal"])
def test_lifting_a_block_leaves_the_own_no_of_a_person(shop, first):
    contact_id = a_reader(shop, "taro@blocked.example")
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, "taro@blocked.example")
    made = block(shop, "*@blocked.example") if first == "block" else None
    with db.transaction(shop.workspace_id):
        services.suppress([pair], "erased", now=NOW)
    made = made or block(shop, "*@blocked.example")
    unblock(shop, made)
    assert kept_out(shop, contact_id)
    assert selectors.suppressed(shop.workspace_id, [pair])[pair.strict].reason == "erased"


def test_who_came_back_by_their_own_sign_up_lifts_their_no_and_not_the_block(shop):
    contact_id = a_reader(shop, "taro@blocked.example")
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, "taro@blocked.example")
    with db.transaction(shop.workspace_id):
        services.suppress([pair], "erased", now=NOW)
    block(shop, "*@blocked.example")
    with db.transaction(shop.workspace_id):
        services.lift(pair)
    assert kept_out(shop, contact_id)


def test_of_two_blocks_that_cover_an_address_the_other_one_stays(shop):
    contact_id = a_reader(shop, "taro-old@blocked.example")
    domain, pattern = block(shop, "*@blocked.example"), block(shop, "*-old@*.example")
    unblock(shop, domain)
    assert kept_out(shop, contact_id)
    unblock(shop, pattern)
    assert not kept_out(shop, contact_id)


def test_the_same_block_twice_and_one_too_many_are_refused(shop, monkeypatch):
    block(shop, "*@blocked.example")
    with pytest.raises(blocks.BlockThere):
        block(shop, "@Blocked.example")
    with pytest.raises(blocks.NotABlock):
        block(shop, "*@*")
    with pytest.raises(blocks.ReasonTooLong):
        block(shop, "*@other.example", reason="x" * 201)
    monkeypatch.setattr(blocks, "BLOCKS_MAX", 1)
    with pytest.raises(blocks.TooManyBlocks):
        block(shop, "*@other.example")
    assert [each.shown for each in services.blocks(shop.workspace_id)] == ["*@blocked.example"]


def test_a_block_of_one_workspace_is_none_of_another(shop):
    other = a_shop()
    block(shop, "*@blocked.example")
    assert services.blocked(other.workspace_id, ["taro@blocked.example"]) == set()
    assert not kept_out(other, a_reader(other, "taro@blocked.example"))


def test_the_ledger_names_the_act_and_no_local_part(shop):
    made = block(shop, "taro.yamada*@blocked.example", reason="wrong list")
    unblock(shop, made)
    said = [
        (each.kind, each.fields)
        for each in ledger.history(shop.workspace_id, ledger_written.INSTALLATION)
        if each.kind.startswith("admin.suppression")
    ]
    assert [kind for kind, _ in said] == ["admin.suppression.blocked", "admin.suppression.unblocked"]
    assert all(fields["domain"] == "blocked.example" for _, fields in said)
    assert "taro" not in str(said)
