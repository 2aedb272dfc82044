"""A mail that did not arrive is sent once more, once; nobody gets two a day or learns who is known."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.people import a_reader, a_shop
from tests.sendings import leave
from tests.signup.forms import (
    EVIDENCE,
    HERE,
    a_form,
    ask,
    confirm_token,
    mailings,
    newest_request,
    page_of,
    stamp_in,
)

from shodaku.consent import selectors as consents
from shodaku.contacts.domain import parse_email
from shodaku.delivery.feedback import FeedbackKind
from shodaku.delivery.returns import record_feedback
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors, services
from shodaku.signup.domain import may_ask_again

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop():
    shop = a_shop()
    a_form(shop)
    return shop


def an_address():
    return f"again-{uuid.uuid4().hex[:10]}@docomo.ne.jp"


def again(shop, address, now):
    form = selectors.form(shop.workspace_id, "join")
    services.ask_again(shop.workspace_id, form.form_id, parse_email(address), EVIDENCE, now)
    return len(mailings(shop, "confirmation"))


def asked(shop, *, outcome="accepted", report=None):
    """The address, and the person whose first mail ended like this."""
    address = an_address()
    contact_id = ask(shop, address, now=NOW)
    mailing_id = newest_request(shop, contact_id).mailing_id
    if outcome is not None:
        leave(shop, contact_id, mailing_id, NOW, outcome=outcome)
    if report is not None:
        record_feedback(shop.workspace_id, contact_id, mailing_id, report, "5.7.1", now=NOW)
    return address, contact_id


@pytest.mark.parametrize(
    "ended", [{"outcome": "failed"}, {"report": FeedbackKind.OTHER}, {"report": FeedbackKind.SOFT}]
)
def test_a_mail_that_came_back_is_sent_once_more_after_ten_minutes_and_not_a_third_time(shop, ended):
    address, contact_id = asked(shop, **ended)
    assert again(shop, address, NOW + 10 * MINUTE - timedelta(seconds=1)) == 1
    assert again(shop, address, NOW + 10 * MINUTE) == 2
    assert again(shop, address, NOW + 30 * MINUTE) == 2
    request = newest_request(shop, contact_id)
    assert (request.at, request.state) == (NOW + 10 * MINUTE, "requested")


@pytest.mark.parametrize("ended", [{}, {"outcome": None}, {"report": FeedbackKind.COMPLAINT}])
def test_a_mail_that_arrived_or_is_on_its_way_is_followed_by_none_on_the_same_day(shop, ended):
    address, _contact_id = asked(shop, **ended)
    assert again(shop, address, NOW + 30 * MINUTE) == 1
    assert again(shop, address, NOW + timedelta(days=1, seconds=1)) == 2


def test_the_link_of_either_mail_confirms_once_with_the_words_of_the_form(shop):
    address, contact_id = asked(shop, outcome="failed")
    first = newest_request(shop, contact_id)
    again(shop, address, NOW + 10 * MINUTE)
    services.confirm_signup(confirm_token(shop, contact_id, first.request_id), EVIDENCE, NOW + 20 * MINUTE)
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert held.state == "active"
    entries = ledger.history(shop.workspace_id, contact_id)
    asked_twice = [each.fields for each in entries if each.kind == "consent.requested"]
    assert len(asked_twice) == 2
    assert asked_twice[1]["form_sha256"] == asked_twice[0]["form_sha256"]
    assert asked_twice[1]["request_entry"] == first.entry_id
    assert again(shop, address, NOW + 30 * MINUTE) == 2


def test_nothing_is_sent_to_a_stranger_a_reader_and_after_a_no(shop):
    reader = an_address()
    a_reader(shop, reader)
    declined, contact_id = asked(shop, outcome="failed")
    services.decline_signup(confirm_token(shop, contact_id), EVIDENCE, NOW + MINUTE)
    for address in (an_address(), reader, declined):
        assert again(shop, address, NOW + timedelta(days=2)) == 1


def test_an_expired_question_is_not_asked_again(shop):
    address, _contact_id = asked(shop, outcome="failed")
    assert again(shop, address, NOW + timedelta(days=3, seconds=1)) == 1


def test_in_thirty_days_nobody_is_asked_more_than_three_times():
    thrice = [NOW - timedelta(days=day) for day in (2, 5, 9)]
    assert may_ask_again(thrice[:2], NOW, arrived=False)
    assert not may_ask_again(thrice, NOW, arrived=False)
    assert not may_ask_again([NOW], NOW, arrived=True)
    assert may_ask_again([NOW], NOW, arrived=False)


@override_settings(SIGNUP_FORM_SECONDS_MIN=0)
def test_the_page_answers_alike_for_everybody_and_keeps_what_was_typed(shop):
    client, page = Client(), f"{page_of(shop)}/again"
    waiting, _contact_id = asked(shop, outcome="failed")
    stamp = stamp_in(client.get(page).content.decode())
    answers = {
        (answer.status_code, answer.content)
        for email in (waiting, an_address())
        for answer in [client.post(page, {"stamp": stamp, "email": email}, headers=HERE)]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200
    wrong = client.post(page, {"stamp": stamp, "email": "nobody"}, headers=HERE)
    assert (wrong.status_code, 'value="nobody"' in wrong.content.decode()) == (422, True)
    for refused in (
        client.post(page, {"stamp": "x", "email": waiting}, headers=HERE),
        client.post(page, {"stamp": stamp, "email": waiting}, headers={"sec-fetch-site": "cross-site"}),
    ):
        assert refused.status_code == 422
    assert "@aoi.example" in client.get(page).content.decode()


@override_settings(SIGNUP_FORM_SECONDS_MIN=0)
def test_the_thanks_page_leads_to_it(shop):
    client = Client()
    stamp = stamp_in(client.get(page_of(shop)).content.decode())
    body = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": an_address(), "name": ""}
    assert f'href="{page_of(shop)}/again"' in client.post(page_of(shop), body, headers=HERE).content.decode()
