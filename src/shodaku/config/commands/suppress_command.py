"""`shodaku suppress add|check ADDRESS`: the never-contact list can be asked, not read; nothing here lifts a
mark.
"""

from __future__ import annotations

import argparse

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.contacts.domain import Channel
from shodaku.kit import clock


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, about in (
        ("add", "never contact this address again"),
        ("check", "exit status 0 if it is on the list, 1 if not"),
    ):
        sub = verbs.add_parser(verb, help=about)
        sub.add_argument("address")
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.optout import services as optout  # noqa: PLC0415
    from shodaku.suppression import selectors, services  # noqa: PLC0415

    bind.start_command()
    workspace = workspaces.chosen(options)
    address = workspaces.email(options.address).address
    if options.verb == "add":
        optout.suppress_address(
            workspace.workspace_id, Channel.EMAIL, address, by="command line", now=clock.now()
        )
    pair = services.tokens(workspace.workspace_id, Channel.EMAIL, address)
    found = selectors.suppressed(workspace.workspace_id, [pair]).get(pair.strict)
    if options.json:
        as_json(
            {"suppressed": found is not None, "reason": found and found.reason, "since": found and found.at}
        )
    else:
        say("not on the list" if found is None else f"on the list since {found.at:%Y-%m-%d}: {found.reason}")
    return 0 if found is not None else 1
