"""A real PostgreSQL for every test that asks for one, and nothing but values for the others.

Each test that needs rows makes its own workspace and commits: row-level security keeps tests apart, and
what is tested is what happens in production, commits, locks and notifications included.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from tests.chromium import base, browser  # noqa: F401 - fixtures of every folder
from tests.postgres import a_postgres

# how busy a machine is decides no test
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

HOME = Path(tempfile.mkdtemp(prefix="shodaku-test-"))
HOME.chmod(0o755)  # the unprivileged PostgreSQL must reach its folder inside
OUTSIDE = {
    name: os.environ.get(name) for name in ("SHODAKU_DATABASE_URL", "SHODAKU_OWNER_URL", "SHODAKU_VAULT_URL")
}
os.environ["SHODAKU_HOME"] = str(HOME)
os.environ["SHODAKU_KEYS"] = str(HOME / "keys")
os.environ["SHODAKU_PUBLIC_URL"] = "http://testserver"


# what copies or reads the whole database comes while it is small: behind all others it took 33 minutes
WHOLE_DATABASE = (
    "tests/backups/",
    "tests/laws/test_a_restored_copy",
    "tests/laws/test_erased_people",
    "tests/faults/test_f21",
)

_END_WHAT_IS_UNDER_WAY = """
delete from procrastinate_jobs where status = 'todo';
alter table erasure no force row level security;
update erasure set state = 'certified', contact_id = null where state <> 'certified';
alter table erasure force row level security;
insert into journal_floor select host, max(seq) from journal_applied group by host
on conflict (host) do update set seq = greatest(journal_floor.seq, excluded.seq);
delete from journal_applied;
update fence set state = 'open', reason = '' where state <> 'open'
"""


def pytest_configure():
    from django.conf import settings
    from django.test.utils import setup_test_environment

    from shodaku.config import bind
    from shodaku.kit import keys

    keys.create_missing(HOME / "keys")
    bind.start()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    setup_test_environment(debug=False)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE_DATABASE))


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def database():
    """Connection strings of a migrated database: the one named in the environment, else one of our own."""
    from shodaku.config import bind

    if OUTSIDE["SHODAKU_DATABASE_URL"]:
        databases = SimpleNamespace(
            owner=OUTSIDE["SHODAKU_OWNER_URL"] or OUTSIDE["SHODAKU_DATABASE_URL"],
            application=OUTSIDE["SHODAKU_DATABASE_URL"],
            vault=OUTSIDE["SHODAKU_VAULT_URL"] or "",
        )
        _use(databases)
        yield databases
        bind.stop()
        return
    with a_postgres(HOME / "postgres") as databases:
        _use(databases)
        yield databases
        bind.stop()


@pytest.fixture(scope="module", autouse=True)
def _nothing_under_way():
    """What one file of tests left undone is none of the next one's: jobs, erasures that never ended, lines
    of a journal that only that file had, a shut gate; connections that a thread ended with, of which there
    are twenty for all files.
    """
    yield
    if (HOME / "postgres").exists():
        from django.conf import settings
        from django.db import connections

        connections["default"].close()
        connections["default"].close_pool()

        with psycopg.connect(settings.OWNER_URL) as owner:
            owner.execute(_END_WHAT_IS_UNDER_WAY)


def _use(databases):
    from django.conf import settings
    from django.db import connections

    from shodaku.config.databases import migrate
    from shodaku.config.settings import database as as_django
    from shodaku.kit import runtime

    settings.DATABASE_URL, settings.OWNER_URL, settings.VAULT_URL = (
        databases.application,
        databases.owner,
        databases.vault,
    )
    connections.databases["default"].update(as_django(databases.application, pool=True))
    connections.databases["owner"].update(as_django(databases.owner, pool=False))
    runtime.start(
        runtime.Runtime(
            home=HOME,
            keys=HOME / "keys",
            public_url="http://testserver",
            database_url=databases.application,
            vault_url=databases.vault,
        )
    )
    migrate()
