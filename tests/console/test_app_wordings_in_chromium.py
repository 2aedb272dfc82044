"""Words beside switches in an app, in both languages, both colours, on a telephone and on a desk."""

from __future__ import annotations

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_app_wordings import OTHER_WORDS, WORDS
from tests.people import a_shop

from shodaku.kit import clock
from shodaku.signup import services

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    for words in (WORDS, OTHER_WORDS):
        services.keep_app_wording(shop.workspace_id, words, now=clock.now())
    return shop


@pytest.fixture(scope="module")
def empty(database):
    return a_shop()


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_page_is_sound_with_words_without_and_when_words_are_refused(
    shop, empty, browser, base, language, width, scheme
):
    picture = f"{language}_{width}_{scheme}"
    found = []
    for name, of in (("app_wordings", shop), ("app_wordings_none", empty)):
        client = at_desk(of, language=language)
        page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
        page.goto(base + url(of, "app_wordings"))
        found += looked_at(page, f"{name}_{picture}", troubles)
        assert page.locator("main .btn-primary:visible").count() == 1
    page.locator("#id_text").fill("ここで選んだメールをお届けします。")
    page.locator("main .btn-primary").press("Enter")
    page.locator("#id_text[aria-invalid=true]").wait_for()
    troubles.clear()  # a browser writes an answer 422 on its console
    found += looked_at(page, f"app_wordings_refused_{picture}", troubles)
    assert found == []
