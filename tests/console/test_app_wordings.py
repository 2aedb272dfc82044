"""Words beside switches in an app: versions that an app names, checked before anybody reads them."""

from __future__ import annotations

import json
import re

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.api import services as api
from shodaku.api.domain import Scope
from shodaku.console.views import app_wordings as view
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.signup import services

pytestmark = pytest.mark.usefixtures("database")
WORDS = "あおい雑貨から、ここで選んだメールをお届けします。\n利用目的は、商品の案内です。"
OTHER_WORDS = "あおい雑貨から、ここで選んだメールをお届けします。\n利用目的は、新商品の案内です。"


@pytest.fixture
def shop():
    return a_shop()


def save(desk, shop, text=WORDS):
    return desk.post(url(shop, "app_wordings"), {"text": text}, follow=True)


def acts(shop):
    return [each.kind for each in ledger.history(shop.workspace_id, 0)].count("admin.app_wording.kept")


def test_without_words_the_page_says_what_comes_first(shop):
    page = text_of(at_desk(shop).get(url(shop, "app_wordings")))
    assert "No words yet. Save what your app will show, before it shows it." in page
    assert "How your app names it" not in page


def test_saved_words_are_a_version_that_the_app_can_name_and_an_act_in_the_ledger(shop):
    page = text_of(save(at_desk(shop), shop))
    assert "Version 1. Your app can name it now." in page
    (kept,) = services.app_wordings(shop.workspace_id)
    assert (kept.version, kept.text) == (1, WORDS)
    assert acts(shop) == 1


def test_the_example_is_a_call_that_the_api_takes(shop):
    desk = at_desk(shop)
    save(desk, shop)
    save(desk, shop, OTHER_WORDS)
    page = text_of(desk.get(url(shop, "app_wordings"))).replace("&quot;", '"').replace("&#x27;", "'")
    body = json.loads(re.search(r"-d '(\{.*?\})'", page, re.DOTALL).group(1))
    assert (body["wording"], body["topics"]) == (2, ["news"])
    made = api.create_key(
        shop.workspace_id, "app", [Scope.CONSENTS_WRITE], by="test", now=clock.now(), days=30, networks=()
    )
    answer = desk.post(
        "/api/v1/consents/on",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {made}", "idempotency-key": "press-1"},
    )
    assert (answer.status_code, answer.json()["accepted"]) == (200, True)


def test_other_words_are_the_next_version_with_what_differs(shop):
    desk = at_desk(shop)
    save(desk, shop)
    page = text_of(save(desk, shop, OTHER_WORDS))
    assert "Version 2" in page
    assert re.search(r"<del>.*利用目的は、商品の案内です。</del>", page)
    assert re.search(r"<ins>.*利用目的は、新商品の案内です。</ins>", page)
    assert acts(shop) == 2


def test_the_same_words_are_the_same_version_also_with_the_lines_of_a_browser(shop):
    desk = at_desk(shop)
    save(desk, shop)
    page = text_of(save(desk, shop, WORDS.replace("\n", "\r\n")))
    assert "Version 1 has these words already." in page
    assert (len(services.app_wordings(shop.workspace_id)), acts(shop)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("どこかから、ここで選んだメールをお届けします。利用目的は、商品の案内です。", "en", None),
        ("", "en", "This field is required."),
        ("あ" * 5_001, "en", "5000"),
    ],
)
def test_words_that_are_no_ground_of_a_consent_are_refused_at_their_field_and_stay_there(
    shop, text, language, said
):
    answer = save(at_desk(shop, language=language), shop, text)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"text"})
    assert said is None or said in str(answer.context["form"].errors["text"])
    assert text[:30] in text_of(answer)
    assert services.app_wordings(shop.workspace_id) == []
    assert acts(shop) == 0


def test_the_page_says_everything_that_is_wrong_in_the_language_of_the_reader(shop):
    unfit = "ここで選んだメールをお届けします。"
    told = {
        language: save(at_desk(shop, language=language), shop, unfit).context["form"].errors["text"]
        for language in ("ja", "en")
    }
    assert len(told["ja"]) == len(told["en"]) >= 1
    assert set(told["ja"]).isdisjoint(told["en"])


def test_many_versions_come_in_pages_and_the_last_of_a_page_is_compared_too(shop, monkeypatch):
    monkeypatch.setattr(view, "PAGE_ROWS", 2)
    for number in range(5):
        services.keep_app_wording(shop.workspace_id, f"{WORDS}{number}", now=clock.now())
    desk = at_desk(shop)
    seen, href = [], url(shop, "app_wordings")
    while href:
        answer = desk.get(href)
        seen += [(each.number, bool(each.changes)) for each in answer.context["versions"]]
        href = answer.context["more"]
    assert seen == [(5, True), (4, True), (3, True), (2, True), (1, False)]
    assert desk.get(url(shop, "app_wordings") + "?before=x").context["versions"][0].number == 5


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_everybody_reads_the_words_and_only_who_words_forms_words_them(shop, role):
    save(at_desk(shop), shop)
    desk = at_desk(shop, role)
    answer = desk.get(url(shop, "app_wordings"))
    assert "利用目的は、商品の案内です。" in text_of(answer)
    assert "Save as a version" not in text_of(answer)
    assert save(desk, shop, OTHER_WORDS).status_code == 403
    assert len(services.app_wordings(shop.workspace_id)) == 1


def test_the_page_is_found_from_topics_and_from_the_page_for_developers(shop):
    desk = at_desk(shop)
    for name in ("topics", "developers"):
        assert url(shop, "app_wordings") in text_of(desk.get(url(shop, name))), name


def test_another_workspace_sees_none_of_it(shop):
    save(at_desk(shop), shop)
    other = a_shop()
    assert "利用目的は" not in text_of(at_desk(other).get(url(other, "app_wordings")))
