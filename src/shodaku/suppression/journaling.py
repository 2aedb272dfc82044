"""Every no becomes a line of the journal beside the database, in the transaction that makes it.

The line stands on the disk before the transaction commits: one whose transaction failed is obeyed later, by
optout.replaying. That fails open for opting out, never the other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from shodaku.kit import clock, db, log, runtime
from shodaku.kit.erasure_journal import (
    PAIRS_MAX,
    Journal,
    JournalUnwritable,
    LineKind,
    Mark,
    NewLine,
    Pair,
    Said,
)
from shodaku.kit.place import PlaceUnreadable
from shodaku.suppression.domain import NORM, Tokens

_sql = db.Statements("shodaku.suppression")
_journals: Final[dict[Path, Journal]] = {}
_gathered: ContextVar[list[NewLine] | None] = ContextVar("shodaku_journal_gathered", default=None)
_silent: ContextVar[bool] = ContextVar("shodaku_journal_silent", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An act about one person that a restored database must be told of; their tokens are added to its
    line.
    """

    kind: LineKind
    contact_id: int
    at: datetime
    event_id: UUID | None
    said: Said


def journal() -> Journal:
    """Of this host. Raises PlaceUnreadable."""
    home = runtime.current().home
    if home not in _journals:
        _journals[home] = Journal(home)
    return _journals[home]


def write(lines: Sequence[NewLine]) -> None:
    """In the open transaction, after its rows. A journal that cannot be written stops nobody who says no."""
    if _silent.get() or not lines:
        return
    gathered = _gathered.get()
    if gathered is not None:
        gathered.extend(lines)
        return
    try:
        marks = journal().append(lines, clock.now())
    except (JournalUnwritable, PlaceUnreadable) as fault:
        log.info("journal.unwritable", lines=len(lines), code=fault.code)
        return
    mark_applied(marks)


def mark_applied(marks: Sequence[Mark]) -> None:
    """Say that this database has these lines, once the open transaction is committed."""
    if not marks:
        return
    _sql.run("insert_applied", hosts=[mark.host for mark in marks], seqs=[mark.seq for mark in marks])


@contextmanager
def in_one_append() -> Iterator[None]:
    """Inside, lines are gathered, and written together at its end: a transaction waits for the disk once.

    In the open transaction, around all that it writes about people.
    """
    if _gathered.get() is not None:
        yield
        return
    lines: list[NewLine] = []
    mark = _gathered.set(lines)
    try:
        yield
    finally:
        _gathered.reset(mark)
    write(lines)


@contextmanager
def silently() -> Iterator[None]:
    """Inside, no line is written: it stands there already, or nothing of this is ever committed."""
    mark = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(mark)


def lines_about(acts: Sequence[Remembered]) -> list[NewLine]:
    """With the tokens of everybody concerned, from one statement."""
    if _silent.get() or not acts:
        return []
    pairs: dict[int, list[Pair]] = {}
    epochs: dict[int, int] = {}
    ids = sorted({act.contact_id for act in acts})
    for row in _sql.rows("list_tokens_of", _TokenRow, contact_ids=ids):
        pairs.setdefault(row.contact_id, []).append((row.token, row.broad_token))
        epochs[row.contact_id] = row.pepper_epoch
    return [
        NewLine(
            kind=act.kind,
            at=act.at,
            workspace_id=db.workspace(),
            contact_id=act.contact_id,
            event_id=act.event_id,
            epoch=epochs.get(act.contact_id, 1),
            norm=NORM,
            tokens=tuple(pairs.get(act.contact_id, ())),
            said=act.said,
        )
        for act in acts
    ]


def lines_of(
    kind: LineKind,
    pairs: Sequence[Tokens],
    said: Said,
    *,
    epoch: int,
    at: datetime,
    contact_id: int | None = None,
    event_id: UUID | None = None,
) -> list[NewLine]:
    """For tokens that stand for nobody we know; many are several lines."""
    return [
        NewLine(
            kind=kind,
            at=at,
            workspace_id=db.workspace(),
            contact_id=contact_id,
            event_id=event_id,
            epoch=epoch,
            norm=NORM,
            tokens=tuple((pair.strict, pair.broad) for pair in pairs[first : first + PAIRS_MAX]),
            said=said,
        )
        for first in range(0, len(pairs), PAIRS_MAX)
    ]


@dataclass(frozen=True, slots=True)
class _TokenRow:
    contact_id: int
    token: bytes
    broad_token: bytes
    pepper_epoch: int
