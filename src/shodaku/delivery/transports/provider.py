"""Messages by HTTP to the program of a mail provider: one at a time on a connection, with true outcomes.

From the first byte of a request until a whole answer was read nobody knows whether the provider has the
message: whatever goes wrong between leaves it uncertain (F50, F51). It is never repeated here.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import h11

from shodaku.delivery.transports.backoff import BACKOFF_SECONDS, Backoff, Bucket
from shodaku.delivery.transports.job import Batch, Job, Outcome, Stage, Verdict
from shodaku.delivery.transports.providers import Account, Answer, Api, Message, Request, meaning
from shodaku.delivery.transports.sentences import Sentence
from shodaku.delivery.transports.smtp import unreachable
from shodaku.kit import clock

_CONNECT_SECONDS_MAX: Final = 10.0
_TLS_SECONDS_MAX: Final = 30.0
_REPLY_SECONDS_MAX: Final = 60.0
_IDLE_SECONDS_MAX: Final = 5.0  # one that its server may be closing just now would make a message uncertain
_GOODBYE_SECONDS_MAX: Final = 1.0
_PACED_TICK_SECONDS: Final = 0.02
_ANSWER_BYTES_MAX: Final = 64 * 1024
_READ_BYTES: Final = 16 * 1024
_TOO_LARGE: Final = "5.3.4 The message has %d bytes, and the provider takes at most %d."


class NoRequest(Exception):
    """User name or key cannot stand in a request; nothing was written."""


class NoAnswer(ConnectionError):
    """The connection ended, or what came is no HTTP, before the answer was whole."""


class Provider(Backoff):
    """Connections to one provider. `rate` is in messages a second; `wall`: the clock of signed requests.

    Without `encrypted` nothing leaves this machine: `relays` lets that be on loopback alone.
    """

    def __init__(
        self,
        api: Api,
        account: Account,
        port: int,
        connections: int = 4,
        *,
        encrypted: bool = True,
        rate: float | None = None,
        trust: ssl.SSLContext | None = None,
        backoff_seconds: float = BACKOFF_SECONDS,
        reply_seconds_max: float = _REPLY_SECONDS_MAX,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = clock.now,
    ) -> None:
        super().__init__(backoff_seconds, now)
        self.connections = connections
        self._api, self._account, self._wall = api, account, wall
        self._door = _Door(account.host, port, encrypted, trust)
        self._reply_seconds_max = reply_seconds_max
        self._bucket = None if rate is None else Bucket(rate, now)
        self._queue: deque[Job] = deque()
        self._idle: list[_Line] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._carrying = 0  # connections that go on while there are jobs
        self._closing = False

    def submit(self, jobs: Sequence[Job]) -> None:
        self._queue.extend(jobs)
        if self._closing:
            return self._give_back(Sentence.CLOSING)
        if self.now() < self.retry_at and self.unreachable is not None:
            return self._give_back(self.unreachable.text)
        for _ in range(min(self.connections, len(self._queue)) - self._carrying):
            self._carrying += 1
            task = asyncio.get_running_loop().create_task(self._carry())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return None

    def withdraw(self, batch: Batch) -> None:
        mine = [job for job in self._queue if job.batch is batch]
        self._queue = deque(job for job in self._queue if job.batch is not batch)
        for job in mine:
            batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "time is over"))

    async def close(self) -> None:
        self._closing = True
        self._give_back(Sentence.CLOSING)
        if self._tasks:
            _, waiting = await asyncio.wait(self._tasks, timeout=_GOODBYE_SECONDS_MAX)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        for line in self._idle:
            line.close()
        self._idle.clear()

    async def _carry(self) -> None:
        """One connection, a message after the other while there are any."""
        line: _Line | None = None
        try:
            while self._queue and not self._closing and self.now() >= self.retry_at:
                if self._bucket is not None and not self._bucket.draw():
                    await asyncio.sleep(_PACED_TICK_SECONDS)
                    continue
                line = line if line is not None and line.usable else await self._line()
                job = self._take()
                if job is not None:
                    await self._send(line, job)
        except OSError as error:
            self._in_trouble(unreachable(error))
        finally:
            self._carrying -= 1
            if line is not None and line.usable and not self._closing:
                self._idle.append(line)
            elif line is not None:
                line.close()

    async def _line(self) -> _Line:
        """Raises OSError."""
        while self._idle:
            line = self._idle.pop()
            if line.usable:
                return line
            line.close()
        return await self._door.open(self.now)

    def _take(self) -> Job | None:
        """What is larger than the provider takes is not offered to it."""
        if not self._queue:
            return None
        job = self._queue.popleft()
        if not job.batch.may_begin(job):
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "not begun"))
        elif job.octets_min > self._api.octets_max:
            sizes = (job.octets_min, self._api.octets_max)
            job.batch.outcome(job, Outcome(Verdict.FAILED, Stage.MAIL, 0, _TOO_LARGE % sizes))
        else:
            return job
        return None

    async def _send(self, line: _Line, job: Job) -> None:
        try:
            content = job.batch.content(job)
        except BaseException:
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.DATA, 0, "no content"))
            raise
        if content is None:
            return job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.DATA, 0, "revoked"))
        # until an answer says otherwise; also when this very task is cancelled
        outcome = Outcome(Verdict.UNCERTAIN, Stage.END_OF_DATA, 0, "connection lost")
        try:
            request = self._request(job, content)
            if isinstance(request, Outcome):
                outcome = request
            else:
                outcome = await self._asked(line, request)
        finally:
            job.batch.outcome(job, outcome)
        return None

    def _request(self, job: Job, content: list[bytes]) -> Request | Outcome:
        """An outcome where the message cannot be given to this provider; nothing of it has left."""
        raw = (b"\r\n" + b"".join(content)).replace(b"\r\n..", b"\r\n.")[2:]
        message = Message(job.return_path.decode("ascii"), job.recipient.decode("ascii"), raw)
        try:
            return self._api.send(self._account, message, self._wall())
        except Exception as error:  # noqa: BLE001 - one person's data must not stop the others
            return Outcome(Verdict.FAILED, Stage.DATA, 0, f"no request: {type(error).__name__}")

    async def _asked(self, line: _Line, request: Request) -> Outcome:
        try:
            async with asyncio.timeout(self._reply_seconds_max):
                found = meaning(self._api, await line.ask(request))
        except NoRequest:
            self._in_trouble(Outcome(Verdict.DEFERRED, Stage.CONNECT, 0, Sentence.NO_REQUEST))
            return Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, Sentence.NO_REQUEST)
        except OSError as error:  # TimeoutError and NoAnswer are such
            line.close()
            self._in_trouble(unreachable(error))
            return Outcome(Verdict.UNCERTAIN, Stage.END_OF_DATA, 0, unreachable(error).text)
        if found.trouble:
            self._in_trouble(found.outcome, found.wait_seconds)
        else:
            self.answered()
        return found.outcome

    def _in_trouble(self, outcome: Outcome, wait_seconds: float = 0.0) -> None:
        self.refused(outcome)
        self.retry_at = max(self.retry_at, self.now() + wait_seconds)
        self._give_back(outcome.text)

    def _give_back(self, why: str) -> None:
        while self._queue:
            job = self._queue.popleft()
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, why))


async def look(
    api: Api, account: Account, port: int, *, encrypted: bool = True, trust: ssl.SSLContext | None = None
) -> Outcome:
    """Connect, show the key, ask something that changes nothing: ACCEPTED, or why no message would leave."""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS_MAX + _TLS_SECONDS_MAX):
            line = await _Door(account.host, port, encrypted, trust).open(time.monotonic)
            try:
                answer = await line.ask(api.look(account, clock.now()))
            finally:
                line.close()
    except NoRequest:
        return Outcome(Verdict.FAILED, Stage.CONNECT, 0, Sentence.NO_REQUEST)
    except OSError as error:
        return unreachable(error)
    if answer.well:
        return Outcome(Verdict.ACCEPTED, Stage.CONNECT, answer.status, Sentence.READY)
    return Outcome(Verdict.FAILED, Stage.CONNECT, answer.status, meaning(api, answer).outcome.text)


class _Door:
    """Where connections are opened."""

    def __init__(self, host: str, port: int, encrypted: bool, trust: ssl.SSLContext | None) -> None:  # noqa: FBT001 - of four facts
        self._host, self._port, self._encrypted, self._trust = host, port, encrypted, trust

    async def open(self, now: Callable[[], float]) -> _Line:
        """Raises OSError."""
        if self._encrypted and self._trust is None:  # made when it is needed: reading all roots takes 60 ms
            self._trust = ssl.create_default_context()
        trust = self._trust if self._encrypted else None
        name = self._host if self._encrypted else None
        async with asyncio.timeout(_CONNECT_SECONDS_MAX):
            reader, writer = await asyncio.open_connection(
                self._host, self._port, ssl=trust, server_hostname=name
            )
        return _Line(self._host, reader, writer, now)


class _Line:
    """One connection, one request at a time."""

    def __init__(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, now: Callable[[], float]
    ) -> None:
        self._host, self._reader, self._writer, self._now = host, reader, writer, now
        self._http = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=_ANSWER_BYTES_MAX)
        self._used_at = now()

    @property
    def usable(self) -> bool:
        """Nothing says that the other side is leaving."""
        idle = self._now() - self._used_at
        gone = self._reader.at_eof() or self._writer.is_closing()
        return not gone and self._http.our_state is h11.IDLE and idle <= _IDLE_SECONDS_MAX

    def close(self) -> None:
        self._writer.transport.abort()  # not close(): nothing that is still buffered may leave

    async def ask(self, request: Request) -> Answer:
        """Raises OSError, NoAnswer among them; NoRequest."""
        written = self._written(request)
        try:
            answer = await self._exchange(written)
        except h11.ProtocolError as error:
            raise NoAnswer from error
        self._used_at = self._now()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            self.close()
        return answer

    def _written(self, request: Request) -> bytes:
        """Raises NoRequest."""
        length = [("Content-Length", str(len(request.body)))] if request.method == "POST" else []
        headers = [("Host", self._host), ("User-Agent", "shodaku"), *length, *request.headers]
        try:
            head = h11.Request(method=request.method, target=request.path, headers=headers)
            written = [self._http.send(head)]
            if request.body:
                written.append(self._http.send(h11.Data(data=request.body)))
            written.append(self._http.send(h11.EndOfMessage()))
        except (h11.LocalProtocolError, UnicodeError) as error:
            raise NoRequest from error
        return b"".join(filter(None, written))

    async def _exchange(self, written: bytes) -> Answer:
        self._writer.write(written)
        await self._writer.drain()
        return await self._answer()

    async def _answer(self) -> Answer:
        head, content = None, b""
        while True:
            match self._http.next_event():
                case h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(_READ_BYTES))
                case h11.Response() as response:
                    head = response
                case h11.Data() as part:
                    content += part.data
                    if len(content) > _ANSWER_BYTES_MAX:
                        raise NoAnswer
                case h11.EndOfMessage() if head is not None:
                    told = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                    return Answer(head.status_code, told, content)
                case h11.ConnectionClosed() | h11.PAUSED:
                    raise NoAnswer
