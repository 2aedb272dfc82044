"""One's own data: a look with what is personal masked, and the whole for whoever reads the mailbox, once."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from tests.erasure.test_sealing import sent
from tests.people import a_reader, a_shop
from tests.signup.forms import link, mailings

from shodaku.complaints import jobs, selectors
from shodaku.complaints.domain import Identified, RequestState, RequestVia
from shodaku.contacts import services as contacts
from shodaku.delivery import selectors as deliveries
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEUTRAL = "This link cannot be used"
ADDRESS = "hanako.yamada@example.jp"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def person(shop):
    contact_id = a_reader(shop, ADDRESS, at=NOW - 30 * DAY)
    sent(shop, contact_id)
    with db.transaction(shop.workspace_id):
        contacts.record_purchases(
            [{"contact_id": contact_id, "title": "青い急須", "amount_yen": 4_800, "at": NOW - 9 * DAY}]
        )
    return contact_id


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")


def page(shop, person):
    return f"/p/{link(Token(shop.workspace_id, 0, person, Purpose.PREFERENCE))}/data?lang=en"


def mailed(shop, person, number=-1):
    mailing_id = mailings(shop, "notice")[number][0]
    return f"/data/{link(Token(shop.workspace_id, mailing_id, person, Purpose.DOWNLOAD))}?lang=en"


def text_of(response):
    return response.content.decode().replace("<wbr>", "")


def at(moment, act):
    with clock.standing_at(moment):
        return act()


def requests_of(shop, person):
    return selectors.requests_of(shop.workspace_id, person)


def test_the_page_tells_whoever_holds_a_forwarded_link_neither_name_nor_address_nor_purchase(
    shop, person, browser
):
    shown = text_of(browser.get(page(shop, person)))
    assert "h****@example.jp" in shown
    assert "秋の新商品" in shown
    for secret in (ADDRESS, "山田 花子", "青い急須", "4,800"):
        assert secret not in shown
    assert "1 entry is in the full copy" in shown


def test_looking_changes_nothing_and_is_stored_nowhere(shop, person, browser):
    before = len(ledger.history(shop.workspace_id, person))
    answer = browser.get(page(shop, person))
    browser.head(page(shop, person))
    assert (len(ledger.history(shop.workspace_id, person)), requests_of(shop, person)) == (before, [])
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_whole_goes_by_a_link_that_the_mailbox_gets_and_opens_once(shop, person, browser):
    answer = at(NOW, lambda: browser.post(page(shop, person), {"act": "copy"}))
    assert "look into your mailbox" in text_of(answer)
    ((_, _, subject, text, html, message_class),) = mailings(shop, "notice")
    assert ("{{ own_data }}" in text, "{{ own_data }}" in html, message_class) == (
        True,
        True,
        "transactional",
    )
    assert not any(secret in f"{subject}{text}" for secret in (ADDRESS, "山田", "急須"))
    url = mailed(shop, person)
    assert "Read and print" in text_of(at(NOW, lambda: browser.get(url)))
    assert requests_of(shop, person)[0].state is RequestState.WAITING_IDENTITY, "looking opened nothing"

    file = at(NOW, lambda: browser.post(url, {"form": "file"}))
    assert file.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert "no-store" in file.headers["Cache-Control"]
    content = json.loads(file.content)
    assert content["person"]["addresses"][0]["value"] == ADDRESS
    assert content["person"]["purchases"][0]["title"] == "青い急須"
    (request,) = requests_of(shop, person)
    assert (request.state, request.identity_how, request.via) == (
        RequestState.ANSWERED,
        Identified.MAILBOX,
        RequestVia.PAGE,
    )
    assert ledger.history(shop.workspace_id, person)[-1].kind == "admin.disclosed"

    soon = NOW + timedelta(minutes=9)
    whole = text_of(at(soon, lambda: browser.post(url, {"form": "page"})))
    assert all(each in whole for each in (ADDRESS, "山田 花子", "青い急須", "4,800"))
    later = NOW + timedelta(minutes=10)
    assert NEUTRAL in text_of(at(later, lambda: browser.get(url)))
    assert NEUTRAL in text_of(at(later, lambda: browser.post(url, {"form": "file"})))


def test_a_link_that_nobody_opened_ends_after_three_days_and_nobody_waits_for_it(shop, person, browser):
    at(NOW, lambda: browser.post(page(shop, person), {"act": "copy"}))
    url = mailed(shop, person)
    assert NEUTRAL not in text_of(at(NOW + 3 * DAY - timedelta(seconds=1), lambda: browser.get(url)))
    assert NEUTRAL in text_of(at(NOW + 3 * DAY, lambda: browser.post(url, {"form": "file"})))
    at(NOW + 3 * DAY - timedelta(seconds=1), jobs.lapse)
    assert requests_of(shop, person)[0].open
    at(NOW + 3 * DAY + timedelta(seconds=1), jobs.lapse)
    assert requests_of(shop, person)[0].state is RequestState.WITHDRAWN


def test_a_few_mails_a_day_and_no_more(shop, person, browser):
    answers = [at(NOW, lambda: browser.post(page(shop, person))) for _ in range(5)]
    assert [("on its way already" in text_of(each)) for each in answers] == [False, False, False, True, True]
    assert len(mailings(shop, "notice")) == 3
    at(NOW + DAY + timedelta(seconds=1), lambda: browser.post(page(shop, person)))
    assert len(mailings(shop, "notice")) == 4


def test_forged_foreign_and_erased_meet_the_neutral_page(shop, person, browser):
    at(NOW, lambda: browser.post(page(shop, person)))
    url, own = mailed(shop, person), page(shop, person)
    token = url.split("/")[2].split("?")[0]
    wrong = [
        f"/data/{token[:-1]}?lang=en",
        f"/data/{link(Token(shop.workspace_id, 999_999, person, Purpose.DOWNLOAD))}?lang=en",
        f"/data/{link(Token(a_shop().workspace_id, 1, person, Purpose.DOWNLOAD))}?lang=en",
        f"/data/{link(Token(shop.workspace_id, 0, person, Purpose.PREFERENCE))}?lang=en",
        f"/p/{token}/data?lang=en",
        "/p/x/data?lang=en",
    ]
    for bad in wrong:
        for press in (browser.get, browser.post):
            assert NEUTRAL in text_of(at(NOW, lambda bad=bad, press=press: press(bad))), bad
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        erasure_id = erasure.request(shop.workspace_id, person, rule="erase", receipt="S-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    for bad in (url, own):
        for press in (browser.get, browser.post):
            assert NEUTRAL in text_of(at(NOW, lambda bad=bad, press=press: press(bad))), bad


def test_while_the_vault_is_away_the_link_is_not_used_up(shop, person, browser, monkeypatch):
    at(NOW, lambda: browser.post(page(shop, person)))
    url = mailed(shop, person)

    def away(*_arguments):
        raise vault.VaultAway

    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", away)
        answer = at(NOW, lambda: browser.post(url, {"form": "file"}))
    assert (answer.status_code, "try again in a minute" in text_of(answer)) == (503, True)
    assert (
        at(NOW, lambda: browser.post(url, {"form": "file"}))
        .headers["Content-Type"]
        .startswith("application/json")
    )


def test_who_may_get_no_mail_is_sent_to_the_desk(shop, person, browser):
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        erasure.request(shop.workspace_id, person, rule="erase", receipt="S-1", now=NOW)
    answer = at(NOW, lambda: browser.post(page(shop, person)))
    assert "No mail can be sent to you" in text_of(answer)
    assert (mailings(shop, "notice"), requests_of(shop, person)) == ([], [])


def test_what_is_wrong_goes_to_the_desk_and_changes_nothing_yet(shop, person, browser):
    url = page(shop, person)
    empty = at(NOW, lambda: browser.post(url, {"act": "correction", "words": "  "}))
    assert (empty.status_code, "Write what is wrong" in text_of(empty)) == (422, True)
    long = at(NOW, lambda: browser.post(url, {"act": "correction", "words": "<b>" * 400}))
    assert (long.status_code, "&lt;b&gt;" in text_of(long), "<b><b>" in text_of(long)) == (422, True, False)
    taken = at(NOW, lambda: browser.post(url, {"act": "correction", "words": "名前は花です"}))
    assert "received it" in text_of(taken)
    (request,) = requests_of(shop, person)
    assert (request.kind.value, request.state) == ("correction", RequestState.WAITING_IDENTITY)
    assert ledger.history(shop.workspace_id, person)[-1].fields["says"] == "名前は花です"
    for _ in range(3):
        last = at(NOW, lambda: browser.post(url, {"act": "correction", "words": "また"}))
    assert "several times today" in text_of(last)
    assert len(requests_of(shop, person)) == 3


def test_two_presses_at_once_are_one_use_and_both_get_the_file(shop, person, browser):
    at(NOW, lambda: browser.post(page(shop, person)))
    url = mailed(shop, person)
    first = at(NOW, lambda: browser.post(url, {"form": "file"}))
    second = at(NOW, lambda: browser.post(url, {"form": "file"}))
    assert [json.loads(each.content)["known"] for each in (first, second)] == [True, True]
    answered = [e for e in ledger.history(shop.workspace_id, person) if e.kind == "admin.request.answered"]
    assert len(answered) == 1


def test_the_mail_really_leaves_and_its_link_is_the_one_that_opens(shop, person, browser, database, tmp_path):
    from tests.delivery.mailings import now, send_now
    from tests.delivery.sink import RunningSink

    browser.post(page(shop, person))
    mailing_id = mailings(shop, "notice")[-1][0]
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        (arrived,) = sink.arrived
    assert arrived.recipient == ADDRESS
    text = message_from_bytes(arrived.content, policy=default).get_body(("plain",)).get_content()
    (url,) = re.findall(r"http://testserver(/data/[\w-]{42})", text)
    assert url == mailed(shop, person).partition("?")[0]
    assert re.search(r"http://testserver/o/[\w-]{42}", text)
    assert json.loads(at(now(), lambda: browser.post(url, {"form": "file"})).content)["known"] is True


def test_what_was_noted_of_links_is_a_part_of_ones_data(shop, person, browser):
    (mail,) = deliveries.sent_to(shop.workspace_id, person)
    mailing_id = mail.mailing_id
    with db.transaction(shop.workspace_id) as connection:
        contacts.allow_measuring(person, NOW)
        connection.execute(
            "update mailing set links = array['https://shop.example/spring'] where mailing_id = %s",
            [mailing_id],
        )
        for link_number, actor in ((0, "human"), (-1, "human"), (0, "bot")):
            connection.execute(
                "insert into hit (workspace_id, contact_id, mailing_id, link, actor, at) values"
                " (%s, %s, %s, %s, %s, %s)",
                [shop.workspace_id, person, mailing_id, link_number, actor, NOW],
            )
    record = selectors.own_record(shop.workspace_id, person, NOW).as_json()
    assert [(each["kind"], each["by"], each["target"]) for each in record["hits"]] == [
        ("click", "human", "https://shop.example/spring"),
        ("open", "human", None),
        ("click", "bot", "https://shop.example/spring"),
    ]
    assert record["measured_since"]
    shown = browser.get(page(shop, person)).content.decode()
    assert "You followed a link" in shown
    assert "A program looked, not you" in shown
    assert "shop.example/spring" not in shown  # whoever holds a forwarded link learns nothing of it
