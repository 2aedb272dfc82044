"""What rests because its domain fails or its links lead nowhere, in both languages and colours."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.campaigns.test_uncertain import a_campaign
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop

from shodaku.delivery import link_watch
from shodaku.delivery import services as delivery
from shodaku.kit import clock

pytestmark = pytest.mark.browser
URL = "https://mail.aoi.example"


@pytest.fixture(scope="module")
def failing(database):
    shop, now = a_shop(), clock.now()
    campaign_id, _, _ = a_campaign(shop, 2)
    delivery.check_domain(shop.workspace_id, "aoi.example", lambda _: (), by="test", now=now)
    for minutes, answered in enumerate((True, False, False, False)):
        at = now + timedelta(minutes=minutes)
        link_watch.note(shop.workspace_id, URL, answered=answered, now=at)
    yield shop, campaign_id
    link_watch.note(shop.workspace_id, URL, answered=True, now=now)


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(failing, browser, base, language, width, scheme):
    shop, campaign_id = failing
    pages = {"home": url(shop, "home"), "rests": url(shop, "campaign", campaign_id)}
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in pages.items():
        page.goto(base + address + f"?lang={language}")
        assert looked_at(page, f"failing_{name}_{language}_{width}_{scheme}", troubles) == [], name
