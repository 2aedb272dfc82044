"""What is printed of a person, as evidence to hand over: all there is to read, and nothing to press."""

from __future__ import annotations

import pytest
from tests.chromium import PICTURES, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_persons_page_is_evidence_on_paper(database, scheme, browser, base):
    shop = a_shop()
    reader = a_reader(shop, name="佐藤 健")
    client = at_desk(shop, language="ja")
    page, troubles = signed_in(browser, base, client, language="ja", width=800, scheme=scheme)
    page.goto(base + url(shop, "contact", reader) + "?lang=ja")
    page.emulate_media(media="print", color_scheme=scheme)
    for shown in ("#h-may", "#h-time", ".time li"):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in ("#h-no", "#h-yes", ".side", ".bar", "button.btn"):
        assert not page.locator(hidden).first.is_visible(), hidden
    ink = page.locator("h1").evaluate("each => getComputedStyle(each).color")
    paper = page.locator(".card").first.evaluate("each => getComputedStyle(each).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert max(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) < 100
    assert troubles == []
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/person_print_{scheme}.png", full_page=True)
    page.context.close()
