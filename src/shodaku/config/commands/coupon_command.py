"""`shodaku coupon …`: how often coupons of campaigns were used."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from shodaku.accounts.domain import Workspace
from shodaku.config.commands import workspaces
from shodaku.config.commands.import_command import FileAway, NotAList
from shodaku.config.commands.output import as_json, say, table
from shodaku.contacts import selectors as contacts
from shodaku.imports import services
from shodaku.imports.domain import CouponVerdict, UnreadableFile, WrittenUse
from shodaku.kit import clock

BY: Final = "command line"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="what was noted last")
    used = verbs.add_parser("used", help="a code was used")
    used.add_argument("code")
    used.add_argument("--on", metavar="DAY", default="", help="such as 2026-12-01; without it, today")
    used.add_argument("--times", metavar="NUMBER", default="1", help="how often on that day")
    used.add_argument("--receipt", metavar="TEXT", default="", help="the same one again counts once")
    brought = verbs.add_parser("import", help="a list of uses, with a verdict for each row")
    brought.add_argument("file", type=Path)
    brought.add_argument("--dry-run", action="store_true", help="say what would happen; write nothing")
    for sub in (every, used, brought):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    act = {"list": _list, "used": _used, "import": _import}[options.verb]
    return act(workspaces.chosen(options), options)


def _list(workspace: Workspace, options: argparse.Namespace) -> int:
    rows = [
        {"number": each.use_no, "code": each.code, "on": each.used_on, "times": each.times}
        for each in contacts.coupon_uses(workspace.workspace_id)
    ]
    if options.json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("no coupon was used yet; note one with: shodaku coupon used CODE")
    return 0


def _used(workspace: Workspace, options: argparse.Namespace) -> int:
    now = clock.now()
    written = WrittenUse(
        code=options.code, used=options.on or now.isoformat(), times=options.times, receipt=options.receipt
    )
    (verdict,) = services.note_coupon_uses(workspace.workspace_id, [written], by=BY, staff_id=None, now=now)
    if options.json:
        as_json({"verdict": verdict.value})
    else:
        say(verdict.value)
    return 0 if verdict in (CouponVerdict.RECORDED, CouponVerdict.KNOWN_ALREADY) else 2


def _import(workspace: Workspace, options: argparse.Namespace) -> int:
    try:
        with options.file.open("rb") as stream:
            report = services.import_coupon_uses(
                workspace.workspace_id,
                stream,
                by=BY,
                staff_id=None,
                now=clock.now(),
                dry_run=options.dry_run,
            )
    except OSError as error:
        raise FileAway(hint=f"{options.file}: {error.strerror}") from error
    except UnreadableFile as fault:
        raise NotAList(hint=f"{fault.sentence('en')} / {fault.sentence('ja')}") from fault
    counts = {verdict.value: count for verdict, count in sorted(report.counts.items())}
    rows = [{"row": number, "verdict": verdict.value} for number, verdict in report.listed]
    if options.json:
        as_json({"dry_run": options.dry_run, "rows": report.rows, "counts": counts, "listed": rows})
        return 0
    say(f"{report.rows} rows" + (", nothing was written" if options.dry_run else ""))
    table([{"verdict": verdict, "rows": count} for verdict, count in counts.items()])
    if rows:
        table(rows)
    return 0
