"""What a form asks besides the address: its fields, and what somebody wrote into one. Pure.

Everything here is frozen with the form: a field that is renamed later is another version.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

from shodaku.contacts.domain import (
    NumberError,
    UnfitName,
    UnreadDate,
    clean_name,
    fold_width,
    parse_day,
    parse_mobile,
)

OWN_FIELDS_MAX: Final = 5
CHOICES_MAX: Final = 30
LABEL_CHARS_MAX: Final = 60
NUMBER_CHARS_MAX: Final = 16
AGE_YEARS_MAX: Final = 130

PREFECTURES: Final = (  # JIS X 0401, in its order
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
    "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県",
    "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
    "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip
YES, NO = "はい", "いいえ"


class FieldKind(StrEnum):
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    MOBILE = "mobile"
    BIRTHDAY = "birthday"
    PREFECTURE = "prefecture"
    # a shop's own questions
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


OWN_KINDS: Final = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.DATE, FieldKind.CHOICE, FieldKind.YES_NO)
STANDARD: Final[Mapping[FieldKind, tuple[str, str]]] = {
    FieldKind.FAMILY_NAME: ("姓", "Family name"),
    FieldKind.GIVEN_NAME: ("名", "Given name"),
    FieldKind.FAMILY_KANA: ("セイ（ふりがな）", "Family name in kana"),
    FieldKind.GIVEN_KANA: ("メイ（ふりがな）", "Given name in kana"),
    FieldKind.MOBILE: ("携帯電話番号", "Mobile number"),
    FieldKind.BIRTHDAY: ("生年月日", "Date of birth"),
    FieldKind.PREFECTURE: ("都道府県", "Prefecture"),
}


class AnswerFault(StrEnum):
    MISSING = "missing"
    NOT_KANA = "not_kana"
    NOT_A_DAY = "not_a_day"
    NOT_BORN_THEN = "not_born_then"  # in the future, or nobody grows that old
    NOT_A_NUMBER = "not_a_number"
    NOT_A_CHOICE = "not_a_choice"


class UnfitFields(ValueError):
    """Two fields of a form have one name, a choice has nothing to choose, or there are too many fields."""


class BadAnswer(ValueError):
    """Something that the field does not take."""

    def __init__(self, code: AnswerFault) -> None:
        self.code = code
        super().__init__(code.value)


AskedFault: TypeAlias = AnswerFault | NumberError | UnfitName


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """One field of a form. Of a choice, the value that is kept is the Japanese one, whatever was read."""

    kind: FieldKind
    label: str
    label_en: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    choices_en: tuple[str, ...] = ()  # as many as `choices`, or none

    def title(self, language: str) -> str:
        return self.label_en if language == "en" and self.label_en else self.label

    def options(self, language: str) -> list[tuple[str, str]]:
        """What is kept, and what is read."""
        match self.kind:
            case FieldKind.PREFECTURE:
                return [(each, each) for each in PREFECTURES]
            case FieldKind.YES_NO:
                read = ("Yes", "No") if language == "en" else (YES, NO)
                return list(zip((YES, NO), read, strict=True))
            case _:
                shown = self.choices_en if language == "en" and self.choices_en else self.choices
                return list(zip(self.choices, shown, strict=True))


def standard_field(kind: FieldKind, *, required: bool) -> AskedField:
    label, label_en = STANDARD[kind]
    return AskedField(kind=kind, label=label, label_en=label_en, required=required)


def named(fields: Sequence[AskedField]) -> dict[str, AskedField]:
    """The fields by the name of their control on the page."""
    own = [each for each in fields if each.kind in OWN_KINDS]
    standard = {each.kind.value: each for each in fields if each.kind not in OWN_KINDS}
    return standard | {f"own_{number}": each for number, each in enumerate(own, 1)}


def check_fields(fields: Sequence[AskedField]) -> None:
    """Raises UnfitFields; UnfitName for a label that cannot be kept."""
    labels = [clean_name(each.label) for each in fields]
    own = [each for each in fields if each.kind in OWN_KINDS]
    standard = [each.kind for each in fields if each.kind not in OWN_KINDS]
    if len(own) > OWN_FIELDS_MAX or len(set(standard)) < len(standard) or len(set(labels)) < len(labels):
        raise UnfitFields
    if any(not label or len(label) > LABEL_CHARS_MAX for label in labels):
        raise UnfitFields
    for each in fields:
        choices, wanted = each.choices, each.kind is FieldKind.CHOICE
        if wanted != bool(choices) or len(choices) > CHOICES_MAX or len(set(choices)) < len(choices):
            raise UnfitFields
        if each.choices_en and len(each.choices_en) != len(choices):
            raise UnfitFields


def fields_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[AskedField, ...]:  # Any: JSON
    return tuple(
        AskedField(
            kind=FieldKind(each["kind"]),
            label=each["label"],
            label_en=each["label_en"],
            required=each["required"],
            choices=tuple(each["choices"]),
            choices_en=tuple(each["choices_en"]),
        )
        for each in stored
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody told of themselves, parsed; absent is "" or None or not in `others`."""

    family_name: str = ""
    given_name: str = ""
    kana: str = ""
    mobile: str = ""  # E.164
    birth_date: date | None = None
    others: Mapping[str, str] = field(default_factory=dict)  # by the label of the field

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family_name, self.given_name)))

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        """Only what was told; `from_json` reads it again."""
        told = {
            "family_name": self.family_name,
            "given_name": self.given_name,
            "kana": self.kana,
            "mobile": self.mobile,
            "birth_date": self.birth_date.isoformat() if self.birth_date else "",
            "others": dict(self.others),
        }
        return {name: value for name, value in told.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Answers:  # Any: JSON that `as_json` wrote
        birth_date = stored.get("birth_date")
        return cls(**{**stored, "birth_date": date.fromisoformat(birth_date) if birth_date else None})


NOTHING_TOLD: Final = Answers()


def parse_answers(
    fields: Sequence[AskedField], typed: Mapping[str, str], latest: date | None
) -> tuple[Answers, dict[str, AskedFault]]:
    """The answers, and for each control that cannot be taken the reason. Nobody is born after `latest`."""
    answers: dict[str, str] = {}
    faults: dict[str, AskedFault] = {}
    for name, asked in named(fields).items():
        try:
            answers[name] = parse_answer(asked, typed.get(name, ""), latest)
        except BadAnswer as fault:
            faults[name] = fault.code
        except (NumberError, UnfitName) as fault:
            faults[name] = fault
    return _gathered(fields, answers), faults


def parse_answer(asked: AskedField, typed: str, latest: date | None) -> str:  # noqa: C901 - one branch a kind
    """As it is kept; "" for nothing. Raises BadAnswer, NumberError, UnfitName."""
    text = clean_name(typed)
    if not text:
        if asked.required:
            raise BadAnswer(AnswerFault.MISSING)
        return ""
    match asked.kind:
        case FieldKind.FAMILY_NAME | FieldKind.GIVEN_NAME | FieldKind.TEXT:
            return text
        case FieldKind.FAMILY_KANA | FieldKind.GIVEN_KANA:
            return _kana(text)
        case FieldKind.MOBILE:
            return parse_mobile(text).e164
        case FieldKind.BIRTHDAY:
            return _birthday(text, latest).isoformat()
        case FieldKind.DATE:
            return _day(text).isoformat()
        case FieldKind.NUMBER:
            return _number(text)
        case FieldKind.PREFECTURE:
            return _prefecture(text)
        case FieldKind.CHOICE | FieldKind.YES_NO:
            return _chosen(asked, text)
        case unreachable:
            assert_never(unreachable)


def _gathered(fields: Sequence[AskedField], answers: Mapping[str, str]) -> Answers:
    plain = {FieldKind.PREFECTURE, *OWN_KINDS}
    birthday = answers.get(FieldKind.BIRTHDAY)
    kana = (answers.get(FieldKind.FAMILY_KANA), answers.get(FieldKind.GIVEN_KANA))
    return Answers(
        family_name=answers.get(FieldKind.FAMILY_NAME, ""),
        given_name=answers.get(FieldKind.GIVEN_NAME, ""),
        kana=" ".join(filter(None, kana)),
        mobile=answers.get(FieldKind.MOBILE, ""),
        birth_date=date.fromisoformat(birthday) if birthday else None,
        others={
            asked.label: answers[name]
            for name, asked in named(fields).items()
            if asked.kind in plain and answers.get(name)
        },
    )


def _kana(text: str) -> str:
    """Stored as typed, hiragana, katakana or half-width katakana (JAPAN.md section 2)."""
    if not _ALL_KANA.fullmatch(unicodedata.normalize("NFKC", text)):
        raise BadAnswer(AnswerFault.NOT_KANA)
    return text


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except UnreadDate:
        raise BadAnswer(AnswerFault.NOT_A_DAY) from None


def _birthday(text: str, latest: date | None) -> date:
    born = _day(text)
    if latest is not None and not (born <= latest and latest.year - born.year <= AGE_YEARS_MAX):
        raise BadAnswer(AnswerFault.NOT_BORN_THEN)
    return born


def _number(text: str) -> str:
    """１，２００ and 1,200 are 1200; a point is a point."""
    plain = _DASHES.sub("-", fold_width(text)).replace("、", ",")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if len(plain) > NUMBER_CHARS_MAX or not _NUMBER.fullmatch(plain):
        raise BadAnswer(AnswerFault.NOT_A_NUMBER)
    try:
        return format(Decimal(plain), "f")
    except InvalidOperation:
        raise BadAnswer(AnswerFault.NOT_A_NUMBER) from None


def _prefecture(text: str) -> str:
    """With or without 都道府県: 東京 is 東京都, 京都 is 京都府."""
    for whole in PREFECTURES:
        if text in (whole, whole[:-1]):
            return whole
    raise BadAnswer(AnswerFault.NOT_A_CHOICE)


def _chosen(asked: AskedField, text: str) -> str:
    for kept, _shown in asked.options("ja"):
        if text == kept:
            return kept
    raise BadAnswer(AnswerFault.NOT_A_CHOICE)


_ALL_KANA: Final = re.compile("[ぁ-ゖァ-ヺー・ゝゞヽヾ\u3099\u309a 　]+")
_DASHES: Final = re.compile("[−－‐–—]")
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
