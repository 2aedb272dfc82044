"""One's own data and the certificate in a browser: small and large, both languages, without any script."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.chromium import PICTURES, violations
from tests.optout.serving import a_server
from tests.optout.test_pages_in_chromium import (
    LOOKS,
    WITH_AXE,
)
from tests.people import a_reader, a_shop, agree
from tests.sendings import sent
from tests.signup.forms import link, mailings

from shodaku.complaints import services
from shodaku.contacts import services as contacts
from shodaku.erasure import certificates
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import services as ledger

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(database):
    with a_server(database) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def a_person(shop):
    person = a_reader(shop, f"h-{uuid.uuid4().hex[:8]}@example.jp", at=NOW - timedelta(days=40))
    agree(shop, person, topic_id=shop.other_topic_id)
    with db.transaction(shop.workspace_id):
        contacts.record_purchases(
            [{"contact_id": person, "title": "手ぬぐい", "amount_yen": 1650, "at": NOW - timedelta(days=2)}]
        )
    for days in range(1, 13):
        sent(shop, person, NOW - timedelta(days=days), topic_id=shop.topic_id)
    return person


def mailed(shop, person):
    services.ask_copy(shop.workspace_id, person, NOW)
    mailing_id = mailings(shop, "notice")[-1][0]
    return f"/data/{link(Token(shop.workspace_id, mailing_id, person, Purpose.DOWNLOAD))}"


def asked_erasure(shop):
    person = a_person(shop)
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        erasure_id = erasure.request(
            shop.workspace_id, person, rule="erase", receipt=f"S-2026-11-25-{person:06}", now=NOW
        )
    return erasure.certificate_link(shop.workspace_id, person, f"S-2026-11-25-{person:06}"), erasure_id


def certified(shop):
    path, erasure_id = asked_erasure(shop)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    ledger.sequence_all(shop.workspace_id, now=NOW)
    assert certificates.seal(shop.workspace_id, erasure_id)
    return path


def ways(shop):
    person = a_person(shop)
    own = f"/p/{link(Token(shop.workspace_id, 0, person, Purpose.PREFERENCE))}/data"
    opening = mailed(shop, person)
    return {
        "own": (own, None),
        "wrong": (own, "form:has(textarea) .btn"),
        "asked": (own, "form .btn-primary"),
        "opening": (opening, None),
        "whole": (opening, "form .btn-primary"),
        "being erased": (asked_erasure(shop)[0], None),
        "certificate": (certified(shop), None),
    }


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_page_fits_is_read_by_every_aid_and_says_nothing_to_the_console(
    base,
    shop,
    browser,
    language,
    scheme,
    width,
):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page, troubles, found = context.new_page(), [], {}
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: request.url.startswith(base) or troubles.append(request.url))
    for name, (path, press) in ways(shop).items():
        page.goto(f"{base}{path}?lang={language}")
        if press:
            with page.expect_navigation():
                page.locator(press).first.click()
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}_{language}_{scheme}_{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults = [f"{wide} px wide"] if wide > width else []
        faults += [] if page.locator("h1").count() == 1 else ["not one h1"]
        if (language, scheme, width) in WITH_AXE:
            faults += violations(page)
        if faults:
            found[name] = faults
    context.close()
    assert (found, [each for each in troubles if "422" not in each]) == ({}, [])


def test_without_scripts_a_reader_gets_the_whole_by_the_link_of_the_mail(base, shop, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page, opening = context.new_page(), mailed(shop, a_person(shop))
    page.goto(f"{base}{opening}?lang=en")
    page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file (JSON)").click()
    assert "shodaku-disclosure/1" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name="Read and print").click()
    assert "手ぬぐい" in page.locator("main").inner_text()
    context.close()
