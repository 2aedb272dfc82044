"""How long a no waits under full sending, and how many messages begin after its answer (none may)."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Final

from shodaku.config.bench import machine, sample
from shodaku.config.bench.send import environment
from shodaku.consent.domain import Method
from shodaku.delivery import selectors
from shodaku.kit import clock, db
from shodaku.ledger import services as ledger
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.services import opt_out

MESSAGES: Final = 40_000
ANYONE: Final = "anyone"
OPEN_CHUNK: Final = "people in an open chunk"
_ANYONE: Final = """
    select contact_ids[1 + (%s %% cardinality(contact_ids))] from chunk
    where mailing_id = %s and state <> 'done' and cardinality(contact_ids) > 0 order by no desc limit 1
"""
_IN_OPEN_CHUNK: Final = """
    select contact_ids[1 + (%s %% cardinality(contact_ids))] from chunk
    where mailing_id = %s and state = 'open' and cardinality(contact_ids) > 0 order by no desc limit 1
"""
_SELECT: Final = {ANYONE: _ANYONE, OPEN_CHUNK: _IN_OPEN_CHUNK}


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages, owner_url. The receiver is our own: it says when each content began to arrive."""
    messages = int(str(options.get("messages", MESSAGES)))
    shop = sample.fill(str(options["owner_url"]), messages, clock.now())
    begun: dict[int, float] = {}
    answered: dict[int, float] = {}
    waits: dict[str, list[float]] = {ANYONE: [], OPEN_CHUNK: []}
    with (
        _receiver(begun) as port,
        tempfile.TemporaryDirectory() as home,
        machine.send_worker(environment(home, port)),
    ):
        planned = sample.launch(shop, clock.now())
        for turn in range(messages):
            progress = selectors.progress(shop.workspace_id, planned.mailing_id)
            if progress is None or not progress.waiting:
                break
            _one(shop, planned.mailing_id, turn, waits, answered)
    late = sum(begun.get(contact_id, 0.0) >= at for contact_id, at in answered.items())
    for case, milliseconds in waits.items():
        if milliseconds:
            yield _line(case, milliseconds, len(begun), late)


def _one(
    shop: sample.Shop,
    mailing_id: int,
    turn: int,
    waits: dict[str, list[float]],
    answered: dict[int, float],
) -> None:
    case = OPEN_CHUNK if turn % 2 else ANYONE
    with db.transaction(shop.workspace_id) as connection:
        row = connection.execute(_SELECT[case], [turn, mailing_id]).fetchone()
    if row is None or row[0] in answered:
        return
    ledger.ensure_keys(shop.workspace_id, [row[0]])
    request = OptOut(
        workspace_id=shop.workspace_id, contact_id=row[0], scope=OptOutScope.ALL, via=Method.ONE_CLICK
    )
    start = time.monotonic()
    with contextlib.redirect_stderr(io.StringIO()):  # its log line is not what is measured here
        opt_out(request, clock.now())
    answered[row[0]] = time.monotonic()
    waits[case].append((answered[row[0]] - start) * 1000)


def _line(case: str, milliseconds: list[float], messages: int, late: int) -> dict[str, object]:
    ordered = sorted(milliseconds)
    return machine.line(
        "optout",
        case,
        "ms",
        ordered,
        len(ordered),
        p99=round(ordered[int(0.99 * (len(ordered) - 1))], 1),
        worst=round(ordered[-1], 1),
        messages=messages,
        left_after_the_answer=late,
    )


@contextlib.contextmanager
def _receiver(begun: dict[int, float]) -> Iterator[int]:
    """An SMTP server that notes when the content for each contact began to arrive."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda r, w: _talk(r, w, begun), "127.0.0.1", 0)
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


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: dict[int, float]) -> None:
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
                    writer.write(b"250 kept\r\n")
                case _:
                    writer.write(b"250 ok\r\n")
    writer.close()
