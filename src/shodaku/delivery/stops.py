"""Stops that a mailing made by itself, until they are in the ledger. Doors: `services`, `selectors`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shodaku.kit import db

STOPS_AT_ONCE_MAX: Final = 100

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class Stop:
    stop_no: int
    mailing_id: int
    reason: str  # a StopReason
    sent: int  # of so many people that were sent to
    bad: int  # came so many back, or reported it
    at: datetime
    event_id: UUID


def unrecorded_stops() -> list[Stop]:
    """The oldest STOPS_AT_ONCE_MAX, held until the commit of the open transaction."""
    return _sql.rows("list_unrecorded_stops", Stop, rows_max=STOPS_AT_ONCE_MAX)


def note_recorded(stop_no: int, entry_id: int) -> None:
    """In the open transaction."""
    _sql.run("update_stop_entry", stop_no=stop_no, entry_id=entry_id)
