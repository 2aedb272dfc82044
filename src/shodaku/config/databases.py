"""Prepare both databases: the role that owns nothing, privileges, migrations, the vault's one table."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.core.management import call_command
from psycopg import sql as compose
from psycopg.rows import class_row, dict_row

from shodaku.config.sharding import Reference, Table
from shodaku.kit import db
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.kit.keys import KeyUnavailable

VERSION_MIN = 150_000  # PostgreSQL 15: the floor of our SQL


class DatabaseAway(OutOfReach):
    """The database cannot be reached."""

    code = "database_away"


class NoDatabase(OutOfReach):
    """No database is named: start `shodaku up`, or set SHODAKU_DATABASE_URL."""

    code = "no_database"


class DatabaseAddressFault(WrongUse):
    """The address of the database cannot be read; it is postgresql://user:password@host:port/name."""

    code = "database_address_fault"


class ApplicationTooStrong(WrongUse):
    """The role of SHODAKU_DATABASE_URL must not own tables, be a superuser or bypass row-level security."""

    code = "application_too_strong"


class DatabaseTooOld(OutOfReach):
    """PostgreSQL 15 or newer is needed."""

    code = "database_too_old"


@dataclass(frozen=True, slots=True)
class ApplicationRole:
    """The role that works; row-level security holds for it only while all three are absent."""

    name: str
    superuser: bool
    bypasses: bool
    version: str  # of the server
    owned: int  # tables that it owns, itself or through a role it belongs to

    @property
    def strengths(self) -> str:
        found = {
            "is a superuser": self.superuser,
            "bypasses row-level security": self.bypasses,
            f"owns {self.owned} tables": self.owned > 0,
        }
        return ", ".join(words for words, true in found.items() if true)


def migrate(*, quiet: bool = True) -> None:
    """Bring both databases to this version; safe to repeat.

    Raises DatabaseAway, DatabaseAddressFault, DatabaseTooOld, ApplicationTooStrong.
    """
    from shodaku.suppression import peppering  # noqa: PLC0415 - Django is set up only now

    role = require_weak_application()
    _prepare(settings.OWNER_URL, role.name)
    call_command("migrate", database="owner", verbosity=0 if quiet else 1, interactive=False)
    with connect(settings.VAULT_URL) as vault:
        vault.execute(db.sql("shodaku.ledger", "vault_schema"))
    with suppress(KeyUnavailable):  # this machine has no pepper: who prepares the other one writes it
        peppering.write_check()


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Raises DatabaseAway, DatabaseAddressFault; nothing of the address goes with them.

    A password may stand anywhere in an address that was typed wrongly, in libpq's own message too.
    """
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.ProgrammingError:
        raise DatabaseAddressFault(hint=_named(url)) from None
    except psycopg.Error:
        raise DatabaseAway(hint=_named(url)) from None


def _named(url: str) -> str:
    """By which variable the database was named."""
    named = {
        settings.VAULT_URL: "SHODAKU_VAULT_URL",
        settings.OWNER_URL: "SHODAKU_OWNER_URL",
        settings.DATABASE_URL: "SHODAKU_DATABASE_URL",
    }
    return named.get(url, "")


def application_role() -> ApplicationRole:
    """Who works in the database. Raises DatabaseAway, DatabaseAddressFault."""
    with connect(settings.DATABASE_URL) as connection:
        cursor = connection.cursor(row_factory=class_row(ApplicationRole))
        role = cursor.execute(db.sql("shodaku.config", "application_role")).fetchone()
    if role is None:
        raise DatabaseAway(hint="SHODAKU_DATABASE_URL")
    return role


def require_weak_application() -> ApplicationRole:
    """The role that works, if row-level security binds it. Raises ApplicationTooStrong, DatabaseAway."""
    role = application_role()
    if role.strengths:
        raise ApplicationTooStrong(hint=f"{role.name} {role.strengths}. {_TWO_ROLES}")
    return role


_TWO_ROLES = "Name the owner in SHODAKU_OWNER_URL and a second role in SHODAKU_DATABASE_URL."


def _prepare(owner_url: str, application: str) -> None:
    with connect(owner_url) as connection:
        if connection.info.server_version < VERSION_MIN:
            raise DatabaseTooOld(hint=str(connection.info.server_version))
        if connection.info.user == application:
            raise ApplicationTooStrong(hint=f"{application} would own every table. {_TWO_ROLES}")
        exists = connection.execute("select 1 from pg_roles where rolname = 'shodaku_app'").fetchone()
        if not exists:
            connection.execute("create role shodaku_app nologin nosuperuser nobypassrls")
        connection.execute("create extension if not exists pg_trgm")
        connection.execute(db.sql("shodaku.config", "privileges"))
        if application != "shodaku_app":
            connection.execute(compose.SQL("grant shodaku_app to {}").format(compose.Identifier(application)))


def unguarded_tables() -> list[str]:
    """Tables with a workspace and without forced row-level security; none, or something is broken."""
    with connect(settings.DATABASE_URL) as connection:
        return [str(row[0]) for row in connection.execute(db.sql("shodaku.config", "unguarded")).fetchall()]


def described_tables() -> list[Table]:
    """What a server of Citus would ask about each table, in the order of names."""
    with connect(settings.DATABASE_URL) as connection:
        rows = (
            connection.cursor(row_factory=dict_row)
            .execute(db.sql("shodaku.config", "list_tables"))
            .fetchall()
        )
    return [
        Table(
            name=row["name"],
            keys=tuple(map(tuple, row["keys"])),
            references=tuple(
                Reference(tuple(each["columns"]), each["table"], tuple(each["their_columns"]))
                for each in row["references"]
            ),
            triggers=tuple(row["triggers"]),
            narrow_identities=tuple(row["narrow"]),
        )
        for row in rows
    ]
