"""The page behind the answer to an empty mail: by keyboard alone, small and large, without any script."""

from __future__ import annotations

import pytest
from tests.chromium import PICTURES, violations
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import a_form, confirm_token, contact_of
from tests.signup.test_empty_mail import NOW, SERVER, writes

from shodaku.consent import selectors as consents
from shodaku.signup import services

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(base):
    """A shop, and somebody whose empty mail was answered."""
    shop = a_shop()
    form = a_form(shop, introduction="銀座の小さな雑貨店です。", incentive="登録された方に栞を1枚")
    join = services.open_form_mail(shop.workspace_id, form.form_id, SERVER, staff_id=None, now=NOW)
    sender = an_address()
    writes(shop, join, sender)
    contact_id = contact_of(shop, sender)
    return shop, contact_id, f"{base}/confirm/{confirm_token(shop, contact_id)}"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1366, "dark")])
def test_the_page_is_sound_before_and_after_a_press_without_a_tick(asked, browser, width, scheme):
    _, _, address = asked
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    assert page.locator("input:checked").count() == 0
    for name in ("open", "again"):
        assert violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/choose_{name}_{width}_{scheme}.png", full_page=True)
        page.locator("button[value=receive]").click()
    assert page.locator("[role=alert]").count() == 1
    context.close()


def test_with_the_keyboard_alone_and_without_script_one_box_is_agreed_to(asked, browser):
    shop, contact_id, address = asked
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    first = page.locator("input[type=checkbox]").first
    first.focus()
    page.keyboard.press("Space")
    button = page.locator("button[value=receive]")
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.topic_id, held.confirmed) == (shop.topic_id, True)
    context.close()
