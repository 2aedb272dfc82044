"""A clerk's walk by the keyboard alone: from the list of papers to a sheet keyed in twice and a consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now as this_moment
from tests.chromium import signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop
from tests.signup.forms import a_form, contact_of
from tests.signup.papers import a_batch, keyed, read_off
from tests.walks.test_recipient import walk_to

from shodaku.accounts.domain import Role
from shodaku.consent import selectors as consents
from shodaku.signup import selectors

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(database):
    return a_shop(now=this_moment() - timedelta(days=90))


def signed_on():
    return (this_moment() - timedelta(days=3)).date()


def arrive(page, act):
    with page.expect_navigation():
        act()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_clerk_walks_from_the_papers_to_a_sheet_that_is_keyed_in(shop, browser, base, language):
    """Home, the list of papers, the next sheet; its fields in order; and the next one is there at once."""
    form = a_form(shop, now=this_moment() - timedelta(days=60))
    _, sheets = a_batch(shop, form, scans=2, now=this_moment())
    client = at_desk(shop, Role.CLERK, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=1366, scheme="light")
    keys = page.keyboard
    page.goto(base + url(shop, "home"))
    walk_to(page, lambda at: at["href"].endswith(url(shop, "papers")))
    arrive(page, lambda: keys.press("Enter"))
    walk_to(page, lambda at: at["href"].endswith(url(shop, "paper_next")))
    arrive(page, lambda: keys.press("Enter"))
    assert page.evaluate("document.activeElement.name") == "address"
    assert page.locator("html").get_attribute("lang") == language
    keys.type("kamura@mail.example")
    keys.press("Enter")
    keys.type("木村 花")
    walk_to(page, lambda at: at["kind"] == "checkbox")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Tab")
    keys.type(signed_on().strftime("%Y%m%d"))
    keys.press("Enter")
    keys.press("Enter")
    keys.type("佐藤")
    walk_to(page, lambda at: at["kind"] == "submit")
    arrive(page, lambda: keys.press("Enter"))
    assert page.evaluate("document.activeElement.name") == "address"  # of the next sheet
    kept = [
        each
        for sheet_id in sheets
        for each in selectors.readings(shop.workspace_id, selectors.paper_sheet(shop.workspace_id, sheet_id))
    ]
    assert [(each.keyed.address, each.keyed.topic_ids, each.keyed.clerk) for each in kept] == [
        ("kamura@mail.example", (shop.topic_id,), "佐藤")
    ]
    assert contact_of(shop, "kamura@mail.example") is None  # nothing holds until a second person read it
    assert troubles == []
    page.context.close()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_second_clerk_walks_to_the_same_sheet_and_it_becomes_a_consent(shop, browser, base, language):
    form = a_form(shop, now=this_moment() - timedelta(days=60))
    _, (sheet_id,) = a_batch(shop, form, now=this_moment())
    reading = read_off(shop, form, "mori@mail.example", signed_on=signed_on())
    keyed(shop, sheet_id, reading, now=this_moment(), by=1)
    client = at_desk(shop, Role.CLERK, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=1366, scheme="light")
    keys = page.keyboard
    page.goto(base + url(shop, "papers"))
    walk_to(page, lambda at: at["href"].endswith(url(shop, "paper_next")))
    arrive(page, lambda: keys.press("Enter"))
    assert page.evaluate("document.activeElement.name") == "address"
    assert "mori@mail.example" not in page.content()  # the second one reads the paper, not the first one
    keys.type("mori@mail.example")
    walk_to(page, lambda at: at["kind"] == "checkbox")
    keys.press("Space")
    walk_to(page, lambda at: at["kind"] == "submit")
    arrive(page, lambda: keys.press("Enter"))
    person = contact_of(shop, "mori@mail.example")
    assert person is not None
    assert [each.topic_id for each in consents.held(shop.workspace_id, person)] == [shop.topic_id]
    assert troubles == []
    page.context.close()
