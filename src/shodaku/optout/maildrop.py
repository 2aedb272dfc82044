"""A mailbox that is read by POP3: each mail is acted on, then remembered as done, then deleted if that is
wanted.

In this order a crash repeats an act, which changes nothing, and loses none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.delivery.selectors import MAILS_MAX, MailboxMail
from shodaku.delivery.services import MailState
from shodaku.optout.domain import Heard
from shodaku.optout.handing_in import Polled, hand_in, show_refused
from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, NotHandedOut, Said
from shodaku.optout.pop3 import Listed, Session, opened

SESSION_MAILS_MAX: Final = 500
TRIES_MAX: Final = 3  # a mail over which the connection broke so often is for a human
_VALIDITY: Final = 1  # POP3 has none, and 0 says that nobody looked
# of these nothing is kept here but that they came: a human reads them where they lie
_FOR_A_HUMAN: Final = (None, Heard.DESK, Heard.NOBODY)


def look(mailbox: Mailbox, workspace_id: int, name: str) -> int:
    """How many mails were not read yet; changes nothing. Raises MailboxAway, PlainMailbox."""
    with opened(mailbox) as session:
        known = delivery_known.mailbox_mails(workspace_id, name)
        return len(_new(session.listed(), known))


def poll(workspace_id: int, name: str, mailbox: Mailbox, clock: Callable[[], datetime]) -> Polled:
    """What was not done yet. Raises MailboxAway, PlainMailbox, and one of AWAY: the rest comes next time."""
    with opened(mailbox) as session:
        everything = session.listed()
        listed = everything[-MAILS_MAX:]
        delivery.forget_mailbox_mails(workspace_id, name, [each.mail for each in listed])
        known = delivery_known.mailbox_mails(workspace_id, name)
        if mailbox.delete:
            _delete_done(session, listed, known)
        drop = _Maildrop(workspace_id, name, mailbox, session, clock)
        polled = drop.take(_new(listed, known)[:SESSION_MAILS_MAX])
    delivery.note_mailbox(workspace_id, name, validity=_VALIDITY, uid=0, handled=polled.handled, now=clock())
    if len(everything) > MAILS_MAX:
        raise MailboxAway(Said.TOO_MANY)
    return polled


def _new(listed: list[Listed], known: dict[str, MailboxMail]) -> list[Listed]:
    """In their order; behind the others those over which a connection broke."""
    untried = [each for each in listed if each.mail not in known]
    tried = [each for each in listed if each.mail in known and known[each.mail].state == MailState.TRIED]
    return [*untried, *tried]


def _delete_done(session: Session, listed: list[Listed], known: dict[str, MailboxMail]) -> None:
    """Those of last time whose farewell was not heard."""
    for each in listed:
        if each.mail in known and known[each.mail].state == MailState.DONE:
            with suppress(NotHandedOut):
                session.delete(each.number)


class _Maildrop:
    """One session's work."""

    def __init__(
        self, workspace_id: int, name: str, mailbox: Mailbox, session: Session, clock: Callable[[], datetime]
    ) -> None:
        self._workspace_id, self._name, self._mailbox = workspace_id, name, mailbox
        self._session, self._clock = session, clock

    def take(self, mails: list[Listed]) -> Polled:
        handled = unread = 0
        for each in mails:
            if self._session.enough:
                break
            state = self._take(each)
            self._note(each, state)
            handled += 1
            unread += state is MailState.KEPT
            if state is MailState.DONE and self._mailbox.delete:
                with suppress(NotHandedOut):  # one that may only be read: it is remembered all the same
                    self._session.delete(each.number)
        return Polled(handled, unread)

    def _take(self, listed: Listed) -> MailState:
        try:
            raw = self._session.read(listed.number)
        except NotHandedOut:
            show_refused(self._workspace_id, f"{self._name}/{listed.mail}", self._clock())
            return MailState.KEPT
        except MailboxAway:
            if self._note(listed, MailState.TRIED) >= TRIES_MAX:
                show_refused(self._workspace_id, f"{self._name}/{listed.mail}", self._clock())
                self._note(listed, MailState.KEPT)
            raise
        heard = hand_in(self._workspace_id, raw, self._clock())
        return MailState.KEPT if heard in _FOR_A_HUMAN else MailState.DONE

    def _note(self, listed: Listed, state: MailState) -> int:
        return delivery.note_mailbox_mail(
            self._workspace_id, self._name, listed.mail, state, now=self._clock()
        )
