"""`shodaku ledger verify`: does everything recorded still agree? What rests on what does not, stops."""

from __future__ import annotations

import argparse

from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="read every entry again; exit status 1 if one does not agree")
    verify.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.config import bind  # noqa: PLC0415
    from shodaku.consent import services as consent  # noqa: PLC0415

    bind.start_command()
    now = clock.now()
    audits = {each.slug: consent.audit(each.workspace_id, now=now) for each in accounts.workspaces()}
    for slug, audit in audits.items():
        if options.json:
            as_json(
                {
                    "workspace": slug,
                    "entries": audit.entries,
                    "opened": audit.opened,
                    "shredded": audit.shredded,
                    "faults": [{"kind": fault.kind.value, "number": fault.number} for fault in audit.faults],
                }
            )
            continue
        say(f"{slug}: {audit.entries} entries, {audit.opened} opened, {audit.shredded} of erased people")
        for fault in audit.faults:
            say(f"  {fault.kind.value}: {fault.number}")
    return 0 if all(audit.consistent for audit in audits.values()) else 1
