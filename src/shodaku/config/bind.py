"""Bind the rooms' tools to Django: one transaction for ORM, SQL files and jobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import django
import psycopg
from django.conf import settings

from shodaku.kit import db, runtime


def start() -> None:
    """Set Django up and bind `kit`; the first line of every control-plane process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shodaku.config.settings")
    django.setup()
    runtime.start(
        runtime.Runtime(
            home=settings.HOME,
            keys=settings.KEYS,
            public_url=settings.PUBLIC_URL,
            database_url=settings.DATABASE_URL,
            vault_url=settings.VAULT_URL,
        )
    )
    db.bind(django_transaction)


def start_command() -> None:
    """As `start`, for a command that needs its database now. Raises NoDatabase, DatabaseAway."""
    start()
    from shodaku.config import databases  # noqa: PLC0415 - Django is set up only now

    if not settings.DATABASE_URL:
        raise databases.NoDatabase
    databases.connect(settings.DATABASE_URL).close()


def stop() -> None:
    """Give every connection back, so that the database can stop."""
    from django.db import connections  # noqa: PLC0415 - Django is set up only now

    from shodaku.ledger import vault  # noqa: PLC0415

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
    vault.close()


@contextmanager
def django_transaction(settings: LiteralString) -> Iterator[psycopg.Connection[Any]]:
    """Django's connection inside atomic(); no savepoints, for a use case is whole or not at all."""
    from django.db import connection, transaction  # noqa: PLC0415 - Django is set up only now

    with transaction.atomic(savepoint=False):
        connection.ensure_connection()
        connection.connection.execute(settings)
        yield connection.connection
