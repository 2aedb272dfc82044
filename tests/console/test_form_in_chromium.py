"""A sign-up form is built, published, framed and filled in, on a telephone and a desk."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop
from tests.signup.forms import EVIDENCE, a_form, confirm_token, contact_of

from shodaku.console.embedding import SANDBOX
from shodaku.contacts import selectors as contacts
from shodaku.kit import clock
from shodaku.signup import services
from shodaku.signup.domain import AskedField, FieldKind, standard_field

pytestmark = pytest.mark.browser
FIELDS = (
    standard_field(FieldKind.FAMILY_NAME, required=True),
    standard_field(FieldKind.GIVEN_NAME, required=False),
    standard_field(FieldKind.FAMILY_KANA, required=False),
    standard_field(FieldKind.MOBILE, required=False),
    standard_field(FieldKind.BIRTHDAY, required=False),
    standard_field(FieldKind.PREFECTURE, required=False),
    AskedField(
        kind=FieldKind.CHOICE,
        label="好きな色",
        label_en="Colour",
        choices=("赤", "青"),
        choices_en=("Red", "Blue"),
    ),
)


@pytest.fixture(scope="module")
def built(database):
    shop = a_shop()
    form = a_form(
        shop,
        ask_name=False,
        fields=FIELDS,
        incentive="300円引きの割引コード",
        incentive_en="A code of ¥300",
        incentive_condition="登録完了メールでお送りします。お一人1回。",
        incentive_condition_en="In the welcome mail, once per person.",
    )
    services.add_source(shop.workspace_id, form.form_id, "銀座店のレジ", now=clock.now())
    return shop, form


@pytest.fixture(autouse=True)
def forms_are_read_at_once(settings_of):
    settings_of(SIGNUP_FORM_SECONDS_MIN=0)


@pytest.fixture
def settings_of():
    from django.test import override_settings

    overrides = []

    def change(**values):
        overrides.append(override_settings(**values))
        overrides[-1].enable()

    yield change
    for override in reversed(overrides):
        override.disable()


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(built, browser, base, language, width, scheme):
    shop, form = built
    pages = {
        "form_builder": url(shop, "form", form.form_id),
        "form_new": url(shop, "form_new"),
        "signup": f"/f/{shop.slug}/join",
        "again": f"/f/{shop.slug}/join/again",
    }
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in pages.items():
        page.goto(base + address + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name


def test_what_is_written_is_checked_and_shown_while_it_is_composed(built, browser, base):
    """With an input method: half a word is no word, and nothing that is typed is taken away."""
    shop, form = built
    page, troubles = signed_in(browser, base, at_desk(shop), language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "form", form.form_id) + "?lang=en")
    page.fill("#id_title", "")
    page.focus("#id_title")
    compose(page, "しんさく", "新作")
    page.wait_for_selector("#live ins >> text=新作", timeout=20_000)
    assert page.input_value("#id_title") == "新作"
    frame = page.frame_locator("#live iframe").first
    assert "新作" in frame.locator("h1").inner_text(timeout=20_000)
    assert frame.locator("input:checked").count() == 0
    page.click("button:has-text('Publish a new version')")
    page.wait_for_selector("text=Version 2 is published.")
    assert troubles == []


def compose(page, typed, meant):
    """As an input method does it: letters under composition, then what they are meant to be."""
    session = page.context.new_cdp_session(page)
    for end in range(1, len(typed) + 1):
        session.send(
            "Input.imeSetComposition",
            {"text": typed[:end], "selectionStart": end, "selectionEnd": end},
        )
    session.send("Input.insertText", {"text": meant})


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_signs_up_on_a_telephone_with_scripts_and_without(built, browser, base, scripts):
    shop, _form = built
    address = f"phone-{uuid.uuid4().hex[:8]}@example.jp"
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="ja", java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(f"{base}/f/{shop.slug}/join?lang=ja")
    page.focus("#id_family_name")
    compose(page, "たかさき", "髙﨑")
    page.fill("#id_email", address)
    page.fill("#id_birthday", "昭和60年4月1日")
    page.select_option("#id_prefecture", "東京都")
    page.click("form.stack button.btn-primary")  # nothing is ticked
    assert page.locator(".errors").is_visible()
    assert page.input_value("#id_family_name") == "髙﨑"
    assert page.input_value("#id_prefecture") == "東京都"
    page.check(f"input[name=topics][value='{shop.topic_id}']")
    page.click("form.stack button.btn-primary")
    assert "@aoi.example" in page.locator("main").inner_text()
    context.close()
    contact_id = contact_of(shop, address)
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, clock.now())
    assert contacts.contact(shop.workspace_id, contact_id).family_name == "髙﨑"
    assert contacts.details(shop.workspace_id, contact_id).birth_date == date(1985, 4, 1)


@contextmanager
def a_page_of_the_owner(html):
    """On a site of its own: another origin than the product's."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html().encode())

        def log_message(self, *_said):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


WAYS = {
    "frame": '<iframe src="{address}/frame" title="f" height="1200" sandbox="{sandbox}"></iframe>',
    "element": (
        '<script type="module" src="{base}/embed/form.js"></script>'
        '<shodaku-form><a href="{address}">申込み</a></shodaku-form>'
    ),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_the_form_is_sent_inside_a_page_of_the_owner(built, browser, base, way):
    shop, form = built
    address = f"framed-{uuid.uuid4().hex[:8]}@example.jp"
    html = WAYS[way].format(address=f"{base}/f/{shop.slug}/join", base=base, sandbox=SANDBOX)
    with a_page_of_the_owner(lambda: html) as owner:
        services.change_ways(shop.workspace_id, form.form_id, [owner], None)
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="ja")
        page.goto(owner)
        inside = page.frame_locator("iframe")
        inside.locator("#id_email").fill(address)
        inside.locator("#id_family_name").fill("山田")
        inside.locator(f"input[name=topics][value='{shop.topic_id}']").check()
        inside.locator("form.stack button.btn-primary").click()
        assert "@aoi.example" in inside.locator("main").inner_text(timeout=20_000)
        with page.expect_popup() as opened:  # only the form itself may be framed
            inside.locator("a[href$='/again']").click()
        assert opened.value.locator("#id_email").is_visible(timeout=20_000)
        opened.value.close()
        page.close()
    assert contact_of(shop, address)


def test_a_page_of_somebody_else_shows_no_form_and_the_field_of_the_owner_leads_to_ours(built, browser, base):
    shop, form = built
    address = f"field-{uuid.uuid4().hex[:8]}@example.jp"
    services.change_ways(shop.workspace_id, form.form_id, ["https://www.aoi.example"], None)
    here = f"{base}/f/{shop.slug}/join"
    html = (
        f'<iframe src="{here}/frame" title="f"></iframe><form action="{here}" method="post">'
        '<input type="hidden" name="start" value="1"><input name="email"><button>go</button></form>'
    )
    with a_page_of_the_owner(lambda: html) as stranger:
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="ja")
        page.goto(stranger)
        assert page.frame_locator("iframe").locator("#id_email").count() == 0
        page.fill("input[name=email]", address)
        page.click("button")
        assert page.url == here
        assert page.input_value("#id_email") == address
        assert page.locator("input[name=topics]:checked").count() == 0
        page.close()
    assert contact_of(shop, address) is None
