"""`shodaku api-key new|list|revoke`: keys of programs. A key is shown once and kept nowhere."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from shodaku.api.domain import KEY_DAYS, Scope
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock

if TYPE_CHECKING:
    from shodaku.api import selectors

BY = "command line"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    new = verbs.add_parser("new", help="make a key and print it, this once")
    new.add_argument("name", help="what it is for, as it stands in the list")
    new.add_argument("--scope", action="append", required=True, choices=[each.value for each in Scope])
    new.add_argument("--days", type=int, default=KEY_DAYS, help="until it ends by itself")
    new.add_argument("--network", action="append", default=[], help="the only place it works from")
    every = verbs.add_parser("list", help="which keys there are; not the keys themselves")
    revoke = verbs.add_parser("revoke", help="end a key at once")
    revoke.add_argument("key", type=int, metavar="NUMBER")
    for sub in (new, every, revoke):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    match options.verb:
        case "new":
            return _new(options)
        case "revoke":
            return _revoke(options)
        case _:
            return _list(options)


def _new(options: argparse.Namespace) -> int:
    from shodaku.api import services  # noqa: PLC0415 - only the chosen command loads its tools

    workspace = workspaces.chosen(options)
    key = services.create_key(
        workspace.workspace_id,
        options.name,
        [Scope(each) for each in options.scope],
        by=BY,
        now=clock.now(),
        days=options.days,
        networks=options.network,
    )
    if options.json:
        as_json({"key": key})
    else:
        say(key)
        say("Keep it now: it is shown this once.")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from shodaku.api import services  # noqa: PLC0415 - only the chosen command loads its tools

    workspace = workspaces.chosen(options)
    services.revoke_key(workspace.workspace_id, options.key, by=BY, now=clock.now())
    if options.json:
        as_json({"revoked": options.key})
    else:
        say("It opens nothing any more.")
    return 0


def _list(options: argparse.Namespace) -> int:
    from shodaku.api import selectors  # noqa: PLC0415 - only the chosen command loads its tools

    now = clock.now()
    found = selectors.keys(workspaces.chosen(options).workspace_id)
    rows = [
        {
            "number": each.key_id,
            "name": each.name,
            "scopes": each.scopes,
            "networks": each.networks,
            "expires_at": each.expires_at,
            "last_used_on": each.last_used_on,
            "state": _state(each, now),
        }
        for each in found
    ]
    if options.json:
        as_json(rows)
    else:
        table(rows)
    return 0


def _state(key: selectors.Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "ended" if key.expires_at <= now else "live"
