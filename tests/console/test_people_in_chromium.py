"""Members, keys, one's own account and the door, in both languages, on a telephone and on a desk; and the
keys of one letter, with a Japanese input method and without.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from tests.accounts.test_door import code_now
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import PASSWORD, at_desk, somebody, url
from tests.console.senders import save
from tests.people import a_shop
from tests.signup.forms import a_form

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role, Theme
from shodaku.api import services as api
from shodaku.api.domain import Scope

pytestmark = pytest.mark.browser
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
LONG = "とても長い名前の担当者" * 7 + "👩‍👩‍👧‍👦 مرحبا"


@pytest.fixture(scope="module")
def shop(database):
    """An owner, a clerk with a name that nobody would choose, an open invitation and two keys."""
    shop = a_shop()
    at_desk(shop)
    clerk = services.create_staff(f"c-{uuid.uuid4().hex[:8]}@aoi.example", LONG, PASSWORD, now=NOW)
    services.join(shop.workspace_id, clerk, Role.CLERK, now=NOW)
    services.ask(shop.workspace_id, "new@aoi.example", Role.MARKETER, locale="ja", invited_by=clerk, now=NOW)
    for name, scopes in (("web shop", [Scope.SUPPRESS_WRITE]), ("アプリ" * 20, list(Scope))):
        api.create_key(shop.workspace_id, name, scopes, by="test", now=NOW, networks=["192.0.2.0/24"])
    a_form(shop)
    desk = at_desk(shop)
    said = {"name": LONG, "content": "新商品とセールのご案内", "purpose": "商品の案内", "double_opt_in": "on"}
    said |= {"frequency_max": "2", "frequency_per": "month", "seen": "0"}
    assert desk.post(url(shop, "topic", shop.topic_id), said).status_code == 302
    for policy in ("案内を送るためだけに使います。", "案内を送るためだけに使います。\n提供はしません。"):
        assert save(desk, shop, privacy_policy=policy).status_code == 302
    return shop


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, browser, base, language, width, scheme):
    page, troubles = signed_in(
        browser, base, at_desk(shop, language=language), language=language, width=width, scheme=scheme
    )
    (asked,) = selectors.invitations(shop.workspace_id)
    link = services.link(shop.workspace_id, asked.invitation_id).removeprefix("http://testserver")
    places = {
        "home_guide": url(shop, "home"),
        "staff": url(shop, "staff"),
        "member": url(shop, "member", somebody(Role.OWNER)),
        "keys": url(shop, "keys"),
        "developers": url(shop, "developers"),
        "account": url(shop, "account"),
        "shortcuts": url(shop, "shortcuts"),
        "topics": url(shop, "topics"),
        "topic": url(shop, "topic", shop.topic_id),
        "policies": url(shop, "policies"),
        "join": link,
        "join_over": link[:-1],
    }
    found = {}
    for name, place in places.items():
        answer = page.goto(f"{base}{place}?lang={language}")
        if name == "join_over":
            assert answer.status == 404
            troubles.clear()
        if wrong := looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles):
            found[name] = wrong
    page.goto(base + url(shop, "keys"))
    page.fill("#id_name", "once")
    page.locator("input[value='suppress:write']").check()
    page.locator("main button.btn-primary").click()
    page.wait_for_selector("#key")
    if wrong := looked_at(page, f"key_made_{language}_{width}_{scheme}", troubles):
        found["key_made"] = wrong
    assert found == {}
    page.context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), [SOUND[0], SOUND[3]])
def test_every_page_of_the_door_looks_like_the_product(browser, base, database, language, width, scheme):
    """Each page of the sign-in library, before and after a second factor was set up, is one of ours."""
    email = f"door-{uuid.uuid4().hex[:8]}@aoi.example"
    shop = a_shop()
    staff_id = services.create_staff(email, "森 美咲", PASSWORD, now=NOW)
    services.join(shop.workspace_id, staff_id, Role.CLERK, now=NOW)
    base = base.replace("127.0.0.1", "localhost")  # a passkey needs a name
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
    )
    page, troubles, found = context.new_page(), [], {}
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)

    def look(name, path):
        page.goto(f"{base}/accounts/{path}?lang={language}")
        wrong = looked_at(page, f"door_{name}_{language}_{width}_{scheme}", troubles)
        if page.locator("main.door .card").count() != 1:
            wrong.append("not ours")
        if page.locator("button.btn-primary:visible").count() > 1:
            wrong.append("two filled buttons")
        if wrong:
            found[name] = wrong

    look("login", "login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/console/**")
    look("index", "2fa/")
    look("reauthenticate", "reauthenticate/")
    page.fill("[name=password]", PASSWORD)
    page.locator("button.btn-primary").click()
    for name, path in (
        ("password", "password/change/"),
        ("passkeys", "2fa/webauthn/"),
        ("passkey_new", "2fa/webauthn/add/"),
        ("totp", "2fa/totp/activate/"),
    ):
        look(name, path)
    secret = page.locator("input[readonly]").input_value()
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 0  # the code to scan is seen
    page.fill("[name=code]", code_now(secret))
    page.locator("form button.btn-primary").click()
    page.wait_for_url("**/recovery-codes/**")
    for name, path in (
        ("codes", "2fa/recovery-codes/"),
        ("codes_new", "2fa/recovery-codes/generate/"),
        ("index_on", "2fa/"),
        ("totp_off", "2fa/totp/deactivate/"),
        ("logout", "logout/"),
    ):
        look(name, path)
    page.locator("main form button.btn-primary").click()
    page.goto(f"{base}/accounts/login/?lang={language}")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/2fa/authenticate/**")
    if wrong := looked_at(page, f"door_authenticate_{language}_{width}_{scheme}", troubles):
        found["authenticate"] = wrong
    assert found == {}
    context.close()


def at_home(shop, browser, base):
    page, troubles = signed_in(browser, base, at_desk(shop), language="ja", width=1366, scheme="light")
    page.goto(base + url(shop, "home") + "?lang=ja")
    return page, troubles


def test_the_keys_search_open_their_list_and_go_to_pages(shop, browser, base):
    page, troubles = at_home(shop, browser, base)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("g?c/")  # in a field a key is a letter
    assert page.locator("#q").input_value() == "g?c/"
    assert page.url.split("?")[0] == base + url(shop, "home")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("dialog#keys[open]").is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-close')")
    page.keyboard.press("Escape")
    assert page.locator("dialog#keys[open]").count() == 0
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**" + url(shop, "campaigns"))
    assert troubles == []
    page.context.close()


def press(page, key, **more):
    """A key as the browser tells it; `isComposing` while an input method is at work."""
    page.evaluate(
        "([key, more]) => document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key, bubbles: true, cancelable: true, ...more}))",
        [key, more],
    )


def test_keys_rest_while_an_input_method_composes_and_with_the_keys_of_the_system(shop, browser, base):
    page, _troubles = at_home(shop, browser, base)
    for more in (
        {"isComposing": True},
        {"keyCode": 229},
        {"ctrlKey": True},
        {"metaKey": True},
        {"altKey": True},
    ):
        press(page, "?", **more)
        press(page, "/", **more)
        press(page, "g", **more)
        press(page, "c", **more)
    assert page.locator("dialog#keys[open]").count() == 0
    assert page.evaluate("document.activeElement === document.body")
    assert page.url.split("?")[0] == base + url(shop, "home")
    press(page, "?")
    assert page.locator("dialog#keys[open]").count() == 1
    page.context.close()


def test_keys_that_are_switched_off_do_nothing(shop, browser, base):
    owner = somebody(Role.OWNER)
    name = services.staff(owner).name
    services.choose_screen(owner, name=name, language="", theme=Theme.SYSTEM, shortcuts=False)
    try:
        page, _troubles = at_home(shop, browser, base)
        for key in ("/", "?", "g", "c"):
            page.keyboard.press(key)
        assert page.evaluate("document.activeElement === document.body")
        assert page.url.split("?")[0] == base + url(shop, "home")
        page.context.close()
    finally:
        services.choose_screen(owner, name=name, language="", theme=Theme.SYSTEM, shortcuts=True)
