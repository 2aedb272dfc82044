"""The process that takes up entries and signs. Imports no Django.

Beside it only commands that need a proof at once read the signing key: `shodaku ledger bundle`, `checkpoint`.

It asks once a second who waits. A crash at any point leaves a batch taken up and signed, or waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, LiteralString

import psycopg

from shodaku.kit import db, log, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import sequencing

PAUSE_SECONDS: Final = 1.0  # between two rounds, so that a log has a checkpoint a second, unless it is behind
AWAY_SECONDS: Final = 2.0  # before a database that is away is asked again
CONNECT_SECONDS_MAX: Final = 5
# a database host that vanishes, and a lock that never comes, are told within the minute that promise 9 gives
LIMITS: Final = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000"
UNANSWERED_MILLISECONDS_MAX: Final = 20_000


def run(url: str, stop: threading.Event, now: Callable[[], datetime]) -> None:
    """Until `stop`. Raises KeyMissing, KeyExposed at the start: without its key nothing can be signed."""
    runtime.current().ring(KeyPurpose.LEDGER)
    database = _Database(url)
    db.bind(database.transaction)
    log.info("worker.started", plane="ledger")
    stopped: frozenset[int] = frozenset()
    while not stop.is_set():
        try:
            done = sequencing.sequence_due(now())
        except psycopg.OperationalError as error:
            log.info("ledger.database_away", error=type(error).__name__)
            database.close()
            stop.wait(AWAY_SECONDS)
            continue
        for workspace_id in sorted(done.stopped - stopped):  # said once, not every second
            log.info("ledger.stopped", workspace=workspace_id)
        stopped = done.stopped
        if done.taken < sequencing.BATCH_ENTRIES:
            stop.wait(PAUSE_SECONDS)
    database.close()
    log.info("worker.stopped", plane="ledger")


class _Database:
    """One connection, opened again after it broke."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def transaction(self, settings: LiteralString) -> Iterator[psycopg.Connection[Any]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._url,
                connect_timeout=CONNECT_SECONDS_MAX,
                options=LIMITS,
                tcp_user_timeout=UNANSWERED_MILLISECONDS_MAX,
            )
        with self._connection.transaction():
            self._connection.execute(settings)
            yield self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
