"""Is this database the one that was told everything? Pure: what it has, held against what stands outside.

A restored database, or one that lost its last transactions in a failover, has fewer lines of the journal than
there are. Nothing is sent from it until it was told the rest (TRUST.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit.erasure_journal import Line

BEHIND_AFTER: Final = timedelta(seconds=15)  # longer than any transaction that has just written its line
APPLY_AFTER: Final = timedelta(seconds=5)  # a line whose transaction failed is obeyed after this
MISSING_MAX: Final = 10_000  # numbers that are asked for at once


class FenceReason(StrEnum):
    RESTORED = "restored"  # by the command
    BEHIND = "behind"  # it lacks lines of a journal, or heads that were signed
    COPIED = "copied"  # another installation may be running on the same data
    KEYS = "keys"  # the pepper is wrong or missing: nobody would be recognised


@dataclass(frozen=True, slots=True)
class Position:
    """How much a database has of one host's journal: all lines up to `floor`, and `applied` more up to
    `high`.
    """

    host: str
    floor: int
    applied: int
    high: int

    @property
    def count(self) -> int:
        return self.floor + self.applied


Positions = Mapping[str, Position]


def went_back(seen: Positions, found: Positions) -> list[str]:
    """Hosts of whose journal the database had more lines before. It never forgets one by itself."""
    return sorted(host for host, before in seen.items() if _fewer(before, found.get(host)))


def _fewer(before: Position, now: Position | None) -> bool:
    return now is None or now.count < before.count or now.high < before.high


def furthest(seen: Positions, found: Positions) -> dict[str, Position]:
    """The most that was ever seen of each host."""
    return {
        host: max(filter(None, (seen.get(host), found.get(host))), key=lambda each: (each.high, each.count))
        for host in {*seen, *found}
    }


def short(lasts: Mapping[str, int], found: Positions) -> dict[str, int]:
    """Hosts of whose journal lines are missing, with the last number there is."""
    return {
        host: last
        for host, last in lasts.items()
        if last > 0 and (host not in found or found[host].count < last or found[host].high < last)
    }


def overdue(lines: Iterable[Line], now: datetime, after: timedelta = BEHIND_AFTER) -> list[Line]:
    """Lines that no transaction can still be about to apply. A clock that was turned back makes none
    young.
    """
    return [line for line in lines if not -after < now - line.written_at < after]


def without(reasons: str, gone: Iterable[FenceReason]) -> str:
    return " ".join(sorted(set(reasons.split()) - {each.value for each in gone}))
