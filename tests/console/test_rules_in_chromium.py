"""What other rules would change, in both languages, both colours, on a telephone and on a desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop

from shodaku.campaigns import services as campaigns
from shodaku.campaigns import simulating
from shodaku.campaigns.services import RulesAsked
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock

pytestmark = pytest.mark.browser
STRICTER = RulesAsked("1.0", {"stale_months": 6}, "JP")


@pytest.fixture(scope="module")
def shop(database):
    """Four readers, of whom three were silent for eight months."""
    shop = a_shop()
    a_reader(shop)
    for _ in range(3):
        a_reader(shop, at=clock.now() - timedelta(days=240))
    return shop


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_what_other_rules_would_change_is_sound_while_it_is_counted_and_after(
    shop, browser, base, monkeypatch, language, width, scheme
):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    picture = f"{language}_{width}_{scheme}"
    monkeypatch.setattr(simulating, "AT_ONCE_CONTACTS_MAX", 0)
    campaigns.ask_simulation(shop.workspace_id, STRICTER, now=clock.now())
    page.goto(base + url(shop, "rules"))
    found = looked_at(page, f"rules_counting_{picture}", troubles)
    page.goto("about:blank")  # a page that counts goes on by itself, and would cross the next one
    campaigns.simulate(shop.workspace_id, STRICTER, now=clock.now())
    page.goto(base + url(shop, "rules"))
    found += looked_at(page, f"rules_counted_{picture}", troubles)
    assert page.locator("main .btn-primary:visible").count() == 1
    assert found == []


def test_somebody_looks_first_and_presses_the_button_with_the_number_by_keyboard_alone(browser, base):
    shop = a_shop()
    a_reader(shop, at=clock.now() - timedelta(days=240))
    client = at_desk(shop)
    page, troubles = signed_in(browser, base, client, language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "rules"))
    page.get_by_label("Stricter values of your own").fill("stale_months = 6")
    page.get_by_role("button", name="See what would change").press("Enter")
    apply = page.get_by_role("button", name="Apply these rules and hold 1 more person")
    apply.wait_for()
    assert delivery.rule_choice(shop.workspace_id).chosen_at is None
    apply.press("Enter")
    page.get_by_role("heading", name="Rule pack 1.0+").wait_for()
    assert dict(delivery.rule_choice(shop.workspace_id).tightened) == {"stale_months": 6}
    assert troubles == []
