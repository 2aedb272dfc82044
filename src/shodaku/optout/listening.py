"""Our own door for mail, SMTP and LMTP: opt-outs, replies, bounces and reports. It relays nothing.

A mail is answered with 250 when what it asks for is committed; while the database is away, an opt-out
address still works, by the journal, and everything else is told to come again (RFC 5321 section 4.2.5).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import django.db
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Method
from shodaku.delivery import selectors as delivery_known
from shodaku.kit import log
from shodaku.kit.erasure_journal import JournalUnwritable
from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse
from shodaku.optout.domain import EVERYTHING, Envelope, OptOut
from shodaku.optout.hurry import AWAY, network_of
from shodaku.optout.inbound import MAIL_BYTES_MAX
from shodaku.optout.received import receive
from shodaku.optout.receiving import receive_mail
from shodaku.optout.whose import LEAVES, tokens_in

# 30 MB of a picture are 41 as base64; of whatever comes only the first megabyte is kept
ACCEPTED_BYTES_MAX: Final = 50 * 1_048_576
LINE_BYTES_MAX: Final = 65_536  # of a longer line the rest is read in pieces
RECIPIENTS_MAX: Final = 100
CONNECTIONS_MAX: Final = 200
ACTS_MAX: Final = 4  # mails that are acted on at one time; the others wait
IDLE_SECONDS: Final = 60.0
DATA_SECONDS_MAX: Final = 600.0  # RFC 5321 section 4.5.3.2.6: patience with the end of a mail
ADDRESSES_SECONDS: Final = 30  # for so long the addresses of the workspaces are remembered
STOP_SECONDS: Final = 4.0
NETWORKS_MAX: Final = 10_000
SOCKET_MODE: Final = 0o660
_UNIX: Final = "unix:"

DONE: Final = "250 2.0.0 Done"
LATER: Final = "451 4.3.0 Cannot be done right now; please try again"
NOT_HERE: Final = "550 5.1.1 No such address here; mail is not passed on"
TOO_LARGE: Final = "552 5.3.4 Too large"
TOO_MANY_RECIPIENTS: Final = "452 4.5.3 Too many recipients; send the others in a mail of their own"
TOO_FAST: Final = "450 4.7.1 Too many mails at once from this network; please try again in a minute"
TOO_MANY: Final = "421 4.7.0 Too many connections; please try again in a minute"


class NoSuchPlace(WrongUse):
    """Where to listen is HOST:PORT, or unix:/path for LMTP."""

    code = "no_such_place"


class PlaceTaken(OutOfReach):
    """Nobody can listen there: another program does, or this account may not."""

    code = "place_taken"


@dataclass(frozen=True, slots=True)
class Place:
    """A port, or a socket in the file system."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}" if self.path else f"{self.host}:{self.port}"


def parse_place(text: str) -> Place:
    """Raises NoSuchPlace."""
    if text.startswith(_UNIX) and text.removeprefix(_UNIX).startswith("/"):
        return Place(path=text.removeprefix(_UNIX))
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65_535:  # noqa: PLR2004 - of TCP
        raise NoSuchPlace(hint=text)
    return Place(host.strip("[]"), int(port))


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose address it is: by its token, or as a workspace has said."""

    recipient: str
    workspace_ids: tuple[int, ...]


@dataclass(slots=True)
class Addresses:
    """Of all workspaces; the answer to RCPT comes from here, and survives a database that is away."""

    at: datetime | None = None
    known: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def owners(self, recipient: str, now: datetime) -> tuple[int, ...]:
        """Raises one of AWAY when they were never read."""
        if self.at is None or now - self.at >= timedelta(seconds=ADDRESSES_SECONDS):
            try:
                self.known, self.at = _all_addresses(), now
            except AWAY:
                if self.at is None:
                    raise
        return self.known.get(recipient.lower(), ())


def _all_addresses() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for workspace in accounts.workspaces():
        for address in delivery_known.inbound_addresses(workspace.workspace_id):
            found[address] = (*found.get(address, ()), workspace.workspace_id)
    return found


def addressee(recipient: str, addresses: Addresses, now: datetime) -> Addressee | None:
    """None: not one of ours. Raises one of AWAY, KeyUnavailable."""
    for _way, token in tokens_in([recipient]):
        return Addressee(recipient, (token.workspace_id,))
    owners = addresses.owners(recipient, now)
    return Addressee(recipient, owners) if owners else None


def act(to: Addressee, raw: bytes, sender: str, now: datetime, source: str = "") -> str:
    """The reply to one recipient's mail: 250 once what it asks for is committed, or in the journal."""
    try:
        for workspace_id in to.workspace_ids:
            receive_mail(workspace_id, raw, now, Envelope(sender, (to.recipient,), source))
    except AWAY as fault:
        return _write_down(to, now, type(fault).__name__)
    except Exception as fault:  # noqa: BLE001 - whatever it was, the mail stays with its server and comes again
        log.info("optout.mail_failed", error=type(fault).__name__)
        return LATER
    return DONE


def _write_down(to: Addressee, now: datetime, error: str) -> str:
    log.info("optout.database_away", error=error)
    leaving = [token for way, token in tokens_in([to.recipient]) if way == LEAVES]
    if not leaving:
        return LATER
    request = OptOut(
        workspace_id=leaving[0].workspace_id,
        contact_id=leaving[0].contact_id,
        scope=EVERYTHING.scope,
        via=Method.REPLY,
    )
    try:
        receive(request, now)
    except (JournalUnwritable, ShodakuError, OSError) as fault:
        log.info("optout.mail_failed", error=type(fault).__name__)
        return LATER
    return DONE


@dataclass(frozen=True, slots=True)
class Limits:
    """What comes beyond is told to come again: slower, and never lost."""

    connections: int = CONNECTIONS_MAX
    connections_of_network: int = 20
    mails_a_minute: int = 600  # of one network
    neighbours_too: bool = False  # also of this machine, whose own mail server hands everything on


@dataclass(slots=True)
class Traffic:
    """Who is here, and how often; by network, since whoever has one address of it has them all."""

    limits: Limits = field(default_factory=Limits)
    here: dict[str, int] = field(default_factory=dict)
    mails: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)

    def enters(self, network: str) -> bool:
        if sum(self.here.values()) >= self.limits.connections:
            return False
        if network and self.here.get(network, 0) >= self.limits.connections_of_network:
            return False
        self.here[network] = self.here.get(network, 0) + 1
        return True

    def leaves(self, network: str) -> None:
        self.here[network] -= 1
        if not self.here[network]:
            del self.here[network]

    def is_too_fast(self, network: str, now: datetime) -> bool:
        """Counts this mail."""
        if not network:
            return False
        since, count = self.mails.pop(network, (now, 0))
        if not timedelta(0) <= now - since < timedelta(minutes=1):
            since, count = now, 0
        self.mails[network] = since, count + 1
        if len(self.mails) > NETWORKS_MAX:
            self.mails.popitem(last=False)
        return count >= self.limits.mails_a_minute

    def network(self, peer: object) -> str:
        """Empty for this machine and for a socket in the file system."""
        host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        try:
            near = ip_address(host.partition("%")[0]).is_loopback
        except ValueError:
            return ""
        return "" if near and not self.limits.neighbours_too else network_of(host)


@dataclass(slots=True)
class Door:
    """What all connections share."""

    clock: Callable[[], datetime]
    traffic: Traffic = field(default_factory=Traffic)
    addresses: Addresses = field(default_factory=Addresses)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(ACTS_MAX, thread_name_prefix="inbound")
    )

    async def ask(self, work: Callable[[], str]) -> str:
        """In a thread: the database is waited for there."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, _in_thread, work)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name, as the next
        self, _server: SMTP, session: Session, _envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = [line for line in responses[:-1] if not line.startswith("250-AUTH")]
        return [*offered, "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: Incoming, _session: object, envelope: SmtpEnvelope, address: str, options: list[str]
    ) -> str:
        if self.traffic.is_too_fast(server.network, self.clock()):
            return TOO_FAST
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Incoming, _session: object, envelope: SmtpEnvelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return TOO_MANY_RECIPIENTS
        now, found = self.clock(), []

        def look() -> str:
            try:
                one = addressee(address, self.addresses, now)
            except (*AWAY, ShodakuError) as fault:
                log.info("optout.mail_failed", error=type(fault).__name__)
                return LATER
            found.extend([one] if one else [])
            return "250 2.1.5 OK" if one else NOT_HERE

        reply = await self.ask(look)
        if found:
            envelope.rcpt_tos.append(address)
            server.addressees.extend(found)
        return reply

    async def handle_exception(self, error: Exception) -> str:
        log.info("optout.mail_failed", error=type(error).__name__)
        return LATER


def _in_thread(work: Callable[[], str]) -> str:
    django.db.close_old_connections()
    try:
        return work()
    finally:
        django.db.close_old_connections()


class Incoming(SMTP):
    """One connection. DATA is our own: the end of a mail is CRLF.CRLF alone, so that nothing can be smuggled
    in behind a bare LF, and no more is held than what is read.
    """

    line_length_limit = LINE_BYTES_MAX
    each_recipient = False  # LMTP answers once for each (RFC 2033 section 4.2)

    def __init__(self, door: Door, hostname: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(
            door,
            data_size_limit=ACCEPTED_BYTES_MAX,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="Shodaku",
            tls_context=tls,
            timeout=IDLE_SECONDS,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )
        self.door = door
        self.addressees: list[Addressee] = []
        self.network = ""
        self.source = ""

    async def _handle_client(self) -> None:
        traffic = self.door.traffic
        peer = self.session.peer if self.session else None
        self.network = traffic.network(peer)
        self.source = str(peer[0]) if self.network and isinstance(peer, tuple) else ""
        if not traffic.enters(self.network):
            with suppress(ConnectionError):
                await self.push(TOO_MANY)
            if self.transport is not None:
                self.transport.close()
            return
        try:
            await super()._handle_client()
        finally:
            traffic.leaves(self.network)

    def _set_post_data_state(self) -> None:
        super()._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd's
        self.addressees = []

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        if not self.addressees:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(DATA_SECONDS_MAX)
        raw, size = await self._content()
        addressees, sender, now = self.addressees, self._sender(), self.door.clock()
        if size > ACCEPTED_BYTES_MAX:
            replies = [TOO_LARGE] * len(addressees)
        else:
            acts = [partial(act, one, raw, sender, now, self.source) for one in addressees]
            replies = [await self.door.ask(each) for each in acts]
        self._set_post_data_state()
        self._reset_timeout()
        for reply in replies if self.each_recipient else [_of_all(replies)]:
            await self.push(reply)

    def _sender(self) -> str:
        """Empty for the null return path, which aiosmtpd reads as <>."""
        return str(self.envelope.mail_from).strip("<>") if self.envelope else ""

    async def _content(self) -> tuple[bytes, int]:
        """The head of a mail, without the dots that were added to it, and how large it was."""
        kept, size, at_start = bytearray(), 0, True
        while True:
            try:
                piece = await self._reader.readuntil(b"\r\n")
            except asyncio.LimitOverrunError as overrun:
                piece = await self._reader.read(overrun.consumed)
            if at_start and piece == b".\r\n":
                return bytes(kept[:MAIL_BYTES_MAX]), size
            size += len(piece)
            if len(kept) < MAIL_BYTES_MAX:
                kept += piece[1:] if at_start and piece.startswith(b".") else piece
            at_start = piece.endswith(b"\r\n")


class LocalIncoming(Incoming, LMTP):
    """LMTP, from a mail server that keeps what is told to come again (RFC 2033)."""

    each_recipient = True
    show_smtp_greeting = False


def _of_all(replies: Sequence[str]) -> str:
    """SMTP has one answer: what failed for one comes again for all, and changes nothing for the others."""
    return next((reply for reply in replies if not reply.startswith("2")), replies[0])


async def serve(
    door: Door,
    *,
    smtp: Sequence[Place],
    lmtp: Sequence[Place],
    tls: ssl.SSLContext | None,
    hostname: str,
    stopped: asyncio.Event,
    opened: Callable[[list[str]], None] = lambda _places: None,
) -> None:
    """Until `stopped`; then what has begun may end. Raises PlaceTaken."""
    wanted: list[tuple[Place, Callable[[], Incoming]]] = [
        *((place, partial(Incoming, door, hostname, tls)) for place in smtp),
        *((place, partial(LocalIncoming, door, hostname)) for place in lmtp),
    ]
    servers: list[asyncio.Server] = []
    try:
        for place, factory in wanted:
            servers.append(await _open(place, factory))  # those before a taken one are closed
        opened([_name(each) for server in servers for each in server.sockets])
        await stopped.wait()
    finally:
        for server in servers:
            server.close()
        await _ended(door.traffic)
        for place, _ in wanted:
            _remove(place)


async def _ended(traffic: Traffic) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + STOP_SECONDS
    while traffic.here and loop.time() < until:  # noqa: ASYNC110 - a few looks, once in a process
        await asyncio.sleep(0.05)


async def _open(place: Place, factory: Callable[[], Incoming]) -> asyncio.Server:
    """Raises PlaceTaken."""
    loop = asyncio.get_running_loop()
    try:
        if not place.path:
            return await loop.create_server(factory, place.host, place.port)
        _remove(place)  # of a process that was killed
        server = await loop.create_unix_server(factory, place.path)
        _let_in(place)
    except OSError as error:
        raise PlaceTaken(hint=f"{place}: {error.strerror or error}") from error
    return server


def _remove(place: Place) -> None:
    socket = Path(place.path)
    if place.path and socket.is_socket():
        socket.unlink()


def _let_in(place: Place) -> None:
    """The mail server of this machine, by its group."""
    Path(place.path).chmod(SOCKET_MODE)


def _name(socket: Any) -> str:  # noqa: ANN401 - asyncio's transport socket
    name = socket.getsockname()
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else f"{_UNIX}{name}"
