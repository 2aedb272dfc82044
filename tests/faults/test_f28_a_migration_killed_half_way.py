"""F28: `shodaku migrate` is killed while it works. What is there is whole, and the next one ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

import psycopg
from tests.conftest import HOME
from tests.delivery.mailings import wait_until
from tests.faults.by_hand import dump_schema

from shodaku.kit.postgres import Postgres

KILLED_AFTER = (12, 40, 70)  # migrations that are recorded by then
MIGRATION_SECONDS_MAX = 180.0  # of a machine that does other things too
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


def test_f28_killed_three_times_the_next_migration_ends_with_the_same_schema():
    half_way, whole = HOME / "half-way", HOME / "whole"
    with Postgres(whole / "postgres") as undisturbed:
        every = migrated(undisturbed, whole)
        schema = dump_schema(undisturbed, whole)
    with Postgres(half_way / "postgres") as disturbed:
        stood = [killed(disturbed, half_way, after) for after in KILLED_AFTER]
        assert all(after <= count < every for after, count in zip(KILLED_AFTER, stood, strict=True))
        assert migrated(disturbed, half_way) == every
        assert dump_schema(disturbed, half_way) == schema


def migrated(databases, home):
    """How many migrations are recorded when it has ended by itself."""
    with migrating(databases, home) as process:
        assert process.wait(MIGRATION_SECONDS_MAX) == 0
    return recorded(databases.owner)


def killed(databases, home, after):
    """How many migrations are recorded when it is gone."""
    with migrating(databases, home) as process:
        wait_until(
            lambda: recorded(databases.owner) >= after or process.poll() is not None, MIGRATION_SECONDS_MAX
        )
    return recorded(databases.owner)
