"""Batches that were brought in, with what became of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shodaku.kit import db

_sql = db.Statements("shodaku.imports")


@dataclass(frozen=True, slots=True)
class Batch:
    batch_id: int
    file_name: str
    basis: str
    evidence: str
    evidence_on: date | None
    topic_id: int | None
    state: str
    counts: dict[str, int]
    created_at: datetime
    entry_id: int | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class BatchRow:
    line: int
    contact_id: int | None
    verdict: str
    reason: str


def batches(workspace_id: int) -> list[Batch]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_batches", Batch)


def batch(workspace_id: int, batch_id: int) -> Batch | None:
    return next((each for each in batches(workspace_id) if each.batch_id == batch_id), None)


def rows(workspace_id: int, batch_id: int) -> list[BatchRow]:
    """Rows that need a look, suppressed ones left out: the list must not tell who said no."""
    with db.transaction(workspace_id):
        return _sql.rows("list_rows", BatchRow, batch_id=batch_id)
