"""`shodaku user create`: a staff account, with a role in a workspace."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from shodaku.accounts.domain import Role, SlugFault, Workspace, parse_slug
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import say
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger.domain import Value


class PasswordTooWeak(WrongUse):
    """Another password is needed: at least 12 characters, and none that everybody uses."""

    code = "password_too_weak"


class UnknownWorkspace(WrongUse):
    """No workspace has this short name; --create makes it."""

    code = "unknown_workspace"


class NoShortName(WrongUse):
    """A short name is made of small letters, digits and hyphens, at most 40."""

    code = "no_short_name"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser(
        "create",
        help="a staff account; the password is asked for, or read from standard input. "
        "Who has an account already gets the role alone",
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

    email = workspaces.email(options.email).address
    slug = _short_name(options.workspace)
    if selectors.workspace_by_slug(slug) is None and not options.create:
        raise UnknownWorkspace
    staff_id = selectors.staff_id_of(email)
    password = _password() if staff_id is None else ""  # who has an account keeps the password
    now = clock.now()
    with services.one_transaction():
        workspace = selectors.workspace_by_slug(slug) or services.create_workspace(slug, slug, now=now)
        if staff_id is None:
            staff_id = services.create_staff(email, options.name, password, now=now)
        services.join(workspace.workspace_id, staff_id, Role(options.role), now=now)
        _record(workspace, staff_id, options.role)
    say(f"{email}: {options.role} of {workspace.slug}")
    return 0


def _short_name(text: str) -> str:
    try:
        return parse_slug(text)
    except SlugFault as fault:
        raise NoShortName from fault


def _password() -> str:
    from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415 - set up by run
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password)
    except ValidationError as fault:
        raise PasswordTooWeak from fault
    return password


def _record(workspace: Workspace, staff_id: int, role: str) -> None:
    from shodaku.ledger import services as ledger  # noqa: PLC0415 - only the chosen command loads its tools

    now = clock.now()
    joined: dict[str, Value] = {"role": role, "staff": staff_id, "by": "command line"}
    ledger.record_act(
        workspace.workspace_id, "admin.member.joined", joined, event_id=uuid7(now, os.urandom(10)), now=now
    )
