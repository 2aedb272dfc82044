"""A mailbox elsewhere, read over IMAP (RFC 3501): what is new in it, mail by mail, marked when it is done."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any, Final

from shodaku.optout.inbound import MAIL_BYTES_MAX
from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, NotHandedOut, Said, network_fault
from shodaku.optout.reaching import TIMEOUT_SECONDS, Way, way_to

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER: Final = re.compile(rb"\d+")
# what imaplib raises: its own, the network's, and what a server's nonsense makes of its parser
_FAULTS: Final = (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError, IndexError, TypeError, EOFError)


class _Client(imaplib.IMAP4):
    def __init__(self, way: Way) -> None:
        self._way = way
        super().__init__(way.mailbox.host, way.mailbox.port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 - it has its own
        return self._way.connected()


class Session:
    """An open folder."""

    def __init__(self, client: imaplib.IMAP4, way: Way, validity: int) -> None:
        self._client, self._way = client, way
        self.validity = validity  # numbers of mails hold only beside it

    @property
    def enough(self) -> bool:
        """So much time went by that the rest is for next time."""
        return self._way.watch.enough

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
            raise MailboxAway(network_fault(fault)) from fault
        if status != "OK":
            raise NotHandedOut(hint=f"{command}: {status}")
        return [part for part in parts if part]


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[Session]:
    """Raises MailboxAway, PlainMailbox."""
    with way_to(mailbox) as way:
        try:
            client = _Client(way)
        except _FAULTS as fault:
            raise MailboxAway(network_fault(fault)) from fault
        try:
            _encrypt(client, way)
            yield Session(client, way, _selected(client, mailbox))
        finally:
            with suppress(*_FAULTS):
                client.logout()


def _encrypt(client: imaplib.IMAP4, way: Way) -> None:
    if way.trust is None or not way.mailbox.starttls:
        return
    if "STARTTLS" not in client.capabilities:
        raise MailboxAway(Said.NO_STARTTLS)
    try:
        client.starttls(way.trust)
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault
    way.watch.connection = client.sock


def _selected(client: imaplib.IMAP4, mailbox: Mailbox) -> int:
    try:
        client.login(mailbox.user, mailbox.password)
    except imaplib.IMAP4.abort as fault:
        raise MailboxAway(network_fault(fault)) from fault
    except imaplib.IMAP4.error as fault:
        raise MailboxAway(Said.LOGIN_REFUSED) from fault
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault
    try:
        status, _ = client.select(_quoted(mailbox.folder))
        _, validity = client.response("UIDVALIDITY")
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault
    numbers = _numbers(validity[0]) if validity else []
    if status != "OK" or not numbers:
        raise MailboxAway(Said.NO_FOLDER)
    return int(numbers[0])


def _numbers(part: object) -> list[bytes]:
    return _NUMBER.findall(part) if isinstance(part, bytes) else []


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
