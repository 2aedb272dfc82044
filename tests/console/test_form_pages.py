"""At the desk one sees how each version of a form was shown, and takes along the file the ledger names."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop
from tests.signup.forms import a_form
from tests.signup.shown import as_if_published_before_pages_were_kept, publish_again

from shodaku.accounts.domain import Role
from shodaku.kit import db
from shodaku.signup import selectors, services

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\nas it looked"
PAGES = ("form_page", "form_preview", "form_document")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def with_a_picture(shop, form):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update form_page set picture = %(png)s, picture_sha256 = encode(sha256(%(png)s), 'hex'),"
            " pictured_at = now() where form_id = %(form)s",
            {"png": PNG, "form": form.form_id},
        )


def test_each_version_leads_to_its_page_in_both_languages(shop):
    form = a_form(shop)
    publish_again(shop, form, NOW)
    page = text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    for version in (1, 2):
        for language in ("ja", "en"):
            assert url(shop, "form_page", form.form_id, version, language) in page


def test_a_version_whose_page_is_not_made_yet_says_so(database, shop):
    form = a_form(shop)
    as_if_published_before_pages_were_kept(database, shop)
    assert "Its page is being made." in text_of(at_desk(shop).get(url(shop, "form", form.form_id)))


def test_the_download_is_the_very_file_that_the_ledger_names(shop):
    form = a_form(shop)
    answer = at_desk(shop).get(url(shop, "form_document", form.form_id, 1, "ja"))
    page = selectors.page(shop.workspace_id, form.form_id, 1, "ja")
    assert hashlib.sha256(answer.content).hexdigest() == page.html_sha256
    assert answer["Content-Disposition"] == 'attachment; filename="join-1-ja.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].endswith("sandbox")


def test_it_is_looked_at_inside_a_frame_that_can_do_nothing(shop):
    form = a_form(shop)
    desk = at_desk(shop)
    page = desk.get(url(shop, "form_page", form.form_id, 1, "ja"))
    preview = url(shop, "form_preview", form.form_id, 1, "ja")
    assert f'<iframe class="preview" sandbox src="{preview}"' in text_of(page)
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    framed = desk.get(preview)
    assert framed["Content-Security-Policy"].endswith("sandbox")
    assert "お届けするもの" in text_of(framed)


def test_the_picture_is_shown_where_there_is_one(shop):
    form = a_form(shop)
    desk = at_desk(shop)
    picture = url(shop, "form_picture", form.form_id, 1, "ja")
    page = url(shop, "form_page", form.form_id, 1, "ja")
    assert desk.get(picture).status_code == 404
    assert "There is no picture." in text_of(desk.get(page))
    with_a_picture(shop, form)
    assert f'<img src="{picture}"' in text_of(desk.get(page))
    answer = desk.get(picture)
    assert (answer["Content-Type"], answer.content) == ("image/png", PNG)
    assert answer["Content-Security-Policy"].endswith("sandbox")


def test_a_page_that_was_made_later_says_so(database, shop):
    form = a_form(shop)
    desk = at_desk(shop)
    page = url(shop, "form_page", form.form_id, 1, "en")
    assert "made after the form was published" not in text_of(desk.get(page))
    as_if_published_before_pages_were_kept(database, shop)
    services.keep_missing_pages(shop.workspace_id, form.form_id, 1, now=NOW.replace(year=2036))
    assert "made after the form was published" in text_of(desk.get(page))


@pytest.mark.parametrize("page", [*PAGES, "form_picture"])
def test_what_is_not_there_is_not_found(shop, page):
    form = a_form(shop)
    with_a_picture(shop, form)
    desk = at_desk(shop, Role.DEVELOPER)
    assert desk.get(url(shop, page, form.form_id, 1, "ja")).status_code == 200
    for version, language in ((2, "ja"), (1, "fr"), (1, "ja'--")):
        assert desk.get(url(shop, page, form.form_id, version, language)).status_code == 404
    assert desk.get(url(shop, page, form.form_id + 1, 1, "ja")).status_code == 404
    other = a_shop()
    assert at_desk(other).get(url(other, page, form.form_id, 1, "ja")).status_code == 404
