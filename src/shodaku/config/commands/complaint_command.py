"""`shodaku complaint ADDRESS`: stop everything to it, and put together what proves why it was written to.

Each is a case, as at the desk: `--cases` lists them, `--case N` shows the log of one, and `--step` goes on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, require_free, say, table, write_private
from shodaku.kit import clock

_STEPS: Final = ("note", "answered", "close", "reopen")


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", nargs="?", help="without one: what came to the desk so far")
    parser.add_argument("--says", default="", help="their words; kept sealed under their own key")
    parser.add_argument("--cases", action="store_true", help="the cases, newest first")
    parser.add_argument("--unfinished", action="store_true", help="with --cases: those that are not closed")
    parser.add_argument("--case", type=int, metavar="N", help="the log of this case")
    parser.add_argument(
        "--step", choices=[*_STEPS], help="with --case: what was done with it; of a note the words are --says"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the whole bundle, as JSON")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 if there is evidence, 1 if none was found; everything is stopped in either case."""
    from shodaku.complaints import selectors, services  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.config import bind  # noqa: PLC0415

    bind.start_command()
    require_free(options.output)
    workspace_id = workspaces.chosen(options).workspace_id
    if options.case is not None:
        return _case(workspace_id, options)
    if options.cases:
        state = selectors.UNFINISHED if options.unfinished else None
        found = selectors.cases(workspace_id, state=state, rows_max=selectors.SHOWN_ROWS_MAX)
        return _list([asdict(each) for each in found], as_lines=options.json)
    if options.address is None:
        return _list([asdict(each) for each in selectors.complaints(workspace_id)], as_lines=options.json)
    pack = services.answer_claim(workspace_id, options.address, options.says, clock.now(), by="command line")
    letter = services.reply_to(workspace_id, pack)
    bundle: dict[str, Any] = {**asdict(pack), "found": pack.found, "missing": pack.missing, "letter": letter}
    if options.output is not None:
        write_private(options.output, json.dumps(bundle, ensure_ascii=False, default=str, indent=2))
    if options.json:
        as_json(bundle)
    else:
        say(letter)
        say()
        missing = ", ".join(pack.missing) or "nothing"
        say(f"Case {pack.case_id}. Stopped, receipt {pack.receipt or '-'}. Missing: {missing}")
    return 0 if pack.found else 1


def _case(workspace_id: int, options: argparse.Namespace) -> int:
    """Raises NoCase, CaseRefused, NoteTooLong."""
    from shodaku.complaints import selectors, services  # noqa: PLC0415 - only the chosen command loads its tools

    number, now, by = options.case, clock.now(), "command line"
    match options.step:
        case "note":
            services.note(workspace_id, number, options.says, now, by=by)
        case "answered":
            services.answered(workspace_id, number, now, by=by)
        case "close":
            services.close(workspace_id, number, now, by=by)
        case "reopen":
            services.reopen(workspace_id, number, now, by=by)
    if selectors.case(workspace_id, number) is None:
        raise services.NoCase
    return _list([asdict(each) for each in selectors.steps(workspace_id, number)], as_lines=options.json)


def _list(rows: list[dict[str, Any]], *, as_lines: bool) -> int:
    if as_lines:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("nothing came to the desk yet")
    return 0
