"""Conditions and whole segments in words, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from shodaku.segments.conditions import (
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    Clicked,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    Condition,
    DidNotOpen,
    Expression,
    Group,
    InSegment,
    KanaBegins,
    KanaRow,
    KnownSince,
    KnownWithin,
    LanguageIs,
    Match,
    MayBeAskedFrom,
    Not,
    PrefectureIs,
    Single,
    SourceIs,
    SpentAtLeast,
)
from shodaku.segments.places import place_in_words

_SOURCES = {
    "form": ("登録フォーム", "a sign-up form"),
    "import": ("取り込み", "an import"),
    "staff": ("担当者の入力", "staff"),
    "app": ("アプリ", "an app"),
}

# what imports call the fields that they keep beside those of a person's own
_FIELDS = {
    "department": ("部署", "department"),
    "title": ("役職", "job title"),
    "tags": ("タグ", "tags"),
    "gender": ("性別", "gender"),
    "postcode": ("郵便番号", "postcode"),
    "memo": ("メモ", "memo"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers in conditions are called; one without a name is told by its number."""

    topics: Mapping[int, str] = field(default_factory=dict)
    mailings: Mapping[int, str] = field(default_factory=dict)
    segments: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)  # by code


_UNNAMED = Names()


def describe(condition: Condition, lang: str, names: Names = _UNNAMED) -> str:
    """The condition in words."""
    ja, en = _words(condition, names)
    return ja if lang.startswith("ja") else en


def describe_expression(expression: Expression, lang: str, names: Names = _UNNAMED) -> str:
    """The whole segment as one sentence."""
    ja, en = _of_expression(expression, names)
    return ja if lang.startswith("ja") else en


def _of_expression(expression: Expression, names: Names) -> tuple[str, str]:
    if not expression.groups:
        return "全員", "everybody"
    parts = [_of_group(each, names, alone=len(expression.groups) == 1) for each in expression.groups]
    return _joined(parts, expression.match)


def _of_group(group: Group, names: Names, *, alone: bool) -> tuple[str, str]:
    ja, en = _joined([_words(each, names) for each in group.conditions], group.match)
    return (ja, en) if alone or len(group.conditions) == 1 else (f"（{ja}）", f"({en})")


def _joined(parts: list[tuple[str, str]], match: Match) -> tuple[str, str]:
    ja, en = ("、かつ", " and ") if match is Match.ALL else ("、または", " or ")
    return ja.join(each for each, _ in parts), en.join(each for _, each in parts)


def _words(condition: Condition, names: Names) -> tuple[str, str]:
    match condition:
        case InSegment(segment_id):
            name = names.segments.get(segment_id, str(segment_id))
            return f"しぼり込み「{name}」の人", f"who are in the segment “{name}”"
        case MayBeAskedFrom(batch_id):
            return f"取り込み{batch_id}で許可をお願いできる人", f"who may be asked, of import {batch_id}"
        case DidNotOpen():
            return (
                "前の配信が届き、計測に同意していて、開封もクリックもしていない人",
                "who got the first mail, allow measuring, and neither opened it nor followed a link",
            )
        case Not(ClickedWithin() | ClickedIn() as clicked):
            return _did_not_click(clicked, names)
        case Not(negated):
            ja, en = _said(negated, names)
            return f"「{ja}」以外の人", f"all but those {en}"
        case _:
            return _said(condition, names)


def _did_not_click(clicked: Clicked, names: Names) -> tuple[str, str]:
    match clicked:
        case ClickedWithin(days):
            return (
                f"計測に同意していて、{days}日以内にリンクを開いていない人",
                f"who allow measuring and followed no link within {days} days",
            )
        case ClickedIn(mailing_id):
            name = names.mailings.get(mailing_id, str(mailing_id))
            return (
                f"計測に同意していて、「{name}」のリンクを開いていない人",
                f"who allow measuring and followed no link of “{name}”",
            )
        case unreachable:
            assert_never(unreachable)


def _said(condition: Single, names: Names) -> tuple[str, str]:  # noqa: C901, PLR0912 - one line a condition
    match condition:
        case LanguageIs(language):
            return (f"言語が{'日本語' if language == 'ja' else '英語'}の人", f"whose language is {language}")
        case SourceIs(source):
            ja, en = _SOURCES[source]
            return (f"入口が{ja}の人", f"who came in by {en}")
        case BoughtWithin(days):
            return (f"{days}日以内に購入した人", f"who bought something within {days} days")
        case BoughtNothing():
            return ("購入したことのない人", "who bought nothing yet")
        case BoughtProduct(code):
            product = names.products.get(code, code)
            return (f"「{product}」を購入した人", f"who bought “{product}”")
        case SpentAtLeast(yen):
            return (f"購入の合計が{yen:,}円以上の人", f"who bought for {yen:,} yen or more altogether")
        case KnownSince(on):
            return (f"{on:%Y-%m-%d}以降に知り合った人", f"known since {on:%Y-%m-%d} or later")
        case KnownWithin(days):
            return (f"{days}日以内に知り合った人", f"known for at most {days} days")
        case CompanyHolds(part):
            return (f"会社名に「{part}」を含む人", f"whose company holds “{part}”")
        case AttributeIs(name, value):
            ja, en = _FIELDS.get(name, (name, name))
            return (f"{ja}が「{value}」の人", f"whose {en} is “{value}”")
        case AgreedTo(topic_id):
            topic = names.topics.get(topic_id, str(topic_id))
            return (f"「{topic}」に同意している人", f"who agreed to “{topic}”")
        case ClickedWithin(days):
            return (f"{days}日以内にリンクを開いた人", f"who followed a link within {days} days")
        case ClickedIn(mailing_id):
            mailing = names.mailings.get(mailing_id, str(mailing_id))
            return (f"「{mailing}」のリンクを開いた人", f"who followed a link of “{mailing}”")
        case PrefectureIs(place):
            ja, en = place_in_words(place)
            return (f"{ja}の人", f"who live in {en}")
        case KanaBegins(part):
            return (f"ふりがなが「{part}」で始まる人", f"whose reading begins with “{part}”")
        case KanaRow(row):
            return (f"ふりがなが{row}行の人", f"whose reading begins in the row of {row}")
        case BornIn(months_ahead):
            return (
                ("今月が誕生月の人", "whose birthday is this month")
                if months_ahead == 0
                else ("来月が誕生月の人", "whose birthday is next month")
            )
        case Not(negated):
            return _words(Not(negated), names)
        case unreachable:
            assert_never(unreachable)
