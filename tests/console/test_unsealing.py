"""Sealed evidence at the desk: one asks, another approves, either takes the file along, and once."""

from __future__ import annotations

import dataclasses
import json
import time
import uuid
from datetime import timedelta
from html import unescape

import psycopg
import pytest
from tests.console.desk import at_desk, text_of, url
from tests.erasure.test_sealing import DUE, NOW, a_reader_of_mails, an_address, erase, sent
from tests.erasure.test_unsealing import erased_with_papers
from tests.erasure.two_persons import REASON, somebody
from tests.people import a_contact, a_shop

from shodaku.accounts.domain import Act, Role, may
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors, services
from shodaku.erasure.domain import APPROVAL_TERM, REQUEST_TERM
from shodaku.kit import clock, db, runtime
from shodaku.ledger import proving, verify
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services

pytestmark = pytest.mark.usefixtures("database")
NOTHING = "Nothing sealed can be opened for this address."


@pytest.fixture(autouse=True)
def now():
    with clock.standing_at(NOW):
        yield NOW


@pytest.fixture
def address():
    return an_address()


@pytest.fixture
def shop(address):
    shop = a_shop()
    erase(shop, a_reader_of_mails(shop, address))
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    return shop


@pytest.fixture
def owner(shop):
    return at_desk(shop, Role.OWNER)


@pytest.fixture
def lawyer(shop):
    return at_desk(shop, Role.COMPLIANCE)


def ask(desk, shop, address, reason=REASON):
    return desk.post(url(shop, "unsealing_ask"), {"address": address, "reason": reason})


def page(desk, shop):
    return unescape(text_of(desk.get(url(shop, "erasures"))))


def number(shop):
    return selectors.unsealings(shop.workspace_id)[0].unsealing_id


def press(desk, shop, step):
    return desk.post(url(shop, f"unsealing_{step}", number(shop)))


def said(desk, answer):
    """The message on the page after a redirect."""
    assert answer.status_code == 302
    return unescape(text_of(desk.get(answer["Location"])))


def acts(shop):
    return [each.kind for each in ledger.history(shop.workspace_id, 0) if "unseal" in each.kind]


def test_one_asks_another_approves_and_the_file_is_a_proof(shop, address, owner, lawyer):
    assert "A second person has to approve it." in said(lawyer, ask(lawyer, shop, address))
    assert "within 24 hours" in said(owner, press(owner, shop, "approve"))
    answer = press(lawyer, shop, "open")
    assert answer["Content-Disposition"] == f'attachment; filename="unsealed-{number(shop)}.json"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")
    assert "no-store" in answer["Cache-Control"]
    keys = ledger.verifier_keys(shop.workspace_id)
    report = verify.check(verify.read_bundle(answer.content), keys, now=int(time.time()))
    assert [each.kind for each in report.entries] == ["consent.confirmed", "consent.withdrawn"]
    assert acts(shop) == ["admin.unsealing.asked", "admin.unsealing.approved", "unsealed"]


def test_each_sees_what_they_may_do_and_who_asked_why(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    mine, theirs = page(lawyer, shop), page(owner, shop)
    approve, take = url(shop, "unsealing_approve", number(shop)), url(shop, "unsealing_open", number(shop))
    assert "You asked for this, so somebody else has to approve it." in mine
    assert (approve in mine, "Take back" in mine) == (False, True)
    assert (approve in theirs, REASON in theirs, "森 美咲" in theirs) == (True, True, True)
    assert take not in mine + theirs
    press(owner, shop, "approve")
    assert all(take in page(desk, shop) for desk in (owner, lawyer))
    form = page(owner, shop).partition(take)[2].partition("</form>")[0]
    assert "data-download" in form  # the page stays, so it must not seem to be busy for ever
    press(owner, shop, "open")
    assert "Opened" in page(owner, shop)
    assert all(take not in page(desk, shop) for desk in (owner, lawyer))


def test_who_asked_is_refused_the_approval_even_without_the_button(shop, address, lawyer):
    ask(lawyer, shop, address)
    assert "Somebody else has to approve it" in said(lawyer, press(lawyer, shop, "approve"))
    assert "It is not approved yet" in said(lawyer, press(lawyer, shop, "open"))
    assert acts(shop) == ["admin.unsealing.asked"]


def test_what_was_declined_is_not_opened(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    assert "Nothing was opened." in said(owner, press(owner, shop, "decline"))
    assert "This request has ended" in said(lawyer, press(lawyer, shop, "open"))
    assert "This request has ended" in said(lawyer, press(lawyer, shop, "decline"))


def test_an_approval_is_over_after_a_day_and_the_page_says_so(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    with clock.standing_at(NOW + APPROVAL_TERM):
        assert "Its time is over" in page(lawyer, shop)
        assert "The time for this request is over" in said(lawyer, press(lawyer, shop, "open"))


def test_where_nothing_is_sealed_the_page_says_no_more_and_keeps_what_was_typed(shop, lawyer):
    other = an_address()
    answer = ask(lawyer, shop, other)
    text = unescape(text_of(answer))
    assert (answer.status_code, NOTHING in text, other in text, REASON in text) == (422, True, True, True)
    assert "no-store" in answer["Cache-Control"]


def test_past_its_day_the_answer_is_that_of_an_unknown_address(shop, address, lawyer):
    with clock.standing_at(DUE):
        answers = [ask(lawyer, shop, each) for each in (address, an_address())]
        assert "0 sealings" in page(lawyer, shop)
    assert [(each.status_code, NOTHING in text_of(each)) for each in answers] == [(422, True)] * 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"address": "", "reason": REASON}, "Please correct 1 item"),
        ({"address": "no address@", "reason": REASON}, "Please correct 1 item"),
        ({"address": "12", "reason": REASON}, "Please correct 1 item"),
        ({"address": "a@example.jp", "reason": ""}, "Please correct 1 item"),
        ({"address": "a@example.jp", "reason": "asked by b@example.jp"}, "Leave addresses and telephone"),
        ({"address": "a@example.jp", "reason": "x" * 1001}, "Please correct 1 item"),
        ({}, "Please correct 2 items"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field_and_nothing_is_written(shop, lawyer, typed, told):
    answer = lawyer.post(url(shop, "unsealing_ask"), typed)
    assert (answer.status_code, told in unescape(text_of(answer))) == (422, True)
    assert typed.get("reason", "") in unescape(text_of(answer))
    assert acts(shop) == []


@pytest.mark.parametrize("typed", ["090-1234-5678", "０９０１２３４５６７８", "+81 90 1234 5678"])
def test_a_telephone_number_may_be_asked_for(shop, lawyer, typed):
    assert NOTHING in unescape(text_of(ask(lawyer, shop, typed)))


@pytest.mark.parametrize("role", [each for each in Role if not may(each, Act.REVEAL)])
def test_who_may_reveal_nothing_sees_numbers_and_no_request(shop, address, owner, lawyer, role):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    desk = at_desk(shop, role)
    text = page(desk, shop)
    assert ("1 sealing" in text, REASON in text, url(shop, "unsealing_ask") in text) == (True, False, False)
    assert "The next one is destroyed on 15 Nov 2029." in text
    steps = ("approve", "decline", "open")
    assert {press(desk, shop, step).status_code for step in steps} == {403}
    assert ask(desk, shop, address).status_code == 403
    assert acts(shop) == ["admin.unsealing.asked", "admin.unsealing.approved"]


def test_a_link_opens_nothing(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    pages = [url(shop, f"unsealing_{step}", number(shop)) for step in ("approve", "decline", "open")]
    assert {lawyer.get(each).status_code for each in [*pages, url(shop, "unsealing_ask")]} == {405}
    assert "unsealed" not in acts(shop)


def test_a_request_of_another_shop_is_none(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    other = a_shop()
    stranger = at_desk(other, Role.OWNER)
    there = url(other, "unsealing_open", number(shop))
    assert "There is no such request" in said(stranger, stranger.post(there))


def test_while_the_key_store_is_away_nothing_is_opened_and_the_page_says_so(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answers = [press(lawyer, shop, "open"), ask(lawyer, shop, an_address())]
    assert [each.status_code for each in answers] == [503, 503]
    assert "The key store cannot be reached. Nothing was changed" in text_of(answers[0])
    assert press(lawyer, shop, "open").status_code == 200


def test_what_is_not_what_was_sealed_is_not_handed_out(database, shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    with psycopg.connect(database.owner) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        connection.execute("update sealed set body = set_byte(body, 20, get_byte(body, 20) # 1)")
    assert "it is not what was sealed" in said(lawyer, press(lawyer, shop, "open"))


def test_what_is_still_on_its_way_into_the_log_is_opened_later(address):
    shop = a_shop()
    erase(shop, a_reader_of_mails(shop, address))
    owner, lawyer = at_desk(shop, Role.OWNER), at_desk(shop, Role.COMPLIANCE)
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    assert "Try again in a minute." in said(lawyer, press(lawyer, shop, "open"))
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    assert press(lawyer, shop, "open").status_code == 200


def test_files_that_have_no_room_are_named_by_the_file_and_on_the_next_page(address, monkeypatch):
    shop = a_shop()
    erase(shop, erased_with_papers(shop, address, (900, 600))[0])
    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    owner, lawyer = at_desk(shop, Role.OWNER), at_desk(shop, Role.COMPLIANCE)
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    monkeypatch.setattr(proving, "BUNDLE_BYTES_MAX", 8_000)
    answer = press(owner, shop, "open")
    name = f'attachment; filename="unsealed-{number(shop)}-without-1-files.json"'
    assert answer["Content-Disposition"] == name
    (left_out,) = [
        each.fields["left_out"] for each in ledger.history(shop.workspace_id, 0) if each.kind == "unsealed"
    ]
    assert f"its entries still name them by their hash: {left_out[0]}" in page(owner, shop)


def test_where_nothing_can_be_proven_what_was_sealed_is_handed_out_as_it_is(address):
    shop = a_shop()
    person = a_contact(shop, address)
    sent(shop, person)
    with db.transaction(shop.workspace_id):
        erasure = services.request(shop.workspace_id, person, rule="purpose met", receipt="S-9", now=NOW)
    services.forget(shop.workspace_id, erasure, now=NOW, event_id=uuid.uuid4())
    owner, lawyer = at_desk(shop, Role.OWNER), at_desk(shop, Role.COMPLIANCE)
    ask(lawyer, shop, address)
    press(owner, shop, "approve")
    content = json.loads(press(owner, shop, "open").content)
    assert (content["format"], content["addresses"][0]["value"]) == ("shodaku-sealed/1", address)


def test_who_asked_and_left_is_named_no_more(shop, address, owner):
    gone = somebody(shop)
    services.ask_unsealing(shop.workspace_id, Channel.EMAIL, address, REASON, by=gone, now=NOW)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from membership where staff_id = %s", [gone])
    assert "somebody who no longer works here" in page(owner, shop)


def test_a_request_that_nobody_answered_ends(shop, address, owner, lawyer):
    ask(lawyer, shop, address)
    with clock.standing_at(NOW + REQUEST_TERM - timedelta(seconds=1)):
        assert "Waiting for a second person" in page(owner, shop)
    with clock.standing_at(NOW + REQUEST_TERM):
        text = page(owner, shop)
        assert ("Its time is over" in text, url(shop, "unsealing_approve", number(shop)) in text) == (
            True,
            False,
        )


def test_the_page_speaks_japanese_about_refusals_of_the_decision(shop, address):
    desk = at_desk(shop, Role.COMPLIANCE, language="ja")
    assert "この宛先について開ける封印はありません。" in text_of(ask(desk, shop, an_address()))
    ask(desk, shop, address)
    assert "申請した本人以外" in said(desk, press(desk, shop, "approve"))
