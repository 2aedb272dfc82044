"""Papers as they lie at the desk: batches, sheets, what waits for whom, and what was read off them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.signup.sheet_code import SheetCode
from shodaku.signup.sheets import SHEETS_OF_A_BATCH_MAX, Checking, Keyed, SheetState, keyed_of_json

BATCHES_SHOWN_MAX: Final = 200
PARKED_SHOWN_MAX: Final = 200

_sql = db.Statements("shodaku.signup")


@dataclass(frozen=True, slots=True)
class Batch:
    batch_id: int
    form_id: int
    version: int
    language: str
    shop: str
    checking: Checking
    shelf: str
    destroy_on: date
    destroyed_at: datetime | None
    added: int
    created_at: datetime
    created_by: int | None
    waiting: int
    checks: int
    parked: int
    recorded: int

    @property
    def code(self) -> SheetCode:
        return SheetCode(self.form_id, self.version, self.language)

    @property
    def open(self) -> int:
        return self.waiting + self.checks + self.parked


@dataclass(frozen=True, slots=True)
class Line:
    """A sheet in a list."""

    sheet_id: int
    number: int
    state: SheetState
    checked: bool
    reason: str | None
    contact_id: int | None
    entry_id: int | None
    asks_later: bool  # its confirmation could not be asked for yet
    settled_at: datetime | None
    batch_id: int = 0


@dataclass(frozen=True, slots=True)
class PaperSheet:
    sheet_id: int
    batch_id: int
    number: int
    state: SheetState
    checked: bool
    key_id: int
    media_type: str
    reason: str | None
    note: bytes | None
    contact_id: int | None
    entry_id: int | None
    added_at: datetime
    settled_at: datetime | None
    form_id: int
    version: int
    language: str
    shop: str
    shelf: str
    destroy_on: date
    added: int

    @property
    def code(self) -> SheetCode:
        """Of its batch; the sheet itself may bear another."""
        return SheetCode(self.form_id, self.version, self.language)


@dataclass(frozen=True, slots=True)
class Reading:
    look: int
    staff_id: int
    keyed: Keyed
    at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one member of staff."""

    waiting: int
    second: int  # to be checked by them
    own: int  # keyed in by them: a colleague checks
    third: int
    parked: int
    since: datetime | None  # of the oldest

    @property
    def ready(self) -> int:
        return self.waiting + self.second + self.third


def queue(workspace_id: int, staff_id: int) -> Queue:
    with db.transaction(workspace_id):
        rows = {row.state: row for row in _sql.rows("count_papers", _Count, staff_id=staff_id)}
    count = {state: rows[state].sheets if state in rows else 0 for state in SheetState}
    own = rows[SheetState.SECOND].own if SheetState.SECOND in rows else 0
    return Queue(
        waiting=count[SheetState.WAITING],
        second=count[SheetState.SECOND] - own,
        own=own,
        third=count[SheetState.THIRD],
        parked=count[SheetState.PARKED],
        since=min((row.since for row in rows.values()), default=None),
    )


def next_sheet(
    workspace_id: int, staff_id: int, *, batch_id: int | None = None, after: int = 0, but: Sequence[int] = ()
) -> int | None:
    """The next one for these hands, going on behind `after`; None if there is none."""
    with db.transaction(workspace_id):
        found: int | None = _sql.scalar(
            "next_paper_sheet", staff_id=staff_id, batch_id=batch_id, after=after, but=db.array(list(but))
        )
    return found


def batches(workspace_id: int) -> list[Batch]:
    """Newest first."""
    return _batches(workspace_id, None)


def batch(workspace_id: int, batch_id: int) -> Batch | None:
    return next(iter(_batches(workspace_id, batch_id)), None)


def _batches(workspace_id: int, batch_id: int | None) -> list[Batch]:
    with db.transaction(workspace_id):
        return _sql.rows("list_paper_batches", Batch, batch_id=batch_id, rows_max=BATCHES_SHOWN_MAX)


def sheets_of(workspace_id: int, batch_id: int) -> list[Line]:
    with db.transaction(workspace_id):
        return _sql.rows("list_paper_sheets", Line, batch_id=batch_id, rows_max=SHEETS_OF_A_BATCH_MAX)


def parked_sheets(workspace_id: int) -> list[Line]:
    with db.transaction(workspace_id):
        return _sql.rows("list_parked_sheets", Line, rows_max=PARKED_SHOWN_MAX)


def paper_sheet(workspace_id: int, sheet_id: int) -> PaperSheet | None:
    with db.transaction(workspace_id):
        return _sql.row("get_paper_sheet", PaperSheet, sheet_id=sheet_id)


def readings(workspace_id: int, sheet: PaperSheet) -> list[Reading]:
    """What was read off it so far. Raises FileBroken, KeyDestroyed, VaultAway."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_paper_readings", _ReadingRow, sheet_id=sheet.sheet_id)
    return [
        Reading(
            row.look,
            row.staff_id,
            keyed_of_json(json.loads(ledger.open_aside(workspace_id, sheet.key_id, "reading", row.body))),
            row.at,
        )
        for row in rows
    ]


def note_of(workspace_id: int, sheet: PaperSheet) -> str:
    """Why it was put aside, in somebody's words. Raises FileBroken, KeyDestroyed, VaultAway."""
    if sheet.note is None:
        return ""
    return ledger.open_aside(workspace_id, sheet.key_id, "note", sheet.note).decode()


def open_scan(workspace_id: int, sheet: PaperSheet) -> ledger.Picture:
    """Of an open sheet. Raises FileBroken, KeyDestroyed, VaultAway."""
    with db.transaction(workspace_id):
        body: bytes | None = _sql.scalar("get_paper_scan", sheet_id=sheet.sheet_id)
    if body is None:
        raise ledger.FileBroken
    return ledger.Picture(sheet.media_type, ledger.open_aside(workspace_id, sheet.key_id, "scan", body))


@dataclass(frozen=True, slots=True)
class _Count:
    state: str
    sheets: int
    own: int
    since: datetime


@dataclass(frozen=True, slots=True)
class _ReadingRow:
    look: int
    staff_id: int
    body: bytes
    at: datetime
