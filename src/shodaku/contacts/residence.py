"""Where a person lives, as far as it is known: whose law protects them follows from it (LAW.md section 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.contacts.faults import NumberError
from shodaku.contacts.phone_number import parse_phone

_OFFSET: Final = re.compile(r"UTC([+-])(\d{2}):(\d{2})")
_CODE: Final = re.compile(r"[A-Z]{2}")
_LANGUAGES: Final = {"ja": "JP"}  # spoken in one country; English says nothing


class CountrySource(IntEnum):
    """The better source has the lower number."""

    CONTRACT = 1
    BILLING = 2
    DECLARED = 3
    AT_CONSENT = 4
    LANGUAGE_OR_PREFIX = 5


class ContactKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"
    SOLE_TRADER = "sole_trader"


@dataclass(frozen=True, slots=True)
class Residence:
    country: str  # ISO 3166-1 alpha-2, or the code of a jurisdiction such as EU
    source: CountrySource

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.country):
            raise ValueError("a country is two capital letters")


def residence_of(locale: str | None, channel: str, address: str) -> Residence | None:
    """What language or phone prefix tell; None when they tell nothing."""
    country = _LANGUAGES.get(locale or "") or (None if channel == "email" else _country_of(address))
    return None if country is None else Residence(country, CountrySource.LANGUAGE_OR_PREFIX)


def _country_of(number: str) -> str | None:
    try:
        country = parse_phone(number).country
    except NumberError:
        return None
    return country if country is not None and _CODE.fullmatch(country) else None  # 001 is the whole world


def age_years(birth_date: date, now: datetime) -> int:
    """On the calendar of `now`; who was born on 29 February grows older on 1 March."""
    return now.year - birth_date.year - ((now.month, now.day) < (birth_date.month, birth_date.day))


def zone_of(name: str) -> tzinfo:
    """Of a name of the IANA database, or of an offset such as UTC+09:00. Raises ZoneInfoNotFoundError."""
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return ZoneInfo(name)
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(ahead if sign == "+" else -ahead)
