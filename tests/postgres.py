"""A PostgreSQL of the tests' own: that of the product, but that it does not wait for the disk."""

from __future__ import annotations

from contextlib import contextmanager
from unittest import mock

from shodaku.kit import postgres_launch
from shodaku.kit.postgres import Postgres


@contextmanager
def a_postgres(folder):
    """Its connection strings. A killed process loses nothing that it wrote; the power is taken by no test."""
    server = Postgres(folder)
    try:
        with mock.patch.dict(postgres_launch.INSISTED, fsync="off"):
            databases = server.start()
        yield databases
    finally:
        server.stop()
