"""`shodaku erase ADDRESS`: the person is forgotten, certified, and never contacted again."""

from __future__ import annotations

import argparse
import os
import sys

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.consent.domain import Method
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse


class NotConfirmed(WrongUse):
    """Erasing cannot be undone; repeat the command with --yes."""

    code = "not_confirmed"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.erasure import selectors, services  # noqa: PLC0415
    from shodaku.kit.ids import uuid7  # noqa: PLC0415
    from shodaku.optout import services as optout  # noqa: PLC0415
    from shodaku.optout.domain import OptOut, OptOutScope  # noqa: PLC0415

    bind.start_command()
    workspace = workspaces.chosen(options)
    contact_id = workspaces.person(workspace, workspaces.email(options.address))
    if contact_id is None:
        raise workspaces.UnknownPerson(hint="shodaku suppress add keeps a stranger's address out as well")
    _ask(options)
    now = clock.now()
    receipt = optout.opt_out(
        OptOut(
            workspace_id=workspace.workspace_id,
            contact_id=contact_id,
            scope=OptOutScope.ERASE,
            via=Method.STAFF,
        ),
        now,
    )
    progress = selectors.by_receipt(workspace.workspace_id, receipt.number)
    if progress is not None:
        services.forget(
            workspace.workspace_id, progress.erasure_id, now=now, event_id=uuid7(now, os.urandom(10))
        )
    done = selectors.by_receipt(workspace.workspace_id, receipt.number)
    remains = selectors.remains(workspace.workspace_id, contact_id)
    if options.json:
        as_json({"receipt": receipt.number, "state": done and done.state, "remains": remains})
    else:
        state = done.state if done else "requested"
        say(f"Receipt {receipt.number}: {state}, {sum(remains.values())} rows remain")
    return 0 if done is not None and done.state == "certified" and not remains else 1


def _ask(options: argparse.Namespace) -> None:
    if options.yes:
        return
    question = "Erase everything? It cannot be undone. Type “erase”: "
    if not sys.stdin.isatty() or input(question) != "erase":
        raise NotConfirmed
