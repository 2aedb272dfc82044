"""Database connections that only saying no uses, or following a link: they are there when all others are
taken.

A transaction opened inside `lane` runs on one of them, without anybody below knowing. They end a wait for a
lock themselves, so that a migration that holds a table for long does not hold whoever presses the button.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import BoundedSemaphore
from typing import Any, Final, LiteralString

import psycopg
from psycopg_pool import PoolTimeout

from shodaku.config import bind
from shodaku.kit import db, runtime

WAIT_SECONDS: Final = 5.0  # for one of them
CONNECT_SECONDS: Final = 2  # libpq's least
# longer than the server lets a stopped worker hold a contact, 5 s; then the no is written down elsewhere
_LIMITS: Final = "-c lock_timeout=7000 -c statement_timeout=20000"
# a plan is made once, perhaps while its table is empty, and kept: it must take an index even then, which is
# right for one person in a table of any size. To make it each time is a seventh of what an opt-out takes
_PLANS: Final = "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan"


class Lane:
    """At most so many connections, opened when they are needed and kept."""

    def __init__(self, connections_max: int) -> None:
        self._free = BoundedSemaphore(connections_max)
        self._idle: list[psycopg.Connection[Any]] = []

    @contextmanager
    def transaction(self, settings: LiteralString) -> Iterator[psycopg.Connection[Any]]:
        """Raises psycopg.OperationalError: the database is away, or all of them are taken."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise PoolTimeout
        try:
            connection = self._take()
            try:
                with _begun(connection, settings):
                    yield connection
            except psycopg.OperationalError:
                connection.close()  # whatever it was, a fresh one is not in it
                raise
            finally:
                if not connection.closed:
                    self._idle.append(connection)
        finally:
            self._free.release()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> psycopg.Connection[Any]:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if _is_alive(connection):
                    return connection
                connection.close()
        return psycopg.connect(
            runtime.current().database_url,
            autocommit=True,
            options=f"{_LIMITS} {_PLANS} -c TimeZone=UTC",
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=1,
        )


PAGES: Final = Lane(4)
HITS: Final = Lane(3)  # one writes what came, the others look up where a link leads
_chosen: ContextVar[Lane | None] = ContextVar("shodaku_lane", default=None)


def start() -> None:
    """After `bind.start`: from here on `lane` decides whose connections a transaction takes."""
    db.bind(_open)


@contextmanager
def lane(chosen: Lane) -> Iterator[None]:
    mark = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(mark)


@contextmanager
def _open(settings: LiteralString) -> Iterator[psycopg.Connection[Any]]:
    chosen = _chosen.get()
    with bind.django_transaction(settings) if chosen is None else chosen.transaction(settings) as connection:
        yield connection


@contextmanager
def _begun(connection: psycopg.Connection[Any], settings: LiteralString) -> Iterator[None]:
    """As `Connection.transaction`, a round trip shorter."""
    connection.execute("BEGIN; " + settings, prepare=False)
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    """The server has nothing to say to an idle connection but that it ends; asking costs no round trip."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
