"""Connections to one SMTP relay, kept open from chunk to chunk; and a probe that sends nothing."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Final, Protocol, cast

from shodaku.delivery.transports.backoff import BACKOFF_SECONDS, Backoff, Bucket
from shodaku.delivery.transports.dialogue import Dialogue, Login, Manner, Tls, Work
from shodaku.delivery.transports.job import Batch, Job, Outcome, Stage, Verdict
from shodaku.delivery.transports.sentences import Sentence, sentence_of

_CONNECT_SECONDS_MAX: Final = 10.0
_TLS_SECONDS_MAX: Final = 30.0
_GOODBYE_SECONDS_MAX: Final = 1.0
_PACED_TICK_SECONDS: Final = 0.02
_READ_BYTES: Final = 8192
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def usual_tls(host: str) -> Tls:
    """What a route has unless someone decides otherwise: encryption, except inside this machine."""
    return Tls.NONE if host in LOOPBACK else Tls.REQUIRE


class _Owner(Work, Protocol):
    """Who opens connections and hears that one is gone."""

    manner: Manner

    @property
    def now(self) -> Callable[[], float]:
        """Seconds on a clock that nobody sets."""

    def opened(self, connection: _Connection, /) -> None: ...

    def gone(self, connection: _Connection, /) -> None: ...


class _Connection(asyncio.BufferedProtocol):
    """Replies are short: they are read into one small buffer, not into 256 KiB that are made for each."""

    transport: asyncio.Transport

    def __init__(self, owner: _Owner) -> None:
        self._owner = owner
        self._buffer = memoryview(bytearray(_READ_BYTES))  # a slice of it must be no copy: TLS fills slices
        self._over = False
        self.dialogue = Dialogue(owner, self.write, self.close, owner.manner, owner.now)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # of TCP; uvloop's are no subclass
        self._owner.opened(self)

    def write(self, buffers: list[bytes]) -> None:
        self.transport.write(b"".join(buffers))

    def close(self) -> None:
        self.transport.abort()  # not close(): nothing that is still buffered may leave

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.dialogue.feed(bytes(self._buffer[:nbytes]))

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self._over:
            self._over = True
            self.dialogue.lost()
            self._owner.gone(self)

    async def encrypt(self, host: str, trust: ssl.SSLContext) -> Outcome | None:
        """None: done. Else the connection is over, which not every event loop tells the protocol."""
        try:
            async with asyncio.timeout(_TLS_SECONDS_MAX):
                loop = asyncio.get_running_loop()
                transport = await loop.start_tls(self.transport, self, trust, server_hostname=host)
        except (OSError, TimeoutError) as error:
            self.close()
            return unreachable(error)
        if transport is None:
            return unreachable(ConnectionError())
        self.transport = transport
        self.dialogue.secured()
        return None


def unreachable(error: OSError) -> Outcome:
    """One clear sentence for what the network said."""
    return Outcome(Verdict.DEFERRED, Stage.CONNECT, 0, sentence_of(error))


async def _open(owner: _Owner, host: str, port: int) -> None:
    async with asyncio.timeout(_CONNECT_SECONDS_MAX):
        await asyncio.get_running_loop().create_connection(lambda: _Connection(owner), host, port)


class Relay(Backoff):
    """The `Work` of its connections' dialogues. `rate` is in messages a second."""

    def __init__(
        self,
        host: str,
        port: int,
        connections: int = 8,
        *,
        manner: Manner | None = None,
        rate: float | None = None,
        trust: ssl.SSLContext | None = None,
        backoff_seconds: float = BACKOFF_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(backoff_seconds, now)
        self.host, self.port, self.connections = host, port, connections
        self.manner = manner or Manner(tls=usual_tls(host))
        self._trust = trust
        self._bucket = None if rate is None else Bucket(rate, now)
        self._queue: deque[Job] = deque()
        self._live: dict[_Connection, None] = {}  # in the order in which they were opened
        self._idle: list[Dialogue] = []
        self._opening = 0
        self._closing = False
        self._empty = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None

    def submit(self, jobs: Sequence[Job]) -> None:
        self._queue.extend(jobs)
        if self._closing:
            return self._give_back(Sentence.CLOSING)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().create_task(self._tick())
        self._connect()
        return self._wake()

    def withdraw(self, batch: Batch) -> None:
        """Give back what has not begun: the batch's time is over."""
        mine = [job for job in self._queue if job.batch is batch]
        self._queue = deque(job for job in self._queue if job.batch is not batch)
        for job in mine:
            batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "time is over"))

    async def close(self) -> None:
        """Say goodbye where nothing is under way, give back the queue, drop the rest."""
        self._closing = True
        self._give_back(Sentence.CLOSING)
        for connection in list(self._live):
            connection.dialogue.quit()
        if self._live:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS_MAX):
                    await self._empty.wait()
        for connection in list(self._live):
            connection.close()
        tasks = [*self._tasks, *([self._ticker] if self._ticker else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ticker = None

    def take(self) -> Job | None:
        while self._queue and not self._closing:
            if self._bucket is not None and not self._bucket.draw():
                return None
            job = self._queue.popleft()
            if job.batch.may_begin(job):
                return job
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "not begun"))
        return None

    def idle(self, dialogue: Dialogue) -> None:
        if self._closing:
            dialogue.quit()
        elif not dialogue.kick():
            self._idle.append(dialogue)

    def start_tls(self, dialogue: Dialogue) -> None:
        connection = next(connection for connection in self._live if connection.dialogue is dialogue)
        self._spawn(self._encrypt(connection))

    def opened(self, connection: _Connection) -> None:
        self._live[connection] = None

    def gone(self, connection: _Connection) -> None:
        self._live.pop(connection, None)
        self._idle = [dialogue for dialogue in self._idle if not dialogue.closed]
        self._after_a_loss()

    def _after_a_loss(self) -> None:
        if self._closing:
            if not self._live:
                self._empty.set()
        elif self.now() >= self.retry_at:
            self._connect()
        elif not self._live and not self._opening and self.unreachable is not None:
            self._give_back(self.unreachable.text)  # nobody is left to carry them

    def _give_back(self, why: str) -> None:
        while self._queue:
            job = self._queue.popleft()
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, why))

    def _connect(self) -> None:
        if self.now() < self.retry_at or self._closing:
            return
        wanted = min(self.connections, len(self._queue)) - len(self._live) - self._opening
        for _ in range(wanted):
            self._opening += 1
            self._spawn(self._open())

    async def _open(self) -> None:
        try:
            await _open(self, self.host, self.port)
        except OSError as error:  # TimeoutError is one
            self.refused(unreachable(error))
        finally:
            self._opening -= 1
        if not self._live:
            self._after_a_loss()

    async def _encrypt(self, connection: _Connection) -> None:
        if self._trust is None:  # made when somebody encrypts: reading all roots takes 60 ms
            self._trust = ssl.create_default_context()
        failure = await connection.encrypt(self.host, self._trust)
        if failure is not None:
            self.refused(failure)
            connection.connection_lost(None)

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _wake(self) -> None:
        while self._queue and self._idle:
            dialogue = self._idle.pop()
            if not dialogue.kick() and not dialogue.closed:
                self._idle.append(dialogue)
                break

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.manner.tick_seconds if self._bucket is None else _PACED_TICK_SECONDS)
            now = self.now()
            for connection in list(self._live):
                if connection.dialogue.overdue(now):
                    connection.dialogue.stalled()
                    connection.close()
            if self._queue:
                self._connect()
                self._wake()


async def probe(
    host: str, port: int, tls: Tls, login: Login | None = None, *, trust: ssl.SSLContext | None = None
) -> Outcome:
    """Connect, encrypt, log in, say goodbye: ACCEPTED, or one sentence why no message would leave."""
    attempt = _Probe(host, Manner(tls=tls, login=login), trust or ssl.create_default_context())
    try:
        await _open(attempt, host, port)
        async with asyncio.timeout(_TLS_SECONDS_MAX + _CONNECT_SECONDS_MAX):
            return await attempt.result
    except OSError as error:
        return unreachable(error)
    finally:
        attempt.end()


class _Probe:
    """The `Work` of one dialogue that has none."""

    now = staticmethod(time.monotonic)

    def __init__(self, host: str, manner: Manner, trust: ssl.SSLContext) -> None:
        self.manner = manner
        self.result: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._host, self._trust = host, trust
        self._connection: _Connection | None = None
        self._upgrade: asyncio.Task[None] | None = None

    def take(self) -> Job | None:
        return None

    def idle(self, dialogue: Dialogue) -> None:
        self._tell(Outcome(Verdict.ACCEPTED, Stage.CONNECT, 250, Sentence.READY))
        dialogue.quit()

    def answered(self) -> None:
        """Nothing was sent."""

    def refused(self, outcome: Outcome) -> None:
        self._tell(outcome)

    def start_tls(self, _dialogue: Dialogue) -> None:
        self._upgrade = asyncio.get_running_loop().create_task(self._encrypt())

    def opened(self, connection: _Connection) -> None:
        self._connection = connection

    def gone(self, _connection: _Connection) -> None:
        self._tell(unreachable(ConnectionError()))

    def end(self) -> None:
        if self._upgrade is not None:
            self._upgrade.cancel()
        if self._connection is not None:
            self._connection.close()

    async def _encrypt(self) -> None:
        if self._connection is not None:
            failure = await self._connection.encrypt(self._host, self._trust)
            if failure is not None:
                self._tell(failure)

    def _tell(self, outcome: Outcome) -> None:
        if not self.result.done():
            self.result.set_result(outcome)
