"""A way to the server of a mailbox that ends in time, however slowly the server talks."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, PlainMailbox, Said

TIMEOUT_SECONDS: Final = 20.0  # of one answer
SESSION_SECONDS_MAX: Final = 120.0  # of all of them: a byte every few seconds is an answer without end
_ENOUGH_SECONDS: Final = 90.0  # then nothing new is begun, and the session ends in order


@dataclass(slots=True)
class Watch:
    """One session's time."""

    began: float = field(default_factory=time.monotonic)
    connection: socket.socket | None = None
    cut: bool = False

    @property
    def enough(self) -> bool:
        return time.monotonic() - self.began > _ENOUGH_SECONDS

    def end(self) -> None:
        """Whoever waits for the server reads the end of the connection."""
        self.cut = True
        if self.connection is not None:
            with suppress(OSError):  # past the layer of TLS, which would wait for a farewell
                socket.socket.shutdown(self.connection, socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Way:
    """What a client needs to get to its server."""

    mailbox: Mailbox
    watch: Watch
    trust: ssl.SSLContext | None  # None: no TLS

    def connected(self) -> socket.socket:
        """Raises OSError."""
        found = socket.create_connection((self.mailbox.host, self.mailbox.port), TIMEOUT_SECONDS)
        self.watch.connection = found
        if self.trust is None or self.mailbox.starttls:
            return found
        try:
            secured = self.trust.wrap_socket(
                found, server_hostname=self.mailbox.host, do_handshake_on_connect=False
            )
        except (OSError, ValueError):
            found.close()
            raise
        self.watch.connection = secured
        try:
            secured.do_handshake()
        except OSError:
            secured.close()
            raise
        return secured


@contextmanager
def way_to(mailbox: Mailbox, *, seconds_max: float = SESSION_SECONDS_MAX) -> Iterator[Way]:
    """Raises MailboxAway, PlainMailbox."""
    if not mailbox.tls and not _is_here(mailbox.host):
        raise PlainMailbox(hint=mailbox.host)
    watch = Watch()
    way = Way(mailbox, watch, _trust(mailbox) if mailbox.tls else None)
    timer = threading.Timer(seconds_max, watch.end)
    timer.daemon = True
    timer.start()
    try:
        yield way
    except MailboxAway as fault:
        if watch.cut:
            raise MailboxAway(Said.TOO_SLOW) from fault
        raise
    finally:
        timer.cancel()


def _trust(mailbox: Mailbox) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=mailbox.ca_file or None)
    except OSError as fault:
        raise MailboxAway(Said.CA_UNREADABLE) from fault


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
