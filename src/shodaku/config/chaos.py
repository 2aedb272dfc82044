"""A mail server that misbehaves as real ones do: for trials of what a sender says became of its messages.

Listens on loopback only and delivers nothing. Which message meets which fault is drawn from a seed; what
was really taken stands in the log, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TextIO

from shodaku.kit.errors import OutOfReach, WrongUse

CONNECTIONS_MAX: Final = 100
CONTENT_BYTES_MAX: Final = 10_000_000
STALL_SECONDS: Final = 5.0
_LINE_BYTES_MAX: Final = 4_096
_PATH: Final = re.compile(rb"<([^<>\r\n]*)>")
_MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s*<([^>\r\n]*)>", re.IGNORECASE | re.MULTILINE)


class Fault(StrEnum):
    LATER = "later"  # 450 to the recipient
    NEVER = "never"  # 550 to the recipient
    LATER_AFTER = "later-after"  # 451 to the content
    NEVER_AFTER = "never-after"  # 554 to the content
    STALL = "stall"  # the content is taken, and the reply comes late
    CLOSE_KEPT = "close-kept"  # the content is taken, and the connection ends without a reply
    CLOSE_LOST = "close-lost"  # the same, and it is not taken: a sender cannot tell these two apart
    GARBAGE = "garbage"  # the content is not taken, and the reply is no SMTP
    SHUTTING_DOWN = "shutting-down"  # 421 to the content


SHARES: Final[Mapping[Fault, float]] = {
    Fault.LATER: 0.05,
    Fault.NEVER: 0.01,
    Fault.LATER_AFTER: 0.01,
    Fault.NEVER_AFTER: 0.005,
    Fault.STALL: 0.002,
    Fault.CLOSE_KEPT: 0.002,
    Fault.CLOSE_LOST: 0.002,
    Fault.GARBAGE: 0.002,
    Fault.SHUTTING_DOWN: 0.002,
}
_AT_RCPT: Final = {
    Fault.LATER: b"450 4.2.1 try again later",
    Fault.NEVER: b"550 5.1.1 user unknown",
}
_AT_DOT: Final = {
    Fault.LATER_AFTER: b"451 4.3.0 try again later",
    Fault.NEVER_AFTER: b"554 5.7.1 not this content",
    Fault.GARBAGE: b"\x16\x03\x01 what?",
    Fault.SHUTTING_DOWN: b"421 4.3.2 shutting down",
}
_KEPT: Final = frozenset({Fault.STALL, Fault.CLOSE_KEPT})
_CLOSES: Final = frozenset({Fault.CLOSE_KEPT, Fault.CLOSE_LOST, Fault.GARBAGE, Fault.SHUTTING_DOWN})


class SharesFault(WrongUse):
    """Shares of faults have the form later=0.05,stall=0.01 and are 1 together at most."""

    code = "chaos_shares_fault"


class PortTaken(OutOfReach):
    """The port cannot be used: another program may listen there already."""

    code = "chaos_port_taken"


@dataclass(frozen=True, slots=True)
class Manners:
    """How the server misbehaves. `shares` are of messages, each of them meets one fault at most."""

    shares: Mapping[Fault, float]
    stall_seconds: float = STALL_SECONDS
    chunking: bool = False  # it offers CHUNKING (RFC 3030) and takes whole messages ahead

    def draw(self, chance: random.Random) -> Fault | None:
        at = chance.random()
        for fault, share in self.shares.items():
            at -= share
            if at < 0:
                return fault
        return None


def parse_shares(text: str) -> dict[Fault, float]:
    """`later=0.05,stall=0.01`; what is not named does not happen. Raises SharesFault."""
    found: dict[Fault, float] = {}
    for part in filter(None, text.split(",")):
        name, _, share = part.partition("=")
        try:
            found[Fault(name.strip())] = float(share)
        except ValueError:
            raise SharesFault(hint=f"{part} · {', '.join(Fault)}") from None
    if any(not 0 <= share <= 1 for share in found.values()) or sum(found.values()) > 1:
        raise SharesFault(hint=text)
    return found


class Server:
    """`log` gets a line a message; `counts`: how many met which fault, and how many were taken."""

    def __init__(self, manners: Manners, chance: random.Random, log: TextIO | None) -> None:
        self.counts: Counter[str] = Counter()
        self._manners, self._chance, self._log = manners, chance, log
        self._open = asyncio.Semaphore(CONNECTIONS_MAX)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._open:
            try:
                await _Session(self, reader, writer).run()
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                pass  # whoever talks to us may go as rudely as we do
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    def draw(self) -> Fault | None:
        return self._manners.draw(self._chance)

    @property
    def offers(self) -> bytes:
        more = b"250-CHUNKING\r\n" if self._manners.chunking else b""
        return b"250-chaos\r\n250-PIPELINING\r\n%b250 8BITMIME" % more

    async def stall(self) -> None:
        await asyncio.sleep(self._manners.stall_seconds)

    def note(
        self, recipient: bytes, fault: Fault | None, content: bytes = b"", begun: float | None = None
    ) -> None:
        """`begun`: first byte of the content, in seconds of this machine's monotonic clock."""
        kept = fault is None or fault in _KEPT
        self.counts[fault or "well"] += 1
        self.counts["kept"] += kept
        if self._log is None:
            return
        message_id = _MESSAGE_ID.search(content)
        line = {
            "recipient": recipient.decode("ascii", "replace"),
            "message_id": message_id[1].decode("ascii", "replace") if message_id else None,
            "fault": fault,
            "kept": kept,
            "begun": begun,
        }
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


class _Session:
    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._recipient: bytes | None = None
        self._fault: Fault | None = None

    async def run(self) -> None:
        self._say(b"220 chaos ESMTP")
        while line := await self._reader.readline():
            verb = line[:4].upper()
            match verb:
                case b"EHLO" | b"HELO":
                    self._say(self._server.offers)
                case b"RCPT":
                    self._about_recipient(line)
                case b"DATA":
                    if not await self._about_data():
                        return
                case b"BDAT":
                    if not await self._about_chunk(line):
                        return
                case b"QUIT":
                    self._say(b"221 2.0.0 bye")
                    return
                case b"MAIL" | b"RSET" | b"NOOP":
                    self._recipient = None
                    self._say(b"250 2.0.0 ok")
                case _:
                    self._say(b"502 5.5.1 not known here")
            await self._writer.drain()

    def _about_recipient(self, line: bytes) -> None:
        path = _PATH.search(line)
        self._fault = self._server.draw()
        if self._fault in _AT_RCPT:
            self._server.note(path[1] if path else b"", self._fault)
            self._recipient = None
            self._say(_AT_RCPT[self._fault])
            return
        self._recipient = path[1] if path else b""
        self._say(b"250 2.1.5 ok")

    async def _about_data(self) -> bool:
        """False: the connection ends here."""
        if self._recipient is None:
            self._say(b"503 5.5.1 no recipient")
            return True
        self._say(b"354 go on")
        await self._writer.drain()
        first = await self._reader.readexactly(1)
        begun = time.monotonic()
        return await self._about_content(first + await self._reader.readuntil(b"\r\n.\r\n"), begun)

    async def _about_chunk(self, line: bytes) -> bool:
        """A whole message in one chunk, read whoever it is for (RFC 3030 section 2)."""
        size = min(int(line.split()[1]), CONTENT_BYTES_MAX)
        begun = time.monotonic()
        content = await self._reader.readexactly(size)
        if self._recipient is None:
            self._say(b"503 5.5.1 no recipient")
            return True
        return await self._about_content(content, begun)

    async def _about_content(self, content: bytes, begun: float) -> bool:
        fault, recipient = self._fault, self._recipient or b""
        self._recipient, self._fault = None, None
        self._server.note(recipient, fault, content, begun)
        if fault is Fault.STALL:
            await self._server.stall()
        if fault in _AT_DOT:
            self._say(_AT_DOT[fault])
        elif fault not in _CLOSES:
            self._say(b"250 2.0.0 kept")
        await self._writer.drain()
        return fault not in _CLOSES

    def _say(self, text: bytes) -> None:
        self._writer.write(text + b"\r\n")


async def serve(
    port: int, manners: Manners, chance: random.Random, log: TextIO | None, stop: asyncio.Event
) -> Counter[str]:
    """Until `stop` is set. Raises PortTaken."""
    server = Server(manners, chance, log)
    try:
        listening = await asyncio.start_server(server.connected, "127.0.0.1", port, limit=CONTENT_BYTES_MAX)
    except (OSError, OverflowError):
        raise PortTaken(hint=str(port)) from None
    await stop.wait()
    listening.close()
    return server.counts


def run(port: int, manners: Manners, seed: int, log: TextIO | None) -> Counter[str]:
    """Serve until SIGTERM or SIGINT. Raises PortTaken."""

    async def main() -> Counter[str]:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return await serve(port, manners, random.Random(seed), log, stop)  # noqa: S311 - a trial

    return asyncio.run(main())
