"""Mailboxes that are polled for opt-outs, replies, bounces and reports.

Where one is and what opens it is a file beside the keys; how far it was read is a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.delivery.selectors import MailboxPlace
from shodaku.kit import log
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.keys import write_secret
from shodaku.optout import maildrop
from shodaku.optout.handing_in import Polled, hand_in, show_refused
from shodaku.optout.hurry import AWAY
from shodaku.optout.imap import Session, opened
from shodaku.optout.mailbox import Mailbox, Protocol
from shodaku.optout.mailbox_faults import NotHandedOut
from shodaku.optout.mailbox_files import NoMailbox, file_of, named, names

POLL_SECONDS: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class MailboxThere(WrongUse):
    """A mailbox of this name is read already; remove it first."""

    code = "mailbox_there"


class MailboxText(WrongUse):
    """Host, user, password and folders of a mailbox hold no control characters: they would be commands."""

    code = "mailbox_text"


def add(workspace_id: int, name: str, mailbox: Mailbox) -> None:
    """Raises MailboxName, MailboxText, MailboxThere."""
    file = file_of(workspace_id, name)
    words = (mailbox.host, mailbox.user, mailbox.password, mailbox.folder, mailbox.moved_to)
    if any(_CONTROL.search(each) for each in words):
        raise MailboxText
    try:
        write_secret(file, json.dumps(asdict(mailbox)).encode())
    except FileExistsError:
        raise MailboxThere(hint=name) from None


def remove(workspace_id: int, name: str) -> None:
    """Raises MailboxName, NoMailbox."""
    file = file_of(workspace_id, name)
    if not file.is_file():
        raise NoMailbox(hint=name)
    file.unlink()
    delivery.forget_mailbox(workspace_id, name)


def look(workspace_id: int, name: str) -> int:
    """How many mails nobody has read; changes nothing. Raises NoMailbox, MailboxAway, PlainMailbox."""
    mailbox = named(workspace_id, name)
    if mailbox.protocol == Protocol.POP3:
        return maildrop.look(mailbox, workspace_id, name)
    with opened(mailbox) as session:
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
                delivery.note_mailbox_fault(workspace.workspace_id, name, fault.message, now=clock())


def poll(workspace_id: int, name: str, clock: Callable[[], datetime]) -> Polled:
    """What came since the last look. A mail is done when its act is committed; then it is marked.

    Raises NoMailbox, MailboxUnreadable, MailboxAway, PlainMailbox, and one of AWAY: the rest comes next time.
    """
    mailbox = named(workspace_id, name)
    if mailbox.protocol == Protocol.POP3:
        polled = maildrop.poll(workspace_id, name, mailbox, clock)
    else:
        polled = _poll_imap(workspace_id, name, mailbox, clock)
    log.info("optout.mailbox", workspace=workspace_id, handled=polled.handled, unread=polled.unread)
    return polled


def _poll_imap(workspace_id: int, name: str, mailbox: Mailbox, clock: Callable[[], datetime]) -> Polled:
    with opened(mailbox) as session:
        place = delivery_known.mailbox_place(workspace_id, name)
        if place is not None and place.validity == session.validity:
            return _go_on(workspace_id, name, mailbox, session, place.uid, clock)
        return _begin(workspace_id, name, mailbox, session, place, clock)


def _go_on(
    workspace_id: int,
    name: str,
    mailbox: Mailbox,
    session: Session,
    after: int,
    clock: Callable[[], datetime],
) -> Polled:
    uids, handled, unread, validity = session.new(after), 0, 0, session.validity
    for uid in uids:
        if session.enough:
            break
        unread += not _take(workspace_id, session, uid, clock())
        delivery.note_mailbox(workspace_id, name, validity=validity, uid=uid, handled=1, now=clock())
        _mark(session, uid, mailbox)
        handled += 1
    if not uids:
        delivery.note_mailbox(workspace_id, name, validity=validity, uid=after, handled=0, now=clock())
    return Polled(handled, unread)


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
    handled = unread = 0
    for uid in uids:
        if session.enough:
            return Polled(handled, unread)
        unread += not _take(workspace_id, session, uid, clock())
        _mark(session, uid, mailbox)
        handled += 1
    delivery.note_mailbox(
        workspace_id, name, validity=session.validity, uid=top, handled=handled, now=clock()
    )
    return Polled(handled, unread)


def _mark(session: Session, uid: int, mailbox: Mailbox) -> None:
    with suppress(NotHandedOut):  # a folder that may only be read: the number is behind us all the same
        session.mark_done(uid, mailbox.moved_to)


def _take(workspace_id: int, session: Session, uid: int, now: datetime) -> bool:
    """False: a human has to look at it. Raises MailboxAway, one of AWAY."""
    try:
        raw = session.read(uid)
    except NotHandedOut:
        show_refused(workspace_id, f"{session.validity}/{uid}", now)
        return False
    if raw is None:
        return True  # somebody took it away meanwhile
    return hand_in(workspace_id, raw, now) is not None
