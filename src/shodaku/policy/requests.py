"""By when must somebody be answered who asks about their own data? (個人情報保護法32条から37条, GDPR 12条)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final

from shodaku.consent.domain import add_months
from shodaku.policy.rules import read_data

ANY_OTHER: Final = "ZZ"


@dataclass(frozen=True, slots=True)
class AnswerClock:
    """The time one law gives for an answer."""

    jurisdiction: str
    rule: str
    articles: tuple[str, ...]
    days: int
    months: int | None  # the shorter of both holds
    identity_stops: bool  # no time runs while it is not known who asks
    lengthen_months: int  # 0: this law knows no longer time

    def due(self, begins: datetime) -> datetime:
        """The end of the last day in time, on the clock of `begins`."""
        ends = [begins + timedelta(days=self.days)]
        if self.months is not None:
            ends.append(add_months(begins, self.months))
        return _end_of_day(min(ends))

    def longest(self, begins: datetime) -> datetime:
        """The same where the person was told in time that it takes longer."""
        return _end_of_day(add_months(begins, (self.months or 0) + self.lengthen_months))


@cache
def answer_clocks() -> Mapping[str, AnswerClock]:
    """By jurisdiction."""
    return MappingProxyType(
        {
            code: AnswerClock(
                code,
                row["rule"],
                tuple(row["articles"]),
                row["days"],
                row.get("months"),
                row["identity_stops"],
                row.get("lengthen_months", 0),
            )
            for code, row in read_data("requests.toml")["clocks"].items()
        }
    )


def answer_clock(jurisdiction: str) -> AnswerClock:
    """Of a law that is not listed: as of any other."""
    return answer_clocks().get(jurisdiction, answer_clocks()[ANY_OTHER])


def _end_of_day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
