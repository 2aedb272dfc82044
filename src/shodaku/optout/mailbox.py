"""A mailbox elsewhere, read over IMAP (RFC 3501): what is new in it, mail by mail, marked when it is done."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Any, Final

from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.optout.inbound import MAIL_BYTES_MAX

TIMEOUT_SECONDS: Final = 20.0
PORT: Final = 993
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER: Final = re.compile(rb"\d+")
# what imaplib raises: its own, the network's, and what a server's nonsense makes of its parser
_FAULTS: Final = (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError, IndexError, TypeError, EOFError)


class MailboxAway(OutOfReach):
    """The mailbox cannot be read."""

    code = "mailbox_away"


class NotHandedOut(MailboxAway):
    """The mailbox refuses what was asked of it."""

    code = "not_handed_out"


class PlainMailbox(WrongUse):
    """Without TLS a password is read by whoever listens: only a server on this machine is asked that way."""

    code = "plain_mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where it is, and what opens it; never shown."""

    host: str
    user: str
    password: str
    port: int = PORT
    tls: bool = True
    ca_file: str = ""  # of a server whose certificate is our own
    folder: str = "INBOX"
    moved_to: str = ""  # done mails go there; empty: they are marked as read

    def __repr__(self) -> str:
        return f"Mailbox({self.host}:{self.port})"


class Session:
    """An open folder."""

    def __init__(self, client: imaplib.IMAP4, validity: int) -> None:
        self._client = client
        self.validity = validity  # numbers of mails hold only beside it

    def new(self, after: int) -> list[int]:
        """Numbers beyond this one, ascending."""
        # `n:*` names at least the last mail, whatever its number is (RFC 3501 section 6.4.8)
        return [uid for uid in self._search("UID", f"{after + 1}:*") if uid > after]

    def unseen(self, since: date | None) -> list[int]:
        """Where the numbers of before mean nothing: what nobody read, and what came since then."""
        found = set(self._search("UNSEEN"))
        if since is not None:
            found |= set(self._search("SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"))
        return sorted(found)

    def last(self) -> int:
        """The highest number; 0 of an empty folder."""
        return max(self._search("UID", "*"), default=0)

    def read(self, uid: int) -> bytes | None:
        """The first megabyte; reading marks nothing. None: it is gone. Raises NotHandedOut, MailboxAway."""
        parts = self._ask("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MAIL_BYTES_MAX}>)")
        raw = next((part[1] for part in parts if isinstance(part, tuple) and len(part) > 1), None)
        return raw if isinstance(raw, bytes) else None

    def mark_done(self, uid: int, moved_to: str) -> None:
        """Raises MailboxAway."""
        self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        if moved_to:
            self._ask("COPY", str(uid), _quoted(moved_to))
            self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            if (
                "UIDPLUS" in self._client.capabilities
            ):  # else it takes others with it, which somebody else marked
                self._ask("EXPUNGE", str(uid))

    def _search(self, *criteria: str) -> list[int]:
        return sorted(int(text) for part in self._ask("SEARCH", *criteria) for text in _numbers(part))

    def _ask(self, command: str, *arguments: str) -> list[Any]:  # Any: as imaplib has it
        try:
            status, parts = self._client.uid(command, *arguments)
        except _FAULTS as fault:
            raise MailboxAway(hint=_said(fault)) from fault
        if status != "OK":
            raise NotHandedOut(hint=f"{command}: {status}")
        return [part for part in parts if part]


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[Session]:
    """Raises MailboxAway, PlainMailbox."""
    if not mailbox.tls and not _is_here(mailbox.host):
        raise PlainMailbox(hint=mailbox.host)
    try:
        client = _connected(mailbox)
    except _FAULTS as fault:
        raise MailboxAway(hint=_said(fault)) from fault
    try:
        yield Session(client, _selected(client, mailbox))
    finally:
        with suppress(*_FAULTS):
            client.logout()


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    if not mailbox.tls:
        return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context(cafile=mailbox.ca_file or None)
    return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT_SECONDS)


def _selected(client: imaplib.IMAP4, mailbox: Mailbox) -> int:
    try:
        client.login(mailbox.user, mailbox.password)
        status, _ = client.select(_quoted(mailbox.folder))
        _, validity = client.response("UIDVALIDITY")
    except _FAULTS as fault:
        raise MailboxAway(hint=_said(fault)) from fault
    numbers = _numbers(validity[0]) if validity else []
    if status != "OK" or not numbers:
        raise MailboxAway(hint=f"SELECT: {status}")
    return int(numbers[0])


def _numbers(part: object) -> list[bytes]:
    return _NUMBER.findall(part) if isinstance(part, bytes) else []


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _said(fault: BaseException) -> str:
    """Its kind alone: a server may repeat the user name in its sentence."""
    reason = getattr(fault, "strerror", None) or getattr(fault, "reason", None)
    return f"{type(fault).__name__}: {reason}" if reason else type(fault).__name__


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
