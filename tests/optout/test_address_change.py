"""Somebody wants their mail at another address: its owner says so, or nothing changes."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from tests.people import SENDER, a_reader, a_shop, agree
from tests.signup.forms import a_form, ask, confirm_token, contact_of, link, mailings, newest_request

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as known
from shodaku.contacts.domain import Channel, ContactKind, CountrySource, Residence
from shodaku.delivery import selectors as deliveries
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as acts
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.services import opt_out
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
CONSENT = consent.EventKind


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def an_address():
    return f"new-{uuid.uuid4().hex[:10]}@example.jp"


def page_of(shop, contact_id):
    return f"/p/{link(Token(shop.workspace_id, 0, contact_id, Purpose.PREFERENCE))}/address"


def move(browser, shop, contact_id, address):
    """The wish is sent; the person at the new address, if anybody was remembered."""
    answer = browser.post(page_of(shop, contact_id), {"address": address})
    assert answer.status_code == 200
    return contact_of(shop, address)


def confirm(browser, shop, contact_id, answer="receive"):
    return browser.post(f"/confirm/{confirm_token(shop, contact_id)}", {"answer": answer})


def states(shop, contact_id):
    return {
        (each.topic_id, each.channel): each.state for each in consents.held(shop.workspace_id, contact_id)
    }


def of_mail(shop, contact_id):
    return {
        topic: state for (topic, channel), state in states(shop, contact_id).items() if channel == "email"
    }


def scopes(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


def kinds(shop, contact_id):
    return [entry.kind for entry in ledger.history(shop.workspace_id, contact_id)]


def advertising_to(shop, contact_id, topic_id=None):
    question = deliveries.question_of_topic(shop.workspace_id, topic_id or shop.topic_id)
    verdict, _facts = deliveries.verdict(shop.workspace_id, contact_id, question, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    return verdict.reason.value


def described(shop, contact_id):
    with db.transaction(shop.workspace_id) as connection:
        (row,) = connection.execute(
            "select country, country_from, kind, birth_date, timezone, tracking_consent_at from contact"
            " where workspace_id = %s and contact_id = %s",
            [shop.workspace_id, contact_id],
        ).fetchall()
    return row


def agree_to_texts(shop, contact_id):
    event_id = uuid.uuid4()
    with db.transaction(shop.workspace_id):
        entry_id = acts.append(acts.Act(contact_id, event_id, "consent.given", NOW, {"channel": "sms"}))
        consent.record(
            [
                consent.NewEvent(
                    contact_id=contact_id,
                    topic_id=shop.topic_id,
                    channel=Channel.SMS,
                    kind=CONSENT.GIVEN,
                    method=Method.PAPER,
                    at=NOW,
                    event_id=event_id,
                    entry_id=entry_id,
                )
            ]
        )


def say_no(shop, contact_id, scope=OptOutScope.ALL, via=Method.ONE_CLICK, until=None):
    no = OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=via, until=until)
    return opt_out(no, datetime.now(UTC))  # noqa: TID251 - a test is an edge


def erased(shop):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select contact_id from erasure where workspace_id = %s order by contact_id", [shop.workspace_id]
        ).fetchall()
    return [contact_id for (contact_id,) in rows]


def test_until_the_new_address_confirms_nothing_goes_there_and_the_old_one_keeps_its_own(shop, browser):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    assert [mail[1] for mail in mailings(shop)] == ["confirmation"]
    assert advertising_to(shop, new) == "CONSENT_NOT_CONFIRMED"
    assert advertising_to(shop, old) == "OK_CONSENT"
    assert (of_mail(shop, old), scopes(shop, old)) == ({shop.topic_id: "active"}, [])


def test_a_likely_slip_in_the_new_address_is_asked_about_once_and_taken_as_it_stands(shop, browser):
    old, address = a_reader(shop), f"new-{uuid.uuid4().hex[:10]}@gmai.com"
    asked = browser.post(page_of(shop, old), {"address": address})
    assert (asked.status_code, mailings(shop)) == (422, [])
    assert "「gmail.com」ではありませんか" in asked.content.decode()
    assert f'name="sure" value="{address}"' in asked.content.decode()
    assert browser.post(page_of(shop, old), {"address": address, "sure": address}).status_code == 200
    assert len(mailings(shop)) == 1


def test_the_page_after_it_names_the_domain_that_the_mail_to_the_new_address_comes_from(shop, browser):
    old = a_reader(shop)
    answer = browser.post(page_of(shop, old), {"address": an_address()})
    assert f"@{SENDER.from_address.rpartition('@')[2]} からのメールを" in answer.content.decode()


def test_after_the_confirmation_the_consents_are_the_new_addresss_and_the_old_one_has_ended(shop, browser):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    assert confirm(browser, shop, new).status_code == 200
    assert advertising_to(shop, new) == "OK_CONSENT"
    assert advertising_to(shop, old) == "REFUSED_ALL"
    assert (of_mail(shop, old), scopes(shop, old)) == ({shop.topic_id: "withdrawn"}, [Scope.ALL])


def test_both_addresses_have_their_entries_and_each_names_the_other(shop, browser):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    assert kinds(shop, new) == ["consent.requested", "consent.confirmed"]
    assert kinds(shop, old) == ["consent.confirmed", "consent.withdrawn"]
    left = ledger.history(shop.workspace_id, old)[-1].fields
    came = ledger.history(shop.workspace_id, new)[-1].fields
    assert (left["moved_to"], came["moved_from"]) == (str(new), str(old))
    assert left["url"] == "http://testserver/confirm"
    asked = ledger.history(shop.workspace_id, new)[0].fields
    assert asked["url"] == "http://testserver/p/address"


def test_the_new_address_does_not_learn_the_name(shop, browser):
    old = a_reader(shop, name="鈴木 一郎")
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    assert contacts.contact(shop.workspace_id, new).name == ""
    assert all("name" not in entry.fields for entry in ledger.history(shop.workspace_id, new))


def test_a_consent_to_tracking_does_not_go_along(shop, browser):
    old = a_reader(shop)
    with db.transaction(shop.workspace_id):
        known.describe(old, tracking_consent_at=NOW)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    assert described(shop, new)[-1] is None


def test_who_was_known_before_keeps_their_name_and_what_is_known_of_them(shop, browser):
    old = a_reader(shop, name="鈴木 一郎")
    address = an_address()
    neighbour = a_reader(shop, address, topic_id=shop.other_topic_id, name="佐藤 花")
    with db.transaction(shop.workspace_id):
        known.describe(
            old,
            country=Residence("KR", CountrySource.DECLARED),
            kind=ContactKind.SOLE_TRADER,
            birth_date=date(2015, 4, 1),
            timezone="Asia/Seoul",
            tracking_consent_at=NOW,
        )
    before = described(shop, neighbour)
    assert move(browser, shop, old, address) == neighbour
    confirm(browser, shop, neighbour)
    assert contacts.contact(shop.workspace_id, neighbour).name == "佐藤 花"
    assert described(shop, neighbour) == before


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "心当たりがない場合"), ("en", "If you did not wish it, please tell us")]
)
def test_the_old_address_is_told_once_and_in_its_own_language_how_to_object(shop, browser, language, words):
    old, address = a_reader(shop), an_address()
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set locale = %s where workspace_id = %s and contact_id = %s",
            [language, shop.workspace_id, old],
        )
    new = move(browser, shop, old, address)
    assert mailings(shop, "notice") == []
    confirm(browser, shop, new)
    confirm(browser, shop, new)
    ((mailing_id, _, _, text, html, message_class),) = mailings(shop, "notice")
    assert message_class == "transactional"
    assert words in text
    assert SENDER.complaint_contact in text
    assert address not in text + html
    with db.transaction(shop.workspace_id) as connection:
        (chunk,) = connection.execute(
            "select contact_ids, ads from chunk join mailing using (workspace_id, mailing_id)"
            " where workspace_id = %s and mailing_id = %s",
            [shop.workspace_id, mailing_id],
        ).fetchall()
    assert chunk == ([old], "none")


def test_age_and_residence_go_along(shop, browser):
    old = a_reader(shop)
    with db.transaction(shop.workspace_id):
        known.describe(
            old,
            country=Residence("KR", CountrySource.DECLARED),
            kind=ContactKind.SOLE_TRADER,
            birth_date=date(2015, 4, 1),
            timezone="Asia/Seoul",
        )
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    row = described(shop, new)
    assert row == ("KR", CountrySource.DECLARED, "sole_trader", date(2015, 4, 1), "Asia/Seoul", None)


def test_opening_the_page_or_the_link_changes_nothing(shop, browser):
    old = a_reader(shop)
    browser.get(page_of(shop, old))
    new = move(browser, shop, old, an_address())
    before = (states(shop, old), states(shop, new), kinds(shop, old), kinds(shop, new))
    browser.get(f"/confirm/{confirm_token(shop, new)}")
    browser.head(f"/confirm/{confirm_token(shop, new)}")
    assert (states(shop, old), states(shop, new), kinds(shop, old), kinds(shop, new)) == before


def test_a_topic_of_single_opt_in_is_confirmed_by_the_new_address_too(shop, browser):
    single = consent.create_topic(
        shop.workspace_id,
        consent.NewTopic(
            slug="single",
            name="受付",
            name_en="",
            content="受付",
            purpose="案内",
            frequency=Frequency(1, Period.WEEK),
            sender_id=shop.sender_id,
            double_opt_in=False,
        ),
        now=NOW,
    )
    old = a_reader(shop, topic_id=single)
    new = move(browser, shop, old, an_address())
    assert of_mail(shop, new) == {single: "pending"}
    assert advertising_to(shop, new, single) == "CONSENT_NOT_CONFIRMED"


def test_what_is_stopped_before_the_confirmation_stays_stopped(shop, browser):
    old = a_reader(shop)
    agree(shop, old, topic_id=shop.other_topic_id)
    new = move(browser, shop, old, an_address())
    opt_out(
        OptOut(
            workspace_id=shop.workspace_id,
            contact_id=old,
            scope=OptOutScope.TOPIC,
            topic_id=shop.topic_id,
            via=Method.PAGE,
        ),
        datetime.now(UTC),  # noqa: TID251 - a test is an edge
    )
    confirm(browser, shop, new)
    assert of_mail(shop, new) == {shop.topic_id: "pending", shop.other_topic_id: "active"}


def test_an_opt_out_of_the_old_address_answers_the_open_question(shop, browser):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    no = OptOut(workspace_id=shop.workspace_id, contact_id=old, scope=OptOutScope.ALL, via=Method.ONE_CLICK)
    opt_out(no, datetime.now(UTC))  # noqa: TID251 - a test is an edge
    confirm(browser, shop, new)
    assert of_mail(shop, new) == {shop.topic_id: "pending"}
    assert newest_request(shop, new).state == "withdrawn"


def test_a_pause_goes_along(shop, browser):
    old = a_reader(shop)
    until = NOW + timedelta(days=30)
    no = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=old,
        scope=OptOutScope.UNTIL,
        until=until,
        via=Method.PREFERENCE,
    )
    opt_out(no, NOW)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    (pause,) = suppressions.refusals(shop.workspace_id, new)
    assert (pause.scope, pause.until) == (Scope.UNTIL, until)
    assert advertising_to(shop, new) == "REFUSED_UNTIL"
    assert kinds(shop, new)[-1] == "refusal"


def test_texts_to_the_telephone_go_on(shop, browser):
    old = a_reader(shop)
    agree_to_texts(shop, old)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    assert states(shop, old) == {
        (shop.topic_id, "email"): "withdrawn",
        (shop.topic_id, "sms"): "active",
    }
    assert scopes(shop, old) == []


def test_a_suppressed_address_opens_by_its_owners_confirmation_alone(shop, browser):
    address = an_address()
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW - timedelta(days=1))
    old = a_reader(shop)
    new = move(browser, shop, old, address)
    assert suppressions.suppressed(shop.workspace_id, [pair])
    assert advertising_to(shop, new) == "ERASED_NEVER_CONTACT"
    confirm(browser, shop, new)
    assert not suppressions.suppressed(shop.workspace_id, [pair])
    assert kinds(shop, new) == ["consent.requested", "suppression.lifted", "consent.confirmed"]


def test_that_was_not_me_leaves_both_as_they_were(shop, browser):
    old = a_reader(shop)
    address = an_address()
    neighbour = a_reader(shop, address, topic_id=shop.other_topic_id)
    assert move(browser, shop, old, address) == neighbour
    confirm(browser, shop, neighbour, "decline")
    assert of_mail(shop, neighbour) == {shop.topic_id: "withdrawn", shop.other_topic_id: "active"}
    assert of_mail(shop, old) == {shop.topic_id: "active"}


def test_an_address_that_receives_everything_already_still_has_to_agree_to_the_move(shop, browser):
    old = a_reader(shop)
    address = an_address()
    neighbour = a_reader(shop, address)
    move(browser, shop, old, address)
    assert of_mail(shop, old) == {shop.topic_id: "active"}
    confirm(browser, shop, neighbour)
    assert (of_mail(shop, old), of_mail(shop, neighbour)) == (
        {shop.topic_id: "withdrawn"},
        {shop.topic_id: "active"},
    )


def test_an_address_is_asked_once_a_day_whoever_wants_to_move_there(shop, browser):
    address = an_address()
    one, other = a_reader(shop), a_reader(shop)
    move(browser, shop, one, address)
    move(browser, shop, other, address)
    assert len(mailings(shop, "confirmation")) == 1


def test_the_same_address_is_no_move(shop, browser):
    address = an_address()
    old = a_reader(shop, address)
    move(browser, shop, old, address.upper())
    assert (mailings(shop), of_mail(shop, old)) == ([], {shop.topic_id: "active"})


def test_who_receives_nothing_has_nothing_to_move(shop, browser):
    old = a_reader(shop)
    no = OptOut(workspace_id=shop.workspace_id, contact_id=old, scope=OptOutScope.ALL, via=Method.ONE_CLICK)
    opt_out(no, NOW)
    assert "You receive nothing at present" in browser.get(f"{page_of(shop, old)}?lang=en").content.decode()
    assert move(browser, shop, old, an_address()) is None
    assert mailings(shop) == []


def test_what_is_no_address_is_told_at_its_field(shop, browser):
    old = a_reader(shop)
    answer = browser.post(page_of(shop, old), {"address": "hanako@"})
    assert answer.status_code == 422
    assert mailings(shop) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_shows_the_neutral_page(shop, browser, method):
    answer = getattr(browser, method)(f"/p/{'A' * 42}/address?lang=en")
    assert answer.status_code == 200
    assert "This link cannot be used" in answer.content.decode()


def test_who_is_erased_is_erased_under_every_address_they_had(shop, browser):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    first = a_reader(shop)
    second = move(browser, shop, first, an_address())
    confirm(browser, shop, second)
    third = move(browser, shop, second, an_address())
    confirm(browser, shop, third)
    assert signups.moved_contacts(shop.workspace_id, third) == sorted([first, second])
    say_no(shop, third)
    assert erased(shop) == sorted([first, second, third])


@pytest.mark.parametrize("scope", [OptOutScope.ALL, OptOutScope.ERASE])
def test_a_no_at_the_new_address_ends_the_texts_to_the_telephone(shop, browser, scope):
    old = a_reader(shop)
    agree_to_texts(shop, old)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    receipt = say_no(shop, new, scope)
    assert set(states(shop, old).values()) | set(states(shop, new).values()) == {"withdrawn"}
    assert (scopes(shop, old), scopes(shop, new)) == ([Scope.ALL], [Scope.ALL])
    assert receipt.entry_id == ledger.history(shop.workspace_id, new)[-1].entry_id
    assert say_no(shop, new, scope) == receipt


@pytest.mark.parametrize("via", [Method.SMS, Method.ONE_CLICK])
def test_a_no_of_the_old_contact_stops_the_new_addresses_too(shop, browser, via):
    first = a_reader(shop)
    agree_to_texts(shop, first)
    second = move(browser, shop, first, an_address())
    confirm(browser, shop, second)
    third = move(browser, shop, second, an_address())
    confirm(browser, shop, third)
    assert advertising_to(shop, third) == "OK_CONSENT"
    receipt = say_no(shop, first, via=via)
    assert advertising_to(shop, third) == "REFUSED_ALL"
    assert of_mail(shop, third) == {shop.topic_id: "withdrawn"}
    assert receipt.entry_id == ledger.history(shop.workspace_id, first)[-1].entry_id


@pytest.mark.parametrize("pressed", ["old", "new"])
def test_a_pause_pauses_both(shop, browser, pressed):
    old = a_reader(shop)
    agree_to_texts(shop, old)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    say_no(shop, {"old": old, "new": new}[pressed], OptOutScope.UNTIL, until=NOW + timedelta(days=30))
    assert (scopes(shop, old), scopes(shop, new)) == ([Scope.UNTIL], [Scope.UNTIL])
    assert states(shop, old)[shop.topic_id, "sms"] == "active"
    assert of_mail(shop, new) == {shop.topic_id: "active"}


@pytest.mark.parametrize("pressed", ["old", "new"])
def test_an_address_that_came_alive_again_is_stopped_and_not_erased_with_the_other(shop, browser, pressed):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    confirm(browser, shop, new)
    agree(shop, old, topic_id=shop.other_topic_id)
    addressed = {"old": old, "new": new}[pressed]
    say_no(shop, addressed, OptOutScope.ERASE)
    say_no(shop, addressed, OptOutScope.ERASE)
    assert erased(shop) == [addressed]
    assert {advertising_to(shop, each) for each in (old, new)} == {"ERASED_NEVER_CONTACT", "REFUSED_ALL"}


def test_a_request_after_the_move_is_a_new_act_too(shop, browser):
    old, address = a_reader(shop), an_address()
    new = move(browser, shop, old, address)
    confirm(browser, shop, new)
    assert signups.same_contacts(shop.workspace_id, new) == [old]
    a_form(shop)
    ask(shop, contacts.addresses(shop.workspace_id, old)[0].value)
    assert signups.same_contacts(shop.workspace_id, new) == []
    assert signups.moved_contacts(shop.workspace_id, new) == [old]


def test_of_a_forgotten_person_no_request_says_where_they_went(shop, browser):
    old = a_reader(shop)
    new = move(browser, shop, old, an_address())
    with db.transaction(shop.workspace_id):
        signup.forget(old)
    request = newest_request(shop, new)
    assert (request.state, request.moves_from) == ("withdrawn", None)
