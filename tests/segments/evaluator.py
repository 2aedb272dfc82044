"""What a segment means, said once more in plain Python over a person's facts: the SQL must agree with it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shodaku.segments.domain import (
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    KanaBegins,
    KanaRow,
    KnownSince,
    KnownWithin,
    LanguageIs,
    Match,
    Not,
    PrefectureIs,
    SourceIs,
    SpentAtLeast,
)

TOKYO = ZoneInfo("Asia/Tokyo")
KANTO = ("茨城", "栃木", "群馬", "埼玉", "千葉", "東京", "神奈川")
IN = {"13": ("東京",), "26": ("京都",), "01": ("北海道",), "kanto": KANTO}
OF_ROW = {"ア": "あいうえお", "カ": "かきくけこ", "ハ": "はひふへほ", "ヤ": "やゆよ"}


@dataclass
class Facts:
    locale: str | None = None
    source: str = "form"
    company: str = ""
    kana: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    birth_date: date | None = None
    known_at: datetime | None = None
    measured: bool = False
    purchases: list[tuple[int, datetime]] = field(default_factory=list)  # yen, time
    products: set[str] = field(default_factory=set)  # codes
    topics: set[int] = field(default_factory=set)
    clicks: list[tuple[int, str, int, datetime]] = field(default_factory=list)  # mailing, actor, link, time


def meant(expression, facts, now):
    if not expression.groups:
        return True
    return joined(
        expression.match,
        [
            joined(group.match, [holds(each, facts, now) for each in group.conditions])
            for group in expression.groups
        ],
    )


def joined(match, answers):
    return all(answers) if match is Match.ALL else any(answers)


def holds(condition, facts, now):  # noqa: C901, PLR0912 - one line a condition
    match condition:
        case Not(ClickedWithin() | ClickedIn() as clicked):
            return facts.measured and not holds(clicked, facts, now)
        case Not(negated):
            return not holds(negated, facts, now)
        case LanguageIs(language):
            return (facts.locale or "ja") == language
        case SourceIs(source):
            return facts.source == source
        case BoughtWithin(days):
            return any(at > now - timedelta(days=days) for _, at in facts.purchases)
        case BoughtNothing():
            return not facts.purchases
        case BoughtProduct(code):
            return code in facts.products
        case SpentAtLeast(yen):
            return sum(paid for paid, _ in facts.purchases) >= yen
        case KnownSince(on):
            return facts.known_at >= datetime.combine(on, time(), TOKYO)
        case KnownWithin(days):
            return facts.known_at > now - timedelta(days=days)
        case CompanyHolds(part):
            return part.lower() in facts.company.lower()
        case AttributeIs(name, value):
            return facts.attributes.get(name) == value
        case AgreedTo(topic_id):
            return topic_id in facts.topics
        case ClickedWithin(days):
            return facts.measured and any(at > now - timedelta(days=days) for _, _, _, at in by_humans(facts))
        case ClickedIn(mailing_id):
            return facts.measured and any(mailing == mailing_id for mailing, _, _, _ in by_humans(facts))
        case PrefectureIs(place):
            return lives_in(facts, place)
        case KanaBegins(part):
            return reading(facts.kana).startswith(reading(part))
        case KanaRow(row):
            first = unicodedata.normalize("NFD", reading(facts.kana))[:1]
            return first != "" and first in OF_ROW[row]
        case BornIn(months_ahead):
            month = (now.astimezone(TOKYO).month - 1 + months_ahead) % 12 + 1
            return facts.birth_date is not None and facts.birth_date.month == month
    raise AssertionError(condition)


def by_humans(facts):
    return [click for click in facts.clicks if click[1] == "human" and click[2] >= 0]


def lives_in(facts, place):
    said = (
        facts.attributes.get("prefecture", "")
        .strip()
        .removesuffix("都")
        .removesuffix("府")
        .removesuffix("県")
    )
    if said:
        english = {"Tokyo": "東京", "Kyoto": "京都"}
        return english.get(said, said) in IN[place]
    address = facts.attributes.get("address", "")
    full = {"東京": "東京都", "京都": "京都府", "北海道": "北海道"}
    return any(address.startswith(full.get(name, f"{name}県")) for name in IN[place])


def reading(text):
    """Hiragana, half-width and full-width alike, without spaces and ・."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("・", "")
    return "".join(chr(ord(each) - 0x60) if "ァ" <= each <= "ヶ" else each for each in plain)
