"""The rows of places outside: which there are, what arrived there, what was in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, mask
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.ledger import sequencing
from shodaku.ledger.anchored import (
    TARGETS_MAX,
    AnchorFault,
    AnchorKind,
    AnchorState,
    Receipt,
    Target,
    TargetState,
    reached,
)

RECEIPT_ROWS: Final = 200  # a page; a time stamp has 1.5 to 7 kB

_sql = db.Statements("shodaku.ledger")


class TargetThere(WrongUse):
    """Checkpoints are put there already."""

    code = "anchor_target_there"


class TooManyTargets(WrongUse):
    """A log has at most 8 places outside; remove one first."""

    code = "too_many_anchor_targets"


class NoTarget(ShodakuError):
    """No place outside has this number."""

    code = "no_anchor_target"


@dataclass(frozen=True, slots=True)
class Removed:
    kind: str
    place: str


def targets(workspace_id: int) -> list[Target]:
    """Oldest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_anchor_targets", _TargetRow)
    return [
        Target(
            row.target_id,
            AnchorKind(row.kind),
            row.place,
            row.vkey,
            row.created_at,
            row.tried_at,
            AnchorFault.read(row.fault),
            row.size,
            row.at,
        )
        for row in rows
    ]


def ever_chosen(workspace_id: int) -> bool:
    """Was a place outside ever added? A removal is a choice, too."""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("anchor_target_ever"))


def anchor_state(workspace_id: int) -> AnchorState:
    """For the ledger page and the doctor: how far the log is anchored, and what is in the way."""
    with db.transaction(workspace_id):
        found, head = targets(workspace_id), sequencing.head()
        shown = [_shown(workspace_id, each) for each in found]
    level, size = reached(found)
    return AnchorState(level, size, head.size if head else 0, tuple(shown))


def receipts(workspace_id: int, *, after: tuple[int, int] = (0, 0)) -> list[Receipt]:
    """A page by target and size; `after` are those of the last one of the page before."""
    with db.transaction(workspace_id):
        rows = _sql.rows(
            "list_receipts", _ReceiptRow, after_target=after[0], after_size=after[1], rows_max=RECEIPT_ROWS
        )
    return [
        Receipt(row.target_id, AnchorKind(row.kind), row.vkey, row.size, bytes(row.receipt), row.at, row.note)
        for row in rows
    ]


def cosigned(workspace_id: int, size: int, note: str) -> str:
    """The checkpoint of that size with the lines that witnesses added to it."""
    with db.transaction(workspace_id):
        lines: list[str] = _sql.scalars("list_cosignatures", size=size)
    return note + "".join(line for line in lines if line not in note)


def insert(kind: AnchorKind, place: str, vkey: str | None, *, now: datetime) -> int:
    """In the open transaction; its number. Raises TargetThere, TooManyTargets."""
    _sql.run("lock_acts")
    there = targets(db.workspace())
    if any((each.kind, each.place) == (kind, place) for each in there):
        raise TargetThere
    if len(there) >= TARGETS_MAX:
        raise TooManyTargets
    target_id: int = _sql.scalar("insert_anchor_target", kind=kind, place=place, vkey=vkey, now=now)
    return target_id


def remove(target_id: int, *, now: datetime) -> Removed:
    """In the open transaction. Raises NoTarget."""
    removed = _sql.row("remove_anchor_target", Removed, target_id=target_id, now=now)
    if removed is None:
        raise NoTarget
    return removed


def keep_receipt(
    workspace_id: int, target_id: int, size: int, receipt: bytes, *, at: datetime, tried_at: datetime | None
) -> None:
    """The checkpoint of this size is there; whatever was in the way is not any more."""
    with db.transaction(workspace_id):
        _sql.run("insert_anchor", target_id=target_id, size=size, receipt=receipt, at=at)
        _sql.run("update_anchor_tried", target_id=target_id, tried_at=tried_at, fault=None)


def keep_fault(
    workspace_id: int, target_id: int, fault: AnchorFault | None, *, tried_at: datetime | None
) -> None:
    """What is in the way; `tried_at` None: of an attempt that was noted before."""
    with db.transaction(workspace_id):
        said = None if fault is None else str(fault)
        _sql.run("update_anchor_tried", target_id=target_id, tried_at=tried_at, fault=said)


def _shown(workspace_id: int, target: Target) -> TargetState:
    place = target.place
    if target.contact_id is not None:
        known = contacts.addresses(workspace_id, target.contact_id)
        place = next((mask(each.value) for each in known if each.channel == Channel.EMAIL), "")
    return TargetState(
        target.target_id, target.kind, place, target.size, target.at, target.fault, target.unchecked
    )


@dataclass(frozen=True, slots=True)
class _TargetRow:
    target_id: int
    kind: str
    place: str
    vkey: str | None
    created_at: datetime
    tried_at: datetime | None
    fault: str | None
    size: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _ReceiptRow:
    target_id: int
    kind: str
    vkey: str | None
    size: int
    receipt: bytes
    at: datetime
    note: str
