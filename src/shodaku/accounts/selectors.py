"""What is known of workspaces, senders and staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.accounts.domain import (
    EvidenceRetention,
    Membership,
    Role,
    Sender,
    SenderVersion,
    Workspace,
)
from shodaku.kit import db

SIGN_INS_MAX: Final = 100  # of one person, the latest
SENDER_VERSIONS_MAX: Final = 50  # of one sender, the newest

_sql = db.Statements("shodaku.accounts")


@dataclass(frozen=True, slots=True)
class StaffRow:
    staff_id: int
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who is asked to work here. `mailing_id`: the mail with the link; None: it was handed over."""

    invitation_id: int
    email: str
    role: str
    locale: str
    mailing_id: int | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser where somebody is signed in, until `ends_at` unless a page is opened there before."""

    sign_in_id: int
    session_key: str
    program: str  # as the browser calls itself
    network: str
    created_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """What decides in a workspace how long evidence is kept."""

    setting: EvidenceRetention
    mail_order: bool
    zone: ZoneInfo  # whose calendar months count


def workspaces() -> list[Workspace]:
    with db.transaction(None):
        return _sql.rows("list_workspaces", Workspace)


def workspace(workspace_id: int) -> Workspace | None:
    with db.transaction(None):
        return _sql.row("get_workspace", Workspace, workspace_id=workspace_id)


def workspace_by_slug(slug: str) -> Workspace | None:
    with db.transaction(None):
        return _sql.row("get_workspace_by_slug", Workspace, slug=slug)


def retention(workspace_id: int) -> Retention | None:
    with db.transaction(None):
        row = _sql.row("get_retention", _RetentionRow, workspace_id=workspace_id)
    if row is None:
        return None
    return Retention(EvidenceRetention(row.evidence_retention), row.b2c_mail_order, ZoneInfo(row.timezone))


def two_persons_above(workspace_id: int) -> int | None:
    """A launch to more people than this needs a second person's yes; None: none does."""
    with db.transaction(workspace_id):
        above: int | None = _sql.scalar("get_two_persons_above")
        return above


def senders(workspace_id: int) -> list[Sender]:
    """Those in use, the first that was added first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_senders", Sender, retired_too=False)


def every_sender(workspace_id: int) -> list[Sender]:
    """Those in use, and then the retired ones."""
    with db.transaction(workspace_id):
        return _sql.rows("list_senders", Sender, retired_too=True)


def sender(workspace_id: int, sender_id: int) -> Sender | None:
    with db.transaction(workspace_id):
        return _sql.row("get_sender", Sender, sender_id=sender_id)


def sender_versions(workspace_id: int, sender_id: int) -> list[SenderVersion]:
    """What messages said of who sends, the newest first; one more than are shown, to compare with."""
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_sender_versions", SenderVersion, sender_id=sender_id, rows_max=SENDER_VERSIONS_MAX + 1
        )


def memberships(staff_id: int) -> list[Membership]:
    """Where this person works, in the order of joining."""
    with db.transaction(None) as connection:
        db.see(connection, db.Setting.STAFF, staff_id)
        rows = _sql.rows("list_memberships", Membership, staff_id=staff_id)
        db.see(connection, db.Setting.STAFF, None)
    return [Membership(row.workspace_id, row.slug, row.name, Role(row.role)) for row in rows]


def staff_exists() -> bool:
    """Has anybody an account yet?"""
    with db.transaction(None):
        return bool(_sql.scalar("staff_exists"))


def staff_id_of(email: str) -> int | None:
    """The account with this e-mail address."""
    with db.transaction(None):
        found: int | None = _sql.scalar("staff_id_of", email=email)
        return found


def staff(workspace_id: int) -> list[StaffRow]:
    with db.transaction(workspace_id):
        return _sql.rows("list_staff", StaffRow)


def invitations(workspace_id: int) -> list[Invitation]:
    """The oldest first; one whose time is over stands until the night."""
    with db.transaction(workspace_id):
        return _sql.rows("list_invitations", Invitation)


def sign_ins(staff_id: int, *, now: datetime) -> list[SignIn]:
    """Where this person is signed in, the latest used first."""
    with db.transaction(None):
        return _sql.rows("list_sign_ins", SignIn, staff_id=staff_id, now=now, rows_max=SIGN_INS_MAX)


def guide_is_away(workspace_id: int, staff_id: int) -> bool:
    """Has this member put the guide of the first steps away?"""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("guide_is_away", staff_id=staff_id))


@dataclass(frozen=True, slots=True)
class _RetentionRow:
    evidence_retention: str
    b2c_mail_order: bool
    timezone: str
