"""The pepper gets a layer more, and no answer changes at any instant (P7); who is killed goes on."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.people import a_contact, a_reader, a_shop
from tests.suppression.peppers import a_pepper_of_our_own, another_copy

from shodaku.config import pepper_rotation
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contacts_written
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.erasure import keeping, sealing
from shodaku.erasure import services as erasure
from shodaku.kit import db, keys, runtime
from shodaku.kit.keys import KeyMissing, KeyPurpose
from shodaku.ledger import rotation
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_written
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import layers, peppering, selectors, services
from shodaku.suppression.domain import Tokens, raised

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
WAIT_SECONDS_MAX = 30


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def folder(database, shop, tmp_path, monkeypatch):
    with a_pepper_of_our_own(database, tmp_path, monkeypatch, shop) as folder:
        yield folder


def rotate():
    return pepper_rotation.rotate_pepper(by="test", now=NOW)


def mark(shop, *addresses, reason="erased"):
    with db.transaction(shop.workspace_id):
        pairs = services.tokens_many(shop.workspace_id, Channel.EMAIL, addresses)
        services.suppress(pairs, reason, now=NOW)
    return pairs


def is_marked(shop, address):
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, address)
    return pair.strict in selectors.suppressed(shop.workspace_id, [pair])


def owner(shop, address):
    with db.transaction(shop.workspace_id):
        pair = services.tokens(shop.workspace_id, Channel.EMAIL, address)
        return contacts.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)


def address_of(shop, contact_id):
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    return address


def everything(shop):
    """Every token that the database has of the shop, with its epoch."""
    with db.transaction(shop.workspace_id) as opened:
        return sorted(
            opened.execute(
                "select 'address', token, pepper_epoch from address "
                "union all select 'broad', broad_token, pepper_epoch from address "
                "union all select 'claim', token, pepper_epoch from address_claim "
                "union all select strength || reason, token, pepper_epoch from suppression "
                "union all select 'sealed', unnest(lookups), pepper_epoch from sealed"
            ).fetchall()
        )


def test_every_token_has_one_layer_more_and_stands_for_the_same_address(folder, shop):
    contact_id = a_contact(shop, "taro@example.jp")
    mark(shop, "gone+tag@example.jp")
    before = everything(shop)
    done = rotate()
    assert (done.epoch, done.rewrapped) == (2, 3)
    pepper = runtime.current().ring(KeyPurpose.PEPPER).epochs[2]
    assert everything(shop) == sorted((what, raised(bytes(token), [pepper]), 2) for what, token, _ in before)
    assert owner(shop, "Taro@example.jp") == contact_id
    assert is_marked(shop, "GONE+tag@example.jp")
    assert is_marked(shop, "gone+other@example.jp")
    assert not is_marked(shop, "other@example.jp")


def test_both_layers_of_a_second_rotation_are_found_and_each_ledger_says_so(folder, shop):
    mark(shop, "gone@example.jp")
    rotate()
    mark(shop, "later@example.jp")
    assert rotate().epoch == 3
    assert is_marked(shop, "gone@example.jp")
    assert is_marked(shop, "later@example.jp")
    said = [
        each.fields["epoch"]
        for each in ledger.history(shop.workspace_id, ledger_written.INSTALLATION)
        if each.kind == "key.rotated" and each.fields["purpose"] == "pepper"
    ]
    assert said == [2, 3]


def test_a_token_is_raised_from_any_epoch_to_any_later_one(folder, shop):
    (first,) = mark(shop, "a@example.jp")
    rotate()
    rotate()
    now = services.tokens(shop.workspace_id, Channel.EMAIL, "a@example.jp")
    assert peppering.raise_to(first.strict, 1, 3) == now.strict
    assert peppering.raise_to(first.strict, 1, 1) == first.strict
    with pytest.raises(services.PepperAhead):
        peppering.raise_to(now.strict, 3, 2)


def test_a_workspace_that_is_made_later_begins_with_every_layer(folder, shop):
    rotate()
    later = a_shop()
    pair = services.tokens(later.workspace_id, Channel.EMAIL, "a@example.jp")
    assert pair.epoch == 2
    mark(later, "a@example.jp")
    assert is_marked(later, "a@example.jp")


def test_the_sixth_layer_is_refused_in_one_sentence_and_leaves_no_file(folder, shop):
    for _ in range(peppering.LAYERS_MAX - 1):
        rotate()
    with pytest.raises(peppering.TooManyLayers) as refused:
        rotate()
    assert refused.value.message.startswith("The pepper has five layers")
    assert sorted(rotation.files_of(KeyPurpose.PEPPER)) == [1, 2, 3, 4, 5]
    with pytest.raises(rotation.KeyStays):
        rotation.destroy(KeyPurpose.PEPPER, 1, at_once=True, by="test", now=NOW)


@pytest.mark.parametrize("step", ["_begun", "begin", "convert", "_record_rotation"])
def test_who_is_killed_anywhere_goes_on_at_the_next_call(folder, shop, monkeypatch, step):
    mark(shop, "gone@example.jp")

    def killed(*_, **__):
        raise KeyboardInterrupt

    place, name = {
        "_begun": (rotation.keys, "add_epoch"),
        "_record_rotation": (rotation, step),
    }.get(step, (pepper_rotation.Layering, step))
    with monkeypatch.context() as dying:
        dying.setattr(place, name, killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    assert is_marked(shop, "gone@example.jp")
    rotate()
    assert is_marked(shop, "gone@example.jp")
    (address,) = {epoch for _, _, epoch in everything(shop)}
    assert address == max(rotation.files_of(KeyPurpose.PEPPER))


def test_a_conversion_that_dies_in_the_middle_leaves_every_row_as_it_was(folder, shop, monkeypatch):
    a_contact(shop, "taro@example.jp")
    mark(shop, "gone@example.jp")
    before = everything(shop)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(keeping, "raise_lookups", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    assert everything(shop) == before
    assert rotate().epoch == 2


def test_the_lost_file_of_a_layer_in_use_is_never_made_anew(folder, shop, tmp_path, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(pepper_rotation.Layering, "convert", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    (folder / "pepper.2").rename(tmp_path / "away")
    with pytest.raises(KeyMissing):
        rotate()
    assert sorted(rotation.files_of(KeyPurpose.PEPPER)) == [1]


def test_a_machine_without_the_new_file_makes_no_tokens_and_says_which_is_missing(folder, shop, tmp_path):
    rotate()
    there = another_copy(folder, tmp_path / "second", "pepper.2")
    with (
        runtime.replaced(replace(runtime.current(), keys=there, _rings={})),
        pytest.raises(KeyMissing) as refused,
    ):
        services.tokens(shop.workspace_id, Channel.EMAIL, "a@example.jp")
    assert "pepper.2: copy it" in refused.value.hint


def test_a_second_layer_of_another_installation_is_a_wrong_pepper(folder, shop, tmp_path):
    rotate()
    there = another_copy(folder, tmp_path / "second", "pepper.2")
    keys.write_secret(there / "pepper.2", bytes(32))
    with runtime.replaced(replace(runtime.current(), keys=there, _rings={})):
        with pytest.raises(services.WrongPepper) as refused:
            layers.check()
        with pytest.raises(services.WrongPepper):
            services.tokens(shop.workspace_id, Channel.EMAIL, "a@example.jp")
    assert refused.value.hint.startswith("pepper.2")


def test_a_restored_database_that_is_older_than_its_pepper_catches_up(folder, shop, database):
    """What the journal says of epoch 2 is told to a dump of epoch 1."""
    mark(shop, "gone@example.jp")
    keys.add_epoch(folder, KeyPurpose.PEPPER, 2)
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, "later@example.jp")
    pepper = keys.read_ring(folder, KeyPurpose.PEPPER).epochs[2]
    line = Tokens(raised(pair.strict, [pepper]), raised(pair.broad, [pepper]), 2)
    with db.transaction(shop.workspace_id), pytest.raises(services.PepperAhead):
        services.suppress([line], "refused", now=NOW)
    assert erasure.catch_up(shop.workspace_id, 2) == 1
    with db.transaction(shop.workspace_id):
        services.suppress([line], "refused", now=NOW)
    assert is_marked(shop, "gone@example.jp")
    assert is_marked(shop, "later@example.jp")
    assert erasure.catch_up(shop.workspace_id, 2) == 0


def test_tokens_from_before_a_rotation_are_still_looked_up_marked_and_lifted(folder, shop):
    (old,) = mark(shop, "gone@example.jp")
    other = services.tokens(shop.workspace_id, Channel.EMAIL, "second@example.jp")
    third = services.tokens(shop.workspace_id, Channel.EMAIL, "third@example.jp")
    rotate()
    assert old.strict in selectors.suppressed(shop.workspace_id, [old])
    assert old.strict in selectors.suppressed(shop.workspace_id, [Tokens(old.strict, old.broad)])
    with db.transaction(shop.workspace_id):
        services.suppress([other], "refused", now=NOW)
        services.suppress([Tokens(third.strict, third.broad)], "refused", now=NOW)
        assert services.lift(old) == 1
    assert not is_marked(shop, "gone@example.jp")
    assert is_marked(shop, "second@example.jp")
    assert is_marked(shop, "third@example.jp")


def test_an_address_with_tokens_of_an_older_epoch_is_refused_and_the_service_computes_again(folder, shop):
    tried = []

    def bring_in():
        pair = services.tokens(shop.workspace_id, Channel.EMAIL, "late@example.jp")
        tried.append(pair.epoch)
        if len(tried) == 1:
            rotate()
        (contact_id,) = contacts_written.reserve_ids(1)
        late = "late@example.jp"
        address = contacts_written.NewAddress(
            Channel.EMAIL, late, late, late, pair.strict, pair.broad, pair.epoch
        )
        with db.transaction(shop.workspace_id):
            new = contacts_written.NewContact(contact_id=contact_id, address=address, source="form")
            return contacts_written.remember(new, now=NOW)

    contact_id = services.with_fresh_pepper(bring_in)
    assert tried == [1, 2]
    assert owner(shop, "late@example.jp") == contact_id


def test_a_row_that_says_another_epoch_is_refused_by_the_database_itself(database, shop):
    with psycopg.connect(database.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        with pytest.raises(psycopg.DatabaseError) as refused:
            connection.execute(
                "insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at) "
                "values (%s, %s, 'strict', 1, 2, 'staff', now())",
                [shop.workspace_id, bytes(32)],
            )
    assert refused.value.sqlstate == peppering.STALE


def test_who_opts_out_and_is_erased_after_a_rotation_is_protected(folder, shop):
    contact_id = a_reader(shop, "taro@example.jp")
    rotate()
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ERASE, via=Method.PAGE
    )
    optout.opt_out(order, NOW)
    assert is_marked(shop, "taro@example.jp")
    erasure_id = _erasure_of(shop, contact_id)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid4())
    assert contacts.addresses(shop.workspace_id, contact_id) == []
    assert owner(shop, "taro@example.jp") is None
    assert is_marked(shop, "taro@example.jp")


def test_sealed_evidence_from_before_a_rotation_is_found_after_it(folder, shop):
    with db.transaction(shop.workspace_id) as connection:
        marks = keeping.lookups(shop.workspace_id, Channel.EMAIL, "taro@example.jp")
        connection.execute(
            "insert into sealed (workspace_id, hold_id, lookups, body, last_sent_at, destroy_after) "
            "values (%s, gen_random_uuid(), %s, '', %s, %s)",
            [shop.workspace_id, marks, NOW, NOW],
        )
    rotate()
    assert len(sealing.sealed_of(shop.workspace_id, Channel.EMAIL, "Taro@example.jp")) == 1
    assert sealing.sealed_of(shop.workspace_id, Channel.EMAIL, "jiro@example.jp") == []


def test_whoever_writes_a_mark_during_a_conversion_waits_and_is_found_afterwards(folder, shop, database):
    """The thread stands before the lock; what it computes then has the new layer."""
    entered, finished = threading.Event(), threading.Event()

    def late():
        entered.set()
        mark(shop, "late@example.jp")
        finished.set()

    waiting = threading.Thread(target=late)

    def meanwhile(*_):
        waiting.start()
        entered.wait(WAIT_SECONDS_MAX)
        _wait_until(lambda: _somebody_waits(database))
        assert not finished.is_set()
        return 0

    peppering.register(1)
    keys.add_epoch(folder, KeyPurpose.PEPPER, 2)
    peppering.register(2)
    peppering.convert(shop.workspace_id, 2, [meanwhile])
    waiting.join(WAIT_SECONDS_MAX)
    assert is_marked(shop, "late@example.jp")
    assert {epoch for _, _, epoch in everything(shop)} == {2}


def test_while_somebody_holds_an_address_the_rotation_gives_way(folder, shop, monkeypatch):
    """It never waits for a row: who holds it may wait for the rotation."""
    contact_id = a_contact(shop, "taro@example.jp")
    pauses = []

    class Pause:
        def wait(self, seconds):
            pauses.append(seconds)
            holder.rollback()

    monkeypatch.setattr(peppering, "Event", Pause)
    with psycopg.connect(runtime.current().database_url) as holder:
        holder.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        holder.execute("select 1 from address where contact_id = %s for update", [contact_id])
        rotate()
    assert len(pauses) == 1
    assert owner(shop, "taro@example.jp") == contact_id


@settings(
    deadline=None,
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.booleans(), min_size=2, max_size=12), st.integers(1, 4))
def test_no_answer_changes_at_any_instant_of_a_rotation(database, tmp_path_factory, marked, page):
    """Threads ask the gate's own facts and the look-ups without a pause while the rows get their layer."""
    shop = a_shop()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(peppering, "ROWS_AT_ONCE", page)
        with a_pepper_of_our_own(database, tmp_path_factory.mktemp("keys"), monkeypatch, shop):
            _ask_while_it_rotates(shop, marked)


def _ask_while_it_rotates(shop, marked):
    people = [a_reader(shop, f"reader{number}@example.jp") for number in range(len(marked))]
    mark(shop, *[f"reader{number}@example.jp" for number, each in enumerate(marked) if each])
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    wrong, asked, stop = [], [], threading.Event()

    def answers(number, contact_id):
        _, facts = delivery.verdict(shop.workspace_id, contact_id, question, now=NOW)
        address = f"reader{number}@example.jp"
        return facts.person.erased_at is not None, is_marked(shop, address), owner(shop, address)

    def ask():
        try:
            while not stop.is_set():
                for number, contact_id in enumerate(people):
                    told = answers(number, contact_id)
                    asked.append(told)
                    if told != (marked[number], marked[number], contact_id):
                        wrong.append((number, told))
        except Exception as fault:  # noqa: BLE001 - a thread says so to its test
            wrong.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    _wait_until(lambda: wrong or len(asked) > len(people))
    rotate()
    count = len(asked)
    _wait_until(lambda: wrong or len(asked) > count + 2 * len(people))
    stop.set()
    for thread in threads:
        thread.join(WAIT_SECONDS_MAX)
    assert wrong == []
    assert {epoch for _, _, epoch in everything(shop)} == {2}


def _wait_until(true):
    pause = threading.Event()
    for _ in range(WAIT_SECONDS_MAX * 100):
        if true():
            return
        pause.wait(0.01)
    pytest.fail("it did not come true in time")


def _somebody_waits(database):
    with psycopg.connect(database.owner) as connection:
        waiting = "select from pg_locks where locktype = 'advisory' and not granted"
        return bool(connection.execute(waiting).fetchall())


def _erasure_of(shop, contact_id):
    asked = "select erasure_id from erasure where contact_id = %s"
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(asked, [contact_id]).fetchone()[0]
