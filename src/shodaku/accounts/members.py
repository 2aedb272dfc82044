"""Accounts of staff and their roles in workspaces; a workspace keeps an owner."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress

from shodaku.accounts.domain import Role
from shodaku.accounts.models import Staff
from shodaku.accounts.signing_in import end_sign_ins
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse

MEMBERS_MAX: Final = 200  # of a workspace, with those who are asked

_sql = db.Statements("shodaku.accounts")


class StaffExists(WrongUse):
    """Somebody with this e-mail address exists already."""

    code = "staff_exists"


class NoSuchMember(ShodakuError):
    """Nobody of this number works here."""

    code = "no_such_member"


class TooManyMembers(WrongUse):
    """A workspace has at most 200 members and open invitations; remove one that is not needed."""

    code = "too_many_members"


class LastOwner(ShodakuError):
    """A workspace keeps at least one owner; name another one first."""

    code = "last_owner"


def create_staff(
    email: str, name: str, password: str, *, now: datetime, locale: str = "ja", mailbox_proved: bool = True
) -> int:
    """The new person's id. Raises StaffExists.

    Where the mailbox was not proved, whoever comes with the address from the organisation's provider ends
    this password and its sign-ins: they may be somebody else's (allauth, `wipe_password`).
    """
    with db.transaction(None):
        if Staff.objects.filter(email__iexact=email).exists():
            raise StaffExists
        staff = Staff(email=email.lower(), name=name, locale=locale, created_at=now)
        staff.set_password(password)
        staff.save()
        EmailAddress.objects.create(
            user=staff, email=staff.email, verified=mailbox_proved, primary=True
        )  # allauth asks for one
        return staff.id


def staff(staff_id: int) -> Staff:
    """The account itself, for sign-in alone. Raises Staff.DoesNotExist."""
    return Staff.objects.get(id=staff_id)


def join(workspace_id: int, staff_id: int, role: Role, *, now: datetime) -> None:
    """Give a role, or another one. Raises LastOwner when it would leave the workspace without an owner."""
    with db.transaction(workspace_id):
        before = _role_of(staff_id)
        if role is not Role.OWNER:
            _keep_an_owner(staff_id, before)
        _sql.run("upsert_membership", staff_id=staff_id, role=role, now=now)
        if before not in (None, role):
            end_sign_ins(staff_id)


def leave(workspace_id: int, staff_id: int) -> Role:
    """The person works here no more and is signed out; the role they had. Raises NoSuchMember, LastOwner."""
    with db.transaction(workspace_id):
        before = _role_of(staff_id)
        if before is None:
            raise NoSuchMember
        _keep_an_owner(staff_id, before)
        _sql.run("delete_membership", staff_id=staff_id)
        end_sign_ins(staff_id)
        return before


def _role_of(staff_id: int) -> Role | None:
    """Roles change one after the other."""
    _sql.scalars("lock_members")
    found = _sql.scalar("role_of", staff_id=staff_id)
    return None if found is None else Role(found)


def _keep_an_owner(staff_id: int, before: Role | None) -> None:
    if before is Role.OWNER and not _sql.scalar("count_other_owners", staff_id=staff_id):
        raise LastOwner
