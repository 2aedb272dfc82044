"""Sending domains in both languages, both colours, on a telephone and on a desk: nothing is cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.delivery.zone import records, texts
from tests.people import SENDER, a_shop

from shodaku.accounts import services as accounts
from shodaku.delivery import services
from shodaku.delivery.selectors import Algorithm

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 26, tzinfo=UTC)
RELAY = {
    ("relay.aoi.jp", "A"): ("192.0.2.7", "192.0.2.8", "10.1.2.3"),
    ("7.2.0.192.in-addr.arpa", "PTR"): "relay.aoi.jp",
}


@pytest.fixture(scope="module")
def shop(database):
    """One domain that signs, has a new key and a relay with three addresses; one where DNS says nothing; one
    that nobody looked at.
    """
    shop = a_shop()
    for name in ("aoi-second.example", "aoi.jp"):
        sender = replace(SENDER, mail_domain=name, from_address=f"news@{name}")
        accounts.save_sender(shop.workspace_id, sender, now=NOW)
    both = (Algorithm.RSA, Algorithm.ED25519)
    made = services.make_dkim_keys(shop.workspace_id, "aoi.example", both, by="test", now=NOW)
    zone = {each.name: each.record for each in made} | {"_dmarc.aoi.example": "v=DMARC1; p=none"}
    services.check_domain(shop.workspace_id, "aoi.example", texts(zone), by="test", now=NOW)
    services.make_dkim_keys(shop.workspace_id, "aoi.example", both, by="test", now=NOW)
    own = services.NewRoute(name="本社", host="relay.aoi.jp", port=587, tls="require")
    services.add_route(shop.workspace_id, own, by="test", now=NOW)
    ask = records(RELAY)
    services.check_domain(shop.workspace_id, "aoi.example", texts(zone), by="test", now=NOW, ask=ask)
    services.check_domain(shop.workspace_id, "aoi-second.example", texts({}), by="test", now=NOW)
    return shop


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_page_is_sound(shop, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "domains") + f"?lang={language}")
    assert looked_at(page, f"domains_{language}_{width}_{scheme}", troubles) == []
    assert page.locator("section.card").count() == 3
    page.context.close()
