"""One entry looked at now: does it lead to the root that was signed last?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit import db, log
from shodaku.ledger import sequencing
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.merkle import StoredTree, leaf_hash, verify_inclusion
from shodaku.ledger.notes import NoteFault, parse_vkey, read_note, tlog_proof

BACKLOG_MAX: Final = 10_000  # counted; more than that is more than that
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BACKLOG_AGE_MAX: Final = timedelta(seconds=60)  # promise 9

_sql = db.Statements("shodaku.ledger")


class InLog(StrEnum):
    RECORDING = "recording"  # no checkpoint covers it yet
    VERIFIED = "verified"  # it leads to the newest root, which a key of this log signed
    FAILED = "failed"  # it does not, or is not there any more


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry and its way to the newest checkpoint. It names nobody."""

    entry_id: int
    entry: str | None  # None: somebody removed it
    index: int | None  # its place, from 0
    hash: bytes  # of the entry; of what was taken up, if that is all there is
    state: InLog
    size: int = 0  # of the log
    proof: tuple[bytes, ...] = ()
    note: str = ""  # the checkpoint

    @property
    def kind(self) -> str:
        """Empty for what is no entry any more."""
        return str(self._head().get("kind", ""))

    @property
    def hour_at(self) -> datetime | None:
        """When the hour of the act began, which is all that an entry tells of its time."""
        hour = self._head().get("hour")
        try:
            return EPOCH + timedelta(hours=hour) if isinstance(hour, int) else None
        except OverflowError:
            return None

    def tlog_proof(self) -> str:
        """For anybody, by C2SP tlog-proof."""
        return tlog_proof(self.index or 0, self.proof, self.note)

    def _head(self) -> dict[str, object]:
        try:
            head = json.loads(self.entry or "{}")
        except ValueError:  # what was written over it need not be an entry
            return {}
        return head if isinstance(head, dict) else {}


@dataclass(frozen=True, slots=True)
class Backlog:
    """What no checkpoint covers yet."""

    entries: int  # at most BACKLOG_MAX
    since: datetime | None

    def late(self, now: datetime) -> bool:
        """True: nobody takes entries up, for it is a matter of a second or two."""
        return self.since is not None and now - self.since > BACKLOG_AGE_MAX


def leaf_of(workspace_id: int, entry_id: int) -> Leaf | None:
    with db.transaction(workspace_id):
        return _looked_at(_sql.row("get_leaf", _Row, entry_id=entry_id))


def leaf_at(workspace_id: int, index: int) -> Leaf | None:
    with db.transaction(workspace_id):
        return _looked_at(_sql.row("get_leaf_at", _Row, index=index))


def places(workspace_id: int, entry_ids: Sequence[int]) -> dict[int, int]:
    """Entry -> place, of those that have one."""
    with db.transaction(workspace_id):
        found = _sql.rows("list_places_of", _PlaceRow, entries=list(entry_ids))
    return {each.entry_id: each.seq for each in found}


def backlog(workspace_id: int) -> Backlog:
    with db.transaction(workspace_id):
        return _sql.row("get_backlog", Backlog, rows_max=BACKLOG_MAX) or Backlog(0, None)


def _looked_at(row: _Row | None) -> Leaf | None:
    if row is None:
        return None
    hash_ = leaf_hash(row.entry.encode()) if row.entry is not None else bytes(row.hash or b"")
    if row.index is None:
        state = InLog.RECORDING if row.waiting else InLog.FAILED
        return Leaf(row.entry_id, row.entry, None, hash_, state)
    head = sequencing.head()
    proof = _proof(row.index, head)
    holds = (
        head is not None
        and row.entry is not None
        and _signed(head)
        and verify_inclusion(hash_, row.index, head.size, proof, head.root)
    )
    if not holds:
        log.info("ledger.entry_fails", workspace=db.workspace(), entry=row.entry_id)
    return Leaf(
        row.entry_id,
        row.entry,
        row.index,
        hash_,
        InLog.VERIFIED if holds else InLog.FAILED,
        head.size if head else 0,
        tuple(proof),
        head.note if head else "",
    )


def _proof(index: int, head: Checkpoint | None) -> Sequence[bytes]:
    """Empty where there is none: a part of the tree is gone, or no checkpoint covers the place."""
    try:
        return StoredTree(head.size, sequencing.read_tile).inclusion_proof(index) if head else ()
    except (IndexError, ValueError):
        return ()


def _signed(head: Checkpoint) -> bool:
    """Does the note say this size and root, and did a key of this log sign it?"""
    try:
        note = read_note(head.note)
    except NoteFault:
        return False
    keys = map(parse_vkey, _sql.scalars("list_vkeys"))
    return (note.size, note.root) == (head.size, head.root) and any(map(note.signed_by, keys))


@dataclass(frozen=True, slots=True)
class _Row:
    index: int | None
    entry_id: int
    entry: str | None
    hash: bytes | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class _PlaceRow:
    entry_id: int
    seq: int
