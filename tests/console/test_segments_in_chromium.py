"""The sentence builder in both languages and colours, on a telephone and on a desk, and its live count."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.kit import clock
from shodaku.segments import services
from shodaku.segments.domain import (
    AttributeIs,
    BoughtNothing,
    ClickedWithin,
    Expression,
    Group,
    KnownSince,
    Match,
    Not,
    PrefectureIs,
    SourceIs,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def segment(database):
    shop, now = a_shop(), clock.now()
    for _ in range(3):
        a_reader(shop, at=now - timedelta(days=1))
    a_contact(shop, name="佐藤 一郎")
    expression = Expression(
        Match.ALL,
        (
            Group(Match.ANY, (PrefectureIs("kanto"), AttributeIs("title", "部長"), SourceIs("form"))),
            Group(Match.ALL, (Not(ClickedWithin(30)), BoughtNothing(), KnownSince(now.date()))),
        ),
    )
    return shop, services.create(shop.workspace_id, "関東のお客様", expression, by="staff:1", now=now)


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(segment, browser, base, language, width, scheme):
    shop, segment_id = segment
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in (
        ("segments", url(shop, "segments")),
        ("segment", url(shop, "segment", segment_id)),
    ):
        page.goto(base + address + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(base + url(shop, "products") + f"?lang={language}")
    assert looked_at(page, f"products_{language}_{width}_{scheme}", troubles) == []
    page.goto(base + url(shop, "segment", segment_id) + f"?lang={language}")
    page.click('[name="do"][value="look"]')
    page.wait_for_selector("#found table, #found .stack")
    assert looked_at(page, f"segment_found_{language}_{width}_{scheme}", troubles) == []


def test_the_count_follows_what_is_typed(segment, browser, base):
    shop, _segment_id = segment
    client = at_desk(shop)
    page, troubles = signed_in(browser, base, client, language="en", width=1280, scheme="light")
    page.goto(base + url(shop, "segment_new"))
    page.select_option("#g0-add", "known_within")
    page.click('[name="do"][value="add:0"]')
    page.wait_for_selector("#g0-0")
    assert page.evaluate("document.activeElement.id") == "g0-0"
    page.keyboard.type("30")
    page.wait_for_selector("#found table")
    assert "4 people with an e-mail address" in page.inner_text("#found")
    page.fill("#g0-0", "many")
    page.wait_for_selector("#found .status")
    assert "The number of days is from 1 to 36,500." in page.inner_text("#found")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.url.endswith("/segments/new/")
    assert [each for each in troubles if "422" not in each] == []
