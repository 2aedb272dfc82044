"""A request to an address that somebody configured, which must not lead into a network of our own.

The name is resolved once, every address found must be public, and the connection goes to the very address
that was looked at: a name that answers differently the second time gains nothing (SECURITY.md threat 9).
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from shodaku.kit.errors import OutOfReach, WrongUse

SECONDS_MAX: Final = 10.0  # from the first byte of the connection to the last of the answer
ANSWER_BYTES_MAX: Final = 64 * 1024
URL_CHARACTERS_MAX: Final = 500
_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTIONS: Final = range(300, 400)
# addresses in which another one is wrapped: a gateway would unwrap it (RFC 6052, RFC 4291 section 2.5.5.1)
_WRAPPING: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
# local by definition, and not known as such to every version of Python (RFC 8215, RFC 3879)
_LOCAL: Final = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("fec0::/10"))
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NoWebAddress(WrongUse):
    """An address for programs begins with http:// or https://, names a host, and holds no password."""

    code = "no_web_address"


class OddPort(WrongUse):
    """Only the ports 80 and 443 are used outside of your own network."""

    code = "odd_port"


class PrivateNetwork(OutOfReach):
    """The address leads into a private network."""

    code = "private_network"


class Unreachable(OutOfReach):
    """The service could not be reached, or did not answer within 10 seconds."""

    code = "unreachable"


class Redirected(OutOfReach):
    """The service answered with another address, which is not followed."""

    code = "redirected"


class AnswerTooLarge(OutOfReach):
    """The answer of the service is larger than 64 kB."""

    code = "answer_too_large"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Made by `parse_web_address`."""

    scheme: str
    host: str
    port: int
    path: str  # with its query

    def below(self, path: str) -> WebAddress:
        """A place under this one."""
        return WebAddress(self.scheme, self.host, self.port, f"{self.path.rstrip('/')}/{path}")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str  # without its parameters, in small letters
    body: bytes


def parse_web_address(text: str, *, local: bool = False) -> WebAddress:
    """`local`: services of one's own network are meant, on any port. Raises NoWebAddress, OddPort."""
    if len(text) > URL_CHARACTERS_MAX or not text.isascii() or not text.isprintable() or " " in text:
        raise NoWebAddress
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NoWebAddress from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise NoWebAddress
    if port not in (None, *_PORTS.values()) and not local:
        raise OddPort
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebAddress(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def post(
    where: WebAddress,
    body: bytes,
    content_type: str,
    *,
    local: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer whatever its status, unless it leads elsewhere. `local` lets private networks be reached.
    `headers` are sent besides.

    Raises PrivateNetwork, Unreachable, Redirected, AnswerTooLarge.
    """
    return _asked(where, "POST", body, {"Content-Type": content_type, **(headers or {})}, local=local)


def get(where: WebAddress, *, local: bool = False) -> Answer:
    """As `post`, and changes nothing there."""
    return _asked(where, "GET", None, {}, local=local)


def _asked(
    where: WebAddress, method: str, body: bytes | None, headers: Mapping[str, str], *, local: bool
) -> Answer:
    connection = _Pinned(where, resolve(where.host, where.port, local=local))
    clock = threading.Timer(SECONDS_MAX, connection.cut)  # a time limit of each read would let a drip live
    clock.start()
    try:
        usual = {"User-Agent": "shodaku", "Connection": "close"}
        connection.request(method, where.path, body, {**usual, **headers})
        answer = connection.getresponse()
        content = answer.read(ANSWER_BYTES_MAX + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: cut while it was read
        raise Unreachable from error
    finally:
        clock.cancel()
        connection.close()
    if connection.was_cut:
        raise Unreachable
    if answer.status in _REDIRECTIONS:
        raise Redirected
    if len(content) > ANSWER_BYTES_MAX:
        raise AnswerTooLarge
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(answer.status, kind, content)


def resolve(host: str, port: int, *, local: bool = False) -> str:
    """The one address to connect to; refused if any that the name has is not public.

    Raises PrivateNetwork, Unreachable.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable from error
    addresses = [str(each[4][0]) for each in found]
    if not addresses:
        raise Unreachable
    if not local and not all(map(is_public, addresses)):
        raise PrivateNetwork
    return addresses[0]


def is_public(text: str) -> bool:
    """False for whatever is private, loopback, link-local, shared (RFC 6598), reserved or multicast."""
    address = ipaddress.ip_address(text)
    inner = _wrapped(address)
    if inner is not None:
        return is_public(str(inner))
    if any(address in network for network in _LOCAL):
        return False
    return address.is_global and not address.is_multicast


def _wrapped(address: _Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in _WRAPPING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was looked at, and speaks to the host by its name."""

    def __init__(self, where: WebAddress, address: str) -> None:
        super().__init__(where.host, where.port, timeout=SECONDS_MAX)
        self._where, self._address = where, address
        self.default_port = _PORTS[where.scheme]
        self.was_cut = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), SECONDS_MAX)
        if self._where.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()
        if self.was_cut:
            raise TimeoutError

    def cut(self) -> None:
        """From another thread: whoever waits for the other side waits no longer."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):  # closed already
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
