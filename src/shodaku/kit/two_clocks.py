"""The clock of this machine beside that of the database: where they differ, nobody knows which one is right.

What may leave is decided by the database's. What the passing of time alone does, as forgetting people of whom
nothing is needed any more, rests on this machine's, and waits until both agree.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from shodaku.kit import clock, db

APART_MAX: Final = timedelta(minutes=5)

_sql = db.Statements("shodaku.kit")


def apart() -> timedelta:
    """How far this machine's clock is ahead; negative: behind. In a transaction of its own."""
    with db.transaction(None):
        before = clock.now()
        told: datetime = _sql.scalar("get_now")
        return before + (clock.now() - before) / 2 - told


def agree(ahead: timedelta) -> bool:
    return abs(ahead) <= APART_MAX
