"""Whether one's clicks are noted: a box of one's own page, empty until its owner ticks it."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.people import a_reader, a_shop
from tests.signup.forms import link

from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
BOX = re.compile(r'<input[^>]*name="measured"[^>]*>')


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


def page_of(shop, contact_id):
    return f"/p/{link(Token(shop.workspace_id, 0, contact_id, Purpose.PREFERENCE))}?lang=en"


def said(shop, **changes):
    return {"topics": [shop.topic_id], "shown": str(shop.topic_id)} | changes


def allowed(shop, contact_id):
    return contacts_known.measured_since(shop.workspace_id, contact_id) is not None


def box(browser, shop, contact_id):
    return BOX.search(browser.get(page_of(shop, contact_id)).content.decode())[0]


def test_the_box_is_empty_until_its_owner_ticks_it(shop, browser):
    person = a_reader(shop)
    assert "checked" not in box(browser, shop, person)
    browser.post(page_of(shop, person), said(shop))
    assert not allowed(shop, person)
    answer = browser.post(page_of(shop, person), said(shop, measured="on"))
    assert "The sender may see which links" in answer.content.decode()
    assert allowed(shop, person)
    assert "checked" in box(browser, shop, person)


def test_the_words_beside_the_box_are_the_evidence(shop, browser):
    person = a_reader(shop)
    browser.post(page_of(shop, person), said(shop, measured="on"))
    entry = ledger.history(shop.workspace_id, person)[-1]
    assert (entry.kind, entry.fields["method"]) == ("measuring.agreed", "preference")
    assert entry.fields["wording"].startswith("The sender may see which links of its mails I follow")
    assert entry.fields["url"].endswith("/p")


def test_a_second_tick_is_no_second_consent(shop, browser):
    person = a_reader(shop)
    for _ in range(2):
        browser.post(page_of(shop, person), said(shop, measured="on"))
    kinds = [each.kind for each in ledger.history(shop.workspace_id, person)]
    assert kinds.count("measuring.agreed") == 1


def test_only_a_box_that_was_shown_ticked_takes_it_back(shop, browser):
    person = a_reader(shop)
    browser.post(page_of(shop, person), said(shop, measured="on"))
    browser.post(page_of(shop, person), said(shop))  # a page from before
    assert allowed(shop, person)
    answer = browser.post(page_of(shop, person), said(shop, shown_measured="1"))
    assert "Nothing is noted any more" in answer.content.decode()
    assert not allowed(shop, person)


def test_it_ends_while_the_key_store_is_away_and_does_not_begin(shop, browser):
    person, other = a_reader(shop), a_reader(shop)
    with db.transaction(shop.workspace_id):
        contacts.allow_measuring(person, datetime.now(UTC))  # noqa: TID251 - a test is an edge
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        ended = browser.post(page_of(shop, person), said(shop, shown_measured="1"))
        begun = browser.post(page_of(shop, other), said(shop, measured="on"))
    assert (ended.status_code, begun.status_code) == (200, 503)
    assert (allowed(shop, person), allowed(shop, other)) == (False, False)


def test_in_japanese_the_page_says_the_same(shop, browser):
    person = a_reader(shop)
    page = browser.get(page_of(shop, person).replace("lang=en", "lang=ja")).content.decode()
    assert "どのリンクを開いたか" in page.replace("<wbr>", "")
