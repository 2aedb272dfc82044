"""The desk: what only a human understands, three answers to it, and a no for any address or number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasure
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger
from shodaku.optout import complaining
from shodaku.optout import services as optout
from shodaku.suppression import selectors as suppression
from shodaku.suppression import services as suppression_services
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
UNCLEAR = "先日の注文のことで、うかがいたいことがあります"
MAYBE = "広告はもう結構です"


@pytest.fixture
def shop():
    return a_shop()


def now():
    return datetime.now(UTC)  # noqa: TID251 - a test is an edge


def writes(shop, address, text):
    mail = (
        f"From: <{address}>\r\nTo: support@aoi.example\r\nSubject: Re\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    return optout.receive_mail(shop.workspace_id, mail.encode(), now())


def held(shop, contact_id):
    return [each for each in suppression.refusals(shop.workspace_id, contact_id) if each.scope is Scope.UNTIL]


def waiting(shop):
    return delivery.open_messages(shop.workspace_id)


def decided(shop):
    return [
        each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == "admin.message.decided"
    ]


def on_the_list(shop, address, channel=Channel.EMAIL):
    pair = suppression_services.tokens(shop.workspace_id, channel, address)
    return bool(suppression.suppressed(shop.workspace_id, [pair]))


def a_message(shop, address="hanako.long@example.jp", text=UNCLEAR):
    reader = a_reader(shop, address)
    writes(shop, address, text)
    (message,) = waiting(shop)
    return reader, message


def press(desk, shop, message, decision, **more):
    return desk.post(
        url(shop, "desk_decide", message.message_no), {"decision": decision, **more}, follow=True
    )


def test_a_message_shows_who_wrote_it_masked_and_what(shop):
    reader, message = a_message(shop)
    page = text_of(at_desk(shop, Role.CLERK).get(url(shop, "desk")))
    assert UNCLEAR in page
    assert "h****@example.jp" in page
    assert "hanako.long" not in page
    assert url(shop, "contact", reader) in page
    assert f"#{message.entry_id:,}" in page


def test_who_does_not_answer_people_sees_that_one_waits_and_not_what_was_written(shop):
    _reader, message = a_message(shop)
    desk = at_desk(shop, Role.DEVELOPER)
    page = text_of(desk.get(url(shop, "desk")))
    assert UNCLEAR not in page
    assert "shown to whoever answers them" in page
    assert press(desk, shop, message, "answered").status_code == 403
    assert len(waiting(shop)) == 1


def test_words_on_the_desk_are_kept_by_nobody_on_the_way(shop):
    assert "no-store" in at_desk(shop).get(url(shop, "desk"))["Cache-Control"]


def test_every_page_says_beside_the_desk_how_many_wait(shop):
    a_message(shop)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    beside = page.partition(f'href="{url(shop, "desk")}"')[2].partition("</a>")[0]
    assert '<span class="badge num" data-tone="wait">1<' in beside


def test_a_no_after_all_stops_everything_and_leaves_the_desk(shop):
    reader, message = a_message(shop)
    page = text_of(press(at_desk(shop, Role.CLERK), shop, message, "stop"))
    assert "Stopped, and taken off the desk." in page
    assert [each.scope for each in suppression.refusals(shop.workspace_id, reader)] == [Scope.ALL]
    assert waiting(shop) == []
    (act,) = decided(shop)
    assert (act["decision"], act["message"]) == ("stop", str(message.message_no))
    assert act["by"].startswith("staff:")


def test_what_was_held_for_safety_goes_on_when_it_was_no_refusal(shop):
    reader, message = a_message(shop, text=MAYBE)
    if not held(shop, reader):
        pytest.fail("this text has to be held for the test to mean anything")
    assert "nothing is sent until" in text_of(at_desk(shop).get(url(shop, "desk")))
    press(at_desk(shop), shop, message, "not_a_refusal")
    assert held(shop, reader) == []
    assert waiting(shop) == []


def test_what_was_held_stays_held_while_another_message_has_not_been_read(shop):
    reader, message = a_message(shop, "taro@example.jp", MAYBE)
    writes(shop, "taro@example.jp", UNCLEAR)
    press(at_desk(shop), shop, message, "not_a_refusal")
    assert len(held(shop, reader)) == 1
    (other,) = waiting(shop)
    press(at_desk(shop), shop, other, "not_a_refusal")
    assert held(shop, reader) == []


def test_an_answer_alone_leaves_what_is_held(shop):
    reader, message = a_message(shop, text=MAYBE)
    press(at_desk(shop), shop, message, "answered")
    assert len(held(shop, reader)) == 1
    assert waiting(shop) == []


@pytest.mark.parametrize("text", ["", "三度目です"])
def test_a_complaint_from_the_page_behind_a_mail_is_shown_as_it_was_made(shop, text):
    reader = a_reader(shop)
    link = Token(shop.workspace_id, 0, reader, Purpose.DELIVERY)
    complaining.complain(link, complaining.Complaint(complaining.Grievance.TOO_OFTEN, text), now())
    page = text_of(at_desk(shop).get(url(shop, "desk")))
    assert "It comes too often" in page
    assert text in page
    (message,) = waiting(shop)
    press(at_desk(shop), shop, message, "stop")
    assert [each.scope for each in suppression.refusals(shop.workspace_id, reader)] == [Scope.ALL]


def test_who_comes_second_is_told_and_changes_nothing(shop):
    reader, message = a_message(shop)
    desk = at_desk(shop)
    press(desk, shop, message, "answered")
    assert "Somebody else has seen to this message" in text_of(press(desk, shop, message, "stop"))
    assert suppression.refusals(shop.workspace_id, reader) == []
    assert len(decided(shop)) == 1


def test_a_decision_that_is_none_changes_nothing(shop):
    _reader, message = a_message(shop)
    desk = at_desk(shop)
    for said in ("", "erase", "STOP"):
        assert "Nothing was changed." in text_of(press(desk, shop, message, said))
    assert desk.get(url(shop, "desk_decide", message.message_no)).status_code == 405
    assert len(waiting(shop)) == 1


def test_a_stranger_is_answered_and_their_no_is_written_down_by_address(shop):
    writes(shop, "stranger@example.com", UNCLEAR)
    (message,) = waiting(shop)
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "desk")))
    assert "Somebody unknown" in page
    assert 'value="stop"' not in page
    assert "Nobody known wrote this." in text_of(press(desk, shop, message, "stop"))
    assert len(waiting(shop)) == 1
    press(desk, shop, message, "answered")
    assert waiting(shop) == []


def test_nothing_waits_for_anybody(shop):
    assert "Nothing waits for you" in text_of(at_desk(shop).get(url(shop, "desk")))


def test_messages_of_another_shop_are_on_another_desk(shop):
    _reader, message = a_message(shop)
    other = a_shop()
    desk = at_desk(other)
    assert "Nothing waits for you" in text_of(desk.get(url(other, "desk")))
    press(desk, other, message, "answered")
    assert len(waiting(shop)) == 1


@pytest.mark.parametrize("role", list(Role))
def test_every_role_writes_down_a_no_by_address(shop, role):
    reader = a_reader(shop, "taro@example.jp")
    said = {"address": "Taro@EXAMPLE.jp", "via": "telephone", "said": "もういりません"}
    answer = at_desk(shop, role).post(url(shop, "desk_refuse"), said, follow=True)
    assert "Receipt S-" in text_of(answer)
    assert [each.scope for each in suppression.refusals(shop.workspace_id, reader)] == [Scope.ALL]


@pytest.mark.parametrize(
    ("typed", "channel", "address"),
    [
        ("nobody@example.jp", Channel.EMAIL, "nobody@example.jp"),
        ("ｎｏｂｏｄｙ＠example.jp", Channel.EMAIL, "nobody@example.jp"),
        ("090-1234-5678", Channel.SMS, "+819012345678"),
    ],
)
def test_somebody_who_is_not_known_is_never_contacted_from_then_on(shop, typed, channel, address):
    answer = at_desk(shop).post(url(shop, "desk_refuse"), {"address": typed, "via": "paper"}, follow=True)
    assert "never contacted from now on" in text_of(answer)
    assert on_the_list(shop, address, channel)


@pytest.mark.parametrize("typed", ["", "taro", "taro@", "12", "@example.jp"])
def test_what_is_no_address_is_said_and_what_was_written_stays(shop, typed):
    said = {"address": typed, "via": "paper", "said": "手紙のとおり"}
    answer = at_desk(shop).post(url(shop, "desk_refuse"), said)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "手紙のとおり" in page
    assert f'value="{typed}"' in page or not typed


def erasing_shop(shop):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update workspace set on_opt_out = 'erase' where workspace_id = %s", [shop.workspace_id]
        )


def test_where_a_no_erases_it_takes_the_word(shop):
    _reader, message = a_message(shop)
    erasing_shop(shop)
    desk = at_desk(shop)
    assert "Here a no erases." in text_of(press(desk, shop, message, "stop"))
    assert erasure.erasures(shop.workspace_id) == []
    press(desk, shop, message, "stop", typed="消去")
    assert len(erasure.erasures(shop.workspace_id)) == 1


def test_where_a_no_erases_the_form_takes_the_word_too(shop):
    a_reader(shop, "taro@example.jp")
    erasing_shop(shop)
    desk, said = at_desk(shop), {"address": "taro@example.jp", "via": "telephone"}
    assert desk.post(url(shop, "desk_refuse"), said).status_code == 422
    assert erasure.erasures(shop.workspace_id) == []
    assert desk.post(url(shop, "desk_refuse"), {**said, "typed": "erase"}).status_code == 302
    assert len(erasure.erasures(shop.workspace_id)) == 1


def test_pages_follow_each_other_oldest_first(shop, monkeypatch):
    monkeypatch.setattr(delivery, "PAGE_ROWS", 2)
    for number in range(3):
        address = f"writer{number}@example.jp"
        a_reader(shop, address, name=f"書き手 {number}号")
        writes(shop, address, f"{UNCLEAR} {number}")
    desk = at_desk(shop)
    first = text_of(desk.get(url(shop, "desk")))
    assert "書き手 0号" in first
    assert "書き手 2号" not in first
    second = text_of(desk.get(first.partition('rel="next" href="')[2].partition('"')[0]))
    assert "書き手 2号" in second
    assert "書き手 0号" not in second
