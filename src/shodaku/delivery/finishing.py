"""When a mailing would be finished, from the limits that hold for it: rates, and amounts of a day. Pure.

Told before a launch, so it counts on what is planned: every mail is taken at its first attempt, and what is
being made known goes a step further each day. What waits already goes with it, for chunks of several mailings
leave in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.delivery.warming import DAILY_MAX, WarmUp, day_of, next_day, on

ALL_ROUTES: Final = 0
EVERY: Final = ""
_DAYS_MAX: Final = 3_660

Lot = tuple[int, str]  # route, group of receivers


class Limit(StrEnum):
    """What decides when it is finished."""

    NONE = "none"  # as fast as the servers take it
    RATE = "rate"
    DAYS = "days"  # amounts of a day


@dataclass(frozen=True, slots=True)
class Way:
    """A route that carries campaigns, with its weight."""

    route_id: int
    share: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages a second at most, of a route or of all (0), to a group of receivers or to all ("")."""

    route_id: int
    domain_group: str
    rate: float

    def holds_for(self, lot: Lot) -> bool:
        return self.route_id in (ALL_ROUTES, lot[0]) and self.domain_group in (EVERY, lot[1])


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where nothing is limited no end is told."""

    limit: Limit
    ends_at: datetime | None
    days: int  # further days after the first
    first_day: int  # how many of its own leave on the day when it starts, about
    ahead: int  # mails of others that wait already, and go in turn with it


def forecast(
    people: Mapping[str, int],
    ahead: Mapping[str, int],
    ways: Sequence[Way],
    rates: Iterable[Rate],
    warm_ups: Iterable[WarmUp],
    starts_at: datetime,
) -> Forecast:
    """`people` and `ahead` in groups of receivers. Without a way there is nothing to tell but that."""
    limits = tuple(rates)
    lots = _by_way(Counter(people) + Counter(ahead), ways)
    left = dict(lots)
    warm = {
        (each.route_id, each.domain_group): on(each, day_of(starts_at), 0)
        for each in warm_ups
        if not each.over
    }
    all_ahead, everybody = sum(ahead.values()), sum(left.values())
    now, first_day, days, seconds = starts_at, 0, 0, 0.0
    while left and days < _DAYS_MAX:
        room = (next_day(now) - now).total_seconds()
        going = {lot: min(count, _amount(warm.get(lot), days)) for lot, count in left.items()}
        seconds = _seconds(going, limits)
        if seconds > room:
            going = {lot: int(count * room / seconds) for lot, count in going.items()}
        left = {lot: rest for lot, count in left.items() if (rest := count - going[lot]) > 0}
        first_day = first_day if days else sum(going.values())
        if left:
            now, days = next_day(now), days + 1
    limit = _limit(days, warm, lots, limits)
    ends_at = None if limit is Limit.NONE or left else now + timedelta(seconds=seconds)
    mine = -(-first_day * sum(people.values()) // everybody) if everybody else 0
    return Forecast(limit, ends_at, days, mine, all_ahead)


def _by_way(people: Mapping[str, int], ways: Sequence[Way]) -> dict[Lot, int]:
    """Each group's people over the ways by their weights; the last takes what does not divide."""
    carrying = [way for way in ways if way.share] or list(ways[:1])
    whole = sum(way.share for way in carrying) or 1
    lots: dict[Lot, int] = {}
    for group, count in people.items():
        rest = count
        for way in carrying[:-1]:
            lots[way.route_id, group] = count * way.share // whole
            rest -= lots[way.route_id, group]
        for way in carrying[-1:]:
            lots[way.route_id, group] = rest
    return {lot: count for lot, count in lots.items() if count}


def _amount(warm: WarmUp | None, days: int) -> int:
    """Of the day after so many, if all goes well."""
    if warm is None:
        return DAILY_MAX
    if not days:
        return warm.left
    step = warm.step + days
    return DAILY_MAX if step >= len(warm.amounts) else warm.amounts[step]


def _seconds(going: Mapping[Lot, int], limits: Iterable[Rate]) -> float:
    """How long these take when all limits are used as far as they go: each mail uses all that hold for it."""
    return max(
        (sum(n for lot, n in going.items() if each.holds_for(lot)) / each.rate for each in limits),
        default=0.0,
    )


def _limit(days: int, warm: Mapping[Lot, WarmUp], lots: Mapping[Lot, int], limits: Sequence[Rate]) -> Limit:
    if days and any(lots.get(lot, 0) > each.left for lot, each in warm.items()):
        return Limit.DAYS
    return Limit.RATE if any(each.holds_for(lot) for each in limits for lot in lots) else Limit.NONE
