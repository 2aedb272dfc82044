"""`shodaku suppress add|check ADDRESS`: the never-contact list can be asked, not read; nothing here lifts a
mark.
"""

from __future__ import annotations

import argparse
import os

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db
from shodaku.kit.ids import uuid7
from shodaku.ledger.domain import Value
from shodaku.suppression.domain import Tokens


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
    from shodaku.suppression import selectors, services  # noqa: PLC0415

    bind.start_command()
    workspace = workspaces.chosen(options)
    pair = services.tokens(workspace.workspace_id, Channel.EMAIL, workspaces.email(options.address).address)
    if options.verb == "add":
        _add(workspace.workspace_id, pair)
    found = selectors.suppressed(workspace.workspace_id, [pair]).get(pair.strict)
    if options.json:
        as_json(
            {"suppressed": found is not None, "reason": found and found.reason, "since": found and found.at}
        )
    else:
        say("not on the list" if found is None else f"on the list since {found.at:%Y-%m-%d}: {found.reason}")
    return 0 if found is not None else 1


def _add(workspace_id: int, pair: Tokens) -> None:
    """The mark and its entry: an act of staff that is no secret, about an address that is."""
    from shodaku.ledger import services as ledger  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.ledger.domain import Kind  # noqa: PLC0415
    from shodaku.suppression import services  # noqa: PLC0415

    now = clock.now()
    fields: dict[str, Value] = {"by": "command line", "reason": "staff"}
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        services.suppress([pair], "staff", now=now)
        ledger.record_act(
            workspace_id, Kind.SUPPRESSION_ADDED, fields, event_id=uuid7(now, os.urandom(10)), now=now
        )
