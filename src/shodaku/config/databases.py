"""Prepare both databases: the role that owns nothing, privileges, migrations, the vault's one table."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from psycopg import sql as compose

from shodaku.kit import db
from shodaku.kit.errors import OutOfReach

VERSION_MIN = 150_000  # PostgreSQL 15: the floor of our SQL


class DatabaseAway(OutOfReach):
    """The database cannot be reached."""

    code = "database_away"


class NoDatabase(OutOfReach):
    """No database is named: start `shodaku up`, or set SHODAKU_DATABASE_URL."""

    code = "no_database"


class DatabaseTooOld(OutOfReach):
    """PostgreSQL 15 or newer is needed."""

    code = "database_too_old"


def migrate(*, quiet: bool = True) -> None:
    """Bring both databases to this version; safe to repeat. Raises DatabaseAway, DatabaseTooOld."""
    _prepare(settings.OWNER_URL, urlsplit(settings.DATABASE_URL).username or "")
    call_command("migrate", database="owner", verbosity=0 if quiet else 1, interactive=False)
    with connect(settings.VAULT_URL) as vault:
        vault.execute(db.sql("shodaku.ledger", "vault_schema"))


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Raises DatabaseAway, without the address or password of the database."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        parts = urlsplit(url)
        raise DatabaseAway(hint=f"{parts.hostname or 'socket'}:{parts.port or ''}{parts.path}") from error


def _prepare(owner_url: str, application: str) -> None:
    with connect(owner_url) as connection:
        if connection.info.server_version < VERSION_MIN:
            raise DatabaseTooOld(hint=str(connection.info.server_version))
        exists = connection.execute("select 1 from pg_roles where rolname = 'shodaku_app'").fetchone()
        if not exists:
            connection.execute("create role shodaku_app nologin nosuperuser nobypassrls")
        connection.execute("create extension if not exists pg_trgm")
        connection.execute(db.sql("shodaku.config", "privileges"))
        if application not in ("", "shodaku_app", connection.info.user):
            connection.execute(compose.SQL("grant shodaku_app to {}").format(compose.Identifier(application)))


def unguarded_tables() -> list[str]:
    """Tables with a workspace and without forced row-level security; none, or something is broken."""
    with connect(settings.DATABASE_URL) as connection:
        return [str(row[0]) for row in connection.execute(db.sql("shodaku.config", "unguarded")).fetchall()]
