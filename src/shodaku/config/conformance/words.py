"""The words a situation is written in: durations from its `now`, keys that must be known, and its answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shodaku.consent.domain import add_months
from shodaku.kit.errors import ShodakuError

DURATION: Final = re.compile(
    r"([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)

Words = Mapping[str, Any]  # Any: what YAML holds


class UnknownWord(ShodakuError):
    """A situation uses a key or a value that the vocabulary does not have."""

    code = "unknown_word"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the product did with a case; `forms` are the states named in `as`, in no order."""

    verdict: str  # allow, refuse, allow_as, defer, effect, no_effect
    reason: str
    forms: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Case:
    case_id: str
    kind: str
    jurisdiction: str
    given: Words
    message: Words


def only(words: object, known: Collection[str], where: str) -> Words:
    """The mapping, if it has no other keys than these; an absent one is empty. Raises UnknownWord."""
    if words is None:
        return {}
    if not isinstance(words, Mapping):
        raise UnknownWord(hint=f"{where}: a mapping is needed, not {words!r}")
    if unknown := sorted(str(key) for key in set(words) - set(known)):
        raise UnknownWord(hint=f"{where}.{unknown[0]}")
    return words


def one_of(value: object, known: Collection[str], where: str) -> str:
    """Raises UnknownWord."""
    if not isinstance(value, str) or value not in known:
        raise UnknownWord(hint=f"{where}: {value!r}")
    return value


def moment(duration: object, now: datetime, where: str) -> datetime:
    """`now` moved by an ISO 8601 duration, with calendar years and months. Raises UnknownWord."""
    months, rest = span(duration, where)
    return add_months(now, months) + rest


def span(duration: object, where: str) -> tuple[int, timedelta]:
    """Months, and the exact rest, both with the sign of the duration. Raises UnknownWord."""
    read = DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if read is None or not isinstance(duration, str) or duration.endswith(("P", "T")):
        raise UnknownWord(hint=f"{where}: {duration!r} is no duration")
    sign, *parts = read.groups()
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts)
    direction = -1 if sign == "-" else 1
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return direction * (12 * years + months), direction * rest
