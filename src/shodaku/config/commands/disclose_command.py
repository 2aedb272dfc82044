"""`shodaku disclose ADDRESS -o FILE`: all that is kept about somebody who asked, for a machine to read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import require_free, say, write_private
from shodaku.kit import clock


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", required=True, help="JSON, for their eyes alone"
    )
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 if nobody here has this address: the file says so."""
    from shodaku.complaints import services  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.config import bind  # noqa: PLC0415

    bind.start_command()
    require_free(options.output)
    workspace_id = workspaces.chosen(options).workspace_id
    told = services.disclose(workspace_id, options.address, clock.now(), by="command line")
    write_private(options.output, json.dumps(told.content, ensure_ascii=False, indent=2))
    rows = sum(map(len, told.content.get("records", {}).values()))
    say(
        f"{rows} rows in {options.output}" if told.known else "nobody here has this address; the file says so"
    )
    return 0 if told.known else 1
