"""A month as it stands in a URL: its span on the clock of a workspace, its weeks, its neighbours."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_WEEKS = calendar.Calendar(firstweekday=6)  # Sunday, as calendars on walls have it in Japan


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int  # 2000 to 2100
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> Month | None:
        """None: the years end here."""
        return month_of((self.first + timedelta(days=31)).replace(day=1))

    @property
    def previous(self) -> Month | None:
        return month_of(self.first - timedelta(days=1))

    def weeks(self) -> list[list[date | None]]:
        """Seven days each from Sunday; None: of another month."""
        return [
            [each if each.month == self.month else None for each in week]
            for week in _WEEKS.monthdatescalendar(self.year, self.month)
        ]

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first midnight until the one after it."""
        after = (self.first + timedelta(days=31)).replace(day=1)
        return _midnight(self.first, zone), _midnight(after, zone)


def month_of(day: date) -> Month | None:
    known = 2000 <= day.year <= 2100  # noqa: PLR2004 - the years of a Month
    return Month(day.year, day.month) if known else None


def parse_month(text: str) -> Month | None:
    """`2026-11`; None for what is none."""
    match = _FORM.fullmatch(text)
    return month_of(date(int(match[1]), int(match[2]), 1)) if match and int(match[1]) else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
