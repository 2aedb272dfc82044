"""`shodaku opt-out ADDRESS --via telephone`: a no that somebody told, wrote on paper, or said to a client."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.consent.domain import Method
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

if TYPE_CHECKING:
    from shodaku.optout.domain import Receipt

CLIENT = "client"
WAYS = {"telephone": Method.TELEPHONE, "paper": Method.PAPER, CLIENT: Method.STAFF}


class NoTime(WrongUse):
    """A time has the form 2026-11-22T09:41+09:00."""

    code = "no_time"


class NoClient(WrongUse):
    """Name the business that received it: --client."""

    code = "no_client"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", help="e-mail address or telephone number")
    parser.add_argument("--via", choices=sorted(WAYS), required=True)
    parser.add_argument("--by", default="command line", help="who writes it down")
    parser.add_argument("--client", default="", help="with --via client: the business that received it")
    parser.add_argument("--at", metavar="TIME", help="with --via client: when it came there")
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace, now = workspaces.chosen(options), clock.now()
    receipt = _stop(workspace.workspace_id, options, now)
    if options.json:
        as_json({"receipt": receipt and receipt.number, "known": receipt is not None})
    elif receipt is None:
        say("Nobody here has this address; it is never contacted.")
    else:
        say(f"Stopped. Receipt {receipt.number}")
    return 0


def _stop(workspace_id: int, options: argparse.Namespace, now: datetime) -> Receipt | None:
    from shodaku.optout import services  # noqa: PLC0415 - only the chosen command loads its tools

    if options.via != CLIENT:
        return services.stop_for(workspace_id, options.address, WAYS[options.via], by=options.by, now=now)
    if not options.client:
        raise NoClient
    received_at = _time(options.at) if options.at else now
    return services.receive_for_client(
        workspace_id, options.address, options.client, received_at, now, by=options.by
    )


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NoTime from None
    if at.utcoffset() is None:
        raise NoTime
    return at
