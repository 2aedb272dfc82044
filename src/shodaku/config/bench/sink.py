"""An SMTP server that takes everything, and notes when the content for each contact last began to arrive."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator


@contextlib.contextmanager
def receiver(begun: dict[int, float], kept: Counter[int] | None = None) -> Iterator[int]:
    """An SMTP server that notes when a content began to arrive for a contact; `kept` counts whole ones."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda r, w: _talk(r, w, begun, kept), "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _talk(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    begun: dict[int, float],
    kept: Counter[int] | None,
) -> None:
    contact_id = 0
    writer.write(b"220 bench\r\n")
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while line := await reader.readline():
            match line[:4]:
                case b"EHLO":
                    writer.write(b"250-bench\r\n250 PIPELINING\r\n")
                case b"RCPT":
                    contact_id = int(line[9:].partition(b"@")[0])
                    writer.write(b"250 ok\r\n")
                case b"DATA":
                    writer.write(b"354 go\r\n")
                    content = await reader.readexactly(1)
                    begun[contact_id] = time.monotonic()
                    while not content.endswith(b"\r\n.\r\n"):
                        content = content[-2:] + await reader.readuntil(b".\r\n")
                    if kept is not None:
                        kept[contact_id] += 1
                    writer.write(b"250 kept\r\n")
                case _:
                    writer.write(b"250 ok\r\n")
    writer.close()
