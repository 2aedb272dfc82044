"""A page of one's own is checked at the desk: for people, for programs, and before it is published."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from tests.console.desk import at_desk, text_of, url
from tests.people import SENDER, a_shop
from tests.signup.forms import a_form

from shodaku.accounts.domain import Role
from shodaku.consent import selectors as consents
from shodaku.console.form_check import FormCheckForm
from shodaku.console.import_forms import ImportBasis
from shodaku.signup import selectors, services
from shodaku.signup.domain import FormDefinition

pytestmark = pytest.mark.usefixtures("database")
AS_JSON = {"accept": "application/json"}
GOOD = (
    '<form method="post"><label><input type="checkbox" name="news">お知らせメールを受け取る</label>'
    '<input type="email" name="email"><button>登録</button></form>'
    f"<p>利用目的：案内の送付</p><p>{SENDER.formal_name}</p>"
)
DEEMED = "お断りにならない場合は、メールの配信に同意したものとみなします。"


@pytest.fixture
def shop():
    return a_shop()


def check(shop, *, headers=None, language="en", **said):
    desk = at_desk(shop, Role.MARKETER, language=language)
    return desk.post(url(shop, "form_check"), {"kind": "signup", "html": GOOD, **said}, headers=headers or {})


@pytest.mark.parametrize(
    ("field", "japanese", "english"),
    [
        (FormCheckForm.base_fields["kind"], "配信停止", "Opting out"),
        (ImportBasis.base_fields["basis"], "取引がある", "They bought from us"),
    ],
)
def test_choices_are_in_the_language_of_the_page(field, japanese, english):
    for language, shown, hidden in (("ja", japanese, english), ("en", english, japanese)):
        with translation.override(language):
            page = str(field.widget.render("choice", None))
        assert shown in page
        assert hidden not in page
        assert "&lt;" not in page


def test_a_good_page_may_be_published(shop):
    answer = check(shop)
    assert answer.status_code == 200
    assert "May be published" in text_of(answer)
    assert "フォームを公開できます。" in text_of(answer)


@pytest.mark.parametrize(("language", "badge"), [("en", "Not like this"), ("ja", "このままでは使えません")])
def test_a_fault_is_told_in_both_languages_with_its_rule_and_article(shop, language, badge):
    answer = check(shop, language=language, html=GOOD.replace("name=", "checked name="))
    page = text_of(answer)
    assert badge in page
    assert "最初からチェックされた同意は無効です。" in page
    assert "CONSENT_PRECHECKED" in page
    assert "SE-23" in page
    assert "GDPR" in page


def test_every_fault_is_told_the_first_one_first(shop):
    page = text_of(check(shop, html=GOOD.replace("利用目的", "").replace("name=", "checked name=")))
    assert page.index("CONSENT_PRECHECKED") < page.index("PURPOSE_NOT_SHOWN")


def test_a_program_gets_json(shop):
    answer = check(shop, headers=AS_JSON, html=GOOD.replace("利用目的", ""), incentive="on")
    said = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert (said["verdict"], said["reason"]) == ("refuse", "PURPOSE_NOT_SHOWN")
    assert said["ja"].endswith("。")
    assert said["rules"] == ["PI-03"]
    assert said["articles"]
    assert [fault["reason"] for fault in said["faults"]] == ["PURPOSE_NOT_SHOWN"]
    assert said["facts"]["incentive"] is True


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"required_to_buy": "on"}, "CONSENT_CONDITIONAL"),
        ({"last_screen": "hides"}, "CONSENT_STATE_NOT_SHOWN"),
        ({"last_screen": "shows"}, "OK_FORM"),
        ({"incentive": "on"}, "OK_INCENTIVE"),
        ({"html": GOOD.replace(SENDER.formal_name, "株式会社べつの店")}, "CONSENT_PARTY_UNIDENTIFIED"),
    ],
)
def test_what_html_does_not_show_is_asked_for(shop, declared, reason):
    assert check(shop, headers=AS_JSON, **declared).json()["reason"] == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"html": "<form><button>停止</button></form>"}, "OK_FORM"),
        ({"html": '<form><input type="password"></form>'}, "UNSUB_LOGIN_REQUIRED"),
        ({"html": '<form><textarea name="why" required></textarea></form>'}, "UNSUB_EXTRA_STEP"),
        ({"html": "", "requires": "login"}, "UNSUB_LOGIN_REQUIRED"),
        ({"html": "", "requires": "a reason"}, "UNSUB_EXTRA_STEP"),
    ],
)
def test_a_page_for_opting_out_wants_nothing(shop, said, reason):
    assert check(shop, headers=AS_JSON, kind="opt_out", **said).json()["reason"] == reason


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_page_may_come_as_a_file(shop, encoding):
    file = SimpleUploadedFile("join.html", GOOD.encode(encoding), "text/html")
    assert check(shop, headers=AS_JSON, html="", page=file).json()["reason"] == "OK_FORM"


@pytest.mark.parametrize(
    "said",
    [
        {"html": ""},
        {"html": "<p>ようこそ</p>"},
        {"page": SimpleUploadedFile("big.html", b"<input>" * 80_000, "text/html")},
        {"kind": "letter"},
        {"kind": "opt_out", "html": "<p>停止しました</p>"},
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(shop, said):
    answer = check(shop, **said)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text_of(answer) or "errors" in text_of(answer)
    as_json = check(shop, headers=AS_JSON, **said)
    assert (as_json.status_code, list(as_json.json())) == (422, ["errors"])


def test_what_was_pasted_comes_back_as_text(shop):
    assert "<script>alert(1)" not in text_of(check(shop, html="<script>alert(1)</script><input>"))


def test_the_check_is_for_those_who_make_forms(shop):
    assert at_desk(shop, Role.CLERK).get(url(shop, "form_check")).status_code == 403
    page = text_of(at_desk(shop).get(url(shop, "forms")))
    assert url(shop, "form_check") in page
    assert url(shop, "form_check") not in text_of(at_desk(shop, Role.CLERK).get(url(shop, "forms")))


def test_a_form_of_ours_that_reads_silence_as_consent_is_not_published(shop):
    said = {
        "name": "Home",
        "slug": "home",
        "title": "お便り",
        "topics": [shop.topic_id],
        "introduction": DEEMED,
    }
    answer = at_desk(shop).post(url(shop, "form_new"), said)
    assert answer.status_code == 422
    assert "Not refusing is not consenting." in text_of(answer)
    assert selectors.forms(shop.workspace_id) == []


def test_of_a_new_version_that_is_refused_nothing_is_kept(shop):
    form = a_form(shop)
    before = consents.wordings(shop.workspace_id, "form", form.form_id)
    changed = {"title": "お便り", "topics": [shop.topic_id], "introduction": DEEMED}
    answer = at_desk(shop).post(url(shop, "form", form.form_id), changed)
    assert answer.status_code == 422
    assert "Not refusing is not consenting." in text_of(answer)
    assert selectors.form(shop.workspace_id, "join").version == 1
    assert consents.wordings(shop.workspace_id, "form", form.form_id) == before


def test_the_refusal_says_its_sentence_in_both_languages(shop):
    form = a_form(shop)
    definition = FormDefinition(title="お便り", topic_ids=(shop.topic_id,), introduction=DEEMED)
    with pytest.raises(services.FormRefused) as refused:
        services.publish(shop.workspace_id, form.form_id, definition, None, form.created_at)
    assert refused.value.answer.reason == "CONSENT_DEEMED"
    assert "Not refusing is not consenting." in refused.value.hint
    assert "断らなかった" in refused.value.hint


@pytest.mark.parametrize("incentive", ["", "初回10%引きクーポン"])
def test_what_staff_write_around_the_boxes_is_usually_fine(shop, incentive):
    a_form(
        shop,
        title="規約改定とセールのお知らせ",
        introduction="新しいお知らせをお届けします。いつでも停止できます。\nご不要な方は登録しなくて構いません。",
        incentive=incentive,
    )
    assert selectors.form(shop.workspace_id, "join").version == 1
