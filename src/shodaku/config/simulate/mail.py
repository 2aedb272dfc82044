"""A mail server in memory, which misbehaves as real ones do, and connections to it without sockets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shodaku.config.simulate.chance import Chance
from shodaku.config.simulate.loop import Killed, Loop, Process

_CHUNK: Final = re.compile(rb"BDAT (\d+) LAST")
_RECIPIENT: Final = re.compile(rb"RCPT TO:<c(\d+)@")
_SUBJECT: Final = re.compile(rb"^Subject: news (\d+)\r$", re.MULTILINE)
_MESSAGE_ID: Final = re.compile(rb"^Message-ID: <([^>]*)>", re.MULTILINE)
_OFFERS: Final = (
    b"250-relay.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"250-relay.example\r\n250 PIPELINING\r\n",
)
_GO_AHEAD: Final = b"354 go ahead\r\n"
_OK: Final = b"250 2.0.0 fine\r\n"
_STALLS: Final = (0.3, 0.8, 1.5, 3.0, 8.0, 40.0)  # seconds; the last one is beyond the patience of the worker


@dataclass(slots=True, eq=False)
class Handed:
    """A content that began to leave. `denied`: the server said 4xx or 5xx to it."""

    at: float
    mailing_id: int
    contact_id: int
    message_id: str
    by: Process
    to: str  # the relay
    denied: bool = False
    gate_at: float = 0.0  # when the gate that let it pass asked for the state of the house


Watcher = Callable[[Handed], None]


class MailServer:
    """All connections lead here, to whatever relay. `handed`, `taken`: what began to leave, what was kept."""

    def __init__(self, chance: Chance, trace: Callable[[str], None]) -> None:
        self.loop: Loop | None = None
        self.chance, self.trace = chance, trace
        self.strike: Callable[[Process], None] = lambda _: None
        self.on_handed: Watcher = lambda _: None
        self.handed: list[Handed] = []
        self.taken: set[tuple[int, int]] = set()
        self.said_no: set[tuple[int, int]] = set()  # a final no, to the person or to the content

    async def connect(
        self, factory: Callable[[], asyncio.BaseProtocol], process: Process | None, host: str
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        if process is None or self.loop is None:
            raise Killed
        await asyncio.sleep(self.chance.between(0.0005, 0.005))
        if self.fault("hangs"):
            await asyncio.sleep(3_600)
        if self.fault("refuses"):
            raise ConnectionRefusedError
        protocol = factory()
        line = _Line(self, self.loop, process, protocol, host)
        protocol.connection_made(line)
        line.greet()
        return line, protocol

    def fault(self, kind: str) -> bool:
        return self.loop is not None and self.chance.fault(kind, self.loop.awake)


class _Line(asyncio.Transport):
    """One connection: the transport of the client, and the server at its other end."""

    def __init__(
        self, server: MailServer, loop: Loop, process: Process, protocol: asyncio.BaseProtocol, host: str
    ) -> None:
        super().__init__()
        self.process, self._host = process, host
        self._server, self._loop, self._protocol = server, loop, protocol
        self._closed = False
        self._said_at = 0.0
        self._rest = b""
        self._content: bytes | None = None  # of a message whose dot has not come yet
        self._chunk_bytes: int | None = None  # of a content that comes without being asked for (RFC 3030)
        self._contact_id: int | None = None
        self._refused = False  # the recipient

    # --- the client's side

    def write(self, data: Any) -> None:  # noqa: ANN401 - bytes, as the base class has it
        if self._closed or not self.process.alive:
            return
        self._server.strike(self.process)
        self._receive(bytes(data))
        self._server.strike(self.process)

    def abort(self) -> None:
        if self.process.alive:
            self._hang_up()

    def close(self) -> None:
        self.abort()

    def is_closing(self) -> bool:
        return self._closed

    # --- the server's side

    def greet(self) -> None:
        self._say(b"421 4.3.2 not now\r\n" if self._server.fault("shuts_down") else b"220 relay.example\r\n")

    def _receive(self, data: bytes) -> None:
        if self._closed:
            return
        self._rest += data
        while self._rest and not self._closed:
            if self._content is not None:
                if not self._read_content():
                    return
            elif self._chunk_bytes is not None:
                if not self._read_chunk(self._chunk_bytes):
                    return
            else:
                line, end, rest = self._rest.partition(b"\r\n")
                if not end:
                    return
                self._rest = rest
                self._command(line)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self._say(self._offers())
        elif verb == b"RCPT":
            self._recipient(line)
        elif verb == b"DATA":
            self._data()
        elif match := _CHUNK.fullmatch(line):
            self._chunk_bytes = int(match[1])
        elif verb == b"QUIT":
            self._say(b"221 2.0.0 bye\r\n")
            self._hang_up_later()
        else:
            self._say(_OK)

    def _offers(self) -> bytes:
        offers = self._server.chance.pick(_OFFERS)
        if not self._server.chance.offers_chunking():
            return offers
        name, others = offers.split(b"\r\n", 1)
        return name + b"\r\n250-CHUNKING\r\n" + others

    def _recipient(self, line: bytes) -> None:
        match = _RECIPIENT.match(line)
        self._contact_id = None if match is None else int(match[1])
        if self._server.fault("later"):
            self._refused = True
            self._say(b"450 4.2.1 later\r\n")
        elif self._server.fault("never"):
            self._refused = True
            self._server.said_no.add((0, self._contact_id or 0))
            self._say(b"550 5.1.1 unknown\r\n")
        else:
            self._refused = False
            self._say(_OK)

    def _data(self) -> None:
        if self._server.fault("drops"):
            self._hang_up_later()
        elif self._refused:
            self._say(b"503 5.5.1 nobody\r\n")
        else:
            self._content = b""
            self._say(_GO_AHEAD)

    def _read_content(self) -> bool:
        """False: its dot is still to come."""
        if self._content == b"":
            self._begun(self._rest)
        if self._rest.startswith(b".\r\n") and self._content == b"":
            before, rest = b"", self._rest[3:]
        else:
            before, dot, rest = self._rest.partition(b"\r\n.\r\n")
            if not dot:
                return False
        self._content, self._rest = None, rest
        self._reply(self._named(before))
        return True

    def _read_chunk(self, size: int) -> bool:
        """False: the rest of it is still to come. One whose recipient was refused has left all the same."""
        if len(self._rest) < size:
            return False
        content, self._rest, self._chunk_bytes = self._rest[:size], self._rest[size:], None
        self._begun(content)
        if self._refused:
            self._server.handed[-1].denied = True
            self._say(b"503 5.5.1 nobody\r\n")
        elif self._server.fault("drops"):
            self._hang_up_later()
        else:
            self._reply(self._named(content))
        return True

    def _begun(self, head: bytes) -> None:
        mailing_id, contact_id = self._named(head)
        match = _MESSAGE_ID.search(head)
        ident = "" if match is None else match[1].decode()
        handed = Handed(self._loop.now, mailing_id, contact_id, ident, self.process, self._host)
        self._server.handed.append(handed)
        self._server.on_handed(handed)

    def _named(self, head: bytes) -> tuple[int, int]:
        match = _SUBJECT.search(head)
        return (0 if match is None else int(match[1]), self._contact_id or 0)

    def _reply(self, message: tuple[int, int]) -> None:
        server = self._server
        if server.fault("later_after"):
            server.handed[-1].denied = True
            self._say(b"451 4.3.0 later\r\n")
        elif server.fault("never_after"):
            server.handed[-1].denied = True
            server.said_no.add(message)
            self._say(b"554 5.7.1 not this\r\n")
        elif server.fault("garbage"):
            self._say(b"\x16\x03\x01 what?\r\n")
        elif server.fault("closes"):
            if server.chance.below(2):
                server.taken.add(message)
            self._hang_up_later()
        else:
            server.taken.add(message)
            self._say(_OK)

    def _say(self, reply: bytes) -> None:
        chance = self._server.chance
        seconds = chance.between(0.0005, 0.003)
        if self._server.fault("stall"):
            seconds += chance.pick(_STALLS)
        self._said_at = max(self._said_at, self._loop.now + seconds)
        self._loop.call_at(self._said_at, self._told, reply, context=self.process.context)

    def _told(self, reply: bytes) -> None:
        protocol = self._protocol
        while reply and not self._closed and isinstance(protocol, asyncio.BufferedProtocol):
            buffer = memoryview(protocol.get_buffer(-1))
            part, reply = reply[: len(buffer)], reply[len(buffer) :]
            buffer[: len(part)] = part
            protocol.buffer_updated(len(part))

    def _hang_up_later(self) -> None:
        self._said_at = max(self._said_at, self._loop.now + 0.001)
        self._loop.call_at(self._said_at, self._hang_up, context=self.process.context)

    def _hang_up(self) -> None:
        if not self._closed:
            self._closed = True
            self._loop.call_soon(self._protocol.connection_lost, None, context=self.process.context)
