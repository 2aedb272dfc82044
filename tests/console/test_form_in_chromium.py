"""A sign-up form is built, published, framed and filled in, on a telephone and a desk."""

from __future__ import annotations

import pytest
from tests.console.browsing import CHROMIUM, OPTIONS, served, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_desk_in_chromium import SOUND, looked_at
from tests.people import a_shop
from tests.signup.forms import a_form

from shodaku.kit import clock
from shodaku.signup import services
from shodaku.signup.domain import AskedField, FieldKind, standard_field

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
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
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield browser
        browser.close()


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
def loop_in_this_thread(monkeypatch, settings_of):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread
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
def test_each_page_is_sound(built, browser, language, width, scheme):
    shop, form = built
    pages = {
        "form_builder": url(shop, "form", form.form_id),
        "form_new": url(shop, "form_new"),
        "signup": f"/f/{shop.slug}/join",
    }
    with served() as base:
        client = at_desk(shop, language=language)
        page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
        for name, address in pages.items():
            page.goto(base + address + f"?lang={language}")
            assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
