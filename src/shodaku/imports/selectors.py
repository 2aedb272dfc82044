"""Batches that were brought in, with what became of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from shodaku.contacts.domain import Channel
from shodaku.imports.domain import Relation
from shodaku.kit import db

ROWS_MAX: Final = 100_000  # of one download
_PAGE_ROWS: Final = 5_000

_sql = db.Statements("shodaku.imports")


@dataclass(frozen=True, slots=True)
class Batch:
    batch_id: int
    file_name: str
    file_sha256: str
    file_bytes: int
    basis: str
    evidence: str
    evidence_on: date | None
    topic_id: int | None
    channel: Channel
    wording: str
    confirmed: bool
    relation: Relation
    provision: str
    named_sender: str
    purchased: bool
    country: str | None
    columns: dict[str, int] | None  # None: as the headings say
    state: str
    counts: dict[str, int]
    reasons: dict[str, int] | None  # "verdict reason" -> rows; None: of before they were kept
    rows_total: int | None  # None: not known before a check
    rows_done: int
    line_done: int
    portions: int
    findings: dict[str, Any] | None  # Any: JSON
    fault: str | None
    created_at: datetime
    started_at: datetime | None
    moved_at: datetime | None
    moved_rows: int
    entry_id: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "channel", Channel(self.channel))
        object.__setattr__(self, "relation", Relation(self.relation))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_draft(self) -> bool:
        return self.state in {"draft", "checking", "checked"}

    def rate(self, now: datetime) -> float | None:
        """Rows a second since it has run without a break; None: too early to tell."""
        seconds = 0.0 if self.moved_at is None else (now - self.moved_at).total_seconds()
        moved = self.rows_done - self.moved_rows
        return moved / seconds if seconds > 0 and moved > 0 else None

    def ends_at(self, now: datetime) -> datetime | None:
        rate = self.rate(now)
        if rate is None or self.rows_total is None or self.state != "running":
            return None
        return now + timedelta(seconds=max(0, self.rows_total - self.rows_done) / rate)


@dataclass(frozen=True, slots=True)
class BatchRow:
    line: int
    contact_id: int | None
    verdict: str
    reason: str
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class ReasonCount:
    verdict: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class SameFile:
    batch_id: int
    file_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """A list whose check or import is over, or rests."""

    batch_id: int
    file_name: str
    state: str  # checked, paused, done, failed
    counts: dict[str, int]
    at: datetime  # since when it went on last, for want of its end


def batches(workspace_id: int) -> list[Batch]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_batches", Batch)


def batch(workspace_id: int, batch_id: int) -> Batch | None:
    with db.transaction(workspace_id):
        return _sql.row("get_batch", Batch, batch_id=batch_id)


def ended(workspace_id: int, since: datetime, *, rows_max: int) -> list[Ended]:
    """The newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_ended", Ended, since=since, rows_max=rows_max)


def same_file(workspace_id: int, of: Batch) -> SameFile | None:
    """When this very file was brought in before."""
    with db.transaction(workspace_id):
        return _sql.row("find_same_file", SameFile, digest=of.file_sha256, batch_id=of.batch_id)


def rows(workspace_id: int, batch_id: int, *, after: int = 0, rows_max: int = 2_000) -> list[BatchRow]:
    """Rows to correct or to look at, suppressed ones left out: the list must not tell who said no."""
    with db.transaction(workspace_id):
        return _sql.rows("list_rows", BatchRow, batch_id=batch_id, after=after, rows_max=rows_max)


def all_rows(workspace_id: int, batch_id: int) -> Iterator[BatchRow]:
    """As `rows`, page by page; at most ROWS_MAX."""
    after, given = 0, 0
    while given < ROWS_MAX and (page := rows(workspace_id, batch_id, after=after, rows_max=_PAGE_ROWS)):
        yield from page
        after, given = page[-1].line, given + len(page)


def reasons(workspace_id: int, of: Batch) -> list[ReasonCount]:
    """How often each reason was given; who is suppressed has but one."""
    if of.reasons is not None:
        named = ((key.partition(" "), rows) for key, rows in sorted(of.reasons.items()))
        return [ReasonCount(verdict, reason, rows) for (verdict, _, reason), rows in named]
    with db.transaction(workspace_id):
        return _sql.rows("count_reasons", ReasonCount, batch_id=of.batch_id)


def found_rows(findings: Mapping[str, Any]) -> list[BatchRow]:  # Any: JSON
    """Rows to look at that a check found."""
    return [
        BatchRow(line, None, verdict, reason, warnings)
        for line, verdict, reason, warnings in findings.get("rows", [])
    ]
