"""Conditions from JSON and back; what cannot be understood says why, in both languages. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, assert_never

from shodaku.segments.conditions import (
    CONDITIONS_MAX,
    DAYS_MAX,
    GROUPS_MAX,
    ID_MAX,
    MAILINGS_MAX,
    NAME_CHARACTERS_MAX,
    VALUE_CHARACTERS_MAX,
    YEN_MAX,
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    Condition,
    ConditionFault,
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
    Plain,
    PrefectureIs,
    Single,
    SourceIs,
    SpentAtLeast,
)
from shodaku.segments.kana import ROWS, folded
from shodaku.segments.places import PLACES

_ATTRIBUTE: Final = re.compile(r"[^\W\d]\w{0,39}")


def parse(stored: object) -> tuple[Condition, ...]:
    """Conditions from JSON, as `dump` wrote them or a form sent them. Raises ConditionFault."""
    if not isinstance(stored, list) or len(stored) > CONDITIONS_MAX:
        raise _too_many()
    return tuple(_condition(each) for each in stored)


def parse_expression(stored: object) -> Expression:
    """A segment from JSON, as `dump_expression` wrote it. Raises ConditionFault."""
    if not isinstance(stored, dict) or not isinstance(stored.get("groups", []), list):
        raise _unknown()
    groups = stored.get("groups", [])
    if len(groups) > GROUPS_MAX:
        raise ConditionFault(
            f"条件のまとまりは{GROUPS_MAX}個までです。", f"A segment has at most {GROUPS_MAX} groups."
        )
    read = Expression(_match(stored.get("match", "all")), tuple(_group(each) for each in groups))
    if sum(len(each.conditions) for each in read.groups) > CONDITIONS_MAX:
        raise _too_many()
    return read


def is_name(text: str) -> bool:
    """May a segment be called so?"""
    return 1 <= len(text) <= NAME_CHARACTERS_MAX and not any(map(_unstorable, text))


def parse_single(stored: object) -> Single:
    """Raises ConditionFault."""
    if isinstance(stored, dict) and stored.get("is") == "not":
        return Not(_plain(stored.get("condition")))
    return _plain(stored)


def _condition(stored: object) -> Condition:
    if isinstance(stored, dict) and stored.get("is") == "segment":
        return _segment(stored)
    if isinstance(stored, dict) and stored.get("is") == "may_be_asked_from":
        return MayBeAskedFrom(_id(stored.get("value")))
    if isinstance(stored, dict) and stored.get("is") == "did_not_open":
        return DidNotOpen(_mailings(stored.get("value")))
    return parse_single(stored)


def _mailings(stored: object) -> tuple[int, ...]:
    if not isinstance(stored, list) or not 1 <= len(stored) <= MAILINGS_MAX:
        raise _unknown()
    return tuple(_id(each) for each in stored)


def _segment(stored: Mapping[str, object]) -> InSegment:
    version, expression = stored.get("version"), stored.get("expression")
    return InSegment(
        _id(stored.get("value")),
        None if version is None else _id(version),
        None if expression is None else parse_expression(expression),
    )


def _group(stored: object) -> Group:
    conditions = stored.get("conditions") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(conditions, list):
        raise _unknown()
    if not conditions:
        raise ConditionFault(
            "条件のないまとまりがあります。条件を足すか、まとまりを外してください。",
            "A group has no condition. Add one, or take the group away.",
        )
    return Group(_match(stored.get("match", "all")), tuple(parse_single(each) for each in conditions))


def _match(said: object) -> Match:
    if said not in list(Match):
        raise ConditionFault(
            "「すべて」か「どれか」を選んでください。", "Choose “all” or “any” for how conditions are joined."
        )
    return Match(str(said))


def _plain(stored: object) -> Plain:
    if not isinstance(stored, dict) or str(stored.get("is")) not in _READERS:
        raise _unknown()
    try:
        return _READERS[str(stored["is"])](stored)
    except (KeyError, TypeError, ValueError, OverflowError) as fault:
        if isinstance(fault, ConditionFault):
            raise
        raise ConditionFault("条件の値を確かめてください。", "Check the value of the condition.") from fault


def _unknown() -> ConditionFault:
    return ConditionFault("この条件は使えません。", "There is no such condition.")


def _too_many() -> ConditionFault:
    return ConditionFault(
        f"しぼり込みの条件は{CONDITIONS_MAX}個までです。",
        f"At most {CONDITIONS_MAX} conditions can be joined.",
    )


def _language(stored: Mapping[str, object]) -> LanguageIs:
    if stored["value"] not in ("ja", "en"):
        raise ConditionFault("言語は ja か en です。", "The language is ja or en.")
    return LanguageIs(str(stored["value"]))


def _source(stored: Mapping[str, object]) -> SourceIs:
    if stored["value"] not in ("form", "import", "staff", "app"):
        raise ConditionFault(
            "入口は form、import、staff、app のどれかです。", "The way in is form, import, staff or app."
        )
    return SourceIs(str(stored["value"]))


def _whole(value: object, most: int, ja: str, en: str, *, least: int = 1) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ConditionFault(ja, en) from None
    if isinstance(value, bool) or not least <= number <= most:
        raise ConditionFault(ja, en)
    return number


def _days(stored: Mapping[str, object]) -> int:
    ja = f"日数は1から{DAYS_MAX:,}までの数字で入力してください。"
    return _whole(stored["value"], DAYS_MAX, ja, f"The number of days is from 1 to {DAYS_MAX:,}.")


def _yen(stored: Mapping[str, object]) -> SpentAtLeast:
    ja = f"金額は1円から{YEN_MAX:,}円までの数字で入力してください。"
    en = f"The amount is a number of yen from 1 to {YEN_MAX:,}."
    return SpentAtLeast(_whole(stored["value"], YEN_MAX, ja, en))


def _id(value: object) -> int:
    ja, en = "一覧から1つ選んでください。", "Choose one of the list."
    return _whole(value, ID_MAX, ja, en)


def _day(stored: Mapping[str, object]) -> KnownSince:
    try:
        return KnownSince(date.fromisoformat(str(stored["value"])))
    except ValueError:
        raise ConditionFault(
            "日付を 2026-11-25 のように入力してください。", "Write the day like 2026-11-25."
        ) from None


def _attribute(stored: Mapping[str, object]) -> AttributeIs:
    name = _text(stored["name"])
    if not _ATTRIBUTE.fullmatch(name):
        raise ConditionFault("項目名を確かめてください。", "Check the name of the field.")
    return AttributeIs(name, _text(stored["value"]))


def _place(stored: Mapping[str, object]) -> PrefectureIs:
    if stored["value"] not in PLACES:
        raise ConditionFault(
            "都道府県か地方を一覧から選んでください。", "Choose a prefecture or a region of the list."
        )
    return PrefectureIs(str(stored["value"]))


def _kana_begins(stored: Mapping[str, object]) -> KanaBegins:
    part = _text(stored["value"])
    if not folded(part):
        raise ConditionFault("ふりがなを入力してください。", "Enter the beginning of a reading.")
    return KanaBegins(part)


def _kana_row(stored: Mapping[str, object]) -> KanaRow:
    if stored["value"] not in ROWS:
        raise ConditionFault(
            "ア行からワ行までのどれかを選んでください。", "Choose a row of kana, from ア to ワ."
        )
    return KanaRow(str(stored["value"]))


def _born(stored: Mapping[str, object]) -> BornIn:
    ja, en = "今月か来月を選んでください。", "Choose this month or the next one."
    return BornIn(_whole(stored["value"], 1, ja, en, least=0))


def _text(value: object) -> str:
    text = str(value).strip()
    if not text or len(text) > VALUE_CHARACTERS_MAX or any(map(_unstorable, text)):
        raise ConditionFault(
            "値を入力してください。200文字までです。", "Enter a value of at most 200 characters."
        )
    return text


def _unstorable(character: str) -> bool:
    """Controls and lone surrogates: PostgreSQL takes no NUL, and no name holds one."""
    return unicodedata.category(character) in ("Cc", "Cs")


_READERS: Final[Mapping[str, Callable[[Mapping[str, object]], Plain]]] = {
    "language": _language,
    "source": _source,
    "bought_within": lambda stored: BoughtWithin(_days(stored)),
    "bought_nothing": lambda _stored: BoughtNothing(),
    "bought": lambda stored: BoughtProduct(_text(stored["value"])),
    "spent": _yen,
    "known_since": _day,
    "known_within": lambda stored: KnownWithin(_days(stored)),
    "company": lambda stored: CompanyHolds(_text(stored["value"])),
    "attribute": _attribute,
    "topic": lambda stored: AgreedTo(_id(stored["value"])),
    "clicked_within": lambda stored: ClickedWithin(_days(stored)),
    "clicked_in": lambda stored: ClickedIn(_id(stored["value"])),
    "prefecture": _place,
    "kana": _kana_begins,
    "kana_row": _kana_row,
    "birth_month": _born,
}
KINDS: Final = tuple(_READERS)


def dump(conditions: Sequence[Condition]) -> list[dict[str, object]]:
    """JSON that `parse` reads."""
    return [_dumped(condition) for condition in conditions]


def dump_expression(expression: Expression) -> dict[str, object]:
    """JSON that `parse_expression` reads."""
    return {
        "match": expression.match.value,
        "groups": [
            {"match": group.match.value, "conditions": [dump_single(each) for each in group.conditions]}
            for group in expression.groups
        ],
    }


def _dumped(condition: Condition) -> dict[str, object]:
    if isinstance(condition, MayBeAskedFrom):
        return {"is": "may_be_asked_from", "value": condition.batch_id}
    if isinstance(condition, DidNotOpen):
        return {"is": "did_not_open", "value": list(condition.mailing_ids)}
    if not isinstance(condition, InSegment):
        return dump_single(condition)
    said: dict[str, object] = {"is": "segment", "value": condition.segment_id}
    if condition.version is not None:
        said["version"] = condition.version
    if condition.expression is not None:
        said["expression"] = dump_expression(condition.expression)
    return said


def dump_single(condition: Single) -> dict[str, object]:  # noqa: C901, PLR0912 - one line a condition
    match condition:
        case LanguageIs(language):
            return {"is": "language", "value": language}
        case SourceIs(source):
            return {"is": "source", "value": source}
        case BoughtWithin(days):
            return {"is": "bought_within", "value": days}
        case BoughtNothing():
            return {"is": "bought_nothing"}
        case BoughtProduct(code):
            return {"is": "bought", "value": code}
        case SpentAtLeast(yen):
            return {"is": "spent", "value": yen}
        case KnownSince(on):
            return {"is": "known_since", "value": on.isoformat()}
        case KnownWithin(days):
            return {"is": "known_within", "value": days}
        case CompanyHolds(part):
            return {"is": "company", "value": part}
        case AttributeIs(name, value):
            return {"is": "attribute", "name": name, "value": value}
        case AgreedTo(topic_id):
            return {"is": "topic", "value": topic_id}
        case ClickedWithin(days):
            return {"is": "clicked_within", "value": days}
        case ClickedIn(mailing_id):
            return {"is": "clicked_in", "value": mailing_id}
        case PrefectureIs(place):
            return {"is": "prefecture", "value": place}
        case KanaBegins(part):
            return {"is": "kana", "value": part}
        case KanaRow(row):
            return {"is": "kana_row", "value": row}
        case BornIn(months_ahead):
            return {"is": "birth_month", "value": months_ahead}
        case Not(negated):
            return {"is": "not", "condition": dump_single(negated)}
        case unreachable:
            assert_never(unreachable)
