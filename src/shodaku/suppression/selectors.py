"""Who said no, and is the gate shut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shodaku.kit import db
from shodaku.suppression.domain import Refusal, Scope, Tokens

_sql = db.Statements("shodaku.suppression")


@dataclass(frozen=True, slots=True)
class Suppressed:
    token: bytes
    strength: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fence:
    state: str
    epoch: int
    reason: str


def suppressed(workspace_id: int, pairs: Sequence[Tokens]) -> dict[bytes, Suppressed]:
    """Which of these addresses must never be contacted: strict token -> why. Broad matches count for imports
    and the API.
    """
    if not pairs:
        return {}
    with db.transaction(workspace_id):
        rows = _sql.rows(
            "list_suppressed",
            Suppressed,
            tokens=[token for pair in pairs for token in {pair.strict, pair.broad}],
        )
    found = {row.token: row for row in rows}
    hits = {pair.strict: found.get(pair.strict) or found.get(pair.broad) for pair in pairs}
    return {token: row for token, row in hits.items() if row is not None}


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


def count_suppressed(workspace_id: int) -> int:
    with db.transaction(workspace_id):
        count: int = _sql.scalar("count_suppressed")
        return count


def fence() -> Fence:
    with db.transaction(None):
        row = _sql.row("get_fence", Fence)
    return row or Fence("closed", 0, "no fence")


@dataclass(frozen=True, slots=True)
class _RefusalRow:
    scope: str
    at: datetime
    topic_id: int | None
    until: datetime | None
    entry_id: int | None
