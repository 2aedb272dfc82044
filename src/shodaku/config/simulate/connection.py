"""psycopg's asynchronous connection, as far as the send path uses it, on the model of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from shodaku.config.simulate import statements
from shodaku.config.simulate.loop import WORLD, Killed, Loop, Process
from shodaku.config.simulate.server import Handler, Memory, Rows, Server, Session, answered
from shodaku.delivery.facts import MailingRow

_LOST: Final = "the connection is lost"


class Weather:
    """What a network between a process and the database may do; here: nothing but take its time."""

    def seconds(self) -> float:
        """Of a request on its way."""
        return 0.001

    def loses_statement(self) -> bool:
        return False

    def loses_answer(self) -> bool:
        return False

    def cuts_off(self) -> float | None:
        """Seconds after which a side that hears nothing gives up; None: the network works."""
        return None

    def hint_seconds(self) -> float | None:
        """Of a notification on its way; None: it never comes."""
        return self.seconds()

    def arrived(self, session: Session, name: str, values: Mapping[str, Any]) -> None:
        """A statement reaches the server."""

    def strike(self, process: Process) -> None:
        """A point at which a process may be stopped or killed."""


class Connection:
    """Like `psycopg.AsyncConnection` with autocommit."""

    _count = 0

    def __init__(
        self, server: Server, weather: Weather, process: Process, trace: Callable[[str], None]
    ) -> None:
        self._server, self._weather, self._process, self._trace = server, weather, process, trace
        self._loop: Loop = server.loop
        self._session: Session = server.open(process.name, self._ended)
        self._fd = server.next_descriptor()
        self._waiting: asyncio.Future[Rows] | None = None
        self._is_lost = False
        self._cut_off: float | None = None
        self._arrives_at = 0.0
        self._in_transaction = False
        self._notices: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = False

    # --- as psycopg

    @property
    def info(self) -> Self:
        return self

    @property
    def transaction_status(self) -> TransactionStatus:
        return TransactionStatus.INTRANS if self._in_transaction else TransactionStatus.IDLE

    def fileno(self) -> int:
        if self.closed:
            raise psycopg.OperationalError(_LOST)
        return self._fd

    def transaction(self) -> _Transaction:
        return _Transaction(self)

    def cursor(self, *, binary: bool = False, row_factory: object = None) -> Cursor:  # noqa: ARG002 - rows are Python's
        return Cursor(self, whole=row_factory is not None)

    async def execute(self, query: str | sql.Composable, values: Mapping[str, Any] | None = None) -> Cursor:
        return await Cursor(self).execute(query, values)

    async def notifies(self) -> AsyncIterator[Notice]:
        while (payload := await self._notices.get()) is not None:
            yield Notice(payload)
        self.closed = True
        raise psycopg.OperationalError(_LOST)

    async def close(self) -> None:
        if self._process.alive and not self.closed:
            self.closed = True
            self._send(self._server.end, self._session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # --- what the statements above are made of

    async def ask(self, name: str, handler: Handler, values: Mapping[str, Any]) -> Rows:
        """Raises psycopg.Error."""
        self._ready()
        future: asyncio.Future[Rows] = self._loop.create_future()
        self._waiting = future
        self._send(self._arrive, name, handler, values, future)
        return await self._answer(future)

    async def begin(self) -> None:
        await self._say(self._begun)
        self._in_transaction = True

    async def commit(self) -> None:
        try:
            await self._say(self._committed)
        finally:
            self._in_transaction = False

    async def rollback(self) -> None:
        try:
            await self._say(self._rolled_back)
        finally:
            self._in_transaction = False

    def unlimited(self) -> None:
        """A page of the web server waits for as long as it takes."""
        self._session.limited = False

    @property
    def lost(self) -> bool:
        return self.closed or self._is_lost

    @property
    def usable(self) -> bool:
        return self._process.alive and not self.lost

    async def _say(self, work: Callable[[asyncio.Future[Rows]], None]) -> None:
        self._ready()
        future: asyncio.Future[Rows] = self._loop.create_future()
        self._waiting = future
        self._send(self._reach, work, future)
        await self._answer(future)

    async def _answer(self, future: asyncio.Future[Rows]) -> Rows:
        try:
            return await future
        except psycopg.OperationalError as error:
            if str(error) == _LOST:
                self.closed = True
            raise
        finally:
            self._waiting = None

    def _ready(self) -> None:
        self._live()
        self._weather.strike(self._process)
        if self._is_lost:
            self.closed = True
        if self.closed:
            raise psycopg.OperationalError(_LOST)

    def _send(self, work: Callable[..., None], *args: object) -> None:
        """In the order in which it is said; it arrives though the process dies meanwhile."""
        if self._cut_off is None:
            self._cut_off = self._weather.cuts_off()
        if self._cut_off is not None:
            self._trace("cut off from the database")
            self._loop.call_later(self._cut_off, self._lost, context=WORLD)
            return
        self._arrives_at = max(self._arrives_at, self._loop.now + self._weather.seconds())
        self._loop.call_at(self._arrives_at, work, *args, context=WORLD)

    def _arrive(
        self, name: str, handler: Handler, values: Mapping[str, Any], future: asyncio.Future[Rows]
    ) -> None:
        if not self._session.alive:
            return
        if self._weather.loses_statement():
            self._trace(f"{self._process}: connection lost before {name}")
            self._server.end(self._session)
            return
        self._weather.arrived(self._session, name, values)
        self._server.run(self._session, handler, values, answered(future))

    def _reach(self, work: Callable[[asyncio.Future[Rows]], None], future: asyncio.Future[Rows]) -> None:
        if self._session.alive:
            work(future)

    def _begun(self, future: asyncio.Future[Rows]) -> None:
        self._server.begin(self._session)
        answered(future)([])

    def _committed(self, future: asyncio.Future[Rows]) -> None:
        try:
            self._server.commit(self._session)
        except psycopg.Error as error:
            answered(future)(error)
            return
        if self._weather.loses_answer():
            self._trace(f"{self._process}: connection lost after a commit")
            self._server.end(self._session)
            return
        answered(future)([])

    def _rolled_back(self, future: asyncio.Future[Rows]) -> None:
        self._server.rollback(self._session)
        answered(future)([])

    def _ended(self) -> None:
        """The server has ended it; behind a network that is gone nobody hears of that."""
        if self._cut_off is None:
            self._lost()

    def _lost(self) -> None:
        """The owner hears of the end: at once if it waits for an answer or watches the descriptor."""
        if self._is_lost:
            return
        self._is_lost = True
        self._session.told_at = self._loop.now
        if self._waiting is not None:
            answered(self._waiting)(psycopg.OperationalError(_LOST))
        self._loop.readable(self._fd)
        self._notices.put_nowait(None)

    def vanish(self) -> None:
        """Its process is dead: the kernel closes the socket, after what was written into it."""
        if self._cut_off is None:
            self._arrives_at = max(self._arrives_at, self._loop.now + self._weather.seconds())
            self._loop.call_at(self._arrives_at, self._forgotten, context=WORLD)

    def _forgotten(self) -> None:
        self._server.end(self._session, told=False)

    def hear(self) -> None:
        self._session.hear = self._heard

    def _heard(self, payload: str) -> None:
        seconds = self._weather.hint_seconds()
        if self._cut_off is None and seconds is not None:
            self._loop.call_later(seconds, self._notices.put_nowait, payload, context=WORLD)

    def _live(self) -> None:
        if not self._process.alive:
            raise Killed


class Notice:
    __slots__ = ("payload",)

    def __init__(self, payload: str) -> None:
        self.payload = payload


class Cursor:
    def __init__(self, connection: Connection, *, whole: bool = False) -> None:
        self._connection, self._whole = connection, whole
        self._rows: Rows = []

    async def execute(self, query: str | sql.Composable, values: Mapping[str, Any] | None = None) -> Cursor:
        text = query if isinstance(query, str) else query.as_string(None)
        if text.startswith("LISTEN "):
            self._connection.hear()
            text = "LISTEN"
        name, handler = _found(text)
        self._rows = list(await self._connection.ask(name, handler, values or {}))
        return self

    async def fetchone(self) -> Any:  # noqa: ANN401 - as psycopg's
        return self._made(self._rows.pop(0)) if self._rows else None

    async def fetchall(self) -> list[Any]:  # Any: as psycopg's
        rows, self._rows = self._rows, []
        return [self._made(row) for row in rows]

    def _made(self, row: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a row of the class that was asked for
        return MailingRow(*row) if self._whole else row


class _Transaction:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> None:
        await self._connection.begin()

    async def __aexit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if kind is None:
            await self._connection.commit()
        elif self._connection.usable:
            try:
                await self._connection.rollback()
            except psycopg.Error:
                return False  # as psycopg: what went wrong first is what is told
        return False


def _set(_: Session, __: Mapping[str, Any], ___: Memory) -> Rows:
    return []


@cache
def _known() -> Mapping[str, tuple[str, Handler]]:
    return statements.known()


def _found(text: str) -> tuple[str, Handler]:
    if text.startswith("SET LOCAL ") or text == "LISTEN":
        return text, _set
    return _known()[text]
