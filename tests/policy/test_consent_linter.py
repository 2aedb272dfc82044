"""A consent is worth what the form, the page or the words say under which it was asked for."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.policy.domain import (
    Box,
    FormAnswer,
    FormFacts,
    Reason,
    contradictions,
    deems_consent,
    explain,
    lint_form,
    lint_opt_out_page,
    lint_wording,
    names_sender,
    stands,
)

GOOD = FormFacts(box=Box.UNCHECKED, topics=1, boxes=1, purpose_shown=True, sender_named=True)
NAMES = ("株式会社あおい雑貨", "Aoi")

# the order of LAW.md section 9, and after it who is not named
FAULTS = {
    Reason.CONSENT_PRECHECKED: {"box": Box.CHECKED_BY_DEFAULT},
    Reason.CONSENT_BUNDLED: {"consent_in_terms": True},
    Reason.CONSENT_DEEMED: {"box": Box.NEGATIVE},
    Reason.CONSENT_HIDDEN_WORDING: {"hidden": True},
    Reason.CONSENT_NOT_PER_TYPE: {"topics": 2},
    Reason.PURPOSE_NOT_SHOWN: {"purpose_shown": False},
    Reason.CONSENT_CONDITIONAL: {"required_to_buy": True},
    Reason.CONSENT_STATE_NOT_SHOWN: {"last_screen_shows_consent": False},
    Reason.CONSENT_PARTY_UNIDENTIFIED: {"sender_named": False},
}
ORDER = list(FAULTS)

forms = st.builds(
    FormFacts,
    box=st.sampled_from(Box),
    topics=st.integers(1, 4),
    boxes=st.integers(0, 4),
    purpose_shown=st.booleans(),
    sender_named=st.none() | st.booleans(),
    consent_in_terms=st.booleans(),
    contrast=st.none() | st.floats(1, 21),
    hidden=st.booleans(),
    required_to_buy=st.booleans(),
    last_screen_shows_consent=st.none() | st.booleans(),
    incentive=st.booleans(),
)


def test_a_form_that_meets_every_check_may_be_published():
    assert lint_form(GOOD) == FormAnswer(Reason.OK_FORM)
    assert lint_form(GOOD).passes


def test_a_benefit_for_signing_up_is_allowed_and_told():
    assert lint_form(replace(GOOD, incentive=True)) == FormAnswer(Reason.OK_INCENTIVE)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_the_answer(fault):
    answer = lint_form(replace(GOOD, incentive=True, **FAULTS[fault]))
    assert answer == FormAnswer(fault, (fault,))
    assert not answer.passes


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pair
        for pair in itertools.combinations(ORDER, 2)
        # a form has one state of its boxes
        if not all("box" in FAULTS[fault] for fault in pair)
    ],
)
def test_of_two_faults_the_earlier_one_is_the_answer_and_both_are_told(first, second):
    answer = lint_form(replace(GOOD, **FAULTS[first], **FAULTS[second]))
    assert answer == FormAnswer(first, (first, second))


@given(forms)
def test_faults_are_told_in_the_order_of_the_law_and_the_first_is_the_answer(form):
    answer = lint_form(form)
    assert list(answer.faults) == sorted(answer.faults, key=ORDER.index)
    assert answer.reason in (answer.faults[:1] or (Reason.OK_FORM, Reason.OK_INCENTIVE))
    assert explain(answer.reason).rules


@pytest.mark.parametrize(
    ("ratio", "passes"), [(4.49, False), (4.5, True), (1, False), (21, True), (None, True)]
)
def test_words_that_bind_have_a_contrast_of_four_and_a_half(ratio, passes):
    assert lint_form(replace(GOOD, contrast=ratio)).passes is passes


@pytest.mark.parametrize(("topics", "boxes", "passes"), [(2, 2, True), (2, 3, True), (3, 2, False)])
def test_each_kind_of_mail_has_a_box_of_its_own(topics, boxes, passes):
    assert lint_form(replace(GOOD, topics=topics, boxes=boxes)).passes is passes


def test_where_there_is_no_box_that_alone_is_the_fault():
    assert lint_form(replace(GOOD, box=Box.NONE, boxes=0)).faults == (Reason.CONSENT_BUNDLED,)


def test_what_nobody_said_is_no_fault():
    assert lint_form(replace(GOOD, sender_named=None, last_screen_shows_consent=None)).passes


@pytest.mark.parametrize(
    ("requires", "reason"),
    [
        (None, Reason.OK_FORM),
        ("", Reason.OK_FORM),
        (" ", Reason.OK_FORM),
        ("login", Reason.UNSUB_LOGIN_REQUIRED),
        ("Ｌｏｇｉｎ", Reason.UNSUB_LOGIN_REQUIRED),
        ("ログイン", Reason.UNSUB_LOGIN_REQUIRED),
        ("reason_survey", Reason.UNSUB_EXTRA_STEP),
        ("captcha", Reason.UNSUB_EXTRA_STEP),
    ],
)
def test_an_opt_out_page_wants_nothing_but_the_press(requires, reason):
    assert lint_opt_out_page(requires) is reason


@pytest.mark.parametrize(
    "text",
    [
        "お断りにならない場合は、案内の送付に同意したものとみなします",
        "お断りがない限り、メールをお送りします",
        "ご連絡をいただかない場合は、同意したものとして取り扱います",
        "お申し出のない場合、メールマガジンを配信します",
        "断らなければ配信します",
        "案内が不要な方はチェックを入れてください",
        "希望されない場合はチェックしてください",
        "受け取りたくない方はチェックを外してください",
        "ご登録をもって案内の受信に同意とみなします",
        "We will send you offers unless you tell us otherwise",
        "Unless told otherwise we write to you",
        "By not objecting you agree",
        "Tick here if you do not want our newsletter",
        "If you would rather not hear from us, tick this box",
        "Untick the box to refuse",
        "You are deemed to have agreed",
        "If you do not reply we write to you",
        "Tick the box to opt out",
    ],
)
def test_silence_is_read_as_a_yes(text):
    assert deems_consent(text)
    assert Reason.CONSENT_DEEMED in contradictions(text)


@pytest.mark.parametrize(
    "text",
    [
        "いつでも配信を停止できます",
        "案内が不要になったときは、どのメールからも停止できます",
        "ご連絡先が分からない場合はお知らせください",
        "お断りにならないことを同意とみなすことはありません。",
        "必要なものだけ選んでください",
        "You can opt out at any time",
        "Tick only what you want",
        "We never share your address unless you are under a court order",
    ],
)
def test_that_one_may_stop_is_no_consent_by_silence(text):
    assert not deems_consent(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("最初からチェックが入っています", True),
        ("初期状態で選択されています", True),
        ("チェック済みの欄", True),
        ("The box is pre-ticked", True),
        ("The box is checked by default", True),
        ("最初はどれも選ばれていません", False),
        ("あらかじめチェックされた欄はありません", False),
        ("No box is pre-ticked", False),
        ("Boxes are never checked by default", False),
    ],
)
def test_a_box_that_was_ticked_beforehand_is_told_and_one_that_was_not_is_not(text, told):
    assert (Reason.CONSENT_PRECHECKED in contradictions(text)) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("利用規約に同意する", True),
        ("会員規約を承諾のうえ登録しました", True),
        ("個人情報の取扱いに同意します", True),
        ("I agree to the terms and conditions", True),
        ("利用規約と案内メールの受信に同意する", True),
        ("□ 利用規約に同意する □ 新商品のお知らせを受け取る", False),
        ("I accept the privacy policy. I want to receive your newsletter.", False),
        ("新商品のお知らせをメールで受け取る", False),
        ("規約に同意する。お断りにならない限り、お知らせを配信します", True),
    ],
)
def test_agreeing_to_terms_alone_is_no_consent_to_mail(text, told):
    assert (Reason.CONSENT_BUNDLED in contradictions(text)) is told


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("株式会社あおい雑貨の案内を受け取る", True),
        ("（株）あおい雑貨の案内", True),
        ("㈱ あおい 雑貨の案内", True),
        ("Aoi may write to me", True),
        ("当社の案内を受け取る", True),
        ("We send news", True),
        ("当社およびグループ会社の案内を受け取る", False),
        ("関連会社・提携先からの案内を受け取る", False),
        ("Selected third parties may write to me", False),
        ("Aoikaze may write to me", False),
        ("案内を受け取る", False),
        ("株式会社あおい雑貨とその提携先の案内を受け取る", True),
    ],
)
def test_a_consent_names_who_may_write(text, named):
    assert names_sender(text, NAMES) is named


def test_no_name_stands_nowhere():
    assert not stands(["", " "], "株式会社あおい雑貨")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("当社の新商品のお知らせをメールで受け取ります。", ()),
        ("I want to receive news about new products from Aoi.", ()),
        ("メールを受け取る", (Reason.PURPOSE_NOT_SHOWN, Reason.CONSENT_PARTY_UNIDENTIFIED)),
        (
            "最初からチェック済み。規約に同意すると、お断りにならない限り提携先の案内が届きます。",
            (
                Reason.CONSENT_PRECHECKED,
                Reason.CONSENT_BUNDLED,
                Reason.CONSENT_DEEMED,
                Reason.CONSENT_PARTY_UNIDENTIFIED,
            ),
        ),
    ],
)
def test_the_words_of_an_imported_consent_are_judged_in_the_order_of_the_law(text, faults):
    assert lint_wording(text, NAMES) == faults


@given(st.text(max_size=200))
def test_any_text_is_judged(text):
    assert list(lint_wording(text, NAMES)) == sorted(lint_wording(text, NAMES), key=ORDER.index)
