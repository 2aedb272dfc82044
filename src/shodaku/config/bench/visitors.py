"""People's browsers in a process of its own: they open links as fast as they are answered."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 64
_HEAD: Final = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept: text/html\r\nAccept-Language: ja\r\n\r\n"
)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n")


@dataclass(slots=True)
class _Opened:
    requests: Iterator[bytes]
    milliseconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


class _Connection(asyncio.Protocol):
    """One request after the other; parses no more of an answer than its length."""

    def __init__(self, opened: _Opened, ended: asyncio.Future[None]) -> None:
        self._opened, self._ended = opened, ended
        self._came, self._since = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        length = _LENGTH.search(self._came) if end >= 0 else None
        if length is None or len(self._came) < end + 4 + int(length[1]):
            return
        self._opened.answers[self._came[9:12].decode()] += 1
        self._opened.milliseconds.append((time.perf_counter() - self._since) * 1000)
        self._came = b""
        self._ask()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _ask(self) -> None:
        request = next(self._opened.requests, None)
        if request is None:
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined] # a stream's transport


async def visit(port: int, paths: list[str]) -> dict[str, object]:
    requests = [_HEAD.format(path=path, port=port).encode() for path in paths]  # before the clock runs
    opened = _Opened(iter(requests))
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for ended in ends:
        await loop.create_connection(lambda ended=ended: _Connection(opened, ended), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - start
    ordered = sorted(opened.milliseconds)
    p99 = ordered[int(0.99 * (len(ordered) - 1))] if ordered else 0.0
    return {"seconds": seconds, "p99_ms": p99, "answers": opened.answers}


def main() -> None:
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    sys.stdout.write(json.dumps(asyncio.run(visit(port, file.read_text(encoding="ascii").split()))))


if __name__ == "__main__":
    main()
