"""What was deleted stays readable in the files of a database until its place is used again; here it ends.

PostgreSQL leaves the bytes of a deleted row in the free space of its page, also of one that was vacuumed.
Writing a table anew is the only thing that leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import psycopg
from django.conf import settings
from psycopg import sql as compose

from shodaku.config.databases import connect
from shodaku.kit import db

LOCK_SECONDS: Final = 5  # whoever says no meanwhile waits no longer than that


@dataclass(frozen=True, slots=True)
class Written:
    """`done` is False when others held the table for longer than we wait."""

    database: str
    table: str
    bytes_before: int
    bytes_after: int
    done: bool


def write_anew() -> Iterator[Written]:
    """Every table of both databases, one after another; each is locked while it is written.

    Raises DatabaseAway, DatabaseAddressFault.
    """
    for name, url in (("shodaku", settings.OWNER_URL), ("vault", settings.VAULT_URL)):
        with connect(url) as connection:
            connection.execute(compose.SQL("set lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
            tables = connection.execute(db.sql("shodaku.config", "own_tables")).fetchall()
            for (table,) in tables:
                yield _write(connection, name, str(table))


def _write(connection: psycopg.Connection[tuple[object, ...]], database: str, table: str) -> Written:
    before = _bytes(connection, table)
    try:
        connection.execute(compose.SQL("vacuum (full, analyze) {}").format(compose.Identifier(table)))
    except psycopg.errors.LockNotAvailable:
        return Written(database, table, before, before, done=False)
    return Written(database, table, before, _bytes(connection, table), done=True)


def _bytes(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    statement = compose.SQL("select pg_total_relation_size(%s::regclass)")
    row = connection.execute(statement, [compose.Identifier(table).as_string(connection)]).fetchone()
    return int(str(row[0])) if row else 0
