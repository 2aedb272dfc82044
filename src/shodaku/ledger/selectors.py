"""Read the ledger: what is recorded of a person, and does everything still agree."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from shodaku.kit import db
from shodaku.ledger import vault
from shodaku.ledger.domain import SealBroken, ShownField, Value, disclose, make_entry, unseal
from shodaku.ledger.merkle import leaf_hash

PAGE_ROWS = 1000

_sql = db.Statements("shodaku.ledger")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its fields opened; `fields` is None when the person's key is gone."""

    entry_id: int
    kind: str
    hash: str
    fields: dict[str, Value] | None


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry as a bundle discloses it (TRUST.md section 1.6): with its salts anyone recomputes it."""

    entry_id: int
    entry: str
    disclosed: dict[str, ShownField]


class FaultKind(StrEnum):
    BODY_CHANGED = "body_changed"  # `number` is the entry: what was sealed is not what was recorded
    ENTRIES_MISSING = "entries_missing"  # `number` is the contact


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    number: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What a full reading found."""

    entries: int
    opened: int  # sealed bodies that opened and match their commitment
    shredded: int  # entries whose person was erased: noise, and meant to be
    faults: tuple[Fault, ...] = field(default=())

    @property
    def consistent(self) -> bool:
        return not self.faults


def history(workspace_id: int, contact_id: int) -> list[Entry]:
    """A person's entries, oldest first, opened where the key exists. Raises VaultAway."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_of_contact", _Row, contact_id=contact_id)
    key = vault.read(workspace_id, [contact_id]).get(contact_id)
    return [
        Entry(row.entry_id, json.loads(row.entry)["kind"], short_hash(row.entry), _fields(key, row))
        for row in rows
    ]


def proofs(workspace_id: int, contact_id: int, kinds: Collection[str]) -> list[Proof]:
    """A person's entries of these kinds, oldest first, each with what recomputes its commitment.

    Entries that no key opens any more are left out. Raises VaultAway.
    """
    with db.transaction(workspace_id):
        rows = _sql.rows("list_of_contact", _Row, contact_id=contact_id)
    key = vault.read(workspace_id, [contact_id]).get(contact_id)
    found = []
    for row in rows:
        fields = _fields(key, row)
        if key is not None and fields is not None and json.loads(row.entry)["kind"] in kinds:
            shown = disclose(key, row.event_id.bytes, fields, fields.keys()).disclosed
            found.append(Proof(row.entry_id, row.entry, shown))
    return found


def short_hash(entry: str) -> str:
    """First 16 hex digits of the leaf: enough to compare by eye."""
    return leaf_hash(entry.encode()).hex()[:16]


def audit(workspace_id: int) -> Audit:
    """Read everything: each sealed body must open and give the very entry again, and a person's numbers have
    no gap.

    Raises VaultAway.
    """
    entries = opened = shredded = after = 0
    numbers: dict[int, list[int]] = {}
    faults: list[Fault] = []
    while rows := _page(workspace_id, after):
        after = rows[-1].entry_id
        keys = vault.read(
            workspace_id, sorted({row.contact_id for row in rows if row.contact_id is not None})
        )
        for row in rows:
            entries += 1
            if row.contact_id is None or row.body is None or row.contact_id not in keys:
                shredded += 1  # without the key it is noise already, the rows follow in a moment
                continue
            fields = _checked(row, keys[row.contact_id])
            if fields is None:
                faults.append(Fault(FaultKind.BODY_CHANGED, row.entry_id))
                continue
            opened += 1
            numbers.setdefault(row.contact_id, []).append(int(str(fields["n"])))
    faults += [
        Fault(FaultKind.ENTRIES_MISSING, who)
        for who, n in numbers.items()
        if sorted(n) != [*range(1, len(n) + 1)]
    ]
    return Audit(entries, opened, shredded, tuple(faults))


def _page(workspace_id: int, after: int) -> list[_PageRow]:
    with db.transaction(workspace_id):
        return _sql.rows("list_page", _PageRow, after=after, rows_max=PAGE_ROWS)


def _checked(row: _PageRow, key: bytes) -> dict[str, Value] | None:
    """The fields if they give this very entry again, else None."""
    if row.body is None:
        return None
    try:
        fields = unseal(key, row.entry.encode(), row.body)
    except SealBroken:
        return None
    head = json.loads(row.entry)
    again = make_entry(key, row.event_id.bytes, head["kind"], head["ws"], head["hour"], fields)
    return fields if again == row.entry.encode() else None


def _fields(key: bytes | None, row: _Row) -> dict[str, Value] | None:
    if key is None:
        return None
    try:
        return unseal(key, row.entry.encode(), row.body)
    except SealBroken:
        return None


@dataclass(frozen=True, slots=True)
class _Row:
    entry_id: int
    event_id: UUID
    entry: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _PageRow:
    entry_id: int
    event_id: UUID
    entry: str
    contact_id: int | None
    body: bytes | None
