"""`shodaku import FILE`: a list with its basis and evidence; `--dry-run` tells the verdict on each row."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.imports import selectors, services
from shodaku.imports.domain import Basis, Relation, UnreadableFile, Verdict, sentence_of
from shodaku.imports.services import SHOWN_ROWS_MAX, BatchReport, ImportOrder, bring_in
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

ROWS_MAX = 2_000_000  # a dry run tells the verdict on each row

TOLD_ROWS_MIN = 10_000


class FileAway(WrongUse):
    """The file cannot be opened."""

    code = "file_away"


class NotAList(WrongUse):
    """The file cannot be taken as a list; nothing was imported."""

    code = "not_a_list"


class NoImport(WrongUse):
    """There is no such import here."""

    code = "no_import"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--resume", type=int, metavar="N", help="go on with import N, which was cut off")
    parser.add_argument("--topic", metavar="SLUG", help="what these people agreed to")
    parser.add_argument("--basis", choices=[basis.value for basis in Basis], default=Basis.NONE.value)
    parser.add_argument("--evidence", default="", help="how and where they agreed, in words")
    parser.add_argument("--wording", default="", help="the words they agreed to; these are checked")
    parser.add_argument("--evidence-on", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--relation", choices=[each.value for each in Relation if each.value], default="")
    parser.add_argument(
        "--provision", default="", help="of a third party's list: from whom, when, how obtained"
    )
    parser.add_argument(
        "--named-sender", default="", metavar="NAME", help="the sender these people were told"
    )
    parser.add_argument("--purchased", action="store_true", help="the list was bought")
    parser.add_argument("--country", type=_country, metavar="XX", help="where these people live, such as JP")
    parser.add_argument("--confirmed", action="store_true", help="each of them confirmed by mail, elsewhere")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen; write nothing")
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace = workspaces.chosen(options)
    if options.resume is not None:
        return _go_on(workspace.workspace_id, options)
    if options.file is None:
        raise FileAway(hint="FILE")
    topic = workspaces.topic(workspace, options.topic) if options.topic else None
    order = ImportOrder(
        file_name=options.file.name,
        basis=Basis(options.basis),
        evidence=options.evidence,
        wording=options.wording,
        evidence_on=options.evidence_on,
        confirmed=options.confirmed,
        relation=Relation(options.relation),
        provision=options.provision,
        named_sender=options.named_sender,
        purchased=options.purchased,
        country=options.country,
        topic_id=topic.topic_id if topic else None,
    )
    report = _bring_in(workspace.workspace_id, order, options)
    _tell(report, options)
    return 0


def _bring_in(workspace_id: int, order: ImportOrder, options: argparse.Namespace) -> BatchReport:
    try:
        with options.file.open("rb") as stream:
            return bring_in(
                workspace_id,
                stream,
                order,
                dry_run=options.dry_run,
                staff_id=None,
                now=clock.now(),
                rows_max=ROWS_MAX if options.dry_run else SHOWN_ROWS_MAX,
                told=None if options.json else _progress(),
            )
    except OSError as error:
        raise FileAway(hint=f"{options.file}: {error.strerror}") from error
    except UnreadableFile as fault:
        raise NotAList(hint=f"{fault.sentence('en')} / {fault.sentence('ja')}") from fault


def _go_on(workspace_id: int, options: argparse.Namespace) -> int:
    """What was committed stays; the rest comes in now, from the copy of the file that was kept."""
    if selectors.batch(workspace_id, options.resume) is None:
        raise NoImport(hint=str(options.resume))
    services.run(workspace_id, options.resume, now=clock.now())
    batch = selectors.batch(workspace_id, options.resume)
    if batch is None:
        raise NoImport(hint=str(options.resume))
    counts = {verdict.value: batch.counts.get(verdict.value, 0) for verdict in Verdict}
    if options.json:
        as_json({"import": batch.batch_id, "state": batch.state, "rows": batch.rows_done, "counts": counts})
    else:
        say(f"import {batch.batch_id}: {batch.state}, {batch.rows_done} rows")
        table([{"verdict": verdict, "rows": count} for verdict, count in counts.items()])
    return 0 if batch.state == "done" else 1


def _country(text: str) -> str:
    if not re.fullmatch("[A-Z]{2}", text):
        raise argparse.ArgumentTypeError("two capital letters, such as JP")
    return text


def _progress() -> Callable[[int], None]:
    """Lines for who waits: how many rows, and how fast; a short list needs none."""
    start = time.monotonic()

    def told(rows: int) -> None:
        if rows >= TOLD_ROWS_MIN:
            rate = rows / max(0.001, time.monotonic() - start)
            sys.stderr.write(f"{rows:,} rows, {rate:,.0f} a second\n")

    return told


def _tell(report: BatchReport, options: argparse.Namespace) -> None:
    counts = {verdict.value: report.counts.get(verdict, 0) for verdict in Verdict}
    rows = [
        {
            "row": row.line,
            "verdict": row.verdict.value,
            "reason": row.reason,
            "warnings": [each.value for each in row.warnings],
        }
        for row in report.rows
    ]
    if options.json:
        as_json({"dry_run": options.dry_run, "rows": report.total, "counts": counts, "listed": rows})
        return
    say(
        f"{report.total} rows ({report.encoding})"
        + (", dry run: nothing was written" if options.dry_run else "")
    )
    table([{"verdict": verdict, "rows": count} for verdict, count in counts.items()])
    if rows:
        say()
        table(
            [
                {
                    "row": row.line,
                    "verdict": row.verdict.value,
                    "reason": row.reason,
                    "why": " ".join([row.sentence_en, *(sentence_of(each, "en") for each in row.warnings)]),
                }
                for row in report.rows
            ]
        )
