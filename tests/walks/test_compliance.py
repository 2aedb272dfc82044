"""Somebody complains by telephone: from the address to a proof that a stranger checks, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chromium import PICTURES, signed_in, violations
from tests.complaints.test_services import a_subscriber, an_address, refused
from tests.console.desk import at_desk, url
from tests.erasure.test_sealing import sent
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.complaints import selectors
from shodaku.complaints.domain import CaseState, StepKind
from shodaku.ledger import services as ledger
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.browser
SAYS = {
    "ja": {
        "show": "証拠を見せる",
        "stop": "今すぐすべて停止する",
        "answered": "回答したことを記録する",
        "close": "案件を終了する",
        "paper": "別紙つきの手紙（PDF）",
        "download": "証明書をダウンロード",
    },
    "en": {
        "show": "Show the evidence",
        "stop": "Stop everything now",
        "answered": "The person has an answer",
        "close": "Close the case",
        "paper": "Letter with annexes (PDF)",
        "download": "Download the proof",
    },
}
TABS_MAX = 90


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def reader(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    sent(shop, person, now - timedelta(days=2))
    return address, person


def look(page, name):
    """What axe finds; a picture of the page, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/walk_{name}.png", full_page=True)
    return violations(page)


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(("language", "width"), [("ja", 1366), ("en", 390)])
def test_from_the_address_to_a_proof_that_a_stranger_checks(
    shop, reader, browser, base, tmp_path, language, width
):
    pytest.importorskip("typst")
    address, person = reader
    words = SAYS[language]
    client = at_desk(shop, Role.COMPLIANCE, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme="light")
    page.goto(base + url(shop, "cases") + f"?lang={language}")
    page.fill("#open_address", address)
    page.fill("#open_words", "頼んだ覚えがありません")
    press(page, words["show"])
    (case,) = selectors.cases(shop.workspace_id)
    assert page.url == base + url(shop, "case", case.case_id)
    assert address not in page.content()
    assert look(page, f"case_{language}") == []
    assert "秋の新商品" in page.locator("[aria-labelledby=h-sent]").inner_text()
    page.locator("[aria-labelledby=h-agreed] details").last.locator("summary").click()
    assert "お届けするもの" in page.locator("[aria-labelledby=h-agreed]").inner_text()

    press(page, words["stop"])
    assert refused(shop, person) == [Scope.ALL]
    stopped = selectors.case(shop.workspace_id, case.case_id)
    assert stopped.receipt in page.locator("#spoken-ja").input_value()

    with page.expect_download() as download:
        page.get_by_role("button", name=words["paper"]).first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

    press(page, words["answered"])
    press(page, words["close"])
    assert look(page, f"closed_{language}") == []
    assert selectors.case(shop.workspace_id, case.case_id).state is CaseState.CLOSED
    steps = [each.step for each in selectors.steps(shop.workspace_id, case.case_id)]
    assert steps == [StepKind.OPENED, StepKind.STOPPED, StepKind.ANSWERED, StepKind.CLOSED]

    ledger.sequence(shop.workspace_id, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    page.locator("[aria-labelledby=h-proof] details:has(input[value=json]) > summary").click()
    page.locator("[aria-labelledby=h-proof] input[value=json]").check()
    with page.expect_download() as download:
        page.get_by_role("button", name=words["download"]).click()
    proof = tmp_path / "proof.json"
    download.value.save_as(proof)
    page.context.close()

    stranger = browser.new_context(locale=language)
    page = stranger.new_page()
    page.goto(f"{base}/verify/?lang={language}")
    page.set_input_files("input[type=file]", proof)
    with page.expect_navigation():
        page.locator("main form button").last.click()
    assert look(page, f"verified_{language}") == []
    assert address in page.locator("main").inner_text()
    assert troubles == []
    stranger.close()


def test_with_the_keyboard_alone_a_complaint_is_looked_up_stopped_answered_and_closed(
    shop, reader, browser, base
):
    address, person = reader
    words = SAYS["en"]
    client = at_desk(shop, Role.COMPLIANCE)
    page, troubles = signed_in(browser, base, client, language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "cases"))
    tab_to(page, "document.activeElement.id === 'open_address'")
    page.keyboard.type(address)
    for name in ("show", "stop", "answered", "close"):
        said = words[name]
        tab_to(page, f"document.activeElement.innerText.trim() === {said!r}")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert refused(shop, person) == [Scope.ALL]
    (case,) = selectors.cases(shop.workspace_id)
    assert case.state is CaseState.CLOSED
    assert troubles == []
    page.context.close()


def tab_to(page, found):
    """Press Tab until this holds of the element in focus, and see that its ring is drawn."""
    page.locator("main").focus()
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate(found):
            break
    assert page.evaluate(found), found
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
