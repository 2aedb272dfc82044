"""Mailboxes that are polled for opt-outs, replies, bounces and reports.

Where one is and what opens it is a file beside the keys; how far it was read is a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.delivery.selectors import MailboxPlace
from shodaku.kit import log, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.keys import write_secret
from shodaku.optout.hurry import AWAY
from shodaku.optout.mailbox import Mailbox, NotHandedOut, Session, opened
from shodaku.optout.receiving import receive_mail, show_unread
from shodaku.optout.whose import addressed_workspace

POLL_SECONDS: Final = 60
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")


class MailboxName(WrongUse):
    """A mailbox has a short name of small letters, digits and hyphens, at most 30."""

    code = "mailbox_name"


class MailboxThere(WrongUse):
    """A mailbox of this name is read already; remove it first."""

    code = "mailbox_there"


class NoMailbox(ShodakuError):
    """No mailbox has this name."""

    code = "no_mailbox"


class MailboxUnreadable(ShodakuError):
    """The file of a mailbox cannot be read; remove it and add it again."""

    code = "mailbox_unreadable"


@dataclass(frozen=True, slots=True)
class Polled:
    handled: int = 0
    unread: int = 0  # shown to a human: no program here reads them


def add(workspace_id: int, name: str, mailbox: Mailbox) -> None:
    """Raises MailboxName, MailboxThere."""
    file = _file(workspace_id, name)
    try:
        write_secret(file, json.dumps(asdict(mailbox)).encode())
    except FileExistsError:
        raise MailboxThere(hint=name) from None


def remove(workspace_id: int, name: str) -> None:
    """Raises MailboxName, NoMailbox."""
    file = _file(workspace_id, name)
    if not file.is_file():
        raise NoMailbox(hint=name)
    file.unlink()
    delivery.forget_mailbox(workspace_id, name)


def names(workspace_id: int) -> list[str]:
    before = f"mailbox.{workspace_id}."
    found = [file.name.removeprefix(before) for file in runtime.current().keys.glob(f"{before}*")]
    return sorted(name for name in found if _NAME.fullmatch(name))


def named(workspace_id: int, name: str) -> Mailbox:
    """Raises MailboxName, NoMailbox, MailboxUnreadable."""
    try:
        return Mailbox(**json.loads(_file(workspace_id, name).read_bytes()))
    except FileNotFoundError:
        raise NoMailbox(hint=name) from None
    except (OSError, ValueError, TypeError):
        raise MailboxUnreadable(hint=name) from None


def look(workspace_id: int, name: str) -> int:
    """How many mails nobody has read; changes nothing. Raises NoMailbox, MailboxAway, PlainMailbox."""
    with opened(named(workspace_id, name)) as session:
        return len(session.unseen(None))


def poll_all(clock: Callable[[], datetime]) -> None:
    """Each once. One that cannot be read stops no other, and the fault is shown."""
    for workspace in accounts.workspaces():
        for name in names(workspace.workspace_id):
            try:
                poll(workspace.workspace_id, name, clock)
            except AWAY:
                raise
            except ShodakuError as fault:
                log.info("optout.mailbox_away", workspace=workspace.workspace_id, code=fault.code)
                delivery.note_mailbox_fault(
                    workspace.workspace_id, name, f"{fault.message} {fault.hint}", now=clock()
                )


def poll(workspace_id: int, name: str, clock: Callable[[], datetime]) -> Polled:
    """What came since the last look. A mail is done when its act is committed; then it is marked.

    Raises NoMailbox, MailboxUnreadable, MailboxAway, PlainMailbox, and one of AWAY: the rest comes next time.
    """
    mailbox = named(workspace_id, name)
    with opened(mailbox) as session:
        place = delivery_known.mailbox_place(workspace_id, name)
        if place is not None and place.validity == session.validity:
            polled = _go_on(workspace_id, name, mailbox, session, place.uid, clock)
        else:
            polled = _begin(workspace_id, name, mailbox, session, place, clock)
    log.info("optout.mailbox", workspace=workspace_id, handled=polled.handled, unread=polled.unread)
    return polled


def _go_on(
    workspace_id: int,
    name: str,
    mailbox: Mailbox,
    session: Session,
    after: int,
    clock: Callable[[], datetime],
) -> Polled:
    uids, unread, validity = session.new(after), 0, session.validity
    for uid in uids:
        unread += not _take(workspace_id, session, uid, clock())
        delivery.note_mailbox(workspace_id, name, validity=validity, uid=uid, handled=1, now=clock())
        _mark(session, uid, mailbox)
    if not uids:
        delivery.note_mailbox(workspace_id, name, validity=validity, uid=after, handled=0, now=clock())
    return Polled(len(uids), unread)


def _begin(
    workspace_id: int,
    name: str,
    mailbox: Mailbox,
    session: Session,
    place: MailboxPlace | None,
    clock: Callable[[], datetime],
) -> Polled:
    """The first look, or the numbers of before mean nothing any more: what nobody has read, and whatever came
    since the last look. Its marks alone say what is done until it is through.
    """
    since = (place.at - timedelta(days=1)).date() if place is not None and place.validity else None
    top = session.last()
    uids = [uid for uid in session.unseen(since) if uid <= top]
    unread = 0
    for uid in uids:
        unread += not _take(workspace_id, session, uid, clock())
        _mark(session, uid, mailbox)
    delivery.note_mailbox(
        workspace_id, name, validity=session.validity, uid=top, handled=len(uids), now=clock()
    )
    return Polled(len(uids), unread)


def _mark(session: Session, uid: int, mailbox: Mailbox) -> None:
    with suppress(NotHandedOut):  # a folder that may only be read: the number is behind us all the same
        session.mark_done(uid, mailbox.moved_to)


def _take(workspace_id: int, session: Session, uid: int, now: datetime) -> bool:
    """False: a human has to look at it. Raises MailboxAway, one of AWAY."""
    try:
        raw = session.read(uid)
    except NotHandedOut:
        show_unread(workspace_id, f"{workspace_id}/{session.validity}/{uid}".encode(), now)
        return False
    if raw is None:
        return True  # somebody took it away meanwhile
    try:
        receive_mail(addressed_workspace(raw) or workspace_id, raw, now)
    except AWAY:
        raise
    except Exception as fault:  # noqa: BLE001 - a mail that breaks a program must not hold up those behind it
        log.info("optout.mail_failed", error=type(fault).__name__)
        show_unread(workspace_id, raw, now)
        return False
    return True


def _file(workspace_id: int, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise MailboxName(hint=name)
    return runtime.current().keys / f"mailbox.{workspace_id}.{name}"
