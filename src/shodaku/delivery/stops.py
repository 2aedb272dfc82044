"""What stops many mailings at once, and stops until they are in the ledger. Door: `services`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shodaku.delivery.stopping import StopReason
from shodaku.kit import db, log

STOPS_AT_ONCE_MAX: Final = 100
LOOKS_APART: Final = timedelta(hours=2)  # an hour, and another one where the clock was late

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


def stop_promotions(
    workspace_id: int,
    reason: StopReason,
    *,
    now: datetime,
    domain: str | None = None,
    mailing_id: int | None = None,
) -> list[int]:
    """Advertising that is on its way rests: all, that from one sending domain, or one mailing. Which did.

    What starts before somebody looks again rests too. It goes on when somebody says so.
    """
    with db.transaction(workspace_id):
        stopped = _sql.scalars(
            "stop_promotions",
            stopped_for=reason,
            mail_domain=domain,
            mailing_id=mailing_id,
            until=now + LOOKS_APART,
            now=now,
        )
        if stopped:
            _sql.run("forget_promises")
    for each in stopped:
        log.info("mailing.stopped", workspace=workspace_id, mailing=each, reason=reason.value)
    return stopped


def unrecorded_stops() -> list[Stop]:
    """The oldest STOPS_AT_ONCE_MAX, held until the commit of the open transaction."""
    return _sql.rows("list_unrecorded_stops", Stop, rows_max=STOPS_AT_ONCE_MAX)


def note_recorded(stop_no: int, entry_id: int) -> None:
    """In the open transaction."""
    _sql.run("update_stop_entry", stop_no=stop_no, entry_id=entry_id)
