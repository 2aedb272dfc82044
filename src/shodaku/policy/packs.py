"""Rule packs: the parameters of each jurisdiction under a version, and how a workspace may tighten them.

A pack is data (law/1.*.toml). A workspace chooses one and may only make it stricter: `tighten` names the
first key that is unknown or that would loosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from shodaku.contacts.domain import Channel
from shodaku.policy.rules import read_data

UNKNOWN: Final = "ZZ"  # residence unknown: the strictest of all
PACK_VERSIONS: Final = ("1.0", "1.1")  # oldest first
NEWEST_IN_FORCE: Final = "1.0"
MINUTES_A_DAY: Final = 24 * 60
_MONTHS_MAX: Final = 1200
_AGE_MAX: Final = 100


class PackUnknown(ValueError):
    """There is no rule pack of this version."""


class TighteningFault(ValueError):
    """A change of a pack that cannot be taken; `key` is the one at fault."""

    def __init__(self, key: str, ja: str, en: str) -> None:
        self.key, self.ja, self.en = key, ja, en
        super().__init__(f"{key}: {en}")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the recipient's day; from `start` in the evening to `end` in the morning."""

    start: int
    end: int

    def holds_at(self, minute: int) -> bool:
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    code: str
    exemptions: frozenset[str]
    given_up: frozenset[str] = frozenset()  # exemptions the workspace will not use any more
    laws: tuple[str, ...] = ()
    confidence: str = ""
    sms_needs_written: bool = False
    relationship_months: int | None = None
    purchase_months: int | None = None  # implied consent
    enquiry_months: int | None = None
    reconfirm_months: int | None = None
    minor_age: int | None = None
    subject_label: str | None = None
    address_in_message: bool = False
    quiet_sms: QuietHours | None = None
    quiet_email: QuietHours | None = None
    night_consent_lifts_quiet: bool = False

    def quiet(self, channel: Channel) -> QuietHours | None:
        if channel is Channel.EMAIL:
            return self.quiet_email
        return self.quiet_sms if channel is Channel.SMS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What the gate decides by. `tightened` are the keys of the workspace's own, stricter values."""

    version: str
    dated: date
    in_force: bool
    jurisdictions: Mapping[str, Jurisdiction]
    countries: Mapping[str, str]  # country -> jurisdiction, where they differ
    stale_months: int
    first_issue_days: int
    welcome_hours: int
    confirmation_days: int
    complaint_rate_max: float
    tightened: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """As deliveries store it: 1.0, or 1.0+ where the workspace is stricter."""
        return f"{self.version}+" if self.tightened else self.version

    @property
    def labels(self) -> tuple[str, ...]:
        """Words that some jurisdiction wants at the very start of an advertisement."""
        found = (each.subject_label for each in self.jurisdictions.values())
        return tuple(dict.fromkeys(label for label in found if label))

    @property
    def known_countries(self) -> frozenset[str]:
        """Country codes with a law of their own here."""
        mapped = (country for country, code in self.countries.items() if code != UNKNOWN)
        return frozenset({*self.jurisdictions, *mapped} - {UNKNOWN})

    def jurisdiction(self, country: str | None) -> Jurisdiction:
        """Of a country code; the strictest one where it is unknown or has no law here."""
        if country is None:
            return self.jurisdictions[UNKNOWN]
        known = self.jurisdictions.get(country)
        return known or self.jurisdictions[self.countries.get(country, UNKNOWN)]


@cache
def pack(version: str) -> Pack:
    """Raises PackUnknown."""
    if version not in PACK_VERSIONS:
        raise PackUnknown(version)
    table = read_data(f"{version}.toml")
    if "based_on" in table:
        based = tighten(pack(table["based_on"]), table["changes"])
        return replace(
            based, version=table["version"], dated=table["dated"], in_force=table["in_force"], tightened=()
        )
    return _pack(table)


def tighten(standing: Pack, changes: Mapping[str, object]) -> Pack:
    """The pack with stricter values: {"stale_months": 6, "JP.minor_age": 18, "*.quiet_sms": "20:00-09:00"}.

    All or nothing. Raises TighteningFault.
    """
    changed = standing
    for key, value in changes.items():
        scope, dot, name = key.rpartition(".")
        changed = _tighten_place(changed, key, scope, name, value) if dot else _tighten(changed, key, value)
    return replace(changed, tightened=(*standing.tightened, *sorted(changes)))


def _tighten(standing: Pack, key: str, value: object) -> Pack:
    """A parameter of the whole pack: each of them is stricter the lower it is."""
    if key not in _LOWER:
        raise _unknown(key)
    least, most = _LOWER[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _unfit(key)
    if value > getattr(standing, key):
        raise _loosens(key)
    if isinstance(getattr(standing, key), int) and not isinstance(value, int):
        raise _unfit(key)
    changes: dict[str, Any] = {key: value}  # Any: `replace` types each field by itself
    return replace(standing, **changes)


def _tighten_place(standing: Pack, key: str, scope: str, name: str, value: object) -> Pack:
    if scope != "*" and scope not in standing.jurisdictions:
        raise _unknown(key)
    if name not in _PLACE:
        raise _unknown(key)
    changed = {
        code: _PLACE[name](place, key, name, value) if scope in ("*", code) else place
        for code, place in standing.jurisdictions.items()
    }
    return replace(standing, jurisdictions=MappingProxyType(changed))


def _months(place: Jurisdiction, key: str, name: str, value: object) -> Jurisdiction:
    """A term after which something is needed or over: shorter is stricter."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MONTHS_MAX:
        raise _unfit(key)
    now = getattr(place, name)
    if now is None and name != "reconfirm_months":
        return place  # nothing rests on it there
    if now is not None and value > now:
        raise _loosens(key)
    changes: dict[str, Any] = {name: value}
    return replace(place, **changes)


def _age(place: Jurisdiction, key: str, _name: str, value: object) -> Jurisdiction:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _AGE_MAX:
        raise _unfit(key)
    if place.minor_age is not None and value < place.minor_age:
        raise _loosens(key)
    return replace(place, minor_age=value)


def _flag(place: Jurisdiction, key: str, name: str, value: object) -> Jurisdiction:
    if not isinstance(value, bool):
        raise _unfit(key)
    if getattr(place, name) and not value:
        raise _loosens(key)
    changes: dict[str, Any] = {name: value}
    return replace(place, **changes)


def _exemptions(place: Jurisdiction, key: str, _name: str, value: object) -> Jurisdiction:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _unfit(key)
    if not set(value) <= place.exemptions:
        raise _loosens(key)
    kept = frozenset(value)
    return replace(place, exemptions=kept, given_up=place.given_up | (place.exemptions - kept))


def _quiet(place: Jurisdiction, key: str, name: str, value: object) -> Jurisdiction:
    hours = _hours(value) if isinstance(value, str) else None
    if hours is None:
        raise _unfit(key)
    standing: QuietHours | None = getattr(place, name)
    if standing is not None and (hours.start > standing.start or hours.end < standing.end):
        raise _loosens(key)
    changes: dict[str, Any] = {name: hours}
    return replace(place, **changes)


_Change = Callable[[Jurisdiction, str, str, object], Jurisdiction]
_PLACE: Final[Mapping[str, _Change]] = {
    "relationship_months": _months,
    "purchase_months": _months,
    "enquiry_months": _months,
    "reconfirm_months": _months,
    "minor_age": _age,
    "sms_needs_written": _flag,
    "address_in_message": _flag,
    "exemptions": _exemptions,
    "quiet_sms": _quiet,
    "quiet_email": _quiet,
}
_LOWER: Final[Mapping[str, tuple[float, float]]] = {  # least and most that makes sense
    "stale_months": (1, _MONTHS_MAX),
    "first_issue_days": (1, 365),
    "welcome_hours": (1, 24),
    "confirmation_days": (1, 31),
    "complaint_rate_max": (0, 1),
}


def _pack(table: Mapping[str, Any]) -> Pack:  # Any: TOML
    places = {code: _place(code, row) for code, row in table["jurisdictions"].items()}
    return Pack(
        version=table["version"],
        dated=table["dated"],
        in_force=table["in_force"],
        jurisdictions=MappingProxyType(places),
        countries=MappingProxyType(
            {each: code for code, some in table["countries"].items() for each in some}
        ),
        **{name: table[name] for name in _LOWER},
    )


def _place(code: str, row: Mapping[str, Any]) -> Jurisdiction:  # Any: TOML
    return Jurisdiction(
        code=code,
        exemptions=frozenset(row["exemptions"]),
        laws=tuple(row["laws"]),
        confidence=row["confidence"],
        sms_needs_written=row.get("sms_needs_written", False),
        relationship_months=row.get("relationship_months"),
        purchase_months=row.get("purchase_months"),
        enquiry_months=row.get("enquiry_months"),
        reconfirm_months=row.get("reconfirm_months"),
        minor_age=row.get("minor_age"),
        subject_label=row.get("subject_label"),
        address_in_message=row.get("address_in_message", False),
        quiet_sms=_hours(row.get("quiet_sms", "")),
        quiet_email=_hours(row.get("quiet_email", "")),
        night_consent_lifts_quiet=row.get("night_consent_lifts_quiet", False),
    )


def _hours(text: str) -> QuietHours | None:
    """An evening and the morning after it, as in 21:00-08:00; None for anything else."""
    start, dash, end = text.partition("-")
    minutes = (_minute(start), _minute(end))
    if not dash or minutes[0] is None or minutes[1] is None or minutes[0] <= minutes[1]:
        return None
    return QuietHours(minutes[0], minutes[1])


def _minute(text: str) -> int | None:
    hour, colon, minute = text.partition(":")
    if not colon or not (hour.isdecimal() and minute.isdecimal() and len(hour) == len(minute) == 2):  # noqa: PLR2004
        return None
    whole = int(hour) * 60 + int(minute)
    return whole if int(minute) < 60 and whole < MINUTES_A_DAY else None  # noqa: PLR2004 - minutes of an hour


def _unknown(key: str) -> TighteningFault:
    return TighteningFault(key, "この項目は規則にありません。", "The pack has no such parameter.")


def _unfit(key: str) -> TighteningFault:
    return TighteningFault(key, "この項目に使えない値です。", "The value does not fit this parameter.")


def _loosens(key: str) -> TighteningFault:
    return TighteningFault(
        key,
        "規則をゆるめる変更はできません。きびしい値にしてください。",
        "A pack can only be tightened. Choose a stricter value.",
    )
