"""Entries become leaves, leaves become tiles, and a checkpoint is signed: one transaction, one at a time.

Asynchronous, for inside a sign-up it would wait for the fsync of whoever holds the head (TRUST.md 1.4). What
stands in ledger_pending is committed; ids are not in the order of commits, so "id > last" would lose some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import psycopg

from shodaku.accounts import selectors as accounts
from shodaku.kit import db, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import marks
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.merkle import HASH_BYTES, TILE_WIDTH, FilledTile, Frontier, leaf_hash, levels_of
from shodaku.ledger.notes import Note, NoteFault, Signer, read_note, sign_checkpoint, signer_of

BATCH_ENTRIES: Final = 10_000  # of one transaction; 60,000 entries/s on one core
WORKSPACES_MAX: Final = 10_000  # asked for work in one round

_sql = db.Statements("shodaku.ledger")


class LedgerForked(ShodakuError):
    """The log is not the one that was signed here last; nothing is signed until somebody looked into it."""

    code = "ledger_forked"
    hint_to_mend = "shodaku ledger verify, then shodaku ledger continue"

    def __init__(self) -> None:
        super().__init__(hint=self.hint_to_mend)


class NoWorkspace(ShodakuError):
    """No such workspace exists."""

    code = "no_workspace"


@dataclass(frozen=True, slots=True)
class _Pending:
    entry_id: int
    entry: str


def due() -> list[int]:
    """Workspaces with entries that no checkpoint covers yet."""
    with db.transaction(None) as connection:
        db.see(connection, db.Setting.SEQUENCER, 1)
        return _sql.scalars("list_due", rows_max=WORKSPACES_MAX)


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at all logs did."""

    taken: int  # entries
    stopped: frozenset[int]  # workspaces whose log does not agree, or cannot be written; the others go on


def sequence(workspace_id: int, *, now: datetime, believed: bool = False) -> int:
    """Take up one batch of what waits and sign the new head; how many entries, 0 if nothing waits or another
    sequencer is at it.

    `believed`: the log is continued although it is not the one that was signed here last.

    Raises LedgerForked, KeyUnavailable, NoWorkspace.
    """
    with db.transaction(workspace_id):
        if not _sql.scalar("try_lock_log"):
            return 0
        pending = _sql.rows("take_pending", _Pending, rows_max=BATCH_ENTRIES)
        if not pending:
            return 0
        signers = _signers(workspace_id, now)
        frontier = _frontier(None if believed else _Trust(signers, marks.read(workspace_id)))
        first = frontier.size
        hashes = [leaf_hash(each.entry.encode()) for each in pending]
        filled = frontier.extend(hashes)
        _keep(first, pending, hashes, filled)
        root = frontier.root()
        signed = Checkpoint(frontier.size, root, sign_checkpoint(signers, frontier.size, root), now)
        _sql.run("insert_checkpoint", size=signed.size, root=root, note=signed.note, now=now)
    marks.keep(workspace_id, signed, anew=believed)  # nothing signed leaves this process before the commit
    return len(pending)


def sequence_all(workspace_id: int, *, now: datetime) -> int:
    """Until nothing waits, or another sequencer does it; how many entries."""
    total = 0
    while count := sequence(workspace_id, now=now):
        total += count
    return total


def sequence_due(now: datetime) -> Round:
    """One batch for each workspace that has something waiting. A log that is not well stops alone."""
    total, stopped = 0, set()
    for workspace_id in due():
        try:
            total += sequence(workspace_id, now=now)
        except (LedgerForked, psycopg.IntegrityError, psycopg.DataError):
            stopped.add(workspace_id)
    return Round(total, frozenset(stopped))


def read_tile(level: int, number: int) -> bytes:
    """A tile of the workspace of the open transaction, as far as it is filled."""
    first = number * TILE_WIDTH
    name = "get_tile" if level else "get_leaf_tile"
    found: bytes | None = _sql.scalar(name, level=level, n=number, first=first, end=first + TILE_WIDTH)
    return bytes(found or b"")


def head() -> Checkpoint | None:
    """The newest checkpoint of the workspace of the open transaction."""
    return _sql.row("get_head", Checkpoint)


@dataclass(frozen=True, slots=True)
class _Trust:
    """What the stored head is held against: our own keys, and what this host signed last."""

    signers: Sequence[Signer]
    mark: Note | None

    def covers(self, newest: Checkpoint | None) -> bool:
        """The database is no witness: whoever can write it can write a head, and a key into its list."""
        if newest is None:
            return self.mark is None
        try:
            note = read_note(newest.note)
        except NoteFault:
            return False
        if (note.size, note.root) != (newest.size, newest.root):
            return False
        if not any(note.signed_by(each.key) for each in self.signers):
            return False
        if self.mark is None or self.mark.origin != note.origin:
            return True
        return newest.size > self.mark.size or (newest.size, newest.root) == (self.mark.size, self.mark.root)


def _frontier(trust: _Trust | None) -> Frontier:
    """Read from tiles and at most 255 leaves, and compared with what was signed. Raises LedgerForked."""
    newest, leaves = head(), _sql.scalar("count_leaves")
    if trust is not None and not trust.covers(newest):
        raise LedgerForked
    if newest is None and leaves == 0:
        return Frontier([], 0)
    if newest is None or newest.size != leaves:
        raise LedgerForked
    frontier = Frontier([_partial(level, leaves) for level in range(levels_of(leaves))], leaves)
    if frontier.root() != newest.root:
        raise LedgerForked
    return frontier


def _partial(level: int, leaves: int) -> list[bytes]:
    hashes = leaves >> 8 * level
    tile = read_tile(level, hashes // TILE_WIDTH) if hashes % TILE_WIDTH else b""
    return [tile[i : i + HASH_BYTES] for i in range(0, hashes % TILE_WIDTH * HASH_BYTES, HASH_BYTES)]


def _keep(
    first: int, pending: Sequence[_Pending], hashes: Sequence[bytes], filled: Sequence[FilledTile]
) -> None:
    _sql.run(
        "insert_leaves", first=first, entries=[each.entry_id for each in pending], hashes=b"".join(hashes)
    )
    if filled:
        _sql.run(
            "insert_tiles",
            levels=[tile.level for tile in filled],
            numbers=[tile.number for tile in filled],
            hashes=[tile.hashes for tile in filled],
            roots=[tile.root for tile in filled],
        )


def _signers(workspace_id: int, now: datetime) -> list[Signer]:
    """Each epoch of the seed signs as long as its file exists: two at a time while a key is replaced."""
    origin = _origin(workspace_id, now)
    epochs = runtime.current().ring(KeyPurpose.LEDGER).epochs
    signers = [signer_of(epochs[epoch], origin) for epoch in sorted(epochs, reverse=True)]
    _sql.run("insert_signers", vkeys=[str(each.key) for each in signers], now=now)
    return signers


def _origin(workspace_id: int, now: datetime) -> str:
    """Fixed by the first entry that is taken up: keys and old proofs name it."""
    known: str | None = _sql.scalar("get_log")  # its first column
    if known is not None:
        return known
    workspace = accounts.workspace(workspace_id)
    if workspace is None:
        raise NoWorkspace
    origin = f"{urlsplit(runtime.current().public_url).netloc}/ledger/{workspace.slug}"
    _sql.run("insert_log", origin=origin, now=now)
    return origin
