"""Read the ledger: what is recorded of a person, where it stands in the log, and does everything agree."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.kit import db
from shodaku.ledger import sequencing, vault
from shodaku.ledger.acts import (
    ACTS_OPENED_MAX,
    ActsPage,
    RecordedAct,
    acts_page,
    closed_acts_page,
    told_fields,
)
from shodaku.ledger.acts import Wanted as WantedActs
from shodaku.ledger.anchored import (
    AnchorFailed,
    AnchorFault,
    AnchorFaultCode,
    AnchorKind,
    AnchorState,
    Level,
    Outcome,
    Receipt,
    Result,
    Target,
    TargetState,
    due,
    kind_word,
)
from shodaku.ledger.auditing import (
    Audit,
    PastAudit,
    audit,
    audit_tree,
    last_audit,
)
from shodaku.ledger.domain import Checkpoint, SealBroken, ShownField, Value, disclose, unseal
from shodaku.ledger.evidence import KeptFile
from shodaku.ledger.faults import Fault, FaultKind, sentence
from shodaku.ledger.leaves import BACKLOG_MAX, Backlog, InLog, Leaf, backlog, leaf_at, leaf_of, places
from shodaku.ledger.merkle import StoredTree, leaf_hash
from shodaku.ledger.notes import Note
from shodaku.ledger.proving import (
    ABSENT_BY_DEFAULT,
    HASH_FIELD,
    Bundle,
    NoSuchCheckpoint,
    NothingToProve,
    NotInTheLog,
    OfContact,
    TooMuchToProve,
    bundle,
    bundle_of_opened,
    inclusion,
)
from shodaku.ledger.receipting import OwnRecord, Reading, own_record, read_receipt, receipt_path
from shodaku.ledger.sequencing import LedgerForked
from shodaku.ledger.targets import anchor_state, cosigned, ever_chosen, receipts, targets
from shodaku.ledger.verify import field_in_words, kind_in_words, value_in_words

ORIGIN_SLUG: Final = "/ledger/"

__all__ = [
    "ABSENT_BY_DEFAULT",
    "ACTS_OPENED_MAX",
    "BACKLOG_MAX",
    "HASH_FIELD",
    "ActsPage",
    "AnchorFailed",
    "AnchorFault",
    "AnchorFaultCode",
    "AnchorKind",
    "AnchorState",
    "Audit",
    "Backlog",
    "Bundle",
    "Entry",
    "Fault",
    "FaultKind",
    "InLog",
    "Leaf",
    "LedgerForked",
    "Level",
    "Log",
    "NoSuchCheckpoint",
    "NotInTheLog",
    "Note",
    "NothingToProve",
    "Outcome",
    "OwnRecord",
    "PastAudit",
    "Place",
    "Proof",
    "Reading",
    "Receipt",
    "RecordedAct",
    "Result",
    "Target",
    "TargetState",
    "TooMuchToProve",
    "WantedActs",
    "acts_page",
    "anchor_state",
    "audit",
    "audit_tree",
    "backlog",
    "bundle",
    "bundle_of_opened",
    "checkpoint_of",
    "checkpoints",
    "closed_acts_page",
    "consistency",
    "cosigned",
    "due",
    "entries_at",
    "ever_chosen",
    "field_in_words",
    "files_of",
    "head",
    "history",
    "inclusion",
    "keys_of_origin",
    "kind_in_words",
    "kind_word",
    "last_audit",
    "leaf_at",
    "leaf_of",
    "log",
    "opened",
    "own_record",
    "places",
    "proofs",
    "read_receipt",
    "receipt_path",
    "receipts",
    "sentence",
    "targets",
    "tile",
    "told_fields",
    "value_in_words",
    "verifier_keys",
    "waiting",
]

_sql = db.Statements("shodaku.ledger")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its fields opened; `fields` is None when the person's key is gone."""

    entry_id: int
    kind: str
    hash: str  # of its leaf, 64 hexadecimal digits: as receipts, proofs and the verifier show it
    fields: dict[str, Value] | None
    index: int | None  # its place in the log; None until a checkpoint covers it


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry as a bundle discloses it (TRUST.md section 1.6): with its salts anyone recomputes it."""

    entry_id: int
    entry: str
    disclosed: dict[str, ShownField]


@dataclass(frozen=True, slots=True)
class Log:
    """The log of a workspace."""

    origin: str
    opened_at: datetime
    publishes_entries: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at one place of the log. It names nobody."""

    index: int
    entry_id: int
    entry: str | None  # None: somebody removed it
    hash: bytes

    @property
    def kind(self) -> str:
        return str(json.loads(self.entry)["kind"]) if self.entry else ""

    @property
    def hour(self) -> int:
        """Hours since 1970 UTC."""
        return int(json.loads(self.entry)["hour"]) if self.entry else 0


@dataclass(frozen=True, slots=True)
class _Body:
    entry_id: int
    contact_id: int
    entry: str
    body: bytes


def history(workspace_id: int, contact_id: int) -> list[Entry]:
    """A person's entries, oldest first, opened where the key exists. Raises VaultAway."""
    rows, key = _of_contact(workspace_id, contact_id)
    return [
        Entry(
            row.entry_id,
            json.loads(row.entry)["kind"],
            leaf_hash(row.entry.encode()).hex(),
            _fields(key, row),
            row.seq,
        )
        for row in rows
    ]


def opened(workspace_id: int, entries: Mapping[int, int]) -> dict[int, dict[str, Value]]:
    """Fields of single entries of several people: entry -> contact in, entry -> fields out.

    An entry that no key opens any more, or that is about somebody else, is left out. Raises VaultAway.
    """
    if not entries:
        return {}
    with db.transaction(workspace_id):
        rows = _sql.rows("list_bodies_of", _Body, entry_ids=list(entries), contact_ids=list(entries.values()))
    keys = vault.read(workspace_id, sorted({row.contact_id for row in rows}))
    found = {row.entry_id: _unsealed(keys.get(row.contact_id), row.entry, row.body) for row in rows}
    return {entry_id: fields for entry_id, fields in found.items() if fields is not None}


def proofs(workspace_id: int, contact_id: int, kinds: Collection[str]) -> list[Proof]:
    """A person's entries of these kinds, oldest first, each with what recomputes its commitment.

    Entries that no key opens any more are left out. Raises VaultAway.
    """
    rows, key = _of_contact(workspace_id, contact_id)
    found = []
    for row in rows:
        fields = _fields(key, row)
        if key is not None and fields is not None and json.loads(row.entry)["kind"] in kinds:
            shown = disclose(key, row.event_id.bytes, fields, fields.keys()).disclosed
            found.append(Proof(row.entry_id, row.entry, shown))
    return found


def files_of(workspace_id: int, contact_id: int) -> list[KeptFile]:
    """Scans kept of a person, newest first; read by `services.read_file`, which writes down who."""
    with db.transaction(workspace_id):
        return _sql.rows("list_files", KeptFile, contact_id=contact_id)


def log(workspace_id: int) -> Log | None:
    """None until the first entry was taken up."""
    with db.transaction(workspace_id):
        return _sql.row("get_log", Log)


def head(workspace_id: int) -> Checkpoint | None:
    """The newest checkpoint."""
    with db.transaction(workspace_id):
        return sequencing.head()


def checkpoint_of(workspace_id: int, size: int) -> Checkpoint | None:
    with db.transaction(workspace_id):
        return _sql.row("get_checkpoint", Checkpoint, size=size)


def checkpoints(workspace_id: int, *, rows_max: int) -> list[Checkpoint]:
    """The newest ones, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_newest_checkpoints", Checkpoint, rows_max=rows_max)


def waiting(workspace_id: int) -> int:
    """How many entries no checkpoint covers yet."""
    with db.transaction(workspace_id):
        count: int = _sql.scalar("count_pending")
        return count


def verifier_keys(workspace_id: int) -> list[str]:
    """Every key that ever signed this log, the newest first."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_vkeys")


def keys_of_origin(origin: str) -> list[str]:
    """The same of the log with this name, if it is one of ours."""
    slug = origin.rpartition(ORIGIN_SLUG)[2]
    found = [each.workspace_id for each in accounts.workspaces() if each.slug == slug]
    known = log(found[0]) if found else None
    return verifier_keys(found[0]) if known is not None and known.origin == origin else []


def tile(workspace_id: int, level: int, number: int) -> bytes:
    """Hashes of 32 bytes each, as far as the tile is filled."""
    with db.transaction(workspace_id):
        return sequencing.read_tile(level, number)


def entries_at(workspace_id: int, first: int, end: int) -> list[Place]:
    """What stands at the places `first` to `end` - 1."""
    with db.transaction(workspace_id):
        return _sql.rows("list_places", Place, first=first, end=end)


def consistency(workspace_id: int, old: int, new: int) -> list[bytes]:
    """That the log of `old` entries begins the one of `new` (RFC 9162 section 2.1.4). Raises IndexError."""
    with db.transaction(workspace_id):
        return StoredTree(new, sequencing.read_tile).consistency_proof(old)


def _of_contact(workspace_id: int, contact_id: int) -> tuple[Sequence[OfContact], bytes | None]:
    with db.transaction(workspace_id):
        rows = _sql.rows("list_of_contact", OfContact, contact_id=contact_id)
    return rows, vault.read(workspace_id, [contact_id]).get(contact_id)


def _fields(key: bytes | None, row: OfContact) -> dict[str, Value] | None:
    return _unsealed(key, row.entry, row.body)


def _unsealed(key: bytes | None, entry: str, body: bytes) -> dict[str, Value] | None:
    if key is None:
        return None
    try:
        return unseal(key, entry.encode(), body)
    except SealBroken:
        return None
