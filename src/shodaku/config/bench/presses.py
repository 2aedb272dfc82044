"""A mailbox provider's program in a process of its own: it presses links as fast as they are answered."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 200
_BODY: Final = b"List-Unsubscribe=One-Click"
_HEAD: Final = (
    "POST /o/{token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: bench\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
)


@dataclass(slots=True)
class _Pressed:
    links: Iterator[bytes]
    milliseconds: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


class _Connection(asyncio.Protocol):
    """One press after the other; parses no more of an answer than its length."""

    def __init__(self, pressed: _Pressed, ended: asyncio.Future[None]) -> None:
        self._pressed, self._ended = pressed, ended
        self._came, self._since = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._press()

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        status = head[9:12].decode()
        self._pressed.answers[status] = self._pressed.answers.get(status, 0) + 1
        self._pressed.milliseconds.append((time.monotonic() - self._since) * 1000)
        self._came = b""
        self._press()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _press(self) -> None:
        request = next(self._pressed.links, None)
        if request is None:
            self._transport.close()
            return
        self._since = time.monotonic()
        self._transport.write(request)  # type: ignore[attr-defined] # a stream's transport


async def press(port: int, tokens: list[str]) -> dict[str, object]:
    heads = (_HEAD.format(token=token, port=port, length=len(_BODY)).encode() + _BODY for token in tokens)
    pressed = _Pressed(heads)
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    start = time.monotonic()
    for ended in ends:
        await loop.create_connection(lambda ended=ended: _Connection(pressed, ended), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return {
        "seconds": time.monotonic() - start,
        "milliseconds": pressed.milliseconds,
        "answers": pressed.answers,
    }


def main() -> None:
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    tokens = file.read_text(encoding="ascii").split()
    sys.stdout.write(json.dumps(asyncio.run(press(port, tokens))))


if __name__ == "__main__":
    main()
