"""A campaign with its time in both languages and colours, on a telephone and on a desk: nothing is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.campaigns.test_services import a_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.campaigns import services
from shodaku.delivery import services as delivery
from shodaku.kit import clock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def campaigns(database):
    """One that is written and counted, one that waits for its time."""
    shop, now = a_shop(), clock.now()
    then = datetime(now.year + 1, 1, 5, 1, 0, tzinfo=UTC)
    if then - now > timedelta(days=80):
        then = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    for _ in range(3):
        a_reader(shop, at=now - timedelta(days=1))
    a_contact(shop)
    route = delivery.NewRoute(name="one", host="127.0.0.1", port=25, tls="none")
    route_id = delivery.add_route(shop.workspace_id, route, by="test", now=now)
    delivery.begin_warm_up(shop.workspace_id, route_id, [1, 2, 4], by="test", now=now)
    numbers = [a_draft(shop), a_draft(shop, name="新年のごあいさつ")]
    for number in numbers:
        services.schedule(shop.workspace_id, number, then, staff_id=None, now=now)
    counted = [services.count(shop.workspace_id, number, now=now) for number in numbers]
    services.launch(shop.workspace_id, numbers[1], counted[1].preflight_id, staff_id=None, now=now)
    return shop, numbers


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(campaigns, browser, base, language, width, scheme):
    shop, (draft, waiting) = campaigns
    pages = {
        "draft": url(shop, "campaign", draft),
        "preflight": url(shop, "preflight", draft),
        "waiting": url(shop, "campaign", waiting),
        "campaigns": url(shop, "campaigns"),
        "home_planned": url(shop, "home"),
    }
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in pages.items():
        page.goto(base + address + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
