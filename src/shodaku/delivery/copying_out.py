"""Clicks, opens and reports are copied into a column store, at least once; people are forgotten there too.

A row that comes twice is one there, by its key: whatever ends a copy in the middle, the next one repeats what
was not noted. One copy of a workspace runs at a time, and forgets before it copies: what it copies then was
still here after those people were gone. Doors: `delivery.services`, `delivery.selectors`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shodaku.delivery.column_store import ColumnStore, Row, from_environment, required
from shodaku.kit import db, log
from shodaku.kit.errors import OutOfReach
from shodaku.kit.queue import Job, Queue, defer

ROWS_AT_ONCE: Final = 5_000
BATCHES_MAX: Final = 40  # of a kind, until other jobs have their turn
PEOPLE_AT_ONCE: Final = 500
BATCH_SECONDS_MAX: Final = 60.0  # from reading to sending: what is older may hold somebody who is gone
AGAIN_AFTER: Final = timedelta(minutes=10)  # no batch from before the first deletion is under way any more
TABLES: Final = ("hit", "feedback")
_MOMENT: Final = "%Y-%m-%d %H:%M:%S.%f"  # in UTC, as the tables keep it
_LISTS: Final = {"hit": "list_hits_to_copy", "feedback": "list_feedback_to_copy"}

_sql = db.Statements("shodaku.delivery")


class StillForgetting(OutOfReach):
    """The column store still holds rows of somebody who is to be forgotten; they are deleted once more."""

    code = "still_forgetting"


class BatchTooOld(OutOfReach):
    """The copy stood still for too long; the next one reads its rows anew."""

    code = "batch_too_old"


@dataclass(frozen=True, slots=True)
class CopyState:
    """Numbers of rows; None: nothing was copied, or there is none."""

    hits: int | None
    feedback: int | None
    hits_last: int | None
    feedback_last: int | None
    copied_at: datetime | None
    to_forget: int  # people of whom nothing was deleted there yet
    asked_at: datetime | None  # since when the oldest of them waits

    @property
    def behind(self) -> bool:
        return (self.hits_last or 0, self.feedback_last or 0) != (self.hits or 0, self.feedback or 0)


@dataclass(frozen=True, slots=True)
class Copied:
    forgotten: int  # people
    rows: dict[str, int]  # by table


def defer_copy(workspace_id: int) -> None:
    """A job, where a column store is named; one of a workspace waits at most, and one runs."""
    if from_environment() is None:
        return
    key = f"copy-out-{workspace_id}"
    with db.transaction(workspace_id):
        ids: dict[str, int | str] = {"workspace_id": workspace_id}
        defer(Job("delivery.copy_out", Queue.CHORE, ids, lock=key, only_once=key))


def copy_out(workspace_id: int, *, now: datetime) -> Copied:
    """Forgets whom it must, then copies what is new.

    Raises NoColumnStore, ColumnStoreUrlFault, ColumnStoreAway, ColumnStoreRefused, StillForgetting,
    BatchTooOld.
    """
    store = required()
    for table in TABLES:
        store.ask(f"create_{table}")
    forgotten = _forget(store, workspace_id, now)
    rows = {table: _copy(store, workspace_id, table, now) for table in TABLES}
    if forgotten or any(rows.values()):
        log.info("columns.copied", workspace=workspace_id, forgotten=forgotten, **rows)
    return Copied(forgotten, rows)


def ask_to_forget(contact_id: int, *, hits_only: bool = False) -> None:
    """In the transaction that deletes the rows here, so that none of them is copied afterwards."""
    copies = from_environment() is not None
    _sql.run("ask_to_forget_out", contact_id=contact_id, hits_only=hits_only, copies=copies)


def copy_state(workspace_id: int) -> CopyState:
    with db.transaction(workspace_id):
        (state,) = _sql.rows("get_copy_state", CopyState)
        return state


def figures(workspace_id: int, mailing_id: int) -> dict[str, list[Row]]:
    """Of one message, as the column store counts it: by link, and what came back by kind.

    Raises NoColumnStore, ColumnStoreUrlFault, ColumnStoreAway, ColumnStoreRefused.
    """
    store = required()
    named = {"workspace_id": workspace_id, "mailing_id": mailing_id}
    return {"links": store.ask("count_links", **named), "kinds": store.ask("count_kinds", **named)}


def end_copy(workspace_ids: list[int]) -> None:
    """The tables of the column store go, and what is known here of the copy.

    Raises NoColumnStore, ColumnStoreUrlFault, ColumnStoreAway, ColumnStoreRefused.
    """
    store = required()
    for table in TABLES:
        store.ask(f"drop_{table}")
    for workspace_id in workspace_ids:
        with db.transaction(workspace_id):
            _sql.run("delete_copied")


@dataclass(frozen=True, slots=True)
class _ToForget:
    contact_id: int
    hits_only: bool
    deleted: bool


def _forget(store: ColumnStore, workspace_id: int, now: datetime) -> int:
    """How many people are gone from there for the first time."""
    again_before = now - AGAIN_AFTER
    with db.transaction(workspace_id):
        due = _sql.rows("list_to_forget_out", _ToForget, again_before=again_before, rows_max=PEOPLE_AT_ONCE)
    for hits_only, tables in ((True, TABLES[:1]), (False, TABLES)):
        contact_ids = [each.contact_id for each in due if each.hits_only == hits_only]
        if not contact_ids:
            continue
        for table in tables:
            _delete(store, workspace_id, table, contact_ids)
        with db.transaction(workspace_id):
            _sql.run(
                "update_forgotten_out",
                contact_ids=contact_ids,
                hits_only=hits_only,
                again_before=again_before,
                now=now,
            )
    return sum(not each.deleted for each in due)


def _delete(store: ColumnStore, workspace_id: int, table: str, contact_ids: list[int]) -> None:
    store.ask(f"delete_{table}", workspace_id=workspace_id, contact_ids=contact_ids)
    (left,) = store.ask(f"count_person_{table}", workspace_id=workspace_id, contact_ids=contact_ids)
    if left["rows"]:
        raise StillForgetting


@dataclass(frozen=True, slots=True)
class _Mark:
    settled_no: int = 0
    seen_no: int = 0
    ended: bool = False


def _copy(store: ColumnStore, workspace_id: int, table: str, now: datetime) -> int:
    """How many rows were sent, those included that were sent before and are not settled yet.

    A number is given before its row is committed: below what was seen some may come late. What was seen
    settles by a copy that began when all who were writing then had ended.
    """
    with db.transaction(workspace_id):
        mark = _sql.row("get_copied", _Mark, kind=table, now=now) or _Mark()
    sent, seen = 0, mark.settled_no
    for _ in range(BATCHES_MAX):
        rows = _send_batch(store, workspace_id, table, seen)
        if not rows:
            break
        sent, seen = sent + len(rows), rows[-1][f"{table}_no"]
    if sent:
        settled = min(seen, mark.seen_no) if mark.ended else mark.settled_no
        with db.transaction(workspace_id):
            _sql.run("upsert_copied", kind=table, settled_no=settled, seen_no=seen, now=now)
    return sent


def _send_batch(store: ColumnStore, workspace_id: int, table: str, after: int) -> list[Row]:
    """Empty: there is nothing more."""
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    with db.transaction(workspace_id):
        found: list[dict[str, Any]] = _sql.rows(_LISTS[table], dict, after=after, rows_max=ROWS_AT_ONCE)
    rows: list[Row] = [
        {"workspace_id": workspace_id, **row, "at": row["at"].astimezone(UTC).strftime(_MOMENT)}
        for row in found
    ]
    if time.clock_gettime(time.CLOCK_BOOTTIME) - began > BATCH_SECONDS_MAX:
        raise BatchTooOld
    if rows:
        store.put(f"insert_{table}", rows)
    return rows
