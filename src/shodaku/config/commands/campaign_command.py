"""`shodaku campaign …`: send, pause, resume, cancel, status, without a browser."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError, WrongUse

VERBS = {
    "list": "all campaigns",
    "count": "who would get it, and why not the others",
    "send": "count and launch",
    "pause": "stop for a while; what has begun ends within two seconds",
    "resume": "go on, each person checked again",
    "cancel": "stop for good",
    "status": "how far it is",
}


class UnknownCampaign(WrongUse):
    """No campaign has this number."""

    code = "unknown_campaign"


class NotLaunched(ShodakuError):
    """The campaign was not launched."""

    code = "not_launched"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, about in VERBS.items():
        sub = verbs.add_parser(verb, help=about)
        if verb != "list":
            sub.add_argument("id", type=int)
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)
