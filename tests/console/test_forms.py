"""A form is made, published and changed; who signed up before keeps the words of then."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop
from tests.signup.forms import a_form

from shodaku.accounts.domain import Role
from shodaku.kit import db
from shodaku.signup import selectors

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def said(shop, **others):
    return {
        "name": "Home page",
        "slug": "home",
        "title": "あおい雑貨からのお便り",
        "topics": [shop.topic_id],
        **others,
    }


def publish(desk, shop, form_id, words):
    """Two presses: the first shows what changes, the second names what was looked at."""
    page = text_of(desk.post(url(shop, "form", form_id), words))
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    return desk.post(url(shop, "form", form_id), {**words, "seen": seen}, follow=True)


def test_without_a_form_the_page_says_what_to_do(shop):
    page = text_of(at_desk(shop).get(url(shop, "forms")))
    assert "No form yet" in page
    assert url(shop, "form_new") in page


def test_a_form_is_made_and_published_in_one_step(shop):
    answer = at_desk(shop).post(url(shop, "form_new"), said(shop), follow=True)
    form = selectors.form(shop.workspace_id, "home")
    assert form.version == 1
    assert f"http://testserver/f/{shop.slug}/home" in text_of(answer)
    assert Client().get(f"/f/{shop.slug}/home").status_code == 200


def test_a_short_name_that_is_taken_makes_no_second_form(shop):
    a_form(shop)
    answer = at_desk(shop).post(url(shop, "form_new"), said(shop, slug="join"))
    assert answer.status_code == 422
    assert "A form with this short name exists already." in text_of(answer)
    assert len(selectors.forms(shop.workspace_id)) == 1


def test_a_topic_of_another_shop_cannot_be_offered(shop):
    other = a_shop()
    answer = at_desk(shop).post(url(shop, "form_new"), said(shop, topics=[other.topic_id]))
    assert answer.status_code == 422
    assert selectors.forms(shop.workspace_id) == []


def test_publishing_again_makes_a_version_and_the_earlier_one_stays(shop):
    a_form(shop)
    form = selectors.form(shop.workspace_id, "join")
    page = text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    assert "あおい雑貨からのお便り" in page
    changed = {"title": "新しい見出し", "topics": [shop.topic_id]}
    answer = publish(at_desk(shop), shop, form.form_id, changed)
    assert "Version 2 is published." in text_of(answer)
    first = selectors.form_version(shop.workspace_id, form.form_id, 1)
    assert first.published.definition.title == "あおい雑貨からのお便り"
    assert "あおい雑貨からのお便り" in text_of(answer)


def test_the_page_shows_both_languages_and_what_to_put_on_ones_own_page(shop):
    a_form(shop)
    form = selectors.form(shop.workspace_id, "join")
    page = text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    address = f"http://testserver/f/{shop.slug}/join"
    assert f'href="{address}?lang=ja"' in page
    assert f'href="{address}?lang=en"' in page
    assert f"&lt;a href=&quot;{address}&quot;&gt;" in page


def test_a_clerk_reads_a_form_and_publishes_none(shop):
    a_form(shop)
    form = selectors.form(shop.workspace_id, "join")
    desk = at_desk(shop, Role.CLERK)
    assert desk.get(url(shop, "form", form.form_id)).status_code == 200
    assert (
        desk.post(url(shop, "form", form.form_id), {"title": "x", "topics": [shop.topic_id]}).status_code
        == 403
    )
    assert desk.get(url(shop, "form_new")).status_code == 403
    assert selectors.form(shop.workspace_id, "join").version == 1


def test_a_form_of_another_shop_is_not_here(shop):
    other = a_shop()
    a_form(other)
    form = selectors.form(other.workspace_id, "join")
    assert at_desk(shop).get(url(shop, "form", form.form_id)).status_code == 404


def test_questions_are_built_frozen_with_the_version_and_shown_again(shop):
    asked = {
        "need_family_name": "required",
        "need_birthday": "optional",
        "own_1_label": "好きな色",
        "own_1_label_en": "Colour",
        "own_1_kind": "choice",
        "own_1_need": "optional",
        "own_1_choices": "赤 | Red\n青｜Blue",
        "incentive": "300円引き",
        "incentive_condition": "登録完了メールで送ります",
    }
    at_desk(shop).post(url(shop, "form_new"), said(shop, **asked))
    form = selectors.form(shop.workspace_id, "home")
    definition = selectors.form_version(shop.workspace_id, form.form_id, 1).published.definition
    assert [(each.kind.value, each.required) for each in definition.fields] == [
        ("family_name", True),
        ("birthday", False),
        ("choice", False),
    ]
    assert definition.fields[2].options("en") == [("赤", "Red"), ("青", "Blue")]
    page = text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    assert "赤 | Red\n青 | Blue" in page
    assert '<option value="required" selected>' in page
    public = Client().get(f"/f/{shop.slug}/home?lang=ja").content.decode()
    assert "300円引き<br>登録完了メールで送ります" in public


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"own_1_label_en": "Colour"}, "Write the question"),
        ({"own_1_label": "色", "own_1_kind": "choice"}, "Write 1 to 30 different answers"),
        ({"own_1_label": "色", "own_1_kind": "choice", "own_1_choices": "赤\n赤"}, "different answers"),
        ({"own_1_label": "色", "own_2_label": "色"}, "Another field has this name"),
        ({"own_1_label": "都道府県"}, "Another field has this name"),
        ({"ask_name": "on", "need_family_name": "optional"}, "in one field or in two"),
    ],
)
def test_what_is_wrong_with_a_question_stands_at_it_and_nothing_typed_is_lost(shop, typed, sentence):
    answer = at_desk(shop).post(url(shop, "form_new"), said(shop, **typed))
    page = text_of(answer)
    assert (answer.status_code, sentence in page) == (422, True)
    for value in typed.values():
        assert value in page or value == "on"
    assert selectors.forms(shop.workspace_id) == []


def test_the_first_press_shows_what_changes_and_publishes_nothing(shop):
    form = a_form(shop)
    desk, changed = at_desk(shop), {"title": "新しい見出し", "topics": [shop.topic_id]}
    page = text_of(desk.post(url(shop, "form", form.form_id), changed))
    assert "Nothing is published yet." in page
    assert re.search(r"<del>.*あおい雑貨からのお便り</del>", page)
    assert re.search(r"<ins>.*新しい見出し</ins>", page)
    assert selectors.form(shop.workspace_id, "join").version == 1


def test_what_was_looked_at_is_published_and_nothing_that_changed_since(shop):
    form = a_form(shop)
    desk, words = at_desk(shop), {"title": "新しい見出し", "topics": [shop.topic_id]}
    page = text_of(desk.post(url(shop, "form", form.form_id), words))
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    with db.transaction(shop.workspace_id) as connection:  # somebody promises more meanwhile
        connection.execute(
            "update topic set frequency_max = 9 where workspace_id = %s and topic_id = %s",
            [shop.workspace_id, shop.topic_id],
        )
    again = text_of(desk.post(url(shop, "form", form.form_id), {**words, "seen": seen}))
    assert "Nothing is published yet." in again
    assert selectors.form(shop.workspace_id, "join").version == 1


def test_a_draft_is_checked_shown_in_both_languages_and_seen_by_staff_alone(shop):
    form = a_form(shop)
    desk = at_desk(shop)
    words = {"title": "新しい見出し", "title_en": "New heading", "topics": [shop.topic_id]}
    words |= {"own_1_label": "持病", "own_1_kind": "text", "own_1_need": "required"}
    fragment = text_of(desk.post(url(shop, "form_live", form.form_id), words, headers={"hx-request": "true"}))
    assert "<html" not in fragment
    assert 'data-tone="go"' in fragment
    assert "the law protects more strictly" in fragment
    for language, heading in (("ja", "新しい見出し"), ("en", "New heading")):
        address = url(shop, "form_draft", form.form_id, language)
        assert address in fragment
        shown = desk.get(address)
        assert heading in re.sub("<wbr>", "", text_of(shown))
        assert "sandbox" in shown["Content-Security-Policy"]
    assert "新しい見出し" not in text_of(Client().get(f"/f/{shop.slug}/join"))
    page = text_of(desk.get(url(shop, "form", form.form_id)))
    assert "Draft, not published" in page
    assert 'value="新しい見出し"' in page


def test_without_scripts_the_same_answer_stands_in_the_whole_page(shop):
    form = a_form(shop)
    words = {"title": "新しい見出し", "topics": [shop.topic_id]}
    desk = at_desk(shop)
    fragment = text_of(desk.post(url(shop, "form_live", form.form_id), words, headers={"hx-request": "true"}))
    page = text_of(desk.post(url(shop, "form_live", form.form_id), words))
    assert fragment.strip() in page
    assert 'value="新しい見出し"' in page


def test_a_heading_that_reads_a_yes_into_silence_is_told_while_it_is_written(shop):
    form = a_form(shop)
    words = {
        "title": "お便り",
        "introduction": "お断りの連絡がない場合は、メールの受信に同意したものとみなします。",
        "topics": [shop.topic_id],
    }
    desk = at_desk(shop)
    page = text_of(desk.post(url(shop, "form_live", form.form_id), words))
    assert 'data-tone="danger"' in page
    assert publish_refused(desk, shop, form, words)


def publish_refused(desk, shop, form, words):
    answer = desk.post(url(shop, "form", form.form_id), words)
    return answer.status_code == 422 and selectors.form(shop.workspace_id, "join").version == 1


def test_a_withdrawn_version_closes_the_form_until_the_next_one(shop):
    form = a_form(shop)
    desk = at_desk(shop)
    answer = desk.post(url(shop, "form_withdraw", form.form_id, 1), follow=True)
    assert "Version 1 is withdrawn." in text_of(answer)
    assert "so the form is closed" in text_of(answer)
    closed = Client().get(f"/f/{shop.slug}/join?lang=en")
    assert (closed.status_code, "This form is closed" in text_of(closed)) == (410, True)
    publish(desk, shop, form.form_id, {"title": "正しい見出し", "topics": [shop.topic_id]})
    assert Client().get(f"/f/{shop.slug}/join").status_code == 200
    assert desk.post(url(shop, "form_withdraw", form.form_id, 9)).status_code == 404


def test_a_clerk_withdraws_nothing_and_writes_no_draft(shop):
    form = a_form(shop)
    clerk = at_desk(shop, Role.CLERK)
    assert clerk.post(url(shop, "form_withdraw", form.form_id, 1)).status_code == 403
    assert clerk.post(url(shop, "form_live", form.form_id), {"title": "x"}).status_code == 403
    assert selectors.withdrawn(shop.workspace_id, form.form_id) == set()


def test_a_present_that_is_not_explained_is_published_with_a_hint(shop):
    at_desk(shop).post(url(shop, "form_new"), said(shop, incentive="300円引き"))
    form = selectors.form(shop.workspace_id, "home")
    hint = "Say when and how people get the present"
    assert hint in text_of(at_desk(shop).get(url(shop, "form", form.form_id)))
    explained = {"title": "便り", "topics": [shop.topic_id], "incentive": "300円引き"}
    explained["incentive_condition"] = "登録完了メールで送ります"
    assert hint not in text_of(at_desk(shop).post(url(shop, "form_live", form.form_id), explained))
