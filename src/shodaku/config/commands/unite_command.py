"""`shodaku unite ADDRESS ADDRESS`: two contacts are one person; what one refused, both refuse."""

from __future__ import annotations

import argparse

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("addresses", nargs=2, metavar="ADDRESS", help="e-mail address or telephone number")
    parser.add_argument("--by", default="command line", help="who knows it")
    parser.add_argument(
        "--told-by",
        choices=("each", "first", "second"),
        default="each",
        help="whose name, reading, company, birthday and language both have from now on",
    )
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.contacts.services import Told  # noqa: PLC0415
    from shodaku.optout import services  # noqa: PLC0415

    bind.start_command()
    workspace = workspaces.chosen(options)
    one, other = (services.owner(workspace.workspace_id, each) for each in options.addresses)
    if one is None or other is None:
        missing = options.addresses[0 if one is None else 1]
        raise workspaces.UnknownPerson(hint=missing)
    winner = {"first": one, "second": other}.get(options.told_by)
    wins = {} if winner is None else dict.fromkeys(Told, winner)
    new = services.unite(workspace.workspace_id, one, other, by=options.by, now=clock.now(), wins=wins)
    if options.json:
        as_json({"new": new})
    else:
        say("One person from now on." if new else "That was known.")
    return 0
