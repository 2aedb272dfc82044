"""A model of PostgreSQL, as much of it as the send path relies on: see `statements` for what is run on it.

READ COMMITTED: a statement sees what was committed when it began, and what its own transaction wrote. One
that waits for a row keeps what it has read, and looks at that row again when it gets it. Row locks are
FOR SHARE and FOR UPDATE; new sharers pass those who wait for an update. A transaction that stands idle for
too long is ended with its connection, and so is one whose lock does not come in time.
`tests/simulate/test_model.py` holds each of these against PostgreSQL itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from shodaku.config.simulate.loop import WORLD, Loop

EPOCH: Final = datetime(2026, 1, 15, 1, 0, tzinfo=UTC)  # a Thursday; ten in the morning in Japan
IDLE_SECONDS: Final = 5.0  # as `store.BACKSTOP`; a test holds them together
LOCK_SECONDS: Final = 5.0

Row = dict[str, Any]  # Any: a column may hold anything
Key = tuple[Any, ...]
Rows = list[tuple[Any, ...]]
Memory = dict[str, Any]  # what a statement has read before it waits


class Waits(Exception):
    """A statement needs a row that somebody else holds."""

    def __init__(self, lock: Lock, *, shared: bool) -> None:
        super().__init__()
        self.lock, self.shared = lock, shared


class Lock:
    __slots__ = ("holders", "key", "waiting")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.holders: dict[Session, bool] = {}  # True: shared
        self.waiting: list[_Statement] = []

    def allows(self, session: Session, *, shared: bool) -> bool:
        return all(
            holder is session or (shared and its_shared) for holder, its_shared in self.holders.items()
        )


class Transaction:
    __slots__ = ("began", "failed", "held", "notices", "written")

    def __init__(self, began: float) -> None:
        self.began = began
        self.failed = False
        self.held: dict[Key, Lock] = {}
        self.notices: list[str] = []
        self.written: dict[str, dict[Key, Row | None]] = {}


class Session:
    """One connection, as the server sees it. A statement asks its questions through it."""

    def __init__(self, server: Server, owner: str, gone: Callable[[], None]) -> None:
        self.server, self.owner, self.gone = server, owner, gone
        self.alive = True
        self.told_at = float("inf")  # when its owner heard that it is over
        self.limited = True  # it waits for a lock no longer than the send path does
        self.transaction: Transaction | None = None
        self.idle_since = 0.0
        self.statement: _Statement | None = None
        self.hear: Callable[[str], None] | None = None  # of one that listens

    def rows(self, table: str) -> Iterable[tuple[Key, Row]]:
        """By their keys, ascending."""
        return sorted(self._seen(table).items())

    def get(self, table: str, key: Key) -> Row | None:
        if self.transaction is not None and key in (mine := self.transaction.written.get(table, {})):
            return mine[key]
        return self.server.tables[table].get(key)

    def put(self, table: str, key: Key, row: Row | None) -> None:
        """The lock of the row is the caller's business."""
        self._open().written.setdefault(table, {})[key] = row

    def change(self, table: str, key: Key, **columns: object) -> Row:
        row = {**(self.get(table, key) or {}), **columns}
        self.put(table, key, row)
        return row

    def next(self, sequence: str) -> int:
        return self.server.next(sequence)

    def lock(self, table: str, key: Key, *, shared: bool = False) -> None:
        """Until the end of the transaction. Raises Waits."""
        if not self.try_lock(table, key, shared=shared):
            raise Waits(self.server.lock_of(table, key), shared=shared)

    def try_lock(self, table: str, key: Key, *, shared: bool = False) -> bool:
        lock = self.server.lock_of(table, key)
        if not lock.allows(self, shared=shared):
            return False
        lock.holders[self] = lock.holders.get(self, True) and shared
        self._open().held[(table, key)] = lock
        return True

    def notify(self, payload: str) -> None:
        """Heard when the transaction commits."""
        self._open().notices.append(payload)

    @property
    def now(self) -> datetime:
        """clock_timestamp()"""
        return self.server.clock()

    def _seen(self, table: str) -> Mapping[Key, Row]:
        committed = self.server.tables[table]
        mine = None if self.transaction is None else self.transaction.written.get(table)
        if not mine:
            return committed
        both = {**committed, **mine}
        return {key: row for key, row in both.items() if row is not None}

    def _open(self) -> Transaction:
        if self.transaction is None:
            raise psycopg.errors.NoActiveSqlTransaction
        return self.transaction


Handler = Callable[[Session, Mapping[str, Any], Memory], Rows]


class _Statement:
    __slots__ = ("answer", "handler", "lasting", "lock", "memory", "session", "values", "waits_since")

    def __init__(
        self,
        session: Session,
        handler: Handler,
        values: Mapping[str, Any],
        answer: Callable[[Rows | Exception], None],
    ) -> None:
        self.session, self.handler, self.values, self.answer = session, handler, values, answer
        self.memory: Memory = {}
        self.lock: Lock | None = None
        self.waits_since = 0.0
        self.lasting = True  # its transaction does not end with it


class Server:
    """The rows, the locks, and everybody who is connected."""

    def __init__(self, loop: Loop, tables: Iterable[str]) -> None:
        self.loop = loop
        self.tables: dict[str, dict[Key, Row]] = {name: {} for name in tables}
        self.sequences: dict[str, int] = {}
        self.sessions: dict[Session, None] = {}
        self.down_until = 0.0
        self.skew = 0.0  # seconds by which its clock is wrong
        self.idle_seconds = IDLE_SECONDS
        self.longest_idle = 0.0  # seconds for which a transaction stood still and held a person
        self._locks: dict[Key, Lock] = {}
        self._descriptors = 0

    def clock(self) -> datetime:
        return EPOCH + timedelta(seconds=self.loop.now + self.skew)

    @property
    def up(self) -> bool:
        return self.loop.now >= self.down_until

    def lock_of(self, table: str, key: Key) -> Lock:
        name = (table, key)
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = Lock(name)
        return lock

    def open(self, owner: str, gone: Callable[[], None]) -> Session:
        session = Session(self, owner, gone)
        self.sessions[session] = None
        return session

    def next(self, sequence: str) -> int:
        """Numbers are never given twice, whatever becomes of the transaction."""
        self.sequences[sequence] = self.sequences.get(sequence, 0) + 1
        return self.sequences[sequence]

    def next_descriptor(self) -> int:
        self._descriptors += 1
        return self._descriptors

    def begin(self, session: Session) -> None:
        session.transaction = Transaction(self.loop.now)
        session.idle_since = self.loop.now
        self._watch(session, session.transaction)

    def run(
        self,
        session: Session,
        handler: Handler,
        values: Mapping[str, Any],
        answer: Callable[[Rows | Exception], None],
    ) -> None:
        """The answer is given at once, or when the lock that it waits for was given, or was not."""
        statement = _Statement(session, handler, values, answer)
        if session.transaction is None:
            self.begin(session)
            statement.lasting = False
        if session.transaction is not None and session.transaction.failed:
            answer(psycopg.errors.InFailedSqlTransaction())
            return
        if session.transaction is not None:
            self._stood(session, session.transaction)
        session.statement = statement
        self._attempt(statement)

    def commit(self, session: Session) -> None:
        """Raises psycopg.errors.InFailedSqlTransaction for one in which a statement has failed."""
        transaction = session.transaction
        if transaction is None or transaction.failed:
            self.rollback(session)
            raise psycopg.errors.InFailedSqlTransaction
        for table, written in transaction.written.items():
            for key, row in written.items():
                if row is None:
                    self.tables[table].pop(key, None)
                else:
                    self.tables[table][key] = row
        self.rollback(session)
        for payload in transaction.notices:
            for other in list(self.sessions):
                if other.hear is not None:
                    other.hear(payload)

    def rollback(self, session: Session) -> None:
        transaction, session.transaction = session.transaction, None
        if transaction is None:
            return
        for lock in transaction.held.values():
            lock.holders.pop(session, None)
        if session.statement is None:
            self._stood(session, transaction)
        for lock in transaction.held.values():
            self._wake(lock)

    def end(self, session: Session, *, told: bool = True) -> None:
        """The connection is over, with its transaction; `told`: its owner hears of it."""
        if not session.alive:
            return
        session.alive = False
        self.sessions.pop(session, None)
        statement, session.statement = session.statement, None
        if statement is not None and statement.lock is not None:
            statement.lock.waiting.remove(statement)
        self.rollback(session)
        if told:
            session.gone()

    def restart(self, seconds: float) -> None:
        self.down_until = self.loop.now + seconds
        for session in list(self.sessions):
            self.end(session)

    def _stood(self, session: Session, transaction: Transaction) -> None:
        if any(table == "contact" for table, _ in transaction.held):
            self.longest_idle = max(self.longest_idle, self.loop.now - session.idle_since)

    def _attempt(self, statement: _Statement) -> None:
        session = statement.session
        try:
            rows = statement.handler(session, statement.values, statement.memory)
        except Waits as waits:
            if statement.lock is None:
                statement.waits_since = self.loop.now
                if session.limited:
                    self.loop.call_later(LOCK_SECONDS, self._give_up, statement, context=WORLD)
            statement.lock = waits.lock
            waits.lock.waiting.append(statement)
            return
        except psycopg.Error as error:
            self._failed(statement, error)
            return
        statement.lock = None
        session.statement = None
        session.idle_since = self.loop.now
        if not statement.lasting:
            self.commit(session)
        statement.answer(rows)

    def _wake(self, lock: Lock) -> None:
        waiting, lock.waiting = lock.waiting, []
        for statement in waiting:
            self._attempt(statement)

    def _give_up(self, statement: _Statement) -> None:
        if statement.lock is not None and statement.session.statement is statement:
            statement.lock.waiting.remove(statement)
            self._failed(statement, psycopg.errors.LockNotAvailable())

    def _failed(self, statement: _Statement, error: psycopg.Error) -> None:
        session = statement.session
        statement.lock = None
        session.statement = None
        session.idle_since = self.loop.now
        if not statement.lasting:
            self.rollback(session)
        elif session.transaction is not None:
            session.transaction.failed = True
        statement.answer(error)

    def _watch(self, session: Session, transaction: Transaction) -> None:
        """idle_in_transaction_session_timeout"""
        if session.transaction is not transaction:
            return
        due = session.idle_since + self.idle_seconds
        if session.statement is None and self.loop.now >= due:
            self.end(session)
            return
        when = max(due, self.loop.now + 0.1)
        self.loop.call_at(when, self._watch, session, transaction, context=WORLD)


def keys_of(text: str) -> Iterator[int]:
    """The numbers of an array as the send path writes it: `{1,2,3}`."""
    for part in text[1:-1].split(","):
        if part:
            yield int(part)


def array_of(text: str) -> list[str | None]:
    return [None if part == "null" else part for part in text[1:-1].split(",") if part]


def answered(future: asyncio.Future[Rows]) -> Callable[[Rows | Exception], None]:
    """Gives a statement's answer to whoever waits for it, if they still do."""

    def answer(found: Rows | Exception) -> None:
        if future.done():
            return
        if isinstance(found, Exception):
            future.set_exception(found)
        else:
            future.set_result(found)

    return answer
