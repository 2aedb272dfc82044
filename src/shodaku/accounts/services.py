"""Workspaces, senders, staff and their roles are made and changed here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction

from shodaku.accounts import selectors
from shodaku.accounts.displays import keep_display
from shodaku.accounts.domain import (
    Act,
    EndedNotice,
    EvidenceRetention,
    OptOutRule,
    Role,
    Sender,
    Theme,
    Workspace,
    check_sender,
    may,
    parse_slug,
)
from shodaku.accounts.inviting import (
    InvitationOver,
    Newcomer,
    Opened,
    OtherAccount,
    accept,
    ask,
    begin,
    carried_by,
    forget_ended,
    link,
    open_link,
    take_back,
)
from shodaku.accounts.members import (
    MEMBERS_MAX,
    LastOwner,
    NoSuchMember,
    StaffExists,
    TooManyMembers,
    create_staff,
    join,
    leave,
    staff,
)
from shodaku.accounts.models import Staff
from shodaku.accounts.retiring import (
    SENDERS_MAX,
    LastSender,
    NoSuchSender,
    TooManySenders,
    lock_senders,
    put_out_of_use,
    require_room,
    take_into_use,
)
from shodaku.accounts.signing_in import end_other_sign_ins, end_sign_in, end_sign_ins, note_sign_in
from shodaku.kit import db
from shodaku.kit.errors import WrongUse

__all__ = [
    "MEMBERS_MAX",
    "SENDERS_MAX",
    "AlreadySetUp",
    "InvitationOver",
    "LastOwner",
    "LastSender",
    "NewOwner",
    "Newcomer",
    "NoSecondPerson",
    "NoSuchMember",
    "NoSuchSender",
    "Opened",
    "OtherAccount",
    "SlugTaken",
    "StaffExists",
    "TooManyMembers",
    "TooManySenders",
    "accept",
    "ask",
    "begin",
    "carried_by",
    "change_opt_out_rule",
    "change_retention",
    "change_workspace",
    "choose_screen",
    "create_staff",
    "create_workspace",
    "declare_mail_order",
    "end_other_sign_ins",
    "end_sign_in",
    "end_sign_ins",
    "first_login_allowed",
    "first_login_token",
    "forget_ended",
    "join",
    "leave",
    "link",
    "lock_senders",
    "need_two_persons",
    "note_sign_in",
    "one_transaction",
    "open_link",
    "put_guide_away",
    "put_out_of_use",
    "raise_pepper_epoch",
    "save_sender",
    "set_up",
    "staff",
    "take_back",
    "take_into_use",
]

TWO_PERSONS: Final = 2

_sql = db.Statements("shodaku.accounts")


class SlugTaken(WrongUse):
    """A workspace with this short name exists already."""

    code = "slug_taken"


class AlreadySetUp(WrongUse):
    """Somebody has set this installation up already; sign in instead."""

    code = "already_set_up"


class NoSecondPerson(WrongUse):
    """Nobody but one person here may approve a launch; give a second one such a role first."""

    code = "no_second_person"


@contextmanager
def one_transaction() -> Iterator[None]:
    """Hold several steps together while the workspace they are for is still being made.

    A transaction of `kit.db` belongs to one workspace and cannot change it. Inside of this one, each opens,
    shows its own workspace's rows, and is committed with all others, or not at all.
    """
    with transaction.atomic():
        yield


@dataclass(frozen=True, slots=True)
class NewOwner:
    email: str
    name: str
    password: str
    locale: str


def set_up(slug: str, owner: NewOwner, sender: Sender, *, now: datetime) -> tuple[Workspace, int]:
    """The first workspace, who sends and its owner; the workspace and the owner's id.

    Raises AlreadySetUp, SlugFault, SlugTaken, StaffExists, SenderFault; then nothing was made.
    """
    with one_transaction():
        _be_the_first()
        workspace = create_workspace(slug, sender.formal_name, now=now, locale=owner.locale)
        save_sender(workspace.workspace_id, sender, now=now)
        staff_id = create_staff(owner.email, owner.name, owner.password, now=now, locale=owner.locale)
        join(workspace.workspace_id, staff_id, Role.OWNER, now=now)
    return workspace, staff_id


def _be_the_first() -> None:
    """One set-up at a time: of two browsers on the same link, the second finds the first one's owner."""
    with db.transaction(None):
        _sql.run("lock_set_up")
        if selectors.staff_exists():
            raise AlreadySetUp


def create_workspace(
    slug: str, name: str, *, now: datetime, second_factor_required: bool = True, locale: str = "ja"
) -> Workspace:
    """Raises SlugFault, SlugTaken."""
    with db.transaction(None):
        made = _sql.row(
            "insert_workspace",
            Workspace,
            slug=parse_slug(slug),
            name=name,
            locale=locale,
            second_factor_required=second_factor_required,
            now=now,
        )
    if made is None:
        raise SlugTaken
    return made


def change_opt_out_rule(
    workspace_id: int,
    rule: OptOutRule,
    note: str,
    *,
    note_en: str = "",
    after: str = "",
    after_en: str = "",
    ends: Collection[EndedNotice] = (),
) -> None:
    """`note` stands before the button of the page, `after` behind it, in Japanese unless named otherwise."""
    with db.transaction(workspace_id):
        _sql.run(
            "update_opt_out_rule",
            rule=rule,
            note=note,
            note_en=note_en,
            after=after,
            after_en=after_en,
            ends=sorted(ends),
        )


def declare_mail_order(workspace_id: int, *, on: bool) -> None:
    """Sells to consumers at a distance: 特定商取引法12条の3 holds, without cards and customers as a basis."""
    with db.transaction(workspace_id):
        _sql.run("update_mail_order", on=on)


def change_retention(workspace_id: int, retention: EvidenceRetention) -> None:
    """From now on; what is sealed already keeps the date it was sealed with."""
    with db.transaction(workspace_id):
        _sql.run("update_retention", retention=retention)


def change_workspace(workspace_id: int, *, name: str, locale: str, timezone: str) -> None:
    """What it is called, the language of its own mails, and whose clock counts: `timezone` is one of IANA."""
    with db.transaction(workspace_id):
        _sql.run("update_workspace", name=name, locale=locale, timezone=timezone)


def choose_screen(staff_id: int, *, name: str, language: str, theme: Theme, shortcuts: bool) -> None:
    """What somebody is called, and how the screen is for them, in every workspace."""
    Staff.objects.filter(id=staff_id).update(
        name=name, language=language, theme=theme.value, shortcuts=shortcuts
    )


def put_guide_away(workspace_id: int, staff_id: int, *, away: bool) -> None:
    """The first steps are not shown to this member any more, or again."""
    with db.transaction(workspace_id):
        _sql.run("put_guide_away", staff_id=staff_id, away=away)


def need_two_persons(workspace_id: int, above: int | None) -> None:
    """A launch to more than so many people needs a second person's yes; None: none does.

    Raises NoSecondPerson: where one person alone works, nothing would ever leave.
    """
    with db.transaction(workspace_id):
        if above is not None and _approvers(workspace_id) < TWO_PERSONS:
            raise NoSecondPerson
        _sql.run("update_two_persons_above", above=above)


def _approvers(workspace_id: int) -> int:
    return sum(may(Role(each.role), Act.APPROVE) for each in selectors.staff(workspace_id))


def save_sender(workspace_id: int, sender: Sender, *, now: datetime) -> int:
    """Insert when `sender_id` is 0, else update; the sender's id. What messages say gets another version
    where it changes. Raises SenderFault, TooManySenders.
    """
    check_sender(sender)
    facts = {name: getattr(sender, name) for name in Sender.__slots__}
    with db.transaction(workspace_id):
        if not sender.sender_id:
            require_room(workspace_id)
        sender_id: int = _sql.scalar(
            "update_sender" if sender.sender_id else "insert_sender", now=now, **facts
        )
        keep_display(sender_id, now=now)
        return sender_id


FIRST_LOGIN_SECONDS_MAX = 7 * 24 * 3600
_first_login = TimestampSigner(salt="shodaku.first-login")


def first_login_token() -> str:
    """For the link that `shodaku up` prints; it opens only while nobody has an account."""
    return _first_login.sign("owner")


def first_login_allowed(token: str) -> bool:
    """Is this our link, not older than a week, and has nobody an account yet?"""
    try:
        _first_login.unsign(token, max_age=FIRST_LOGIN_SECONDS_MAX)
    except BadSignature:
        return False
    return not selectors.staff_exists()


def raise_pepper_epoch(workspace_id: int, epoch: int) -> bool:
    """The workspace's tokens have these layers from now on, in the open transaction; False: they had them."""
    return _sql.run("update_pepper_epoch", workspace_id=workspace_id, epoch=epoch) == 1
