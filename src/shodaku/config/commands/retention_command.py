"""`shodaku retention`: how long what proves a consent is kept, and orders that lengthen it."""

from __future__ import annotations

import argparse
import os
from datetime import date, datetime

from shodaku.accounts.domain import EvidenceRetention
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        choices=[each.value for each in EvidenceRetention],
        help="default: 3 years after the last advertisement; statutory: 1 month, 3 years in mail order",
    )
    parser.add_argument(
        "--order",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="an order under article 7 of the Act on Specified Electronic Mail came on this day",
    )
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.accounts import services  # noqa: PLC0415
    from shodaku.config import bind  # noqa: PLC0415
    from shodaku.erasure import services as erasure  # noqa: PLC0415
    from shodaku.kit.ids import uuid7  # noqa: PLC0415
    from shodaku.ledger import services as ledger  # noqa: PLC0415

    bind.start_command()
    workspace_id, now = workspaces.chosen(options).workspace_id, clock.now()
    here = accounts.retention(workspace_id)
    if here is None:
        raise workspaces.UnknownWorkspace
    if options.keep is not None:
        said = {"retention": options.keep, "by": "command line"}
        ledger.record_act(
            workspace_id, "admin.retention.changed", said, event_id=uuid7(now, os.urandom(10)), now=now
        )
        services.change_retention(workspace_id, EvidenceRetention(options.keep))
    if options.order is not None:
        day = options.order
        at = datetime(day.year, day.month, day.day, tzinfo=here.zone)
        erasure.record_order(workspace_id, at=at, by="command line", now=now)
    _tell(workspace_id, as_lines=options.json)
    return 0


def _tell(workspace_id: int, *, as_lines: bool) -> None:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - as above
    from shodaku.erasure import services as erasure  # noqa: PLC0415

    here = accounts.retention(workspace_id)
    setting = here.setting.value if here else ""
    orders = [f"{each.at.astimezone(here.zone):%Y-%m-%d}" for each in erasure.orders(workspace_id) if here]
    if as_lines:
        as_json({"keep": setting, "orders": orders})
    else:
        say(f"evidence is kept: {setting}")
        say(f"orders under article 7: {', '.join(orders) or 'none'}")
