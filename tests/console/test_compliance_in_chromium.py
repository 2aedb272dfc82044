"""The pages of compliance in both languages, both colours, on a telephone and on a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.chromium import LOOKED_AT, PICTURES, SOUND, looked_at, signed_in
from tests.complaints.test_services import a_subscriber
from tests.console.desk import at_desk, url
from tests.erasure.test_sealing import erase, sent
from tests.people import a_reader, a_shop

from shodaku.complaints import selectors, services
from shodaku.complaints.domain import CaseGrievance, CaseVia

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    """A case in each state, and one of somebody unknown."""
    shop = a_shop()
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge

    def opened(address, grievance=CaseGrievance.NEVER_AGREED, words="", hours_ago=1):
        new = services.NewCase(via=CaseVia.TELEPHONE, grievance=grievance, address=address, words=words)
        at = now - timedelta(hours=hours_ago)
        return services.open_case(shop.workspace_id, new, at, by="staff:1")

    sent(shop, a_subscriber(shop, "a.waits@example.jp"), now - timedelta(days=3))
    sent(shop, a_reader(shop, "b.closed@example.jp", name="佐藤 健"), now - timedelta(hours=5))
    opened("a.waits@example.jp", words="登録した覚えがありません。すぐに止めてください。", hours_ago=30)
    closed = opened("b.closed@example.jp", CaseGrievance.TOO_OFTEN)
    services.stop(shop.workspace_id, closed, now, by="staff:1")
    services.note(shop.workspace_id, closed, "折り返し電話で説明した", now, by="staff:1")
    services.answered(shop.workspace_id, closed, now, by="staff:1")
    services.close(shop.workspace_id, closed, now, by="staff:1")
    opened("nobody@example.com", CaseGrievance.DATA)
    gone = a_reader(shop, "d.gone@example.jp")
    opened("d.gone@example.jp", CaseGrievance.OTHER)
    erase(shop, gone)
    return shop


def pages(shop):
    gone, stranger, closed, waits = (each.case_id for each in selectors.cases(shop.workspace_id))
    return {
        "cases": url(shop, "cases"),
        "cases_none": url(shop, "cases") + "?about=content",
        "case_waits": url(shop, "case", waits),
        "case_closed": url(shop, "case", closed),
        "case_stranger": url(shop, "case", stranger),
        "case_gone": url(shop, "case", gone),
        "audit": url(shop, "audit"),
        "law": url(shop, "law"),
        "ends": url(shop, "ends"),
        "leaks": url(shop, "leaks"),
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
    assert found == {}
    page.context.close()


def test_the_side_bar_shows_where_one_is_even_at_its_end(shop, browser, base):
    page, _ = signed_in(browser, base, at_desk(shop), language="en", width=1366, scheme="light")
    page.set_viewport_size({"width": 1366, "height": 640})
    page.goto(base + url(shop, "keys"))
    here = page.locator('.side [aria-current="page"]').bounding_box()
    assert here["y"] >= 0
    assert here["y"] + here["height"] < 641  # half a pixel is rounded
    assert page.evaluate("scrollY") == 0
    page.context.close()
