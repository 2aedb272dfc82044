"""How many mails a new sender may send to a receiver each day, until it is known there. Pure.

Receivers trust a stranger by days, not by hours: twice as many each day while they take them and nobody
complains (SENDING.md section 6). A day begins at 00:00 UTC, 9 in the morning in Japan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FIRST_DAY: Final = 50
DAYS_MAX: Final = 60
DAILY_MAX: Final = 10_000_000
USUAL: Final = tuple(FIRST_DAY * 2**n for n in range(14))  # 50 to 409,600
_DEFERRED_GO: Final = 0.05  # below: on; from here: held
_DEFERRED_BACK: Final = 0.10  # above: halved
_COMPLAINTS_GO: Final = 0.001
_COMPLAINTS_BACK: Final = 0.003  # Google's and Yahoo's limit for who sends in bulk (MB-01, MB-02)
_USED_MIN: Final = 0.5  # of a day's amount; who sends less shows nothing by it
_DAYS_TOLD_MAX: Final = 3_660


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Of a route towards a group of receivers. After the last of `amounts` nothing is limited."""

    route_id: int
    domain_group: str
    amounts: tuple[int, ...]  # of each day, ascending
    step: int  # which of them holds today; len(amounts): it is over
    on_day: date
    sent: int = 0  # today
    deferred: int = 0  # of them, put off by the receiver

    @property
    def over(self) -> bool:
        return self.step >= len(self.amounts)

    @property
    def amount(self) -> int:
        return DAILY_MAX if self.over else self.amounts[self.step]

    @property
    def left(self) -> int:
        return max(0, self.amount - self.sent)


def next_step(warm: WarmUp, complaints: int) -> int:
    """The step of the next day, by what the receivers said to the mails of this one."""
    if warm.over or warm.sent == 0:
        return warm.step
    deferred, complained = warm.deferred / warm.sent, complaints / warm.sent
    if deferred > _DEFERRED_BACK or complained >= _COMPLAINTS_BACK:
        return _halved(warm.amounts, warm.step)
    held = deferred >= _DEFERRED_GO or complained >= _COMPLAINTS_GO or warm.sent < warm.amount * _USED_MIN
    return warm.step if held else warm.step + 1


def _halved(amounts: Sequence[int], step: int) -> int:
    """The largest that is at most half; the first day where there is none."""
    half = amounts[step] / 2
    return max((at for at, amount in enumerate(amounts[:step]) if amount <= half), default=0)


def on(warm: WarmUp, today: date, complaints: int) -> WarmUp:
    """The same on this day; a clock that went back changes nothing."""
    if today <= warm.on_day:
        return warm
    return replace(warm, step=next_step(warm, complaints), on_day=today, sent=0, deferred=0)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def next_day(moment: datetime) -> datetime:
    """When the amount of the next day begins."""
    return datetime.combine(day_of(moment) + timedelta(days=1), time(), UTC)


def days_for(warm: WarmUp, people: int) -> int:
    """On which further day the last of them is sent to, if all goes well; 0: today."""
    left, step, days = people - warm.left, warm.step, 0
    while left > 0 and days < _DAYS_TOLD_MAX:
        step, days = step + 1, days + 1
        left -= DAILY_MAX if step >= len(warm.amounts) else warm.amounts[step]
    return days
