"""Person keys and hold keys in the vault database, wrapped under key-encryption keys that are files outside.

Destroying a row makes everything sealed under it unreadable, in every table and every backup.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

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
        _wrap(ring.newest, _whose(workspace_id, contact_id), os.urandom(KEY_BYTES))
        for contact_id in contact_ids
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
        contact_id: _unwrap(ring.epochs[epoch], _whose(workspace_id, contact_id), wrapped)
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


def replace(workspace_id: int, contact_id: int) -> None:
    """Another key in the place of the person's present one, which is gone. Raises VaultAway."""
    ring = runtime.current().ring(KeyPurpose.KEK)
    wrapped = _wrap(ring.newest, _whose(workspace_id, contact_id), os.urandom(KEY_BYTES))
    with _vault() as connection:
        connection.execute(
            _sql.text("replace_person_key"),
            {
                "workspace_id": workspace_id,
                "contact_id": contact_id,
                "epoch": ring.newest_epoch,
                "wrapped": wrapped,
            },
        )


def ensure_hold(workspace_id: int, hold_id: UUID) -> bytes:
    """The key of this sealing, made if there is none; committed at once, as `ensure`. Raises VaultAway."""
    ring = runtime.current().ring(KeyPurpose.HOLD)
    wrapped = _wrap(ring.newest, _which(workspace_id, hold_id), os.urandom(KEY_BYTES))
    whose = {"workspace_id": workspace_id, "hold_id": hold_id}
    with _vault() as connection:
        connection.execute(
            _sql.text("insert_hold_key"), {**whose, "epoch": ring.newest_epoch, "wrapped": wrapped}
        )
    key = read_hold(workspace_id, hold_id)
    if key is None:
        raise KeyDestroyed
    return key


def read_hold(workspace_id: int, hold_id: UUID) -> bytes | None:
    """None once it is destroyed. Raises VaultAway."""
    with _vault() as connection:
        row = connection.execute(
            _sql.text("get_hold_key"), {"workspace_id": workspace_id, "hold_id": hold_id}
        ).fetchone()
    if row is None:
        return None
    epoch, wrapped = row
    return _unwrap(
        runtime.current().ring(KeyPurpose.HOLD).epochs[epoch], _which(workspace_id, hold_id), wrapped
    )


def destroy_hold(workspace_id: int, hold_id: UUID) -> str | None:
    """As `destroy`, of a sealing. Raises VaultAway."""
    with _vault() as connection:
        row = connection.execute(
            _sql.text("delete_hold_key"), {"workspace_id": workspace_id, "hold_id": hold_id}
        ).fetchone()
    return None if row is None else hashlib.sha256(row[0]).hexdigest()


def _wrap(kek: bytes, bound_to: bytes, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, key, bound_to)


def _unwrap(kek: bytes, bound_to: bytes, wrapped: bytes) -> bytes:
    return AESGCM(kek).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to)


def _whose(workspace_id: int, contact_id: int) -> bytes:
    """Bound to its owner: a wrapped key moved to another row does not open."""
    return f"person\0{workspace_id}\0{contact_id}".encode()


def _which(workspace_id: int, hold_id: UUID) -> bytes:
    """The same of a sealing."""
    return f"hold\0{workspace_id}\0{hold_id}".encode()
