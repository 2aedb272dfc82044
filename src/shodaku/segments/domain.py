"""Who is meant: typed conditions, joined by "and", and the SQL they become. No text of a user is ever SQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias, assert_never

CONDITIONS_MAX: Final = 20
VALUE_CHARACTERS_MAX: Final = 200
DAYS_MAX: Final = 36_500
_ATTRIBUTE: Final = re.compile(r"[^\W\d]\w{0,39}")


class ConditionFault(ValueError):
    """A condition that cannot be understood."""

    def __init__(self, ja: str, en: str) -> None:
        self.ja, self.en = ja, en
        super().__init__(en)

    def sentence(self, lang: str) -> str:
        return self.ja if lang.startswith("ja") else self.en


@dataclass(frozen=True, slots=True)
class LanguageIs:
    language: str  # ja or en; who named none counts as ja


@dataclass(frozen=True, slots=True)
class SourceIs:
    source: str  # form, import or staff: how we came to know the person


@dataclass(frozen=True, slots=True)
class BoughtWithin:
    days: int


@dataclass(frozen=True, slots=True)
class BoughtNothing:
    pass


@dataclass(frozen=True, slots=True)
class KnownSince:
    on: date  # on this day or later


@dataclass(frozen=True, slots=True)
class CompanyHolds:
    part: str


@dataclass(frozen=True, slots=True)
class AttributeIs:
    name: str
    value: str


Plain: TypeAlias = (
    LanguageIs | SourceIs | BoughtWithin | BoughtNothing | KnownSince | CompanyHolds | AttributeIs
)


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody else, those of whom nothing is known included."""

    condition: Plain


Condition: TypeAlias = Plain | Not


@dataclass(frozen=True, slots=True)
class Where:
    """SQL over the aliases c (contact) and a (its address), with every value as a parameter."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


EVERYBODY: Final = Where("true")


def compile_conditions(conditions: Sequence[Condition]) -> Where:
    """All of them hold. Parameters are numbered, so that no two conditions meet."""
    parts: list[str] = []
    parameters: dict[str, object] = {}
    for number, condition in enumerate(conditions):
        sql, values = _compiled(condition, f"condition{number}")
        parts.append(f"({sql})")
        parameters |= values
    return Where(" and ".join(parts), parameters) if parts else EVERYBODY


def _compiled(condition: Condition, key: str) -> tuple[str, dict[str, object]]:
    match condition:
        case LanguageIs(language):
            return f"coalesce(c.locale, 'ja') = %({key})s", {key: language}
        case SourceIs(source):
            return f"c.source = %({key})s", {key: source}
        case BoughtWithin(days):
            return _BOUGHT.format(more=f" and p.at > now() - make_interval(days => %({key})s)"), {key: days}
        case BoughtNothing():
            return f"not {_BOUGHT.format(more='')}", {}
        case KnownSince(on):
            return f"c.created_at >= %({key})s::date", {key: on}
        case CompanyHolds(part):
            return f"strpos(lower(coalesce(c.company, '')), lower(%({key})s)) > 0", {key: part}
        case AttributeIs(name, value):
            return f"c.attributes ->> %({key}_name)s = %({key})s", {f"{key}_name": name, key: value}
        case Not(negated):
            sql, values = _compiled(negated, key)
            return f"({sql}) is not true", values  # not "not": an unknown attribute is not the value either
        case unreachable:
            assert_never(unreachable)


_BOUGHT: Final = (
    "exists (select from purchase p "
    "where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id{more})"
)


def parse(stored: object) -> tuple[Condition, ...]:
    """Conditions from JSON, as `dump` wrote them or a form sent them. Raises ConditionFault."""
    if not isinstance(stored, list) or len(stored) > CONDITIONS_MAX:
        raise ConditionFault(
            f"しぼり込みの条件は{CONDITIONS_MAX}個までです。",
            f"At most {CONDITIONS_MAX} conditions can be joined.",
        )
    return tuple(_parsed(each) for each in stored)


def _parsed(stored: object) -> Condition:
    if isinstance(stored, dict) and stored.get("is") == "not":
        return Not(_plain(stored.get("condition")))
    return _plain(stored)


def _plain(stored: object) -> Plain:
    if not isinstance(stored, dict) or str(stored.get("is")) not in _READERS:
        raise ConditionFault("この条件は使えません。", "There is no such condition.")
    try:
        return _READERS[str(stored["is"])](stored)
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, ConditionFault):
            raise
        raise ConditionFault("条件の値を確かめてください。", "Check the value of the condition.") from fault


def _language(stored: Mapping[str, object]) -> LanguageIs:
    if stored["value"] not in ("ja", "en"):
        raise ConditionFault("言語は ja か en です。", "The language is ja or en.")
    return LanguageIs(str(stored["value"]))


def _source(stored: Mapping[str, object]) -> SourceIs:
    if stored["value"] not in ("form", "import", "staff"):
        raise ConditionFault(
            "入口は form、import、staff のどれかです。", "The way in is form, import or staff."
        )
    return SourceIs(str(stored["value"]))


def _days(stored: Mapping[str, object]) -> BoughtWithin:
    days = int(str(stored["value"]))
    if not 1 <= days <= DAYS_MAX:
        raise ConditionFault("日数は1以上にしてください。", "The number of days is 1 or more.")
    return BoughtWithin(days)


def _attribute(stored: Mapping[str, object]) -> AttributeIs:
    name = _text(stored["name"])
    if not _ATTRIBUTE.fullmatch(name):
        raise ConditionFault("項目名を確かめてください。", "Check the name of the field.")
    return AttributeIs(name, _text(stored["value"]))


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
    "bought_within": _days,
    "bought_nothing": lambda _stored: BoughtNothing(),
    "known_since": lambda stored: KnownSince(date.fromisoformat(str(stored["value"]))),
    "company": lambda stored: CompanyHolds(_text(stored["value"])),
    "attribute": _attribute,
}


def dump(conditions: Sequence[Condition]) -> list[dict[str, object]]:
    """JSON that `parse` reads."""
    return [_dumped(condition) for condition in conditions]


def _dumped(condition: Condition) -> dict[str, object]:
    match condition:
        case LanguageIs(language):
            return {"is": "language", "value": language}
        case SourceIs(source):
            return {"is": "source", "value": source}
        case BoughtWithin(days):
            return {"is": "bought_within", "value": days}
        case BoughtNothing():
            return {"is": "bought_nothing"}
        case KnownSince(on):
            return {"is": "known_since", "value": on.isoformat()}
        case CompanyHolds(part):
            return {"is": "company", "value": part}
        case AttributeIs(name, value):
            return {"is": "attribute", "name": name, "value": value}
        case Not(negated):
            return {"is": "not", "condition": _dumped(negated)}
        case unreachable:
            assert_never(unreachable)


def describe(condition: Condition, lang: str) -> str:
    """The condition in words."""
    ja, en = _words(condition)
    return ja if lang.startswith("ja") else en


def _words(condition: Condition) -> tuple[str, str]:
    match condition:
        case LanguageIs(language):
            return (f"言語が{'日本語' if language == 'ja' else '英語'}の人", f"whose language is {language}")
        case SourceIs(source):
            return (f"入口が{source}の人", f"who came in by {source}")
        case BoughtWithin(days):
            return (f"{days}日以内に購入した人", f"who bought something within {days} days")
        case BoughtNothing():
            return ("購入したことのない人", "who bought nothing yet")
        case KnownSince(on):
            return (f"{on:%Y-%m-%d}以降に知り合った人", f"known since {on:%Y-%m-%d} or later")
        case CompanyHolds(part):
            return (f"会社名に「{part}」を含む人", f"whose company holds “{part}”")
        case AttributeIs(name, value):
            return (f"{name}が「{value}」の人", f"whose {name} is “{value}”")
        case Not(negated):
            ja, en = _words(negated)
            return (f"「{ja}」以外の人", f"all but those {en}")
        case unreachable:
            assert_never(unreachable)
