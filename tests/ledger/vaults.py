"""A vault and a folder of keys for one test: other tests' keys are not rotated, and theirs do not count."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from shodaku.kit import db, keys, runtime
from shodaku.ledger import vault


@contextmanager
def an_own_vault(database, folder):
    """A schema of its own in the vault's database; yields the folder of keys."""
    schema = f"vault_{uuid.uuid4().hex[:12]}"
    (folder / "keys").mkdir(mode=0o700)
    shutil.copy2(runtime.current().keys / "pepper.1", folder / "keys")  # of the database that they share
    keys.create_missing(folder / "keys")
    with psycopg.connect(database.vault, autocommit=True) as owner:
        owner.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    url = make_conninfo(database.vault, options=f"-csearch_path={schema}")
    prepare(url)
    here = another_process(vault_url=url, keys=folder / "keys")
    with runtime.replaced(here):
        yield folder / "keys"
    vault._pool(url).close()
    with psycopg.connect(database.vault, autocommit=True) as owner:
        owner.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))


def prepare(url):
    """As `migrate` does with each vault, new or old."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(db.sql("shodaku.ledger", "vault_schema"))


def another_process(**other):
    """It has read no key yet."""
    return dataclasses.replace(runtime.current(), _rings={}, **other)
