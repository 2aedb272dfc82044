"""A whole list, portion by portion: the next one is read while one is judged and written."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import BinaryIO, Final

import django.db
from psycopg.types.json import Jsonb

from shodaku.imports import files
from shodaku.imports.declared import ImportOrder
from shodaku.imports.domain import (
    Limits,
    ParsedRow,
    RowReader,
    Rows,
    RowWarning,
    Verdict,
    open_rows,
    sentence_of,
)
from shodaku.imports.interpreter import set_for_lists
from shodaku.imports.portions import Bringer, Judged, Portion, portions
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value

SHOWN_ROWS_MAX: Final = 200  # rows of a verdict that a report names; the counts hold them all
READ_BYTES: Final = 1_048_576

_sql = db.Statements("shodaku.imports")

Told = Callable[[int], None]  # rows read so far


@dataclass(frozen=True, slots=True)
class ReportRow:
    line: int
    verdict: Verdict
    reason: str  # a code; sentence_of() tells it in words
    sentence_ja: str
    sentence_en: str
    warnings: tuple[RowWarning, ...] = ()


@dataclass(slots=True)
class BatchReport:
    batch_id: int | None  # None: a dry run, nothing was written
    encoding: str
    columns: tuple[str, ...]
    counts: Counter[Verdict] = field(default_factory=Counter)
    reasons: Counter[tuple[Verdict, str]] = field(default_factory=Counter)
    warned: Counter[RowWarning] = field(default_factory=Counter)
    rows: list[ReportRow] = field(default_factory=list)
    named: Counter[Verdict] = field(default_factory=Counter)  # rows in `rows`

    @property
    def total(self) -> int:
        return self.counts.total()


def bring_in(
    workspace_id: int,
    stream: BinaryIO,
    order: ImportOrder,
    *,
    dry_run: bool,
    staff_id: int | None,
    now: datetime,
    limits: Limits | None = None,
    rows_max: int = SHOWN_ROWS_MAX,
    told: Told | None = None,
) -> BatchReport:
    """Read the whole list and give each row its verdict; with `dry_run` nothing is written.

    Faults of the whole file are found before the first row is written. A copy of the file is kept until the
    end: who was cut off goes on with it (`running.run`). Raises UnreadableFile, Superseded, VaultAway.
    """
    rows, reader = open_list(stream, order, limits)
    report = BatchReport(None, rows.form, tuple(rows.columns))
    if not dry_run:
        total = count_rows(stream, order, limits)
        report.batch_id = _begun(workspace_id, stream, order, rows_total=total, staff_id=staff_id, now=now)
        rows, reader = open_list(stream, order, limits)
    bringer = Bringer(workspace_id, report.batch_id, order, now)
    for judged in bring_portions(bringer, portions(rows, reader)):
        add_to_report(report, judged, rows_max)
        if told is not None:
            told(report.total)
    if report.batch_id is not None:
        with db.transaction(workspace_id):
            _sql.run("update_done", batch_id=report.batch_id)
        files.drop(workspace_id, report.batch_id)
    return report


def _begun(
    workspace_id: int,
    stream: BinaryIO,
    order: ImportOrder,
    *,
    rows_total: int,
    staff_id: int | None,
    now: datetime,
) -> int:
    """The batch, whose file is kept."""
    stream.seek(0)
    kept = files.keep(workspace_id, iter(partial(stream.read, READ_BYTES), b""))
    try:
        batch_id = begin(
            workspace_id, order, kept.sha256, kept.size, rows_total=rows_total, staff_id=staff_id, now=now
        )
        files.belongs(kept, workspace_id, batch_id)
    finally:
        kept.path.unlink(missing_ok=True)
    files.begin(workspace_id, batch_id)
    return batch_id


def open_list(stream: BinaryIO, order: ImportOrder, limits: Limits | None = None) -> tuple[Rows, RowReader]:
    """The rows from the beginning of the stream, and who reads them by the columns that were declared.

    Raises UnreadableFile.
    """
    stream.seek(0)
    rows = open_rows(stream, limits, columns=order.columns)
    return rows, RowReader(rows.columns, order.channel, width=len(rows.header))


def count_rows(stream: BinaryIO, order: ImportOrder, limits: Limits | None = None) -> int:
    """All are read once, so what is wrong with the file as a whole is known. Raises UnreadableFile."""
    rows, _ = open_list(stream, order, limits)
    return sum(1 for _ in rows)


def begin(
    workspace_id: int,
    order: ImportOrder,
    digest: str,
    size: int,
    *,
    rows_total: int,
    staff_id: int | None,
    now: datetime,
) -> int:
    """The batch, running from now; what was declared stands in the ledger first. Raises VaultAway."""
    entry_id = record_start(workspace_id, order, digest, staff_id, now)
    with db.transaction(workspace_id):
        batch_id: int = _sql.scalar(
            "insert_batch",
            digest=digest,
            size=size,
            state="running",
            rows_total=rows_total,
            staff_id=staff_id,
            started_at=now,
            entry_id=entry_id,
            now=now,
            **columns_of(order),
        )
        return batch_id


def record_start(
    workspace_id: int, order: ImportOrder, digest: str, staff_id: int | None, now: datetime
) -> int:
    """Its entry says what was declared of all these people, and by whom."""
    facts: dict[str, Value] = {
        "file_sha256": digest,
        "basis": order.basis.value,
        "evidence": order.evidence,
        **({"wording": order.wording} if order.wording else {}),
        **({"provision": order.provision} if order.provision else {}),
        **({"named_sender": order.named_sender} if order.named_sender else {}),
        **({"purchased": True} if order.purchased else {}),
        "by": f"staff:{staff_id}" if staff_id else "command line",
    }
    return ledger.record_act(workspace_id, Kind.IMPORT, facts, event_id=uuid7(now, os.urandom(10)), now=now)


def columns_of(order: ImportOrder) -> dict[str, object]:
    """As the table of batches has it."""
    return {
        "file_name": PurePath(order.file_name).name[:200],
        "basis": order.basis,
        "evidence": order.evidence,
        "evidence_on": order.evidence_on,
        "topic_id": order.topic_id,
        "channel": order.channel,
        "wording": order.wording,
        "confirmed": order.confirmed,
        "relation": order.relation,
        "provision": order.provision,
        "named_sender": order.named_sender,
        "purchased": order.purchased,
        "country": order.country,
        "columns": None if order.columns is None else Jsonb(dict(order.columns)),
    }


def bring_portions(bringer: Bringer, pieces: Iterable[Portion]) -> Iterator[list[Judged]]:
    """What became of each portion, in order. While one is written the next one is read and judged: the first
    is the database's work, the second is ours, and each has a core.
    """
    with _one_beside() as beside, set_for_lists():
        under_way: Future[list[Judged]] | None = None
        for portion in pieces:
            prepared = bringer.prepare(portion)
            if under_way is not None:
                yield under_way.result()
                under_way = None
            if portion.last:
                yield bringer.bring(prepared)  # a short list needs no thread, and may join a transaction
            else:
                under_way = beside.submit(bringer.bring, prepared)
        if under_way is not None:  # whoever gives the portions was told to stop
            yield under_way.result()


@contextmanager
def _one_beside() -> Iterator[ThreadPoolExecutor]:
    """One thread, whose connection to the database is given back at the end."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        try:
            yield beside
        finally:
            if beside._threads:  # noqa: SLF001 - a thread that never was has no connection
                beside.submit(django.db.connections.close_all).result()


def add_to_report(report: BatchReport, judged: Sequence[Judged], rows_max: int) -> None:
    """Counts hold every row; named are at most `rows_max` of each verdict, and never who said no."""
    for each in judged:
        verdict, reason = each.verdict.verdict, each.verdict.reason
        warnings = each.parsed.warnings if isinstance(each.parsed, ParsedRow) else ()
        report.counts[verdict] += 1
        report.reasons[verdict, reason.value] += 1
        if verdict is Verdict.SUPPRESSED:
            continue
        if warnings:
            report.warned.update(warnings)
        if report.named[verdict] >= rows_max:
            continue
        report.named[verdict] += 1
        report.rows.append(
            ReportRow(
                each.parsed.number,
                verdict,
                reason.value,
                sentence_of(reason, "ja"),
                sentence_of(reason, "en"),
                warnings,
            )
        )
