"""A mail server of the tests: takes everything, notes when each content began to arrive, and can be slow.

As a process: `python sink.py PORT_FILE LOG_FILE [SECONDS_A_MESSAGE]`; one line a message in LOG_FILE.
"""

import asyncio
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_MAIL = 32 * 1024 * 1024


@dataclass
class Arrived:
    recipient: str
    begun: float  # CLOCK_MONOTONIC when the first byte of the content was read
    content: bytes


@dataclass
class Sink:
    """`reply(recipient) -> line` answers the final dot; None keeps silent for ever.

    `offers` are named beside PIPELINING.
    """

    seconds: float = 0.0
    reply: object = None
    on_rcpt: object = None
    on_arrival: object = None
    arrived: list = field(default_factory=list)
    connections: int = 0
    chunks: int = 0  # of CHUNKING
    port: int = 0
    offers: tuple[str, ...] = ("8BITMIME",)

    async def serve(self):
        self.server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, limit=LONGEST_MAIL)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _connection(self, reader, writer):
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        recipient = ""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            match verb:
                case b"EHLO":
                    offered = "".join(f"250-{offer}\r\n" for offer in self.offers)
                    writer.write(f"250-sink\r\n{offered}250 PIPELINING\r\n".encode())
                case b"RCPT":
                    recipient = line[9:-3].decode()
                    answer = self.on_rcpt(recipient) if self.on_rcpt else None
                    writer.write(answer or b"250 2.1.5 ok\r\n")
                case b"DATA":
                    writer.write(b"354 go\r\n")
                    await writer.drain()
                    if not await self._content(reader, writer, recipient):
                        return
                case b"BDAT":
                    self.chunks += 1
                    begun, whole = time.monotonic(), await reader.readexactly(int(line.split()[1]))
                    if not await self._take(writer, Arrived(recipient, begun, whole)):
                        return
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 2.0.0 ok\r\n")
            await writer.drain()

    async def _content(self, reader, writer, recipient):
        first = await reader.readexactly(1)
        begun = time.monotonic()
        content = first
        if first == b".":
            content += await reader.readline()
        while content != b".\r\n" and not content.endswith(b"\r\n.\r\n"):
            content += await reader.readuntil(b".\r\n")
        if content == b".\r\n":
            writer.write(b"554 5.5.0 no content\r\n")
            return True
        return await self._take(writer, Arrived(recipient, begun, content))

    async def _take(self, writer, arrived):
        self.arrived.append(arrived)
        if self.on_arrival:
            self.on_arrival(arrived)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        answer = self.reply(arrived.recipient) if self.reply else b"250 2.0.0 kept\r\n"
        if answer is None:
            return await asyncio.Event().wait()
        if answer == b"":
            return False
        writer.write(answer)
        return True


class RunningSink:
    """In a thread of its own, as a context manager."""

    def __init__(self, **settings):
        self.sink = Sink(**settings)

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def main():
            await self.sink.serve()
            self.stop = asyncio.Event()
            ready.set()
            await self.stop.wait()
            self.sink.server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.thread = threading.Thread(target=self.loop.run_until_complete, args=[main()])
        self.thread.start()
        ready.wait(10)
        return self.sink

    def __exit__(self, *error):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)
        self.loop.close()


async def process(tell_port, note, seconds):
    sink = Sink(seconds=seconds, on_arrival=note)
    await sink.serve()
    tell_port(sink.port)
    await asyncio.Event().wait()


def main(port_file, log_file, seconds="0"):
    waiting = Path(f"{port_file}.new")

    def tell_port(port):
        waiting.write_text(str(port))
        waiting.rename(port_file)

    with Path(log_file).open("a") as log:

        def note(arrived):
            log.write(f"{arrived.recipient} {arrived.begun:.6f}\n")
            log.flush()

        asyncio.run(process(tell_port, note, float(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
