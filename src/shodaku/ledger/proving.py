"""One person's proof, or one act's: entries with opened fields, their way to a signed root, nothing else.

The format is shodaku-bundle/1 (TRUST.md 1.6); `ledger.verify` checks it without us.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger import sequencing, targets, vault
from shodaku.ledger.domain import Checkpoint, SealBroken, Value, disclose, field_digest, unseal
from shodaku.ledger.merkle import StoredTree
from shodaku.ledger.notes import tlog_proof
from shodaku.ledger.verify import BUNDLE_BYTES_MAX

FORMAT: Final = "shodaku-bundle/1"
BUNDLE_ENTRIES_MAX: Final = 10_000
ATTACHED: Final = "attachments"
PICTURE: Final = "picture_sha256"
HASH_FIELD: Final = "_sha256"
# proven to exist, shown only if somebody asks: a judge wants to know when and to what, seldom from where
ABSENT_BY_DEFAULT: Final = frozenset({"ip", "browser"})

_sql = db.Statements("shodaku.ledger")


class NotInTheLog(WrongUse):
    """An entry is still on its way into the log; try again in a minute."""

    code = "not_in_the_log"


class NothingToProve(WrongUse):
    """No entry of this person can be opened: nothing was recorded, or it was erased."""

    code = "nothing_to_prove"


class TooMuchToProve(WrongUse):
    """The proof would be larger than 16 MB, which no verifier reads; make it without attachments."""

    code = "too_much_to_prove"


class NoSuchCheckpoint(WrongUse):
    """No checkpoint of this log has that size; take one that was published or mailed."""

    code = "no_such_checkpoint"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proof, ready to be written as JSON."""

    content: dict[str, object]
    entries: int
    size: int  # of the log, at the checkpoint

    def as_json(self) -> str:
        """One line an entry would be nicer to read, but a file of 4 entries must stay below 15 kB."""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")) + "\n"

    def without_attachments(self) -> Bundle:
        """The proof alone: what is attached can be shown later, its hashes stay committed."""
        return replace(self, content={name: part for name, part in self.content.items() if name != ATTACHED})

    def pictures(self) -> dict[str, bytes]:
        """What was on the screen, by hex SHA-256: the attached files that an entry calls its picture."""
        attached: dict[str, str] = self.content.get(ATTACHED, {})  # type: ignore[assignment] # as made below
        rows: list[dict[str, dict[str, dict[str, str]]]] = self.content["entries"]  # type: ignore[assignment]
        named = {row["disclosed"][PICTURE]["value"] for row in rows if PICTURE in row["disclosed"]}
        return {name: b64decode(data) for name, data in attached.items() if name in named}

    def tlog_proofs(self) -> dict[str, str]:
        """One C2SP tlog-proof an entry, by file name."""
        rows: list[dict[str, object]] = self.content["entries"]  # type: ignore[assignment] # as made below
        note = str(self.content["checkpoint"])
        return {f"{row['index']}.tlog-proof": _as_tlog_proof(row, note) for row in rows}


@dataclass(frozen=True, slots=True)
class OfContact:
    """An entry of somebody as it is stored: its text, and the body only their key opens."""

    entry_id: int
    event_id: UUID
    entry: str
    body: bytes
    seq: int | None


@dataclass(frozen=True, slots=True)
class _Part:
    index: int
    entry: str
    disclosed: Mapping[str, Mapping[str, Value]]
    withheld: Mapping[str, str]


def bundle(
    workspace_id: int,
    contact_id: int,
    *,
    absent: Collection[str] = ABSENT_BY_DEFAULT,
    only: Collection[int] | None = None,
    earlier: int | None = None,
    attachments: Mapping[str, bytes] | None = None,
) -> Bundle:
    """A person's whole history, or the entries `only`; fields in `absent` stay committed and are not shown.

    `earlier` is the size of a checkpoint that somebody kept. Attachments are by hex SHA-256; those that no
    shown field commits to are left out. Raises NotInTheLog, NothingToProve, NoSuchCheckpoint, TooMuchToProve,
    VaultAway.
    """
    with db.transaction(workspace_id):
        if only is None:
            rows = _sql.rows("list_of_contact", OfContact, contact_id=contact_id)
        else:
            rows = _sql.rows("list_some_of_contact", OfContact, contact_id=contact_id, entries=list(only))
    key = vault.read(workspace_id, [contact_id]).get(contact_id)
    if key is None or not rows:
        raise NothingToProve
    if any(row.seq is None for row in rows):
        raise NotInTheLog
    return _assembled(workspace_id, list(_opened(rows, key, absent)), earlier, attachments or {})


def bundle_of_opened(
    workspace_id: int,
    opened: Sequence[tuple[int, str, Mapping[str, Mapping[str, Value]]]],
    *,
    absent: Collection[str] = ABSENT_BY_DEFAULT,
    attachments: Mapping[str, bytes] | None = None,
) -> Bundle:
    """The same from entries that were sealed for later: number, text, and the opened fields with their salts.

    Raises NotInTheLog, NothingToProve.
    """
    with db.transaction(workspace_id):
        places = dict(_pairs([entry_id for entry_id, _, _ in opened]))
    if any(entry_id not in places for entry_id, _, _ in opened):
        raise NotInTheLog
    parts = [_partly(places[entry_id], entry, fields, absent) for entry_id, entry, fields in opened]
    return _assembled(workspace_id, parts, None, attachments or {})


def inclusion(workspace_id: int, index: int, size: int) -> list[bytes]:
    """From the leaf at `index` up to the root over `size` leaves, at most 25 hashes for a million.

    Raises IndexError.
    """
    with db.transaction(workspace_id):
        return StoredTree(size, sequencing.read_tile).inclusion_proof(index)


def _opened(rows: Sequence[OfContact], key: bytes, absent: Collection[str]) -> Iterator[_Part]:
    for row in rows:
        try:
            fields = unseal(key, row.entry.encode(), row.body)
        except SealBroken as error:
            raise NothingToProve from error
        told = disclose(key, row.event_id.bytes, fields, fields.keys() - set(absent))
        shown = {name: {"salt": each.salt, "value": each.value} for name, each in told.disclosed.items()}
        yield _Part(row.seq if row.seq is not None else -1, row.entry, shown, told.withheld)


def _partly(
    index: int, entry: str, fields: Mapping[str, Mapping[str, Value]], absent: Collection[str]
) -> _Part:
    """With salt and value at hand the digest of what is not shown can be made again."""
    withheld = {
        name: b64encode(field_digest(b64decode(str(each["salt"])), name, each["value"])).decode()
        for name, each in fields.items()
        if name in absent
    }
    shown = {name: each for name, each in fields.items() if name not in absent}
    return _Part(index, entry, shown, withheld)


def _assembled(
    workspace_id: int, parts: Sequence[_Part], earlier: int | None, attachments: Mapping[str, bytes]
) -> Bundle:
    if not parts:
        raise NothingToProve
    if len(parts) > BUNDLE_ENTRIES_MAX:
        raise TooMuchToProve
    with db.transaction(workspace_id):
        head = _best_checkpoint(max(part.index for part in parts) + 1, earlier or 0)
        tree = StoredTree(head.size, sequencing.read_tile)
        content: dict[str, object] = {
            "format": FORMAT,
            "checkpoint": targets.cosigned(workspace_id, head.size, head.note),
            "entries": [_row(part, tree) for part in sorted(parts, key=lambda part: part.index)],
        }
        if earlier is not None:
            content["earlier"] = _earlier(earlier, tree)
    committed = {
        shown["value"]
        for part in parts
        for name, shown in part.disclosed.items()
        if name.endswith(HASH_FIELD) and isinstance(shown["value"], str)
    }
    files = {name: data for name, data in attachments.items() if name in committed}
    if files:
        content[ATTACHED] = {name: b64encode(data).decode() for name, data in sorted(files.items())}
    bundle = Bundle(content, len(parts), head.size)
    if len(bundle.as_json().encode()) > BUNDLE_BYTES_MAX:
        raise TooMuchToProve
    return bundle


def _best_checkpoint(size: int, earlier: int) -> Checkpoint:
    """The newest that a witness signed too, if it covers all of it; else the newest. Raises NotInTheLog."""
    witnessed = _sql.row("get_witnessed", Checkpoint, size=max(size, earlier))
    newest = witnessed or sequencing.head()
    if newest is None or newest.size < size:
        raise NotInTheLog
    return newest


def _row(part: _Part, tree: StoredTree) -> dict[str, object]:
    return {
        "index": part.index,
        "entry": part.entry,
        "proof": [b64encode(each).decode() for each in tree.inclusion_proof(part.index)],
        "disclosed": part.disclosed,
        "withheld": part.withheld,
    }


def _earlier(size: int, tree: StoredTree) -> dict[str, object]:
    kept = _sql.row("get_checkpoint", Checkpoint, size=size)
    if kept is None or size > len(tree):
        raise NoSuchCheckpoint
    return {
        "checkpoint": kept.note,
        "proof": [b64encode(each).decode() for each in tree.consistency_proof(size)],
    }


def _pairs(entry_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    for each in _sql.rows("list_places_of", _EntryPlace, entries=list(entry_ids)):
        yield each.entry_id, each.seq


@dataclass(frozen=True, slots=True)
class _EntryPlace:
    entry_id: int
    seq: int


def _as_tlog_proof(row: Mapping[str, object], note: str) -> str:
    proof: list[str] = row["proof"]  # type: ignore[assignment] # as made above
    return tlog_proof(int(str(row["index"])), [b64decode(each) for each in proof], note)
