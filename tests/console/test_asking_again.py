"""People whose consent ends soon are asked again in bulk: one mail each, while it holds; silence ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.console.desk import at_desk, text_of, url
from tests.console.test_bulk import being_erased, chosen, found, of
from tests.console.test_contacts import no
from tests.journeys.clocks import a_silent_reader, ask_token, newest, questions
from tests.people import a_contact, a_reader, a_shop
from tests.sendings import leave
from tests.signup.shown import acts

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule, Role
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import add_months
from shodaku.journeys import services as journeys
from shodaku.journeys.domain import State
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.optout import bulk
from shodaku.optout.services import BulkAct

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
A_DAY = timedelta(days=1)
SOON, LATER = NOW + 20 * A_DAY, NOW + 31 * A_DAY


@pytest.fixture
def shop():
    """Its consents are promised for a year."""
    shop = a_shop(NOW - 500 * A_DAY)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("update topic set valid_months = 12")
    return shop


def an_ending_reader(shop, end=SOON):
    return a_reader(shop, at=NOW - 345 * A_DAY, expires_at=end)


def begun(desk, shop, number):
    return desk.post(url(shop, "bulk_begin", number), {}, follow=True)


def ends_at(shop, contact_id):
    (held,) = consents.held(shop.workspace_id, contact_id)
    return held.expires_at


def press(shop, question):
    return text_of(Client().post(f"/ask/{ask_token(shop, question)}?lang=en"))


def test_the_preview_says_how_many_are_asked_and_why_not_the_others_and_asks_nobody(shop):
    ending, silent = an_ending_reader(shop), a_silent_reader(shop)
    fresh, nobody, gone = an_ending_reader(shop, LATER), a_contact(shop), an_ending_reader(shop)
    no(shop, gone)
    desk = at_desk(shop)
    number = chosen(desk, shop, "ask", [ending, silent, fresh, nobody, gone])
    assert (of(shop, number).people, of(shop, number).people_to_change) == (5, 2)
    page = text_of(desk.get(url(shop, "bulk", number)))
    assert "Ask 2 people" in page
    assert "Nothing ends within 30 days, and the silence is not long enough yet." in page
    assert of(shop, number).reasons == {"NOT_DUE": 3}  # who said no holds no consent to ask about
    assert questions(shop) == []


def test_each_gets_one_mail_that_says_until_when_and_promotes_nothing(shop):
    reader = an_ending_reader(shop)
    desk = at_desk(shop)
    page = text_of(begun(desk, shop, chosen(desk, shop, "ask", [reader])))
    assert "1 person is being asked. Without an answer nothing more is sent." in page
    ((_id, _kind, subject, text, html, message_class),) = questions(shop)
    assert message_class == "reconfirm"
    assert subject == "【あおい雑貨】これからもお送りしてよろしいですか"
    day = SOON.astimezone(ZoneInfo("Asia/Tokyo"))
    for part in (text, html):
        assert f"月刊ショップだより（{day.year}年{day.month}月{day.day}日まで）" in part
        assert "押さなければ期限の日に登録を終え、以後お送りしません。" in part
        assert "配信の停止" in part


def test_the_button_gives_another_term_and_the_page_says_so_before(shop):
    reader = an_ending_reader(shop)
    desk = at_desk(shop)
    begun(desk, shop, chosen(desk, shop, "ask", [reader]))
    question = newest(shop, reader)
    page = text_of(Client().get(f"/ask/{ask_token(shop, question)}?lang=en"))
    assert "Your yes holds for 12 months from the press." in page
    assert ends_at(shop, reader) == SOON  # looking gives nothing
    assert "Thank you. It goes on." in press(shop, question)
    entry = ledger.history(shop.workspace_id, reader)[-1]
    assert (entry.kind, entry.fields["method"]) == ("consent.reconfirmed", "carry-on")
    assert entry.fields["until"] == [ends_at(shop, reader).isoformat(timespec="milliseconds")]
    assert ends_at(shop, reader) == add_months(newest(shop, reader).answered_at, 12)


def test_who_is_silent_gets_nothing_more_and_is_not_asked_again(shop):
    reader = an_ending_reader(shop)
    desk = at_desk(shop)
    begun(desk, shop, chosen(desk, shop, "ask", [reader]))
    leave(shop, reader, newest(shop, reader).mailing_id, NOW)
    again = chosen(desk, shop, "ask", [reader])
    assert of(shop, again).reasons == {"ASKED": 1}
    assert "Ask 1 person" not in text_of(desk.get(url(shop, "bulk", again)))
    consent.expire_due(shop.workspace_id, now=SOON + A_DAY)
    journeys.end_unanswered(shop.workspace_id, now=NOW + 40 * A_DAY)
    assert newest(shop, reader).state == State.ENDED
    assert len(questions(shop)) == 1
    assert "The registration has ended." in press(shop, newest(shop, reader))


def test_after_a_long_silence_a_promised_end_stays(shop):
    reader = a_silent_reader(shop, expires_at=NOW + 300 * A_DAY)
    desk = at_desk(shop)
    begun(desk, shop, chosen(desk, shop, "ask", [reader]))
    question = newest(shop, reader)
    assert "Your yes holds for" not in text_of(Client().get(f"/ask/{ask_token(shop, question)}?lang=en"))
    press(shop, question)
    assert ends_at(shop, reader) == NOW + 300 * A_DAY


def test_who_said_no_since_the_preview_is_not_asked_and_the_file_says_why(shop):
    reader, other = an_ending_reader(shop), an_ending_reader(shop)
    desk = at_desk(shop)
    number = chosen(desk, shop, "ask", [reader, other])
    no(shop, other)
    begun(desk, shop, number)
    assert (of(shop, number).changed, of(shop, number).same) == (1, 1)
    assert newest(shop, other) is None
    file = desk.post(url(shop, "bulk_left", number)).content.decode("utf-8-sig")
    assert f"{other},30日以内に終わる同意がなく" in file


def test_a_slice_that_ran_twice_asks_nobody_twice(shop):
    reader = an_ending_reader(shop)
    desk = at_desk(shop)
    number = chosen(desk, shop, "ask", [reader])
    begun(desk, shop, number)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("update bulk_person set outcome = null")
        connection.execute("update bulk_act set state = 'running', done_at = null, changed = 0")
    bulk.run(shop.workspace_id, number)
    assert len(questions(shop)) == 1
    assert of(shop, number).changed == 1  # it was this act that asked


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_who_may_not_send_may_not_ask(shop, role):
    reader = an_ending_reader(shop)
    desk = at_desk(shop, role)
    answer = desk.post(url(shop, "bulk_choose"), {"do": "ask", "whom": "ticked", "id": [reader]})
    assert answer.status_code == 403
    assert 'value="ask"' not in text_of(desk.get(url(shop, "contacts")))


def test_above_the_number_of_the_workspace_another_person_has_to_press(shop):
    reader, desk = an_ending_reader(shop), at_desk(shop)
    at_desk(shop, Role.MARKETER)
    accounts.need_two_persons(shop.workspace_id, 0)
    number = chosen(desk, shop, "ask", [reader])
    answer = begun(desk, shop, number)
    assert answer.status_code == 422
    assert "So many people need a second person" in text_of(answer)
    assert questions(shop) == []
    begun(at_desk(shop, Role.MARKETER), shop, number)
    assert len(questions(shop)) == 1
    (act,) = acts(shop, "admin.people.asked_again")
    assert (act["bulk"], act["people"]) == (str(number), 1)


def test_where_the_rule_is_to_erase_asking_is_still_asking(shop):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    reader, desk = an_ending_reader(shop), at_desk(shop)
    number = chosen(desk, shop, "ask", [reader])
    assert of(shop, number).act == BulkAct.ASK
    begun(desk, shop, number)
    assert being_erased(shop, reader) == set()


def test_the_list_shows_whose_consent_ends_within_thirty_days(shop):
    ending, later = an_ending_reader(shop), an_ending_reader(shop, LATER)
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "contacts") + "?state=ending"))
    assert url(shop, "contact", ending) in page
    assert url(shop, "contact", later) not in page
    number = found(desk, shop, "ask", "?state=ending")
    assert (of(shop, number).people, of(shop, number).people_to_change) == (1, 1)
