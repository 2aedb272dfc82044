"""The pages that protect people, in both languages, both colours, on a telephone and on a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chromium import LOOKED_AT, PICTURES, SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_desk import MAYBE, UNCLEAR, writes
from tests.console.test_erasures import run
from tests.console.test_erasures import said as erasing
from tests.console.test_refusals import says_no
from tests.console.test_requests import asks
from tests.people import a_reader, a_shop

from shodaku.complaints.domain import Identified, RequestKind
from shodaku.consent.domain import Method
from shodaku.erasure import selectors as erasure
from shodaku.optout.domain import OptOutScope
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    """Everything that these pages show, and an empty neighbour."""
    shop = a_shop()
    until = datetime.now(UTC) + timedelta(days=30)  # noqa: TID251 - a test is an edge
    says_no(shop, a_reader(shop, name="佐藤 健"), Method.REPLY, said="もう送らないでください")
    says_no(shop, a_reader(shop, name="鈴木 一郎"), Method.ONE_CLICK)
    says_no(shop, a_reader(shop, name="高橋 京子"), Method.PAGE, OptOutScope.UNTIL, until=until)
    says_no(shop, a_reader(shop), Method.PAGE, OptOutScope.TOPIC, topic_id=shop.topic_id)
    for address, text in (("a.unclear@example.jp", UNCLEAR), ("b.maybe@example.jp", MAYBE)):
        a_reader(shop, address)
        writes(shop, address, text)
    writes(shop, "stranger@example.com", UNCLEAR)
    a_reader(shop, "c.erased@example.jp")
    at_desk(shop).post(url(shop, "erase"), erasing("c.erased@example.jp", typed="erase"))
    (begun,) = erasure.erasures(shop.workspace_id)
    run(shop, begun.erasure_id)
    a_reader(shop, "d.asks@example.jp", name="中村 さくら")
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    suppression.add(shop.workspace_id, ["x@example.com", "y@example.com"], by="staff:1", now=now)
    suppression.block(shop.workspace_id, "*@old.example", reason="会社がなくなった", by="staff:1", now=now)
    for kind, identity in ((RequestKind.ACCESS, None), (RequestKind.ERASURE, Identified.DOCUMENT)):
        asks(shop, kind, "d.asks@example.jp", identity=identity)
    asks(shop, RequestKind.OBJECTION, "d.asks@example.jp", days_ago=200)
    asks(shop, RequestKind.ACCESS, "d.asks@example.jp", identity=Identified.DOCUMENT)
    return shop


def pages(shop):
    from shodaku.complaints import selectors

    numbers = sorted(each.request_id for each in selectors.data_requests(shop.workspace_id))
    return {
        "desk": url(shop, "desk"),
        "refusals": url(shop, "refusals"),
        "refusals_none": url(shop, "refusals") + "?way=sms",
        "suppressions": url(shop, "suppressions"),
        "erasures": url(shop, "erasures"),
        "requests": url(shop, "requests"),
        "request_new": url(shop, "request_new"),
        "request_identity": url(shop, "request", numbers[0]),
        "request_erasure": url(shop, "request", numbers[1]),
    }


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKED_AT if PICTURES else SOUND)
def test_every_page_is_sound(shop, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    found = {}
    for name, place in pages(shop).items():
        page.goto(base + place + ("&" if "?" in place else "?") + f"lang={language}")
        wrong = looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles)
        if wrong:
            found[name] = wrong
    page.goto(base + url(shop, "suppressions"))
    page.fill("#paste_addresses", "one@example.jp\nno address\n090-1234-5678")
    with page.expect_navigation():
        page.locator("form:has(#paste_addresses) button[value=check]").click()
    if wrong := looked_at(page, f"suppressions_checked_{language}_{width}_{scheme}", troubles):
        found["suppressions_checked"] = wrong
    page.goto(base + url(shop, "erasures"))
    page.fill("#erase_address", "d.asks@example.jp")
    with page.expect_navigation():
        page.locator("form:has(#erase_address) button").click()
    if wrong := looked_at(page, f"erase_confirm_{language}_{width}_{scheme}", troubles):
        found["erase_confirm"] = wrong
    assert found == {}
    page.context.close()


def test_a_message_is_decided_with_the_keyboard_alone(shop, browser, base):
    page, _troubles = signed_in(browser, base, at_desk(shop), language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "desk"))
    before = page.locator("button[value=answered]").count()
    page.locator("main").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "answered":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".status[data-tone=go]")
    assert page.locator("button[value=answered]").count() == before - 1
    page.context.close()


def test_the_file_of_an_answer_is_downloaded_from_the_page_itself(shop, browser, base):
    from shodaku.complaints import selectors

    number = max(each.request_id for each in selectors.data_requests(shop.workspace_id) if each.open)
    page, troubles = signed_in(browser, base, at_desk(shop), language="ja", width=390, scheme="light")
    page.goto(base + url(shop, "request", number) + "?lang=ja")
    with page.expect_navigation():
        page.locator(f"form[action$='/{number}/answer/'] button").click()
    assert looked_at(page, "request_letter_ja_390_light", troubles) == []
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.suggested_filename == f"request-{number}.json"
    assert "d.asks@example.jp" in Path(download.value.path()).read_text(encoding="utf-8")
    assert troubles == []
    page.context.close()
