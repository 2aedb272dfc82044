"""From the first word of a form to a proof that a stranger checks, in both languages.

Somebody signs up on a telephone, with scripts and without, confirms and keeps the receipt; all of it stands
on the timeline and in the file.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from django.test import override_settings
from tests.chromium import PICTURES, signed_in, violations
from tests.console.desk import at_desk, url
from tests.console.test_form_in_chromium import compose
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import contact_of, mailings

from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.kit import runtime
from shodaku.ledger import services as ledger
from shodaku.signup import selectors

pytestmark = pytest.mark.browser
SAYS = {
    "ja": {
        "way": "登録フォーム（メールで確認）", "receipt": "控えを保管する", "prove": "証明書をダウンロード",
    },
    "en": {
        "way": "sign-up form, confirmed by mail", "receipt": "Keep your receipt",
        "prove": "Download the proof",
    },
}  # fmt: skip
LINK = re.compile(r"https?://[^/\s]+(/confirm/[A-Za-z0-9_-]+)")


@pytest.fixture(autouse=True)
def forms_are_read_at_once():
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield


def look(page, name):
    """What axe finds; a picture of the page, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/capture_{name}.png", full_page=True)
    return violations(page)


@pytest.mark.parametrize(("language", "scripts"), [("ja", True), ("en", False)])
def test_a_form_is_written_and_whoever_signs_up_by_it_can_be_shown_to_anybody(
    database, browser, base, tmp_path, language, scripts
):
    shop, address, words = a_shop(), an_address(), SAYS[language]
    client = at_desk(shop, language=language)
    desk, troubles = signed_in(browser, base, client, language=language, width=1366, scheme="light")
    written_and_published(desk, base, shop, language)

    telephone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale=language, java_script_enabled=scripts
    )
    page = telephone.new_page()
    signed_up(page, base, shop, address, language, scripts=scripts)
    assert consents.held(shop.workspace_id, contact_of(shop, address))[0].state == "pending"

    page.goto(base + link_of(the_mail(database, shop, address, home=tmp_path)))
    with page.expect_navigation():
        page.locator("main form button.btn-primary").click()
    with page.expect_navigation():
        page.get_by_role("link", name=words["receipt"]).click()
    assert "/receipt" in page.url
    assert page.locator("h1").count() == 1
    telephone.close()

    contact_id = contact_of(shop, address)
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.state, held.confirmed) == ("active", True)
    assert contacts.contact(shop.workspace_id, contact_id).family_name == "髙﨑"

    ledger.sequence(shop.workspace_id, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    desk.goto(base + url(shop, "contact", contact_id))
    assert words["way"] in desk.locator("main").inner_text()
    assert look(desk, f"timeline_{language}") == []
    proof = tmp_path / "proof.json"
    downloaded(desk, words["prove"], proof)
    assert troubles == []
    desk.context.close()

    stranger = browser.new_context(locale=language)
    page = stranger.new_page()
    page.goto(f"{base}/verify/?lang={language}")
    page.set_input_files("input[type=file]", proof)
    with page.expect_navigation():
        page.locator("main form button").last.click()
    assert address in page.locator("main").inner_text()
    stranger.close()


def written_and_published(desk, base, shop, language):
    desk.goto(base + url(shop, "form_new") + f"?lang={language}")
    desk.fill("#id_name", "店頭のカード")
    desk.fill("#id_slug", "counter")
    desk.focus("#id_title")
    compose(desk, "しんさく", "新作のお知らせ")
    desk.fill("#id_title_en", "What is new")
    desk.check(f"input[name=topics][value='{shop.topic_id}']")
    with desk.expect_navigation():
        desk.locator("main form .btn-primary").first.click()
    form = selectors.form(shop.workspace_id, "counter")
    assert form is not None, desk.locator("main").inner_text()
    assert form.version == 1
    assert look(desk, f"published_{language}") == []


def signed_up(page, base, shop, address, language, *, scripts):
    page.goto(f"{base}/f/{shop.slug}/counter?lang={language}")
    assert page.locator("input:checked").count() == 0
    page.focus("#id_name")
    compose(page, "たかさき", "髙﨑 美咲")
    page.fill("#id_email", address)
    page.locator("form.stack button.btn-primary").click()  # nothing is ticked, and nothing is lost
    assert page.locator(".errors").is_visible()
    assert (page.input_value("#id_email"), page.input_value("#id_name")) == (address, "髙﨑 美咲")
    page.check(f"input[name=topics][value='{shop.topic_id}']")
    with page.expect_navigation():
        page.locator("form.stack button.btn-primary").click()
    assert "@aoi.example" in page.locator("main").inner_text()
    if scripts:  # axe is one
        assert look(page, f"sent_{language}") == []


def the_mail(database, shop, address, *, home):
    """The one mail that asks, as it left."""
    ((mailing_id, *_),) = mailings(shop, "confirmation")
    with RunningSink() as sink, ThreadPoolExecutor(1) as beside:  # in this thread runs Playwright's loop
        beside.submit(send_now, database, shop, mailing_id, sink.port, home=home).result()
    (mail,) = sink.arrived
    assert mail.recipient == address
    return mail


def link_of(mail):
    parts = message_from_bytes(mail.content).walk()
    text = next(each for each in parts if each.get_content_type() == "text/plain")
    found = LINK.search(text.get_payload(decode=True).decode())
    assert found[0].startswith(runtime.current().public_url)
    return found[1]


def downloaded(desk, name, proof):
    folded = desk.locator("details:has(input[name=file][value=json])")
    if folded.count() and not folded.first.evaluate("each => each.open"):
        folded.first.locator("summary").click()
    desk.locator("input[name=file][value=json]").check()
    with desk.expect_download() as download:
        desk.get_by_role("button", name=name).click()
    download.value.save_as(proof)
