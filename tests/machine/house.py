"""An installation of its own, driven through the product's services; its database is put back by hand."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from shodaku.config import bind
from shodaku.config.databases import migrate
from shodaku.kit import db, keys, runtime
from shodaku.kit.links import LinkKeys, Token, url_form
from shodaku.kit.postgres import Postgres, _connect
from shodaku.kit.postgres_folder import Folder, read_access
from shodaku.kit.postgres_process import read_pid_file
from shodaku.suppression import journaling

KEPT = ("fence", "pepper_check")
LATE = timedelta(minutes=1)  # after which a line of the journal is certainly due


@contextmanager
def installation() -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="shodaku-machine-"))
    home.chmod(0o755)  # the unprivileged PostgreSQL must reach its folder inside
    os.environ |= {"SHODAKU_HOME": str(home), "SHODAKU_KEYS": str(home / "keys")}
    keys.create_missing(home / "keys")
    postgres = Postgres(home / "postgres")
    try:
        databases = postgres.start()
        os.environ |= {
            "SHODAKU_DATABASE_URL": databases.application,
            "SHODAKU_OWNER_URL": databases.owner,
            "SHODAKU_VAULT_URL": databases.vault,
        }
        bind.start()
        migrate()
        yield House(home, databases.owner)
    finally:
        bind.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


class House:
    def __init__(self, home: Path, owner_url: str) -> None:
        self.home, self.owner_url = home, owner_url
        self.copies: list[str] = []
        with self._superuser("shodaku") as connection:
            rows = connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace"
                " and relkind in ('r', 'p') and not relispartition"
                " and relname <> all(%s) and relname not like 'django%%'",
                [list(KEPT)],
            ).fetchall()
        self._emptied = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)

    def begin(self) -> None:
        """As on the first day: nobody is known, nothing was said."""
        for name in self.copies:
            self._as_superuser(sql.SQL("drop database {}").format(sql.Identifier(name)))
        self.copies.clear()
        with self._superuser("shodaku") as connection:
            connection.execute("set session_replication_role = replica")  # the ledger forbids it otherwise
            connection.execute(sql.SQL("truncate {} cascade").format(self._emptied))
            connection.execute("delete from pepper_check where epoch > 1")
            connection.execute("update fence set state = 'open', reason = '', epoch = 1")
        for folder in ("journal", "ledger"):
            shutil.rmtree(self.home / folder, ignore_errors=True)
        for extra in (self.home / "keys").glob("pepper.*"):
            if extra.name != "pepper.1":
                extra.unlink()
        _forget_what_processes_remember()

    def copy(self) -> int:
        """What a nightly dump would hold; its number."""
        self.copies.append(self._copy())
        return len(self.copies) - 1

    def put_back(self, number: int) -> None:
        """By hand, as nobody should: the journal, the keys and the vault stay as they are."""
        self._put_back(self.copies[number])

    def everything(self, workspace_id: int) -> str:
        """Every row that row-level security shows of a workspace, as text."""
        texts: list[str] = []
        with db.transaction(workspace_id) as connection:
            tables = connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
                " and has_table_privilege(oid, 'select')"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
                texts += [row[0] for row in rows]
        return "\n".join(texts)

    def files(self) -> str:
        """Journals and whatever else lies in the home, but the database's own files."""
        found = [
            file.read_bytes()
            for file in self.home.rglob("*")
            if file.is_file() and "postgres" not in file.relative_to(self.home).parts
        ]
        return b"\n".join(found).decode("utf-8", "replace")

    def _copy(self) -> str:
        name = f"copy_{uuid.uuid4().hex}"
        bind.stop()
        self._as_superuser(sql.SQL("create database {} template shodaku").format(sql.Identifier(name)))
        return name

    def _put_back(self, name: str) -> None:
        bind.stop()
        self._as_superuser(sql.SQL("drop database shodaku with (force)"))
        self._as_superuser(
            sql.SQL("create database shodaku template {} owner shodaku_owner").format(sql.Identifier(name))
        )
        self._as_superuser(sql.SQL("revoke all on database shodaku from public"))
        self._as_superuser(sql.SQL("grant connect on database shodaku to shodaku_app"))

    def _as_superuser(self, statement: sql.Composable) -> None:
        with self._superuser("postgres") as connection:
            connection.execute(statement)

    def _superuser(self, database: str) -> psycopg.Connection[Any]:  # Any: rows of any shape
        folder = Folder(self.home / "postgres")
        access, written = read_access(folder), read_pid_file(folder.data)
        assert access is not None
        assert written is not None
        return _connect(written, access, database)


def _forget_what_processes_remember() -> None:
    """Keys that were read, and the journal that was open; what else it keeps belongs to its installation."""
    journaling._journals.clear()
    runtime.start(
        runtime.Runtime(
            home=runtime.current().home,
            keys=runtime.current().keys,
            public_url=runtime.current().public_url,
            database_url=runtime.current().database_url,
            vault_url=runtime.current().vault_url,
        )
    )


def link(token: Token) -> str:
    ring = runtime.current().ring(keys.KeyPurpose.LINK)
    return url_form(LinkKeys(ring.epochs).make(token))
