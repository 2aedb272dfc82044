"""A mailbox elsewhere, read over POP3 (RFC 1939), which knows no marks: its mails are told apart by their
lasting names alone (UIDL), and what is deleted goes with the farewell.
"""

from __future__ import annotations

import poplib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shodaku.optout.inbound import MAIL_BYTES_MAX
from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, NotHandedOut, Said, network_fault
from shodaku.optout.reaching import TIMEOUT_SECONDS, Way, way_to

LINE_BYTES_MAX: Final = 1_000_000  # poplib's own limit is 2048, and mails have longer ones
REPLY_BYTES_MAX: Final = 8_000_000  # that are kept of one reply; what follows is read and let go
LARGE_BYTES: Final = 5_000_000  # of larger mails only the first lines are asked for
LARGE_LINES: Final = 20_000
# what poplib raises: its own, the network's, and what a server's nonsense makes of its parser
_FAULTS: Final = (poplib.error_proto, OSError, ValueError, IndexError, AttributeError)
_LISTED: Final = re.compile(rb"(\d{1,9})\s+([\x21-\x7e]{1,70})\s*")  # RFC 1939 section 7
# RFC 2449 section 8.1, RFC 3206: what a refused password can be besides wrong
_IN_USE: Final = re.compile(rb"\[IN-USE\]|\block", re.IGNORECASE)
_LATER: Final = re.compile(rb"\[(LOGIN-DELAY|SYS/\w+)\]", re.IGNORECASE)


class _Client(poplib.POP3):
    """With limits that mails fit into."""

    def __init__(self, way: Way) -> None:
        self._way = way
        try:
            super().__init__(way.mailbox.host, way.mailbox.port, TIMEOUT_SECONDS)
        except _FAULTS:
            with suppress(*_FAULTS):
                self.close()
            raise

    def _create_socket(self, timeout: float) -> socket.socket:  # noqa: ARG002 - it has its own
        return self._way.connected()

    def _getline(self) -> tuple[bytes, int]:
        line: bytes = self.file.readline(LINE_BYTES_MAX + 1)
        if not line:
            raise ConnectionResetError
        if len(line) > LINE_BYTES_MAX:
            raise poplib.error_proto("line too long")
        return line.rstrip(b"\r\n") if line.endswith(b"\n") else line, len(line)

    def _getlongresp(self) -> tuple[bytes, list[bytes], int]:
        answer: bytes = self._getresp()  # type: ignore[attr-defined]  # poplib's own
        lines: list[bytes] = []
        octets = 0
        while (line := self._getline()[0]) != b".":
            octets += len(line) + 2
            if octets <= REPLY_BYTES_MAX:
                lines.append(line[1:] if line.startswith(b".") else line)
        return answer, lines, octets


@dataclass(frozen=True, slots=True)
class Listed:
    number: int  # of this session alone
    mail: str  # digest of its lasting name


class Session:
    """An open mailbox; nobody else reads it meanwhile."""

    def __init__(self, client: _Client, way: Way) -> None:
        self._client, self._way = client, way

    @property
    def enough(self) -> bool:
        """So much time went by that the rest is for next time."""
        return self._way.watch.enough

    def listed(self) -> list[Listed]:
        """Everything that lies there, the oldest first. Raises MailboxAway."""
        try:
            lines = self._client.uidl()[1]
        except poplib.error_proto as fault:
            raise MailboxAway(Said.NO_NAMES if _is_no(fault) else Said.NOT_UNDERSTOOD) from fault
        except _FAULTS as fault:
            raise MailboxAway(network_fault(fault)) from fault
        found = [_LISTED.fullmatch(line) for line in lines]
        if None in found:
            raise MailboxAway(Said.NOT_UNDERSTOOD)
        return [Listed(int(each[1]), sha256(each[2]).hexdigest()[:32]) for each in found if each is not None]

    def read(self, number: int) -> bytes:
        """The first megabyte. Raises NotHandedOut, MailboxAway."""
        try:
            lines = self._lines(number)
        except poplib.error_proto as fault:
            if _is_no(fault):
                raise NotHandedOut(hint="RETR") from fault
            raise MailboxAway(Said.NOT_UNDERSTOOD) from fault
        except _FAULTS as fault:
            raise MailboxAway(network_fault(fault)) from fault
        return b"\r\n".join([*lines, b""])[:MAIL_BYTES_MAX]

    def delete(self, number: int) -> None:
        """With the farewell. Raises NotHandedOut, MailboxAway."""
        try:
            self._client.dele(number)
        except poplib.error_proto as fault:
            if _is_no(fault):
                raise NotHandedOut(hint="DELE") from fault
            raise MailboxAway(Said.NOT_UNDERSTOOD) from fault
        except _FAULTS as fault:
            raise MailboxAway(network_fault(fault)) from fault

    def _lines(self, number: int) -> list[bytes]:
        """Of a large mail the first ones, if the server knows how (TOP is optional)."""
        if self._bytes(number) > LARGE_BYTES:
            try:
                return self._client.top(number, LARGE_LINES)[1]
            except poplib.error_proto as fault:
                if not _is_no(fault):
                    raise
        return self._client.retr(number)[1]

    def _bytes(self, number: int) -> int:
        """0: it does not say."""
        said = self._client.list(number)
        words: list[bytes] = said.split() if isinstance(said, bytes) else []
        return int(words[2]) if len(words) > 2 and words[2].isdigit() else 0  # noqa: PLR2004 - "+OK number size"


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
            _log_in(client, mailbox)
            yield Session(client, way)
            _say_goodbye(client)
        except MailboxAway:  # it would not hear
            raise
        except BaseException:
            with suppress(MailboxAway):  # what is done by now may go
                _say_goodbye(client)
            raise
        finally:
            with suppress(*_FAULTS):
                client.close()


def _encrypt(client: _Client, way: Way) -> None:
    if way.trust is None or not way.mailbox.starttls:
        return
    try:
        client.stls(way.trust)
    except poplib.error_proto as fault:
        raise MailboxAway(Said.NO_STARTTLS if _is_no(fault) else Said.NOT_UNDERSTOOD) from fault
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault
    way.watch.connection = client.sock


def _log_in(client: _Client, mailbox: Mailbox) -> None:
    try:
        client.user(mailbox.user)
        client.pass_(mailbox.password)
    except poplib.error_proto as fault:
        raise MailboxAway(_refusal(fault)) from fault
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault


def _refusal(fault: poplib.error_proto) -> Said:
    words = _words(fault)
    if not _is_no(fault):
        return Said.NOT_UNDERSTOOD
    if _IN_USE.search(words):
        return Said.IN_USE
    return Said.LATER if _LATER.search(words) else Said.LOGIN_REFUSED


def _say_goodbye(client: _Client) -> None:
    """Without it nothing is deleted (RFC 1939 section 6). Raises MailboxAway."""
    try:
        client.quit()
    except poplib.error_proto as fault:
        raise MailboxAway(Said.LATER) from fault
    except _FAULTS as fault:
        raise MailboxAway(network_fault(fault)) from fault


def _is_no(fault: poplib.error_proto) -> bool:
    """The server says no in its language; else it speaks another one."""
    return _words(fault).upper().startswith(b"-ERR")


def _words(fault: poplib.error_proto) -> bytes:
    said = fault.args[0] if fault.args else b""
    return said if isinstance(said, bytes) else str(said).encode()
