"""Person keys and hold keys in the vault database, wrapped under key-encryption keys that are files outside.

Destroying a row makes everything sealed under it unreadable, in every table and every backup.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import ConnectionPool, PoolTimeout

from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KEY_BYTES, KeyPurpose, KeyRing, KeyUnavailable

NONCE_BYTES = 12
AWAY_SECONDS_MAX = 2.0  # how long a page may wait for the vault before it says so

Rows: TypeAlias = "list[tuple[Any, ...]]"  # of any statement

_sql = db.Statements("shodaku.ledger")


class VaultAway(OutOfReach):
    """The key store cannot be reached: nothing new can be agreed to now; opting out still works."""

    code = "vault_away"


class EpochEnded(VaultAway):
    """The key files here are older than those of the key store; copy the newest ones to this machine."""

    code = "epoch_ended"


class KeyDoesNotOpen(VaultAway):
    """A key does not open: the key file is another one than it was wrapped under, or somebody changed it."""

    code = "key_does_not_open"


class KeyDestroyed(OutOfReach):
    """The key of this person does not exist; what was sealed under it cannot be read by anyone."""

    code = "key_destroyed"


_fresh = threading.local()


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
def connected() -> Iterator[psycopg.Connection[Any]]:
    """Each statement commits by itself. Raises VaultAway, EpochEnded."""
    try:
        with _pool(runtime.current().vault_url).connection() as connection:
            yield connection
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise VaultAway from error
    except psycopg.errors.RestrictViolation:
        raise EpochEnded(hint=str(runtime.current().keys)) from None


def rows(statement: str, /, **parameters: object) -> Rows:
    """What a statement gives; its columns come as they are, not as text. Raises VaultAway."""
    with connected() as connection:
        return connection.execute(_sql.text(statement), parameters, binary=True).fetchall()


def run(statement: str, /, **parameters: object) -> None:
    """Raises VaultAway, EpochEnded."""
    with connected() as connection:
        connection.execute(_sql.text(statement), parameters)


def count_by_epoch(purpose: KeyPurpose) -> dict[int, int]:
    """How many keys are wrapped under each epoch that has any. Raises VaultAway."""
    return {epoch: keys for of, epoch, keys in rows("count_wrapped") if of == purpose.value}


def ring(purpose: KeyPurpose) -> KeyRing:
    """Without the key that wraps them the keys in the vault are as good as away. Raises VaultAway."""
    try:
        return runtime.current().ring(purpose)
    except KeyUnavailable as fault:
        raise VaultAway(hint=f"{fault.message} {fault.hint}".strip()) from fault


def ensure(workspace_id: int, contact_ids: Sequence[int]) -> None:
    """Make a key for each of these contacts that has none. Committed at once: before, never inside, the
    business transaction.

    Raises VaultAway.
    """
    keks = ring(KeyPurpose.KEK)
    cipher = AESGCM(keks.newest)
    plain = {contact_id: os.urandom(KEY_BYTES) for contact_id in contact_ids}
    wrapped = [wrap(cipher, whose(workspace_id, contact_id), key) for contact_id, key in plain.items()]
    with connected() as connection:
        made = connection.execute(
            _sql.text("insert_person_keys"),
            {
                "workspace_id": workspace_id,
                "ids": db.array(plain),
                "epoch": keks.newest_epoch,
                "wrapped": db.array(wrapped),
            },
        ).fetchall()
    if len(made) == len(plain) == 1:  # a sign-up: what is recorded next is sealed under this very key
        _fresh.key = (runtime.current().vault_url, workspace_id, made[0][0], plain[made[0][0]])


def read_to_seal(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, bytes]:
    """As `read`; a key that this thread has just made need not be fetched again, once: half a millisecond of
    each sign-up. Its contact is new and locked, so nobody can have erased it since. Raises as `read`.
    """
    fresh, _fresh.key = getattr(_fresh, "key", None), None
    wanted = (runtime.current().vault_url, workspace_id, *contact_ids)
    if fresh is not None and fresh[:-1] == wanted:
        return {fresh[2]: fresh[3]}
    return read(workspace_id, contact_ids)


def read(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, bytes]:
    """The keys that exist. Raises VaultAway, KeyDoesNotOpen."""
    found, keks = _found(KeyPurpose.KEK, "get_person_keys", workspace_id=workspace_id, ids=list(contact_ids))
    ciphers = {epoch: AESGCM(kek) for epoch, kek in keks.epochs.items()}
    return {
        contact_id: unwrap(ciphers[epoch], whose(workspace_id, contact_id), wrapped)
        for epoch, wrapped, contact_id in found
    }


def _found(purpose: KeyPurpose, statement: str, /, **parameters: object) -> tuple[Rows, KeyRing]:
    """Wrapped keys, their epoch first, and the ring that opens them; asked twice, for an epoch may end after
    the first time. Raises VaultAway.
    """
    for _ in range(2):
        found, held = rows(statement, **parameters), ring(purpose)
        missing = {row[0] for row in found} - set(held.epochs)
        if not missing:
            return found, held
    file = runtime.current().keys / f"{purpose.value}.{min(missing)}"
    raise VaultAway(hint=f"{file} is not there, or could not be opened")


def count() -> int:
    """How many people have a key. Raises VaultAway."""
    with connected() as connection:
        row = connection.execute(_sql.text("count_person_keys")).fetchone()
    return 0 if row is None else int(row[0])


def fingerprint(workspace_id: int, contact_id: int) -> str | None:
    """SHA-256 of the wrapped form of the person's key, as `destroy` names it; None: there is none. Raises
    VaultAway.
    """
    found = rows("get_person_keys", workspace_id=workspace_id, ids=[contact_id])
    return hashlib.sha256(found[0][1]).hexdigest() if found else None


def destroy(workspace_id: int, contact_id: int) -> str | None:
    """Delete the key; SHA-256 of its wrapped form for the certificate, None when it was gone already. Raises
    VaultAway.
    """
    _fresh.key = None
    with connected() as connection:
        row = connection.execute(
            _sql.text("delete_person_key"), {"workspace_id": workspace_id, "contact_id": contact_id}
        ).fetchone()
    return None if row is None else hashlib.sha256(row[0]).hexdigest()


def replace(workspace_id: int, contact_id: int) -> None:
    """Another key in the place of the person's present one, which is gone. Raises VaultAway."""
    _fresh.key = None
    keks = ring(KeyPurpose.KEK)
    wrapped = wrap(AESGCM(keks.newest), whose(workspace_id, contact_id), os.urandom(KEY_BYTES))
    with connected() as connection:
        connection.execute(
            _sql.text("replace_person_key"),
            {
                "workspace_id": workspace_id,
                "contact_id": contact_id,
                "epoch": keks.newest_epoch,
                "wrapped": wrapped,
            },
        )


def ensure_hold(workspace_id: int, hold_id: UUID) -> bytes:
    """The key of this sealing, made if there is none; committed at once, as `ensure`. Raises VaultAway."""
    keks = ring(KeyPurpose.HOLD)
    wrapped = wrap(AESGCM(keks.newest), which(workspace_id, hold_id), os.urandom(KEY_BYTES))
    sealing = {"workspace_id": workspace_id, "hold_id": hold_id}
    with connected() as connection:
        connection.execute(
            _sql.text("insert_hold_key"), {**sealing, "epoch": keks.newest_epoch, "wrapped": wrapped}
        )
    key = read_hold(workspace_id, hold_id)
    if key is None:
        raise KeyDestroyed
    return key


def read_hold(workspace_id: int, hold_id: UUID) -> bytes | None:
    """None once it is destroyed. Raises VaultAway, KeyDoesNotOpen."""
    found, keks = _found(KeyPurpose.HOLD, "get_hold_key", workspace_id=workspace_id, hold_id=hold_id)
    if not found:
        return None
    epoch, wrapped = found[0]
    return unwrap(AESGCM(keks.epochs[epoch]), which(workspace_id, hold_id), wrapped)


def destroy_hold(workspace_id: int, hold_id: UUID) -> str | None:
    """As `destroy`, of a sealing. Raises VaultAway."""
    with connected() as connection:
        row = connection.execute(
            _sql.text("delete_hold_key"), {"workspace_id": workspace_id, "hold_id": hold_id}
        ).fetchone()
    return None if row is None else hashlib.sha256(row[0]).hexdigest()


def wrap(cipher: AESGCM, bound_to: bytes, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, key, bound_to)


def unwrap(cipher: AESGCM, bound_to: bytes, wrapped: bytes) -> bytes:
    """Raises KeyDoesNotOpen."""
    try:
        return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):  # ValueError: cut off
        raise KeyDoesNotOpen from None


def whose(workspace_id: int, contact_id: int) -> bytes:
    """Bound to its owner: a wrapped key moved to another row does not open."""
    return f"person\0{workspace_id}\0{contact_id}".encode()


def which(workspace_id: int, hold_id: UUID) -> bytes:
    """The same of a sealing."""
    return f"hold\0{workspace_id}\0{hold_id}".encode()
