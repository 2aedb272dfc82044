"""What a form asks besides the address is taken as people in Japan write it, or told why not."""

from __future__ import annotations

from datetime import date

import pytest

from shodaku.contacts.domain import NumberError, UnfitName
from shodaku.signup.asked import (
    PREFECTURES,
    AnswerFault,
    Answers,
    AskedField,
    BadAnswer,
    FieldKind,
    UnfitFields,
    check_fields,
    parse_answer,
    parse_answers,
    standard_field,
)
from shodaku.signup.hints import Hint, hints

TODAY = date(2026, 11, 26)


def asked(kind, **more):
    return AskedField(kind=kind, label="問い", **more)


COLOURS = asked(FieldKind.CHOICE, choices=("赤", "青"), choices_en=("Red", "Blue"))


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (FieldKind.FAMILY_NAME, "　髙﨑 ", "髙﨑"),  # no letter of a name is changed
        (FieldKind.FAMILY_KANA, "たかさき", "たかさき"),
        (FieldKind.GIVEN_KANA, "ﾊﾅｺ", "ﾊﾅｺ"),  # stored as typed
        (FieldKind.MOBILE, "０９０−１２３４−５６７８", "+819012345678"),
        (FieldKind.BIRTHDAY, "昭和60年4月1日", "1985-04-01"),
        (FieldKind.BIRTHDAY, "Ｓ６０．４．１", "1985-04-01"),
        (FieldKind.BIRTHDAY, "平成元年1月8日", "1989-01-08"),
        (FieldKind.BIRTHDAY, "19850401", "1985-04-01"),
        (FieldKind.BIRTHDAY, "2026/11/26", "2026-11-26"),
        (FieldKind.DATE, "令和9年1月5日", "2027-01-05"),
        (FieldKind.NUMBER, "１，２００", "1200"),
        (FieldKind.NUMBER, "-3.50", "-3.50"),
        (FieldKind.PREFECTURE, "東京", "東京都"),
        (FieldKind.PREFECTURE, "京都", "京都府"),
        (FieldKind.PREFECTURE, "北海道", "北海道"),
        (FieldKind.YES_NO, "はい", "はい"),
        (FieldKind.TEXT, "=1+1", "=1+1"),
        (FieldKind.TEXT, "", ""),
    ],
)
def test_an_answer_is_taken_as_people_write_it(kind, typed, kept):
    assert parse_answer(asked(kind), typed, TODAY) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        (FieldKind.FAMILY_KANA, "高崎", AnswerFault.NOT_KANA),
        (FieldKind.BIRTHDAY, "4/1", AnswerFault.NOT_A_DAY),
        (FieldKind.BIRTHDAY, "昭和70年1月1日", AnswerFault.NOT_A_DAY),  # no such year
        (FieldKind.BIRTHDAY, "2026-11-27", AnswerFault.NOT_BORN_THEN),
        (FieldKind.NUMBER, "たくさん", AnswerFault.NOT_A_NUMBER),
        (FieldKind.NUMBER, "1,2", AnswerFault.NOT_A_NUMBER),
        (FieldKind.NUMBER, "1" * 17, AnswerFault.NOT_A_NUMBER),
        (FieldKind.PREFECTURE, "東京府", AnswerFault.NOT_A_CHOICE),
        (FieldKind.YES_NO, "true", AnswerFault.NOT_A_CHOICE),
    ],
)
def test_what_cannot_be_taken_says_why(kind, typed, fault):
    with pytest.raises(BadAnswer) as refused:
        parse_answer(asked(kind), typed, TODAY)
    assert refused.value.code is fault


def test_nobody_is_131_years_old():
    assert parse_answer(asked(FieldKind.BIRTHDAY), "1900-01-01", date(2030, 1, 1)) == "1900-01-01"
    with pytest.raises(BadAnswer):
        parse_answer(asked(FieldKind.BIRTHDAY), "1900-01-01", date(2031, 1, 1))


def test_a_number_that_takes_no_text_and_a_header_in_a_text_are_refused():
    with pytest.raises(NumberError):
        parse_answer(asked(FieldKind.MOBILE), "03-1234-5678", TODAY)
    for typed in ("=?utf-8?q?x?=", "a\r\nBcc: b", "い" * 201):
        with pytest.raises(UnfitName):
            parse_answer(asked(FieldKind.TEXT), typed, TODAY)


def test_of_a_choice_the_japanese_value_is_kept_whatever_was_read():
    assert COLOURS.options("en") == [("赤", "Red"), ("青", "Blue")]
    assert parse_answer(COLOURS, "赤", TODAY) == "赤"
    with pytest.raises(BadAnswer):
        parse_answer(COLOURS, "Red", TODAY)


def test_what_must_be_filled_is_asked_for_and_what_need_not_is_not():
    fields = (
        standard_field(FieldKind.FAMILY_NAME, required=True),
        standard_field(FieldKind.GIVEN_NAME, required=False),
    )
    answers, faults = parse_answers(fields, {"family_name": "　"}, TODAY)
    assert (answers, faults) == (Answers(), {"family_name": AnswerFault.MISSING})


def test_answers_come_back_from_where_they_are_stored():
    fields = (
        *(standard_field(kind, required=False) for kind in FieldKind if kind.value in STANDARD_NAMES),
        COLOURS,
    )
    typed = {
        "family_name": "山田", "given_name": "花子", "family_kana": "やまだ", "given_kana": "はなこ",
        "mobile": "090-1234-5678", "birthday": "S60.4.1", "prefecture": "東京", "own_1": "青",
    }  # fmt: skip
    answers, faults = parse_answers(fields, typed, TODAY)
    assert faults == {}
    assert (answers.name, answers.kana) == ("山田 花子", "やまだ はなこ")
    assert answers.others == {"都道府県": "東京都", "問い": "青"}
    assert Answers.from_json(answers.as_json()) == answers


STANDARD_NAMES = {
    "family_name", "given_name", "family_kana", "given_kana", "mobile", "birthday", "prefecture",
}  # fmt: skip


def test_there_are_47_prefectures_each_once():
    assert (len(PREFECTURES), len(set(PREFECTURES))) == (47, 47)


@pytest.mark.parametrize(
    "fields",
    [
        (asked(FieldKind.TEXT), asked(FieldKind.DATE)),  # one name for two
        (asked(FieldKind.CHOICE),),
        (asked(FieldKind.CHOICE, choices=("赤", "赤")),),
        (asked(FieldKind.TEXT, choices=("赤",)),),
        (asked(FieldKind.CHOICE, choices=("赤", "青"), choices_en=("Red",)),),
        (standard_field(FieldKind.MOBILE, required=True), standard_field(FieldKind.MOBILE, required=False)),
        tuple(AskedField(kind=FieldKind.TEXT, label=str(number)) for number in range(6)),
        (AskedField(kind=FieldKind.TEXT, label="　"),),
        (AskedField(kind=FieldKind.TEXT, label="い" * 61),),
    ],
)
def test_fields_that_could_not_be_told_apart_are_refused(fields):
    with pytest.raises(UnfitFields):
        check_fields(fields)


def test_five_own_questions_may_be_asked():
    check_fields(tuple(AskedField(kind=FieldKind.TEXT, label=str(number)) for number in range(5)))


def test_hints_name_what_the_mail_does_not_need_and_nothing_else():
    plain = AskedField(kind=FieldKind.TEXT, label="好きな色")
    assert hints(()) == ()
    assert hints((plain,)) == ()
    assert hints((AskedField(kind=FieldKind.TEXT, label="持病"),)) == (Hint.SENSITIVE,)
    assert hints((AskedField(kind=FieldKind.YES_NO, label="メールを受け取りますか"),)) == (
        Hint.WISH_AS_QUESTION,
    )
    assert hints((standard_field(FieldKind.BIRTHDAY, required=True),)) == (
        Hint.MUST_FILL,
        Hint.WHOLE_BIRTHDAY,
    )
    assert hints((), unexplained_present=True) == (Hint.UNEXPLAINED_PRESENT,)
    assert hints((plain,) * 4) == ()
    assert hints((plain,) * 5) == (Hint.MANY,)
