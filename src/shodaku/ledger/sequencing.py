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

from shodaku.accounts import selectors as accounts
from shodaku.kit import db, log, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.merkle import HASH_BYTES, TILE_WIDTH, FilledTile, Frontier, leaf_hash, levels_of
from shodaku.ledger.notes import Signer, sign_checkpoint, signer_of

BATCH_ENTRIES: Final = 10_000  # of one transaction; 60,000 entries/s on one core
WORKSPACES_MAX: Final = 10_000  # asked for work in one round

_sql = db.Statements("shodaku.ledger")


class LedgerForked(ShodakuError):
    """The stored tree differs from the signed checkpoint; nothing is signed until somebody looked into it."""

    code = "ledger_forked"


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


def sequence(workspace_id: int, *, now: datetime) -> int:
    """Take up one batch of what waits and sign the new head; how many entries, 0 if nothing waits or another
    sequencer is at it.

    Raises LedgerForked, KeyMissing, KeyExposed, NoWorkspace.
    """
    with db.transaction(workspace_id):
        if not _sql.scalar("try_lock_log"):
            return 0
        pending = _sql.rows("take_pending", _Pending, rows_max=BATCH_ENTRIES)
        if not pending:
            return 0
        signers = _signers(workspace_id, now)
        frontier = _frontier()
        first = frontier.size
        hashes = [leaf_hash(each.entry.encode()) for each in pending]
        filled = frontier.extend(hashes)
        _keep(first, pending, hashes, filled)
        root = frontier.root()
        note = sign_checkpoint(signers, frontier.size, root)
        _sql.run("insert_checkpoint", size=frontier.size, root=root, note=note, now=now)
        return len(pending)  # nothing signed leaves this process before the commit


def sequence_all(workspace_id: int, *, now: datetime) -> int:
    """Until nothing waits, or another sequencer does it; how many entries."""
    total = 0
    while count := sequence(workspace_id, now=now):
        total += count
    return total


def sequence_due(now: datetime) -> int:
    """One batch for each workspace that has something waiting; how many entries. A log that does not agree
    stops alone.
    """
    total = 0
    for workspace_id in due():
        try:
            total += sequence(workspace_id, now=now)
        except LedgerForked:
            log.info("ledger.forked", workspace=workspace_id)
    return total


def read_tile(level: int, number: int) -> bytes:
    """A tile of the workspace of the open transaction, as far as it is filled."""
    first = number * TILE_WIDTH
    name = "get_tile" if level else "get_leaf_tile"
    found: bytes | None = _sql.scalar(name, level=level, n=number, first=first, end=first + TILE_WIDTH)
    return bytes(found or b"")


def head() -> Checkpoint | None:
    """The newest checkpoint of the workspace of the open transaction."""
    return _sql.row("get_head", Checkpoint)


def _frontier() -> Frontier:
    """Read from tiles and at most 255 leaves, and compared with what was signed. Raises LedgerForked."""
    newest, leaves = head(), _sql.scalar("count_leaves")
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
