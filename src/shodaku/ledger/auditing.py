"""Read everything again: every leaf from its entry, every tile, every root that was ever signed, every body.

What somebody altered in the database is found here, and the first record that does not agree is named.
Without a checkpoint from outside nobody can see that the newest entries were taken away together with all
their traces, or that whoever can have things signed wrote a whole new log: that is what anchors are for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose, KeyUnavailable
from shodaku.ledger import sequencing, vault
from shodaku.ledger.domain import SealBroken, Value, make_entry, unseal
from shodaku.ledger.faults import Fault, FaultKind
from shodaku.ledger.merkle import (
    HASH_BYTES,
    TILE_WIDTH,
    FilledTile,
    Frontier,
    PeakStack,
    leaf_hash,
)
from shodaku.ledger.notes import Note, NoteFault, VerifierKey, parse_vkey, read_note, signer_of

BODY_ROWS: Final = 1_000  # a page of bodies; each costs 0.1 ms to open and to commit to again
LEAF_ROWS: Final = 64 * TILE_WIDTH  # a page of leaves, whole tiles
FAULTS_MAX: Final = 100  # kept and shown; the first is the one that matters
PENDING_SECONDS_MAX: Final = 60.0  # promise 9

_sql = db.Statements("shodaku.ledger")


@dataclass(frozen=True, slots=True)
class Audit:
    """What a full reading found."""

    entries: int
    opened: int  # sealed bodies that opened and match their commitment
    shredded: int  # entries whose person was erased: noise, and meant to be
    faults: tuple[Fault, ...] = field(default=())
    size: int = 0  # entries in the tree
    checkpoints: int = 0  # signed by us, all computed again
    outside: int = 0  # kept elsewhere, and agreeing
    seconds: float = 0.0

    @property
    def consistent(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class TreeAudit:
    """What reading the tree found."""

    size: int
    checkpoints: int
    outside: int
    faults: list[Fault]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PastAudit:
    """What is kept of an audit."""

    at: datetime
    size: int
    seconds: float
    consistent: bool
    finding: dict[str, object]


def audit(workspace_id: int, *, outside: Sequence[Note] = ()) -> Audit:
    """The tree and then every sealed body. Raises VaultAway."""
    tree = audit_tree(workspace_id, outside=outside)
    return with_bodies(workspace_id, tree)


def with_bodies(workspace_id: int, tree: TreeAudit) -> Audit:
    """Every fault is in it, first those of the log: a consent that rests on any of them is worth nothing.

    Raises VaultAway.
    """
    started = time.monotonic()
    bodies = _audit_bodies(workspace_id)
    return Audit(
        bodies.entries,
        bodies.opened,
        bodies.shredded,
        (*tree.faults, *bodies.faults),
        tree.size,
        tree.checkpoints,
        tree.outside,
        round(tree.seconds + time.monotonic() - started, 3),
    )


def without_bodies(tree: TreeAudit) -> Audit:
    """What is known while the key store is away."""
    return Audit(0, 0, 0, tuple(tree.faults), tree.size, tree.checkpoints, tree.outside, tree.seconds)


def keep_finding(workspace_id: int, found: Audit, *, now: datetime) -> None:
    """What the home page and the ledger page show."""
    finding = {
        "entries": found.entries,
        "opened": found.opened,
        "shredded": found.shredded,
        "checkpoints": found.checkpoints,
        "outside": found.outside,
        "faults": [{"kind": fault.kind.value, "number": fault.number} for fault in found.faults[:FAULTS_MAX]],
    }
    with db.transaction(workspace_id):
        _sql.run(
            "insert_audit",
            now=now,
            size=found.size,
            seconds=found.seconds,
            consistent=found.consistent,
            finding=Jsonb(finding),
        )


def last_audit(workspace_id: int) -> PastAudit | None:
    with db.transaction(workspace_id):
        return _sql.row("get_last_audit", PastAudit)


def audit_tree(workspace_id: int, *, outside: Sequence[Note] = ()) -> TreeAudit:
    """Every leaf, tile and root from the entries alone; no key of any person is needed."""
    started = time.monotonic()
    with db.transaction(workspace_id):
        leaves: int = _sql.scalar("count_leaves")  # before the head: a batch may be committed in between
        head = sequencing.head()
        origin: str | None = _sql.scalar("get_log")
        listed: list[str] = _sql.scalars("list_vkeys")
        waiting = _untaken()
    size = head.size if head is not None else 0
    keys, faults = _keys_of(listed, origin)
    if head is not None and not _says(head.note, head.size, head.root, _ours(origin, keys)):
        faults.append(Fault(FaultKind.HEAD_NOT_OURS, size))
    if leaves > size:
        faults.append(Fault(FaultKind.NO_HEAD, size))
    reading = _Reading(workspace_id, size, keys, faults)
    reading.run(_sorted_out(outside, origin, keys, size, faults))
    faults += waiting
    seconds = round(time.monotonic() - started, 3)
    return TreeAudit(size, reading.checkpoints, reading.outside, faults, seconds)


def _keys_of(listed: Sequence[str], origin: str | None) -> tuple[list[VerifierKey], list[Fault]]:
    """The listed keys that are keys of this log; a row that is none was written by somebody else."""
    keys, faults = [], []
    for place, text in enumerate(listed):
        try:
            key = parse_vkey(text)
        except NoteFault:
            key = None
        if key is None or key.name != origin:
            faults.append(Fault(FaultKind.KEY_STRANGE, place))
        else:
            keys.append(key)
    return keys, faults


def _ours(origin: str | None, listed: Sequence[VerifierKey]) -> Sequence[VerifierKey]:
    """Made from the seeds in hand: the list of keys stands in the database, where anybody may have added one.

    Where this process may not read the seed, the listed ones.
    """
    try:
        seeds = runtime.current().ring(KeyPurpose.LEDGER).epochs.values()
    except KeyUnavailable:
        return listed
    return [signer_of(seed, origin or "").key for seed in seeds]


def _untaken() -> list[Fault]:
    """Entries that no leaf has; what waits for less than a minute is as it should be."""
    lost: list[int] = _sql.scalars("list_not_taken_up", rows_max=FAULTS_MAX)
    late: list[int] = _sql.scalars("list_waiting_too_long", seconds=PENDING_SECONDS_MAX, rows_max=FAULTS_MAX)
    return [
        *(Fault(FaultKind.NOT_TAKEN_UP, entry_id, entry_id) for entry_id in lost),
        *(Fault(FaultKind.WAITS_TOO_LONG, entry_id) for entry_id in late),
    ]


def _sorted_out(
    outside: Sequence[Note], origin: str | None, keys: Sequence[VerifierKey], size: int, faults: list[Fault]
) -> dict[int, list[bytes]]:
    """Roots by size of those that are of this log and not beyond its head; the rest are faults."""
    roots: dict[int, list[bytes]] = {}
    for note in outside:
        if note.origin != origin or not any(map(note.signed_by, keys)):
            faults.append(Fault(FaultKind.OTHER_LOG, note.size))
        elif note.size > size:
            faults.append(Fault(FaultKind.SHORTER, note.size))
        else:
            roots.setdefault(note.size, []).append(note.root)
    return roots


@dataclass(slots=True)
class _Reading:
    """One pass over the leaves in order. It stops at the first record that does not agree: whatever comes
    after it gives another root in any case.
    """

    workspace_id: int
    size: int
    keys: Sequence[VerifierKey]
    faults: list[Fault]
    checkpoints: int = 0
    outside: int = 0  # checkpoints from outside that were reached and agree
    upper: list[FilledTile] = field(default_factory=list)

    def run(self, theirs: Mapping[int, list[bytes]]) -> None:
        frontier = Frontier([], 0)
        for first in range(0, self.size, LEAF_ROWS):
            end = min(first + LEAF_ROWS, self.size)
            leaves, signed, stored = self._read(first, end)
            faulty = self._leaf_fault(first, end, leaves)
            hashes = [leaf_hash(entry) for _, _, _, entry in leaves] if faulty is None else []
            faulty = faulty or _tile_fault(first, leaves, hashes, stored)
            if faulty is not None:
                self.faults.append(faulty)
                return
            self._compare(frontier, hashes, signed, theirs, stored)
            if self.faults and self.faults[-1].kind is FaultKind.ROOT_DIFFERS:
                return
        self._compare_upper_tiles()

    def _read(self, first: int, end: int) -> tuple[list[_Leaf], list[_Signed], dict[int, _Tile]]:
        with db.transaction(self.workspace_id) as connection:
            where = {"workspace_id": self.workspace_id, "first": first, "end": end}
            leaves = _rows(connection, "list_leaves", where)
            signed = _rows(connection, "list_checkpoints", where)
            tiles = _rows(
                connection,
                "list_tiles",
                {**where, "first": first // TILE_WIDTH, "end": end // TILE_WIDTH},
            )
        return leaves, signed, {number: (hashes, root) for number, hashes, root in tiles}

    def _leaf_fault(self, first: int, end: int, leaves: Sequence[_Leaf]) -> Fault | None:
        if len(leaves) != end - first:
            there = {seq for seq, *_ in leaves}
            return Fault(FaultKind.LEAF_GONE, next(seq for seq in range(first, end) if seq not in there))
        for seq, entry_id, hash_, entry in leaves:
            if entry is None:
                return Fault(FaultKind.ENTRY_GONE, seq, entry_id)
            if leaf_hash(entry) != hash_:
                return Fault(FaultKind.LEAF_CHANGED, seq, entry_id)
        return None

    def _compare(
        self,
        frontier: Frontier,
        hashes: Sequence[bytes],
        signed: Sequence[_Signed],
        theirs: Mapping[int, list[bytes]],
        stored: Mapping[int, _Tile],
    ) -> None:
        """Every root that was signed within these leaves, by us or as it was kept outside."""
        first = frontier.size
        wanted = {size: (root, note) for size, root, note in signed}
        ends = {*wanted, *(size for size in theirs if first < size <= first + len(hashes))}
        for at in range(0, len(hashes), TILE_WIDTH):
            tile = hashes[at : at + TILE_WIDTH]
            inside = sorted(size for size in ends if first + at < size <= first + at + len(tile))
            for size, root in _roots(frontier, tile, inside):
                if not self._judge(size, root, wanted.get(size), theirs.get(size, [])):
                    return
            for filled in frontier.extend(tile):
                if filled.level:
                    self.upper.append(filled)
                elif stored[filled.number][1] != filled.root:
                    self.faults.append(Fault(FaultKind.TILE_CHANGED, filled.number * TILE_WIDTH))

    def _compare_upper_tiles(self) -> None:
        """Tiles above the leaves only shorten proofs, but a wrong one makes proofs that nobody believes; and
        one over leaves that are not there tells that the log was longer.
        """
        with db.transaction(self.workspace_id) as connection:
            where = {"workspace_id": self.workspace_id, "size": self.size}
            rows = _rows(connection, "list_upper_tiles", where)
            strange = _rows(connection, "list_tiles_beyond", {**where, "rows_max": FAULTS_MAX})
        stored = {(level, number): (hashes, root) for level, number, hashes, root in rows}
        for tile in self.upper:
            first = tile.number * TILE_WIDTH ** (tile.level + 1)
            if (tile.level, tile.number) not in stored:
                self.faults.append(Fault(FaultKind.TILE_GONE, first))
            elif stored[tile.level, tile.number] != (tile.hashes, tile.root):
                self.faults.append(Fault(FaultKind.TILE_CHANGED, first))
        for level, number in strange:
            self.faults.append(Fault(FaultKind.TILE_BEYOND, number * TILE_WIDTH ** (level + 1)))

    def _judge(self, size: int, root: bytes, ours: tuple[bytes, str] | None, theirs: Sequence[bytes]) -> bool:
        """False when the leaves are not those that were signed: every later root differs as well."""
        agreeing = sum(each == root for each in theirs)
        self.outside += agreeing
        if agreeing < len(theirs):
            self.faults.append(Fault(FaultKind.FORKED, size))
        if ours is None:
            return True
        stored, note = ours
        self.checkpoints += 1
        if stored != root:
            self.faults.append(Fault(FaultKind.ROOT_DIFFERS, size))
            return False
        if not _says(note, size, root, self.keys):
            self.faults.append(Fault(FaultKind.NOTE_CHANGED, size))
        return True


_Leaf = tuple[int, int, bytes, bytes]  # place, entry, hash, text of the entry
_Signed = tuple[int, bytes, str]  # size, root, note
_Tile = tuple[bytes, bytes]  # hashes, root


def _rows(connection: psycopg.Connection[object], name: str, where: Mapping[str, object]) -> list:  # type: ignore[type-arg] # tuples of the three statements above
    """In binary: half a million hashes a second instead of 200,000 (`shodaku bench ledger`)."""
    cursor = psycopg.Cursor(connection, row_factory=tuple_row)
    return cursor.execute(_sql.text(name), where, binary=True).fetchall()


def _tile_fault(
    first: int, leaves: Sequence[_Leaf], hashes: Sequence[bytes], stored: Mapping[int, _Tile]
) -> Fault | None:
    """A tile was folded when its last leaf came: it still knows the hashes that a leaf had then."""
    for at in range(0, len(hashes) // TILE_WIDTH * TILE_WIDTH, TILE_WIDTH):
        tile = stored.get((first + at) // TILE_WIDTH)
        if tile is None:
            return Fault(FaultKind.TILE_GONE, first + at)
        row, (kept, _root) = hashes[at : at + TILE_WIDTH], tile
        if b"".join(row) != kept:
            place = next(
                i for i, each in enumerate(row) if each != kept[i * HASH_BYTES : (i + 1) * HASH_BYTES]
            )
            return Fault(FaultKind.TILE_CHANGED, first + at + place, leaves[at + place][1])
    return None


def _roots(frontier: Frontier, tile: Sequence[bytes], sizes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The root of the whole tree at each of these sizes, which end inside this tile."""
    if not sizes:
        return
    stack = PeakStack(frontier.upper_peaks())
    done = 0
    for size in sizes:
        for leaf in tile[done : size - frontier.size]:
            stack.push(leaf)
        done = size - frontier.size
        yield size, stack.root()


def _says(note: str, size: int, root: bytes, keys: Sequence[VerifierKey]) -> bool:
    try:
        read = read_note(note)
    except NoteFault:
        return False
    return (read.size, read.root) == (size, root) and any(map(read.signed_by, keys))


def _audit_bodies(workspace_id: int) -> Audit:
    """Each sealed body must open and give the very entry again, and a person's numbers have no gap.

    Raises VaultAway.
    """
    entries = opened = shredded = missing = after = 0
    numbers: dict[int, list[int]] = {}
    faults: list[Fault] = []
    while rows := _page(workspace_id, after):
        after = rows[-1].entry_id
        keys = vault.read(
            workspace_id, sorted({row.contact_id for row in rows if row.contact_id is not None})
        )
        for row in rows:
            entries += 1
            missing += row.body is None
            if row.contact_id is None or row.body is None or row.contact_id not in keys:
                shredded += 1  # without the key it is noise already, the rows follow in a moment
                continue
            fields = _checked(row, row.body, keys[row.contact_id])
            if fields is None:
                faults.append(Fault(FaultKind.BODY_CHANGED, row.entry_id, row.entry_id))
                continue
            opened += 1
            numbers.setdefault(row.contact_id, []).append(int(str(fields["n"])))
    with db.transaction(workspace_id):
        erased: int = _sql.scalar("count_shredded")  # after the pages: an erasure in between counts in both
    if missing > erased:
        faults.append(Fault(FaultKind.BODIES_MISSING, missing - erased))
    faults += [
        Fault(FaultKind.ENTRIES_MISSING, who)
        for who, n in numbers.items()
        if sorted(n) != [*range(1, len(n) + 1)]
    ]
    return Audit(entries, opened, shredded, tuple(faults))


def _page(workspace_id: int, after: int) -> list[_Body]:
    """Two statements: joined in one, a planner without fresh figures reads the whole table for each page."""
    with db.transaction(workspace_id):
        entries = _sql.rows("list_page", _Written, after=after, rows_max=BODY_ROWS)
        bodies = _sql.rows("list_bodies", _Sealed, entries=[each.entry_id for each in entries])
    of = {each.entry_id: each for each in bodies}
    return [
        _Body(
            each.entry_id,
            each.event_id,
            each.entry,
            of[each.entry_id].contact_id if each.entry_id in of else None,
            of[each.entry_id].body if each.entry_id in of else None,
        )
        for each in entries
    ]


def _checked(row: _Body, body: bytes, key: bytes) -> dict[str, Value] | None:
    """The fields if they give this very entry again, else None."""
    try:
        fields = unseal(key, row.entry.encode(), body)
        head = json.loads(row.entry)
        again = make_entry(key, row.event_id.bytes, head["kind"], head["ws"], head["hour"], fields)
    except (SealBroken, ValueError, KeyError):  # what was written over it need not even be an entry
        return None
    return fields if again == row.entry.encode() else None


@dataclass(frozen=True, slots=True)
class _Body:
    entry_id: int
    event_id: UUID
    entry: str
    contact_id: int | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class _Written:
    entry_id: int
    event_id: UUID
    entry: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    entry_id: int
    contact_id: int
    body: bytes
