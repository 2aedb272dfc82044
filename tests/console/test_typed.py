"""Whose sign-in ends while they write loses nothing; what a stranger's page sent is handed to nobody."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.contacts import selectors as contacts

pytestmark = pytest.mark.usefixtures("database")
WORDS = "電話は\n“午前” に <b>"
ORIGIN = {"origin": "http://testserver"}


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture
def who(shop):
    return a_contact(shop)


def notes(shop, contact_id):
    return [each.text.replace("\r\n", "\n") for each in contacts.notes(shop.workspace_id, contact_id)]


def hidden(page):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_what_was_typed_is_in_the_page_and_nothing_was_written(shop, who):
    answer = Client().post(url(shop, "note_write", who), {"text": WORDS, "due_on": "2026-12-01"})
    assert answer.status_code == 401
    assert hidden(text_of(answer)) | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "",
        "text": WORDS,
        "due_on": "2026-12-01",
    }
    assert "no-store" in answer["Cache-Control"]
    assert notes(shop, who) == []


def test_after_signing_in_the_same_press_does_it(shop, who):
    kept = hidden(text_of(Client().post(url(shop, "note_write", who), {"text": WORDS})))
    at_desk(shop).post(url(shop, "note_write", who), kept)
    assert notes(shop, who) == [WORDS]


def test_a_press_without_words_leads_to_the_door_as_before(shop, who):
    answer = Client().post(url(shop, "refuse", who), {"scope": "all"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {"accept": "application/json"}])
def test_scripts_keep_what_was_typed_themselves(shop, who, headers):
    answer = Client(headers=headers).post(url(shop, "note_write", who), {"text": WORDS})
    assert answer["Location"].startswith("/accounts/login/")


def test_a_press_whose_token_is_of_an_earlier_sign_in_is_handed_back(shop, who):
    desk = at_desk(shop, enforce_csrf_checks=True)
    answer = desk.post(url(shop, "note_write", who), {"text": WORDS}, headers=ORIGIN)
    assert answer.status_code == 403
    assert hidden(text_of(answer))["text"] == WORDS
    assert notes(shop, who) == []


@pytest.mark.parametrize("headers", [{}, {"origin": "https://elsewhere.example"}, {"origin": "null"}])
def test_what_a_strangers_page_sent_is_handed_to_nobody(shop, who, headers):
    desk = at_desk(shop, enforce_csrf_checks=True)
    answer = desk.post(url(shop, "note_write", who), {"text": WORDS}, headers=headers)
    assert answer.status_code == 403
    assert "午前" not in text_of(answer)
    assert "<form" not in text_of(answer)


def test_a_password_is_never_handed_back(shop, who):
    typed = {"text": WORDS, "password": "Long enough 2026"}
    assert "Long enough" not in text_of(Client().post(url(shop, "note_write", who), typed, follow=True))


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_somebody_writes_is_signed_out_signs_in_and_presses_once_more(
    shop, who, browser, base, language, width, scheme
):
    desk = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, desk, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "contact", who))
    kept = page.context.cookies()
    note = page.locator("form:has(textarea[name=text])")
    page.locator("details:has(textarea[name=text]) > summary").click()
    note.locator("textarea").fill(WORDS)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    with page.expect_navigation():
        note.locator("button").last.click()
    troubles.clear()  # that the answer was 401
    assert looked_at(page, f"typed_{language}_{width}_{scheme}", troubles) == []
    page.context.add_cookies([each for each in kept if each["name"] == settings.SESSION_COOKIE_NAME])
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)  # signing in changes it
    for _ in range(2):  # the first is told that the token was an older one
        assert notes(shop, who) == []
        with page.expect_navigation():
            page.locator("form .btn-primary").click()
    assert notes(shop, who) == [WORDS]
    page.context.close()
