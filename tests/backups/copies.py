"""A second installation beside the one of the tests: its own PostgreSQL, the same keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import psycopg
from tests.conftest import HOME

from shodaku.backups import catalogue, encryption
from shodaku.kit import keys
from shodaku.kit.keys import KeyPurpose


@dataclass(frozen=True)
class Installation:
    home: Path
    databases: SimpleNamespace

    @property
    def environment(self):
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")},
            "SHODAKU_HOME": str(self.home),
            "SHODAKU_PUBLIC_URL": "http://testserver",
            "SHODAKU_DATABASE_URL": self.databases.application,
            "SHODAKU_OWNER_URL": self.databases.owner,
            "SHODAKU_VAULT_URL": self.databases.vault,
        }

    def run(self, *arguments, **more):
        return run(*arguments, environment=self.environment | more)

    @contextmanager
    def owner(self):
        with psycopg.connect(self.databases.owner, autocommit=True) as connection:
            yield connection


def run(*arguments, environment):
    done = subprocess.run(
        [sys.executable, "-m", "shodaku", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return SimpleNamespace(status=done.returncode, out=done.stdout, err=done.stderr)


def ring():
    return keys.read_ring(HOME / "keys", KeyPurpose.BACKUP)


def identities():
    return [encryption.identity_of(key) for key in ring().epochs.values()]


def copy_keys(home):
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    shutil.copytree(HOME / "keys", home / "keys")


def rows_of_everything(owner_url):
    """Table and workspace -> its rows in COPY's own words, in some fixed order."""
    found = {}
    with psycopg.connect(owner_url) as connection:
        workspaces = [
            row[0] for row in connection.execute("select workspace_id from workspace order by 1").fetchall()
        ]
        for table in catalogue.read(connection).tables:
            for workspace_id in workspaces if catalogue.in_workspaces(table) else [0]:
                connection.execute(f"set local shodaku.workspace = '{workspace_id or ''}'")
                with connection.cursor().copy(catalogue.reading(table, workspace_id)) as copy:
                    text = b"".join(copy)
                found[table.name, workspace_id] = sorted(text.split(b"\n"))
    return found
