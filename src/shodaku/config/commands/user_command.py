"""`shodaku user create|list|role|remove`: staff accounts and their roles in a workspace."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TYPE_CHECKING

from shodaku.accounts.domain import Role, SlugFault, Workspace, parse_slug
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock, db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger.domain import Value

if TYPE_CHECKING:
    from shodaku.accounts.selectors import StaffRow


class PasswordTooWeak(WrongUse):
    """Another password is needed: at least 12 characters, and none that everybody uses."""

    code = "password_too_weak"


class UnknownWorkspace(WrongUse):
    """No workspace has this short name; --create makes it."""

    code = "unknown_workspace"


class UnknownMember(WrongUse):
    """Nobody with this address works in the workspace; see shodaku user list."""

    code = "unknown_member"


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
    every = verbs.add_parser("list", help="who works here")
    role = verbs.add_parser("role", help="another role; the person signs in again")
    role.add_argument("email")
    role.add_argument("--role", choices=[role.value for role in Role], required=True)
    remove = verbs.add_parser("remove", help="works here no more, and is signed out everywhere")
    remove.add_argument("email")
    for sub in (every, role, remove):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    match options.verb:
        case "list":
            return _list(options)
        case "role":
            return _role(options)
        case "remove":
            return _remove(options)
        case _:
            return _create(options)


def _create(options: argparse.Namespace) -> int:
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


def _list(options: argparse.Namespace) -> int:
    from shodaku.accounts import selectors  # noqa: PLC0415 - only the chosen command loads its tools

    found = selectors.staff(workspaces.chosen(options).workspace_id)
    rows = [{"email": each.email, "name": each.name, "role": each.role} for each in found]
    if options.json:
        as_json(rows)
    else:
        table(rows)
    return 0


def _role(options: argparse.Namespace) -> int:
    from shodaku.accounts import services  # noqa: PLC0415 - only the chosen command loads its tools

    workspace, member = _member(options)
    with db.transaction(workspace.workspace_id):
        services.join(workspace.workspace_id, member.staff_id, Role(options.role), now=clock.now())
        _record_act(workspace, "admin.member.changed", member.staff_id, options.role)
    _told(options, {"email": member.email, "role": options.role})
    return 0


def _remove(options: argparse.Namespace) -> int:
    from shodaku.accounts import services  # noqa: PLC0415 - only the chosen command loads its tools

    workspace, member = _member(options)
    with db.transaction(workspace.workspace_id):
        before = services.leave(workspace.workspace_id, member.staff_id)
        _record_act(workspace, "admin.member.left", member.staff_id, before.value)
    _told(options, {"email": member.email, "removed": True})
    return 0


def _member(options: argparse.Namespace) -> tuple[Workspace, StaffRow]:
    """Raises UnknownMember."""
    from shodaku.accounts import selectors  # noqa: PLC0415 - only the chosen command loads its tools

    workspace = workspaces.chosen(options)
    email = workspaces.email(options.email).address.lower()
    found = next((each for each in selectors.staff(workspace.workspace_id) if each.email == email), None)
    if found is None:
        raise UnknownMember
    return workspace, found


def _told(options: argparse.Namespace, said: dict[str, object]) -> None:
    if options.json:
        as_json(said)
    else:
        say(", ".join(f"{name}: {value}" for name, value in said.items()))


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
    _record_act(workspace, "admin.member.joined", staff_id, role)


def _record_act(workspace: Workspace, kind: str, staff_id: int, role: str) -> None:
    from shodaku.ledger import services as ledger  # noqa: PLC0415 - only the chosen command loads its tools

    now = clock.now()
    said: dict[str, Value] = {"role": role, "staff": staff_id, "by": "command line"}
    ledger.record_act(workspace.workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now)
