"""Somebody is asked to work in a workspace: the link, who it opens for, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from shodaku.accounts import members, selectors
from shodaku.accounts.domain import Role, Workspace
from shodaku.accounts.selectors import Invitation
from shodaku.kit import db, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form

INVITATION_DAYS: Final = 7

_sql = db.Statements("shodaku.accounts")


class InvitationOver(ShodakuError):
    """An invitation works once and for seven days, unless it is taken back; ask an owner for another one."""

    code = "invitation_over"


class OtherAccount(ShodakuError):
    """The invitation is for another address than the one you are signed in with."""

    code = "other_account"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: who asks whom, and whether they have an account."""

    workspace: Workspace
    invitation: Invitation
    staff_id: int | None
    mailbox_proved: bool  # by a link that came by mail; one that was handed over proves nothing


@dataclass(frozen=True, slots=True)
class Newcomer:
    name: str
    password: str


def ask(
    workspace_id: int, email: str, role: Role, *, locale: str, invited_by: int | None, now: datetime
) -> int:
    """Number of the invitation; one of before to the same address is over. Raises TooManyMembers."""
    address = email.lower()
    with db.transaction(workspace_id):
        if _sql.scalar("count_members", email=address) >= members.MEMBERS_MAX:
            raise members.TooManyMembers
        _sql.run("delete_invitation_of", email=address)
        invitation_id: int = _sql.scalar(
            "insert_invitation",
            email=address,
            role=role,
            locale=locale,
            invited_by=invited_by,
            now=now,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
        return invitation_id


def carried_by(workspace_id: int, invitation_id: int, mailing_id: int) -> None:
    """The mail whose link opens this invitation too, in the open transaction."""
    with db.transaction(workspace_id):
        _sql.run("set_invitation_mailing", invitation_id=invitation_id, mailing_id=mailing_id)


def link(workspace_id: int, invitation_id: int) -> str:
    """To hand over by oneself, where no mail can leave. It is made again each time, and kept nowhere."""
    token = _keys().make(Token(workspace_id, 0, invitation_id, Purpose.INVITATION))
    return f"{runtime.current().public_url}/console/join/{url_form(token)}"


def open_link(text: str, now: datetime) -> Opened | None:
    """Looking changes nothing. None: never ours, or over."""
    token = _keys().read_url(text, Purpose.INVITATION)
    workspace = None if token is None else selectors.workspace(token.workspace_id)
    if token is None or workspace is None:
        return None
    with db.transaction(token.workspace_id):
        found = _sql.row("get_invitation", Invitation, now=now, **_named(token))
    if found is None:
        return None
    return Opened(workspace, found, selectors.staff_id_of(found.email), bool(token.subject_id))


def accept(opened: Opened, staff_id: int, *, now: datetime) -> None:
    """Who has an account begins to work here. Raises OtherAccount, InvitationOver.

    A link alone never gives an account of somebody else a role: whoever follows it must be signed in as them.
    """
    if opened.staff_id != staff_id:
        raise OtherAccount
    with db.transaction(opened.workspace.workspace_id):
        taken = _take(opened, now)
        members.join(opened.workspace.workspace_id, staff_id, Role(taken.role), now=now)


def begin(opened: Opened, newcomer: Newcomer, *, now: datetime) -> int:
    """An account and the role, or neither; the new person's id. Raises StaffExists, InvitationOver."""
    workspace_id = opened.workspace.workspace_id
    with transaction.atomic(), db.transaction(workspace_id):
        taken = _take(opened, now)
        staff_id = members.create_staff(
            taken.email,
            newcomer.name,
            newcomer.password,
            now=now,
            locale=taken.locale,
            mailbox_proved=opened.mailbox_proved,
        )
        members.join(workspace_id, staff_id, Role(taken.role), now=now)
        return staff_id


def take_back(workspace_id: int, invitation_id: int, *, now: datetime) -> Role:
    """The link opens nothing any more; the role it was for. Raises InvitationOver."""
    with db.transaction(workspace_id):
        taken = _sql.row("take_invitation", Invitation, invitation_id=invitation_id, now=now)
        if taken is None:
            raise InvitationOver
        return Role(taken.role)


def forget_ended(workspace_id: int, *, now: datetime) -> int:
    """Invitations that nobody used in time, with their addresses; how many."""
    with db.transaction(workspace_id):
        return _sql.run("delete_ended_invitations", now=now)


def _take(opened: Opened, now: datetime) -> Invitation:
    taken = _sql.row("take_invitation", Invitation, invitation_id=opened.invitation.invitation_id, now=now)
    if taken is None:
        raise InvitationOver
    return taken


def _named(token: Token) -> dict[str, int | None]:
    """A mailed link names its mail, which proves the mailbox; one that was handed over names the row."""
    if token.subject_id:
        return {"mailing_id": token.subject_id, "invitation_id": None}
    return {"mailing_id": None, "invitation_id": token.contact_id}


def _keys() -> LinkKeys:
    return LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
