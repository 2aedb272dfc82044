"""Logo, colour and font of a workspace: chosen at the desk, seen on the pages that readers open."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_pictures import in_library, kinds
from tests.optout.test_pages import stop_page
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.content import selectors
from shodaku.content.domain import Brand

pytestmark = pytest.mark.usefixtures("database")
GREEN = {"colour": "#1F6F43", "font": "mincho"}


@pytest.fixture
def shop(database):
    return a_shop()


def test_where_nobody_chose_anything_mails_and_pages_look_as_usual(shop):
    assert selectors.brand(shop.workspace_id) == Brand()
    assert selectors.page_brand(shop.workspace_id) is None


def test_colour_and_font_are_kept_and_the_ledger_says_so(shop):
    desk = at_desk(shop)
    assert desk.post(url(shop, "brand"), GREEN).status_code == 302
    assert selectors.brand(shop.workspace_id) == Brand("#1f6f43", None, "mincho")
    assert "admin.brand.changed" in kinds(shop)


def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast_and_another_one(shop):
    answer = at_desk(shop).post(url(shop, "brand"), {"colour": "#ffcc00", "font": "gothic"})
    assert answer.status_code == 422
    assert "their contrast is 1.51, and 4.5 is needed" in text_of(answer)
    assert 'value="#ffcc00"' in text_of(answer)
    assert selectors.brand(shop.workspace_id) == Brand()


def test_a_logo_is_chosen_from_the_library_and_shown_before_it_is_saved(shop):
    kept = in_library(shop, alt="あおい雑貨のロゴ", size=(400, 88))
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "picture_choose"), {"back": url(shop, "brand")}))
    assert f'action="{url(shop, "brand")}"' in page
    page = text_of(desk.get(url(shop, "brand"), {"picture": kept.image_id}))
    assert "Chosen, and not saved yet." in page
    assert selectors.brand(shop.workspace_id).logo is None
    assert desk.post(url(shop, "brand_logo"), {"picture": kept.image_id}).status_code == 302
    assert selectors.brand(shop.workspace_id).logo.url == f"http://testserver{kept.path}"
    desk.post(url(shop, "brand"), GREEN)
    assert selectors.brand(shop.workspace_id).logo.alt == "あおい雑貨のロゴ"  # the one act leaves the other
    desk.post(url(shop, "brand_logo"))
    assert selectors.brand(shop.workspace_id) == Brand("#1f6f43", None, "mincho")


def test_a_logo_stays_in_the_library_until_there_is_another_one(shop):
    kept = in_library(shop)
    desk = at_desk(shop)
    desk.post(url(shop, "brand_logo"), {"picture": kept.image_id})
    page = text_of(desk.post(url(shop, "picture_remove", kept.image_id), {"everywhere": "1"}, follow=True))
    assert "This picture is your logo." in page
    assert selectors.library(shop.workspace_id) != []


@pytest.mark.parametrize("wrong", ["undescribed", "foreign", "nothing"])
def test_only_a_described_picture_of_the_own_library_becomes_the_logo(shop, wrong):
    image_id = {
        "undescribed": lambda: in_library(shop, alt="").image_id,
        "foreign": lambda: in_library(a_shop()).image_id,
        "nothing": lambda: "018f0000-0000-7000-8000-000000000000",
    }[wrong]()
    page = text_of(at_desk(shop).post(url(shop, "brand_logo"), {"picture": image_id}, follow=True))
    assert "not in the library any more" in page
    assert selectors.brand(shop.workspace_id).logo is None


def branded(shop):
    kept = in_library(shop, alt="あおい雑貨のロゴ", size=(400, 88), colour="darkgreen")
    desk = at_desk(shop)
    desk.post(url(shop, "brand"), GREEN)
    desk.post(url(shop, "brand_logo"), {"picture": kept.image_id})
    return kept


def test_readers_see_logo_and_colour_and_still_the_legal_name(shop):
    kept = branded(shop)
    contact_id = a_reader(shop)
    for path in (stop_page(shop, contact_id), stop_page(shop, contact_id).replace("/o/", "/w/")):
        page = text_of(Client().get(path))
        assert f'<img class="logo" src="{kept.path}" width="200" height="44" alt="あおい雑貨のロゴ">' in page
        assert '<link rel="stylesheet" href="/brand/1f6f43.css">' in page
        assert "株式会社あおい雑貨" in page
        assert "style=" not in page


def test_the_style_sheet_of_a_colour_is_the_same_for_everybody(shop):
    answer = Client().get("/brand/1f6f43.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--action: light-dark(#1f6f43," in text_of(answer)
    assert not answer.cookies
    for wrong in ("/brand/1F6F43.css", "/brand/1f6f4.css", "/brand/1f6f43}.css"):
        assert Client().get(wrong).status_code == 404


def test_who_may_not_change_the_sender_looks_and_changes_nothing(shop):
    desk = at_desk(shop, Role.MARKETER)
    assert "Save colour and font" not in text_of(desk.get(url(shop, "brand")))
    assert desk.post(url(shop, "brand"), GREEN).status_code == 403
    assert desk.post(url(shop, "brand_logo")).status_code == 403
    assert selectors.brand(shop.workspace_id) == Brand()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_page_and_those_of_readers_are_sound(shop, browser, base, language, width, scheme):
    branded(shop)
    contact_id = a_reader(shop)
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in (
        ("brand", url(shop, "brand")),
        ("branded_opt_out", stop_page(shop, contact_id) + f"?lang={language}"),
    ):
        page.goto(base + address)
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    colour = page.evaluate("getComputedStyle(document.querySelector('.btn-primary')).backgroundColor")
    assert colour == {"light": "rgb(31, 111, 67)"}.get(scheme, colour)
    assert page.evaluate("document.querySelector('.logo').naturalWidth") > 0
    page.context.close()
