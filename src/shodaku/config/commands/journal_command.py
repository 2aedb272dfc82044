"""`shodaku journal [list]`, `shodaku journal check`: what was said, beside the database; and does it know?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock

if TYPE_CHECKING:
    from shodaku.optout.tending import Overview


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", nargs="?", choices=("list", "check"), default="list")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.optout import tending  # noqa: PLC0415

    bind.start_command()
    found = tending.overview(clock.now())
    if options.json:
        _as_json(found)
    elif options.verb == "list":
        _list(found)
    else:
        _check(found)
    return 1 if options.verb == "check" and found.behind else 0


def _list(found: Overview) -> None:
    for each in found.hosts:
        mine = "  (this host)" if each.host == found.host else ""
        say(f"{each.host}  last line {each.last}, the database has {each.count}{mine}")
    say(f"Received and not obeyed yet: {found.received}")
    for name, copied in found.copies.items():
        state = f"fault {copied.fault}" if copied.fault else "well"
        say(f"{name}  up to line {copied.seq}, {copied.at or 'never'}: {state}")
    if not found.copies:
        say("No copy: set SHODAKU_JOURNAL_COPY.")


def _check(found: Overview) -> None:
    for host, seq in found.unreadable.items():
        say(f"Missing: the journal of host {host} from line {seq} on.")
        say("Bring it: shodaku restore --journal FOLDER")
    for workspace_id in found.lost_heads:
        say(f"The ledger of workspace {workspace_id} was signed further than the database goes.")
    if found.behind:
        say(
            f"The database is behind: {found.missing} lines are missing. Nothing is sent until they are told."
        )
    else:
        say("The database knows every line.")


def _as_json(found: Overview) -> None:
    as_json(
        {
            "host": found.host,
            "behind": found.behind,
            "missing": found.missing,
            "unreadable": found.unreadable,
            "lost_heads": found.lost_heads,
            "received": found.received,
            "hosts": {each.host: {"last": each.last, "applied": each.count} for each in found.hosts},
            "copies": {
                name: {"seq": each.seq, "at": each.at, "fault": each.fault}
                for name, each in found.copies.items()
            },
        }
    )
