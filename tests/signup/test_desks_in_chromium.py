"""The form at a desk, and the screen that opens it: in both languages, small and large, without scripts."""

from __future__ import annotations

import pytest
from django.test import override_settings
from tests.chromium import PICTURES, signed_in, until, violations
from tests.console.desk import at_desk, url
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import contact_of
from tests.signup.test_desks import opened, services_form

from shodaku.accounts.domain import Role

pytestmark = pytest.mark.browser
SIGHTS = [("ja", 390, "light"), ("en", 390, "dark"), ("ja", 1024, "dark"), ("en", 1366, "light")]


@pytest.fixture(autouse=True)
def forms_are_read_at_once():
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield


def look(page, name):
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def is_sound(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h1").count() == 1
    assert violations(page) == []


@pytest.mark.parametrize(("language", "width", "scheme"), SIGHTS)
def test_a_tablet_is_empty_again_after_each_person_without_any_script(base, browser, language, width, scheme):
    shop = a_shop()
    services_form(shop)
    _, path = opened(shop)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme,
        java_script_enabled=False,
    )  # fmt: skip
    page, address = context.new_page(), an_address()
    page.goto(base + path)
    assert page.locator("input:checked").count() == 0
    look(page, f"desk-{language}-{width}")
    page.get_by_role("checkbox").first.check()
    page.locator('input[name="email"]').fill(address)
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/thanks")
    look(page, f"desk-thanks-{language}-{width}")
    page.locator("a.btn-primary").click()
    assert page.url.endswith(path)
    assert page.locator('input[name="email"]').input_value() == ""
    page.go_back()
    page.go_back()
    assert address not in page.content()
    assert page.locator("input:checked").count() == 0
    assert contact_of(shop, address) is not None
    context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), SIGHTS)
def test_its_pages_are_sound(base, browser, language, width, scheme):
    shop = a_shop()
    services_form(shop)
    _, path = opened(shop)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
    )
    page = context.new_page()
    for each in (path, f"{path}/thanks"):
        page.goto(base + each)
        is_sound(page)
    context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), SIGHTS)
def test_the_screen_that_opens_one_is_sound(base, browser, language, width, scheme):
    shop = a_shop()
    form = services_form(shop)
    client = at_desk(shop, Role.CLERK, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "event_desks", form.form_id))
    is_sound(page)
    page.locator('input[name="place"]').fill("東京見本市2026")
    page.locator('input[name="desk"]').fill("A-2")
    page.locator("button.btn-primary").click()
    page.locator("img[alt]").first.wait_for()
    until(page, "[...document.images].every(each => each.complete && each.naturalWidth > 0)")
    look(page, f"desks-{language}-{width}")
    is_sound(page)
    assert troubles == []
    page.context.close()
