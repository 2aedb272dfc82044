"""Who said no, and is the gate shut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shodaku.kit import db
from shodaku.suppression.domain import Refusal, Scope, Tokens
from shodaku.suppression.fence import (
    APPLY_AFTER,
    BEHIND_AFTER,
    MISSING_MAX,
    FenceReason,
    Position,
    Positions,
    furthest,
    overdue,
    short,
    went_back,
)
from shodaku.suppression.peppering import aligned, held
from shodaku.suppression.seen import Head, Seen, signed_heads
from shodaku.suppression.seen import keep as keep_seen
from shodaku.suppression.seen import read as read_seen

__all__ = [
    "APPLY_AFTER",
    "BEHIND_AFTER",
    "MISSING_MAX",
    "PAGE_ROWS",
    "Asked",
    "Cause",
    "Fence",
    "FenceReason",
    "Head",
    "Position",
    "Positions",
    "RefusalLine",
    "Seen",
    "Suppressed",
    "asked_about",
    "causes",
    "count_suppressed",
    "fence",
    "furthest",
    "head_size",
    "is_recorded",
    "keep_seen",
    "missing",
    "overdue",
    "paused_by_replay",
    "positions",
    "read_seen",
    "refusal_entries",
    "refusal_events",
    "refusal_page",
    "refusals",
    "refusals_of",
    "short",
    "signed_heads",
    "suppressed",
    "suppressed_of",
    "went_back",
]

PAGE_ROWS: Final = 50

_sql = db.Statements("shodaku.suppression")


@dataclass(frozen=True, slots=True)
class Suppressed:
    token: bytes
    strength: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """How many said no after one mail: what they said, and the way by which it came."""

    scope: str
    via: str
    people: int


@dataclass(frozen=True, slots=True)
class Fence:
    state: str
    epoch: int
    reason: str


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One "no" of somebody, as a list shows it."""

    refusal_no: int
    contact_id: int
    scope: str
    topic_id: int | None
    until: datetime | None
    at: datetime
    via: str
    entry_id: int | None  # None while it waits for the vault


def suppressed(workspace_id: int, pairs: Sequence[Tokens]) -> dict[bytes, Suppressed]:
    """Which of these addresses must never be contacted: strict token -> why. Broad matches count for imports
    and the API.
    """
    return suppressed_of(workspace_id, asked_about(pairs)) if pairs else {}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that is asked about more than once; `marks` as the statement wants them."""

    pairs: Sequence[Tokens]
    epoch: int | None  # None: they are of several, or do not say
    marks: str


def asked_about(pairs: Sequence[Tokens]) -> Asked:
    """Needs no transaction."""
    epochs = {pair.epoch for pair in pairs}
    marks = {pair.strict for pair in pairs}
    marks.update([pair.broad for pair in pairs])
    return Asked(pairs, epochs.pop() if len(epochs) == 1 else None, db.marks(list(marks)))


def suppressed_of(workspace_id: int, asked: Asked) -> dict[bytes, Suppressed]:
    """As `suppressed`."""
    with db.transaction(workspace_id):
        if asked.epoch is not None and held(workspace_id) == asked.epoch:
            rows = _sql.rows("list_suppressed", Suppressed, tokens=asked.marks)
            readings: Iterable[Sequence[Tokens]] = zip(asked.pairs)  # each alone
        else:
            _, readings = aligned(workspace_id, asked.pairs)
            marks = {token for of_one in readings for pair in of_one for token in (pair.strict, pair.broad)}
            rows = _sql.rows("list_suppressed", Suppressed, tokens=db.marks(list(marks)))
    if not rows:
        return {}
    found = {row.token: row for row in rows}
    hits = {pair.strict: _hit(of_one, found) for pair, of_one in zip(asked.pairs, readings, strict=True)}
    return {strict: hit for strict, hit in hits.items() if hit is not None}


def _hit(readings: Sequence[Tokens], found: Mapping[bytes, Suppressed]) -> Suppressed | None:
    """By the mailbox itself before one that is like it."""
    for each in readings:
        if each.strict in found:
            return found[each.strict]
    for each in readings:
        if each.broad in found:
            return found[each.broad]
    return None


def refusals(workspace_id: int, contact_id: int) -> list[Refusal]:
    """All of the person's refusals, oldest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_refusals", _RefusalRow, contact_id=contact_id)
    return [Refusal(Scope(row.scope), row.at, row.topic_id, row.until) for row in rows]


def refusal_entries(workspace_id: int, contact_id: int) -> dict[datetime, int]:
    """The ledger entry of each refusal, by its time; one that waits for the vault has none yet."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_refusals", _RefusalRow, contact_id=contact_id)
    return {row.at: row.entry_id for row in rows if row.entry_id is not None}


def refusals_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[tuple[Refusal, int | None]]]:
    """As `refusals`, of several people, each with its ledger entry if that does not wait; who never said no
    is not in it.
    """
    found: dict[int, list[tuple[Refusal, int | None]]] = defaultdict(list)
    with db.transaction(workspace_id):
        for row in _sql.rows("list_refusals_of", _RefusalOf, contacts=db.array(contact_ids)):
            refusal = Refusal(Scope(row.scope), row.at, row.topic_id, row.until)
            found[row.contact_id].append((refusal, row.entry_id))
    return found


def refusal_page(
    workspace_id: int,
    *,
    via: str | None = None,
    scope: Scope | None = None,
    mailing_ids: Sequence[int] | None = None,
    before: int | None = None,
    rows_max: int = PAGE_ROWS,
) -> list[RefusalLine]:
    """Everybody's noes, newest first; `before` is the last number of the page before.

    With `mailing_ids` those that were said by one of these mails.
    """
    asked = {"via": via, "scope": scope, "before": before, "rows_max": rows_max}
    mailings = None if mailing_ids is None else list(mailing_ids)
    with db.transaction(workspace_id):
        return _sql.rows("list_refusal_page", RefusalLine, mailing_ids=mailings, **asked)


def causes(workspace_id: int, mailing_id: int) -> list[Cause]:
    """Who said no after this mail, in numbers; people who were erased since are among them."""
    with db.transaction(workspace_id):
        return _sql.rows("count_causes", Cause, mailing_id=mailing_id)


def count_suppressed(workspace_id: int) -> int:
    with db.transaction(workspace_id):
        count: int = _sql.scalar("count_suppressed")
        return count


def fence() -> Fence:
    with db.transaction(None):
        row = _sql.row("get_fence", Fence)
    return row or Fence("closed", 0, "no fence")


def positions() -> dict[str, Position]:
    """How much of each host's journal this database has."""
    with db.transaction(None):
        return {each.host: each for each in _sql.rows("get_positions", Position)}


def missing(host: str, last: int, *, after: int = 0, most: int = MISSING_MAX) -> list[int]:
    """Numbers up to `last` of a host's journal that this database lacks, ascending from behind `after`."""
    with db.transaction(None):
        return _sql.scalars("list_missing", host=host, last=last, after=after, most=most)


def head_size(workspace_id: int) -> int:
    """Entries under the newest head that the database has."""
    with db.transaction(workspace_id):
        size: int = _sql.scalar("get_head_size")
        return size


def is_recorded(workspace_id: int, event_id: UUID) -> bool:
    """Does the ledger of this database hold the entry of an act?"""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("is_recorded", event_id=event_id))


def refusal_events(workspace_id: int, contact_id: int) -> set[UUID]:
    with db.transaction(workspace_id):
        return set(_sql.scalars("list_refusal_events", contact_id=contact_id))


def paused_by_replay(workspace_id: int) -> set[int]:
    """Mailings that were running when the restored dump was made; paused, for they may have been sent
    since.
    """
    with db.transaction(workspace_id):
        return set(_sql.scalars("list_paused"))


@dataclass(frozen=True, slots=True)
class _RefusalRow:
    scope: str
    at: datetime
    topic_id: int | None
    until: datetime | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class _RefusalOf:
    contact_id: int
    scope: str
    at: datetime
    topic_id: int | None
    until: datetime | None
    entry_id: int | None
