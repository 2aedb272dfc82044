"""F28: `shodaku migrate` is killed while it works. What is there is whole, and the next one ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

import psycopg
import pytest
from tests.conftest import HOME
from tests.delivery.mailings import wait_until
from tests.faults.by_hand import EXTERNAL, dump_schema

from shodaku.kit.postgres import Postgres

KILLED_AFTER = (12, 40, 70)  # migrations that are recorded by then
MIGRATED = "select count(*) from django_migrations"


@contextmanager
def migrating(databases, home):
    values = {
        "SHODAKU_HOME": str(home),
        "SHODAKU_KEYS": str(HOME / "keys"),
        "SHODAKU_DATABASE_URL": databases.application,
        "SHODAKU_OWNER_URL": databases.owner,
        "SHODAKU_VAULT_URL": databases.vault,
    }
    command = [sys.executable, "-m", "shodaku", "migrate"]
    process = subprocess.Popen(command, env={**os.environ, **values}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def recorded(owner):
    with psycopg.connect(owner) as connection:
        if connection.execute("select to_regclass('django_migrations')").fetchone()[0] is None:
            return 0
        return connection.execute(MIGRATED).fetchone()[0]


@pytest.mark.skipif(EXTERNAL, reason="the schema to compare with is read by the superuser of our own server")
def test_f28_killed_three_times_the_next_migration_ends_with_the_same_schema(database):
    home = HOME / "half-way"
    with Postgres(home / "postgres") as empty:
        stood = [killed(empty, home, after) for after in KILLED_AFTER]
        with psycopg.connect(database.owner) as whole:
            every = whole.execute(MIGRATED).fetchone()[0]
        assert all(after <= count < every for after, count in zip(KILLED_AFTER, stood, strict=True))
        with migrating(empty, home) as process:
            assert process.wait(120) == 0
        assert recorded(empty.owner) == every
        assert dump_schema(empty, home) == dump_schema(database)


def killed(databases, home, after):
    """How many migrations are recorded when it is gone."""
    with migrating(databases, home) as process:
        wait_until(lambda: recorded(databases.owner) >= after or process.poll() is not None, 60)
    return recorded(databases.owner)
