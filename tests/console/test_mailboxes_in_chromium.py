"""Mailboxes that are read, and a dead address: sound in both languages, in both colours, wide and narrow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import services
from shodaku.kit import db
from shodaku.optout.selectors import MailboxSaid

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    services.note_mailbox(shop.workspace_id, "replies", validity=1, uid=0, handled=1_234, now=NOW)
    services.note_mailbox_fault(shop.workspace_id, "bounces", MailboxSaid.LOGIN_REFUSED, now=NOW)
    return shop


@pytest.fixture(scope="module")
def dead(shop):
    contact_id = a_reader(shop)
    with db.transaction(shop.workspace_id):
        contacts.mark_invalid(contact_id, Channel.EMAIL, "5.1.1", now=NOW)
    return contact_id


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_both_pages_are_sound(shop, dead, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "routes") + f"?lang={language}")
    assert looked_at(page, f"mailboxes_{language}_{width}_{scheme}", troubles) == []
    assert page.locator("#h-mailboxes").count() == 1
    page.goto(base + url(shop, "contact", dead) + f"?lang={language}")
    page.locator("section[aria-labelledby=h-reach] summary").click()
    assert looked_at(page, f"dead_{language}_{width}_{scheme}", troubles) == []
    with page.expect_navigation():
        page.locator("section[aria-labelledby=h-reach] button", has_not=page.locator("svg")).click()
    assert page.locator("[aria-invalid=true]").count() == 1  # it asks why, and is open
    assert looked_at(page, f"dead_why_{language}_{width}_{scheme}", []) == []
    page.context.close()
