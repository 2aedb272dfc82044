"""Roles and databases of the embedded PostgreSQL: one owns, one works and owns nothing, one has the vault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import sql as compose
from psycopg.rows import dict_row

from shodaku.kit.db import sql

SUPERUSER = "postgres"  # of the supervisor alone, over the socket
OWNER = "shodaku_owner"
APPLICATION = "shodaku_app"
VAULT = "shodaku_vault"
ROLES = (OWNER, APPLICATION, VAULT)
DATABASES = {"shodaku": OWNER, "vault": VAULT}

# each role reaches its own database and no other; who is not named is turned away before the password
HOST_RULES = f"""\
# written at every start of shodaku
local all {SUPERUSER} scram-sha-256
local shodaku {OWNER},{APPLICATION} scram-sha-256
local vault {VAULT} scram-sha-256
host shodaku {OWNER},{APPLICATION} 127.0.0.1/32 scram-sha-256
host vault {VAULT} 127.0.0.1/32 scram-sha-256
"""

Connection = psycopg.Connection[Any]  # rows of any shape
Connect = Callable[
    [str], Connection
]  # to a database by its name, as the superuser, every statement committed


def create_missing(connect: Connect, passwords: Mapping[str, str]) -> None:
    """Safe to repeat: a start that was cut off goes on where it ended."""
    with connect(SUPERUSER) as connection:
        for role in ROLES:
            _create_role(connection, role, passwords[role])
        for database, owner in DATABASES.items():
            _create_database(connection, database, owner)
        connection.execute(sql("shodaku.kit", "postgres_connect"))
    for database in DATABASES:
        with connect(database) as connection:
            connection.execute(sql("shodaku.kit", f"postgres_{database}"))


def _create_role(connection: Connection, role: str, password: str) -> None:
    if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        return
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        compose.SQL(
            "create role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {}"
        ).format(compose.Identifier(role), verifier.decode())
    )


def _create_database(connection: Connection, database: str, owner: str) -> None:
    if connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
        return
    statement = compose.SQL("create database {} owner {}")
    connection.execute(statement.format(compose.Identifier(database), compose.Identifier(owner)))


def facts(connection: Connection) -> dict[str, str]:
    found = connection.cursor(row_factory=dict_row).execute(sql("shodaku.kit", "postgres_facts")).fetchone()
    return {name: str(value) for name, value in (found or {}).items()}
