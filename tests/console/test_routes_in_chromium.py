"""Mail servers in both languages, both colours, on a telephone and on a desk: nothing is cut off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.domain import USUAL_WARM_UP, Carries
from shodaku.delivery.sources import UNPROVED_MAX
from shodaku.kit import clock, db

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(database):
    """A server that carries, one set aside, one off; limits, a warm-up; a machine that is not believed."""
    shop = a_shop()
    facts = {"host": "mail.aoi.example", "port": 587, "tls": "require"}
    for name, more in (
        ("本番用の中継サーバー", {"messages_per_second": 20.0}),
        ("second", {"share": 0, "host": "127.0.0.1", "port": 1, "tls": "none"}),
        ("third", {"enabled": False, "carries": Carries.URGENT}),
    ):
        services.add_route(
            shop.workspace_id, services.NewRoute(name=name, **facts | more), by="test", now=NOW
        )
    first, second, _ = [each.route_id for each in selectors.routes(shop.workspace_id)]
    services.set_pace(shop.workspace_id, 2.5, route_id=first, domain_group="docomo", by="test", now=NOW)
    services.begin_warm_up(shop.workspace_id, second, USUAL_WARM_UP, by="test", now=NOW)
    for _ in range(UNPROVED_MAX + 1):
        services.note_unproved(shop.workspace_id, "198.18.0.66", now=clock.now())
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update route set last_error = 'The server does not answer.', set_aside_at = now()"
            " where workspace_id = %s and route_id = %s",
            [shop.workspace_id, second],
        )
        connection.execute(
            "update pace set rate = 1.25, changed_at = now() where workspace_id = %s and domain_group <> ''",
            [shop.workspace_id],
        )
    return shop


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    first, second = [each.route_id for each in selectors.routes(shop.workspace_id)][:2]
    for name, *arguments in (("routes",), ("route", first), ("settings",)):
        page.goto(base + url(shop, name, *arguments) + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(base + url(shop, "route", second) + f"?lang={language}")
    page.locator("form[action*='/try/'] button").click()
    page.locator("section[aria-labelledby='h-try'] [role='status']").wait_for()
    assert looked_at(page, f"route_tried_{language}_{width}_{scheme}", troubles) == []
    page.context.close()
