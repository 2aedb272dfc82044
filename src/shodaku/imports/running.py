"""An import that may be left: handed in, declared in steps, checked and brought in by a job.

draft -> checking -> checked -> running -> done, with paused beside running; a declaration that is changed
makes a draft of it again. Each step is a row's state, so a press that comes twice is one press.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, BinaryIO, Final

from psycopg.types.json import Jsonb

from shodaku.imports import files, selectors
from shodaku.imports.bringing import (
    BatchReport,
    add_to_report,
    bring_portions,
    columns_of,
    open_list,
    record_start,
)
from shodaku.imports.declared import ImportOrder
from shodaku.imports.domain import (
    Basis,
    Preview,
    UnreadableFile,
    Verdict,
    read_preview,
)
from shodaku.imports.portions import Bringer, Portion, Superseded, portions
from shodaku.imports.selectors import Batch
from shodaku.kit import clock, db, log, stopping
from shodaku.kit.errors import WrongUse
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger

FOUND_ROWS_MAX: Final = 2_000  # of a verdict, that a check keeps by number
AT_ONCE_BYTES: Final = 1_048_576  # some 10,000 rows: checked while the page is awaited

_sql = db.Statements("shodaku.imports")


class FileGone(WrongUse):
    """The file is not kept any more; choose it again. What was imported stays."""

    code = "import_file_gone"


class NotNow(WrongUse):
    """The import is at another step by now; look at its page."""

    code = "import_not_now"


def hand_in(
    workspace_id: int, blocks: Iterable[bytes], file_name: str, *, staff_id: int | None, now: datetime
) -> int:
    """The draft of a list. Raises UnreadableFile for what is no list at all; one without a column of
    addresses may still be told which it is.
    """
    kept = files.keep(workspace_id, blocks)
    try:
        with kept.path.open("rb") as stream:
            read_preview(stream)
        order = ImportOrder(file_name=file_name, basis=Basis.NONE)
        with db.transaction(workspace_id):
            batch_id: int = _sql.scalar(
                "insert_batch",
                digest=kept.sha256,
                size=kept.size,
                state="draft",
                rows_total=None,
                staff_id=staff_id,
                started_at=None,
                entry_id=None,
                now=now,
                **columns_of(order),
            )
            files.belongs(kept, workspace_id, batch_id)
            return batch_id
    finally:
        kept.path.unlink(missing_ok=True)


def preview(workspace_id: int, batch: Batch) -> Preview:
    """The headings and the first rows, for somebody who says which column is what. Raises UnreadableFile,
    FileGone.
    """
    with open_batch(workspace_id, batch.batch_id) as stream:
        return read_preview(stream)


@dataclass(frozen=True, slots=True)
class Cells:
    """What stands in some rows of a list, below its headings."""

    header: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]]


def cells_of(workspace_id: int, batch: Batch, lines: Collection[int]) -> Cells:
    """Of these rows, to be corrected and handed in again, as long as the list is kept; nothing afterwards."""
    try:
        with open_batch(workspace_id, batch.batch_id) as stream:
            rows, _ = open_list(stream, order_of(batch))
            last = max(lines, default=0)
            read = takewhile(lambda row: row.number <= last, rows)
            return Cells(rows.header, {row.number: row.cells for row in read if row.number in lines})
    except (FileGone, UnreadableFile):
        return Cells((), {})


def declare(workspace_id: int, batch_id: int, order: ImportOrder) -> None:
    """What was said so far; a check of before counts no more. Raises NotNow."""
    with db.transaction(workspace_id):
        if not _sql.run("update_declared", batch_id=batch_id, **columns_of(order)):
            raise NotNow


def throw_away(workspace_id: int, batch_id: int) -> None:
    """A draft, checked or not; of an import that began nothing is thrown away. Raises NotNow."""
    with db.transaction(workspace_id):
        if not _sql.run("delete_draft", batch_id=batch_id):
            raise NotNow
    files.drop(workspace_id, batch_id)


def open_batch(workspace_id: int, batch_id: int) -> BinaryIO:
    """Raises FileGone."""
    stream = files.open_of(workspace_id, batch_id)
    if stream is None:
        raise FileGone
    return stream


def ask_for_check(workspace_id: int, batch_id: int, *, at_once_bytes: int = AT_ONCE_BYTES) -> None:
    """What would become of each row; a short list is checked at once. Raises NotNow, FileGone."""
    with open_batch(workspace_id, batch_id), db.transaction(workspace_id):
        size: int | None = _sql.scalar("begin_check", batch_id=batch_id)
        if size is None:
            raise NotNow
        if size > at_once_bytes:
            _defer("imports.check", workspace_id, batch_id)
    if size <= at_once_bytes:
        check(workspace_id, batch_id, now=clock.now())


def check(workspace_id: int, batch_id: int, *, now: datetime) -> bool:
    """Reads and judges the whole list, and writes nothing but what it found. False: it is not asked for.

    Interrupted, it begins again from nothing.
    """
    batch = selectors.batch(workspace_id, batch_id)
    if batch is None or batch.state != "checking":
        return False
    try:
        with open_batch(workspace_id, batch_id) as stream:
            report = _checked(workspace_id, batch, stream, now)
    except (UnreadableFile, FileGone) as fault:
        _end_check_with(workspace_id, batch_id, fault)
        return True
    with db.transaction(workspace_id):
        _sql.run(
            "end_check",
            batch_id=batch_id,
            rows=report.total,
            counts=Jsonb({verdict.value: n for verdict, n in sorted(report.counts.items())}),
            findings=Jsonb(findings_of(report)),
        )
    return True


def start(
    workspace_id: int,
    batch_id: int,
    *,
    staff_id: int | None,
    now: datetime,
    at_once_bytes: int = AT_ONCE_BYTES,
) -> None:
    """From the check to the import; pressed twice, it is one import. Raises NotNow, FileGone, VaultAway."""
    batch = selectors.batch(workspace_id, batch_id)
    if batch is None or batch.state not in {"checked", "running", "paused", "done"}:
        raise NotNow
    if batch.state != "checked":
        return
    open_batch(workspace_id, batch_id).close()
    files.begin(workspace_id, batch_id)
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        if not _sql.run("begin_run", batch_id=batch_id, now=now):
            return
        entry_id = record_start(workspace_id, order_of(batch), batch.file_sha256, staff_id, now)
        _sql.run("update_entry", batch_id=batch_id, entry_id=entry_id)
        if batch.file_bytes > at_once_bytes:
            _defer("imports.run", workspace_id, batch_id)
    if batch.file_bytes <= at_once_bytes:
        run(workspace_id, batch_id, now=now)


def pause(workspace_id: int, batch_id: int) -> bool:
    """The portion under way is the last one. False: it does not run."""
    with db.transaction(workspace_id):
        return _sql.run("set_state", batch_id=batch_id, before="running", after="paused") == 1


def resume(workspace_id: int, batch_id: int) -> bool:
    """Goes on behind the last portion that was committed. False: it was not paused."""
    with db.transaction(workspace_id):
        if not _sql.run("set_state", batch_id=batch_id, before="paused", after="running"):
            return False
        _defer("imports.run", workspace_id, batch_id)
        return True


def run(workspace_id: int, batch_id: int, *, now: datetime) -> bool:
    """Brings in what is left of a running import. False: there is nothing to do, or it was told to stop.

    Killed anywhere, it goes on where the last commit was. Raises VaultAway; a list that is not on this
    machine is left to another worker, and after a week given up.
    """
    batch = selectors.batch(workspace_id, batch_id)
    if batch is None or batch.state != "running":
        return False
    try:
        _bring_rest(workspace_id, batch, now)
    except UnreadableFile as fault:  # it was read whole at the check, so somebody changed it since
        _fail(workspace_id, batch_id, fault.code)
        return False
    except FileGone:
        if batch.started_at is not None and now - batch.started_at < files.BEGUN_KEPT_FOR:
            raise
        _fail(workspace_id, batch_id, FileGone.code)
        return False
    except Superseded:
        return False
    if stopping.asked() and not _whole(workspace_id, batch_id):
        with db.transaction(workspace_id):
            _defer("imports.run", workspace_id, batch_id)
        return False
    with db.transaction(workspace_id):
        done = _sql.run("update_done", batch_id=batch_id) == 1
    if done:
        files.drop(workspace_id, batch_id)
        log.info("imports.done", workspace=workspace_id, batch=batch_id)
    return done


def _bring_rest(workspace_id: int, batch: Batch, now: datetime) -> None:
    order = order_of(batch)
    with db.transaction(workspace_id):
        _sql.run("note_moving", batch_id=batch.batch_id, now=now)
    with open_batch(workspace_id, batch.batch_id) as stream:
        rows, reader = open_list(stream, order)
        bringer = Bringer(workspace_id, batch.batch_id, order, batch.started_at or now)
        pieces = portions(rows, reader, after=batch.line_done, first=batch.portions)
        for _ in bring_portions(bringer, _while_allowed(pieces)):
            pass


def order_of(batch: Batch) -> ImportOrder:
    """What was declared, as it stands with the batch."""
    return ImportOrder(
        file_name=batch.file_name,
        basis=Basis(batch.basis),
        evidence=batch.evidence,
        wording=batch.wording,
        evidence_on=batch.evidence_on,
        confirmed=batch.confirmed,
        topic_id=batch.topic_id,
        channel=batch.channel,
        relation=batch.relation,
        provision=batch.provision,
        named_sender=batch.named_sender,
        purchased=batch.purchased,
        country=batch.country,
        columns=batch.columns,
    )


def findings_of(report: BatchReport) -> dict[str, Any]:  # Any: JSON
    """What a check keeps: counts, and of some rows the number and the codes. Nothing of a person."""
    return {
        "form": report.encoding,
        "reasons": [[verdict.value, reason, n] for (verdict, reason), n in sorted(report.reasons.items())],
        "warnings": {warning.value: n for warning, n in sorted(report.warned.items())},
        "rows": [
            [row.line, row.verdict.value, row.reason, [each.value for each in row.warnings]]
            for row in report.rows
            if row.verdict in {Verdict.FAULTY, Verdict.DUPLICATE} or row.warnings
        ],
    }


def _checked(workspace_id: int, batch: Batch, stream: BinaryIO, now: datetime) -> BatchReport:
    order = order_of(batch)
    rows, reader = open_list(stream, order)
    report = BatchReport(None, rows.form, tuple(rows.columns))
    bringer = Bringer(workspace_id, None, order, now)
    for judged in bring_portions(bringer, portions(rows, reader)):
        add_to_report(report, judged, FOUND_ROWS_MAX)
        with db.transaction(workspace_id, durable=False):
            _sql.run("update_checked_so_far", batch_id=batch.batch_id, rows=report.total)
    return report


def _end_check_with(workspace_id: int, batch_id: int, fault: UnreadableFile | FileGone) -> None:
    said = (
        {"ja": fault.sentence("ja"), "en": fault.sentence("en")} if isinstance(fault, UnreadableFile) else {}
    )
    with db.transaction(workspace_id):
        _sql.run("fail_check", batch_id=batch_id, fault=fault.code, findings=Jsonb({"said": said}))


def _while_allowed(pieces: Iterable[Portion]) -> Iterator[Portion]:
    """Until the process is told to end; a pause is seen by each portion itself, under its lock."""
    for portion in pieces:
        if stopping.asked():
            return
        yield portion


def _whole(workspace_id: int, batch_id: int) -> bool:
    batch = selectors.batch(workspace_id, batch_id)
    return batch is not None and batch.rows_total is not None and batch.rows_done >= batch.rows_total


def _fail(workspace_id: int, batch_id: int, code: str) -> None:
    with db.transaction(workspace_id):
        _sql.run("update_failed", batch_id=batch_id, fault=code)
    files.drop(workspace_id, batch_id)
    log.info("imports.failed", workspace=workspace_id, batch=batch_id, reason=code)


def _defer(task: str, workspace_id: int, batch_id: int) -> None:
    key = f"import:{workspace_id}:{batch_id}"
    arguments = {"workspace_id": workspace_id, "batch_id": batch_id}
    defer(Job(task, Queue.CHORE, dict(arguments), lock=key, only_once=f"{task}:{workspace_id}:{batch_id}"))
