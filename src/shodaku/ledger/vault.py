"""Person keys in the vault database, each wrapped under a key-encryption key that is a file outside of it.

Destroying a row makes everything sealed for that person unreadable, in every table and every backup.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import ConnectionPool, PoolTimeout

from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KEY_BYTES, KeyPurpose

NONCE_BYTES = 12
AWAY_SECONDS_MAX = 2.0  # how long a page may wait for the vault before it says so

_sql = db.Statements("shodaku.ledger")


class VaultAway(OutOfReach):
    """The key store cannot be reached: nothing new can be agreed to now; opting out still works."""

    code = "vault_away"


class KeyDestroyed(OutOfReach):
    """The key of this person does not exist; what was sealed under it cannot be read by anyone."""

    code = "key_destroyed"


@cache
def _pool(url: str) -> ConnectionPool[psycopg.Connection[Any]]:
    return ConnectionPool(
        url, min_size=0, max_size=8, timeout=AWAY_SECONDS_MAX, kwargs={"autocommit": True}, open=True
    )


def close() -> None:
    """Give the vault's connections back, at the end of a process."""
    if runtime.started():
        _pool(runtime.current().vault_url).close()
        _pool.cache_clear()


@contextmanager
def _vault() -> Iterator[psycopg.Connection[Any]]:
    try:
        with _pool(runtime.current().vault_url).connection() as connection:
            yield connection
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise VaultAway from error


def ensure(workspace_id: int, contact_ids: Sequence[int]) -> None:
    """Make a key for each of these contacts that has none. Committed at once: before, never inside, the
    business transaction.

    Raises VaultAway.
    """
    ring = runtime.current().ring(KeyPurpose.KEK)
    wrapped = [
        _wrap(ring.newest, workspace_id, contact_id, os.urandom(KEY_BYTES)) for contact_id in contact_ids
    ]
    with _vault() as connection:
        connection.execute(
            _sql.text("insert_person_keys"),
            {
                "workspace_id": workspace_id,
                "ids": list(contact_ids),
                "epoch": ring.newest_epoch,
                "wrapped": wrapped,
            },
        )


def read(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, bytes]:
    """The keys that exist. Raises VaultAway."""
    with _vault() as connection:
        rows = connection.execute(
            _sql.text("get_person_keys"), {"workspace_id": workspace_id, "ids": list(contact_ids)}
        ).fetchall()
    ring = runtime.current().ring(KeyPurpose.KEK)
    return {
        contact_id: _unwrap(ring.epochs[epoch], workspace_id, contact_id, wrapped)
        for contact_id, epoch, wrapped in rows
    }


def count() -> int:
    """How many people have a key. Raises VaultAway."""
    with _vault() as connection:
        row = connection.execute(_sql.text("count_person_keys")).fetchone()
    return 0 if row is None else int(row[0])


def destroy(workspace_id: int, contact_id: int) -> str | None:
    """Delete the key; SHA-256 of its wrapped form for the certificate, None when it was gone already. Raises
    VaultAway.
    """
    with _vault() as connection:
        row = connection.execute(
            _sql.text("delete_person_key"), {"workspace_id": workspace_id, "contact_id": contact_id}
        ).fetchone()
    return None if row is None else hashlib.sha256(row[0]).hexdigest()


def _wrap(kek: bytes, workspace_id: int, contact_id: int, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, key, _whose(workspace_id, contact_id))


def _unwrap(kek: bytes, workspace_id: int, contact_id: int, wrapped: bytes) -> bytes:
    return AESGCM(kek).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _whose(workspace_id, contact_id))


def _whose(workspace_id: int, contact_id: int) -> bytes:
    """Bound to its owner: a wrapped key moved to another row does not open."""
    return f"person\0{workspace_id}\0{contact_id}".encode()
