"""`shodaku user create`: a staff account, with a role in a workspace."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from shodaku.accounts.domain import Role
from shodaku.config.commands.output import say
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger.domain import Value

PASSWORD_CHARACTERS_MIN = 12


class PasswordTooShort(WrongUse):
    """A password needs at least 12 characters."""

    code = "password_too_short"


class UnknownWorkspace(WrongUse):
    """No workspace has this short name; --create makes it."""

    code = "unknown_workspace"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser(
        "create", help="a staff account; the password is asked for, or read from standard input"
    )
    create.add_argument("email")
    create.add_argument("--name", required=True)
    create.add_argument("--workspace", required=True, metavar="SLUG")
    create.add_argument("--create", action="store_true", help="make the workspace if it does not exist")
    create.add_argument("--role", choices=[role.value for role in Role], default=Role.OWNER.value)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    from shodaku.accounts import selectors, services  # noqa: PLC0415 - the model of staff needs Django set up
    from shodaku.ledger import services as ledger  # noqa: PLC0415

    now = clock.now()
    password = _password()
    workspace = selectors.workspace_by_slug(options.workspace)
    if workspace is None and not options.create:
        raise UnknownWorkspace
    if workspace is None:
        workspace = services.create_workspace(options.workspace, options.workspace, now=now)
    staff_id = services.create_staff(options.email, options.name, password, now=now)
    services.join(workspace.workspace_id, staff_id, Role(options.role), now=now)
    joined: dict[str, Value] = {"role": options.role, "staff": staff_id, "by": "command line"}
    ledger.record_act(
        workspace.workspace_id, "admin.member.joined", joined, event_id=uuid7(now, os.urandom(10)), now=now
    )
    say(f"{options.email}: {options.role} of {workspace.slug}")
    return 0


def _password() -> str:
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise PasswordTooShort
    return password
