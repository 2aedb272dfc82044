"""Keys are given out and ended here; each time the ledger says so."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from shodaku.api.domain import KEY_DAYS, KEY_DAYS_MAX, KEYS_MAX, SECRET_BYTES, Scope, read_key, write_key
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

CREATED = "admin.api_key.created"  # kinds of ledger entries
REVOKED = "admin.api_key.revoked"
NAME_CHARACTERS_MAX = 80

_sql = db.Statements("shodaku.api")


class KeyFault(WrongUse):
    """A key needs a name of 1 to 80 characters, at least one right, and a term of 1 to 1,095 days."""

    code = "api_key_fault"


class NetworkFault(WrongUse):
    """A network is written as 192.0.2.0/24 or 2001:db8::/32."""

    code = "api_network_fault"


class TooManyKeys(WrongUse):
    """A workspace has at most 20 live keys; revoke one that is not used any more."""

    code = "api_keys_too_many"


class NoSuchKey(WrongUse):
    """There is no live key of this number."""

    code = "api_key_unknown"


def create_key(
    workspace_id: int,
    name: str,
    scopes: Sequence[Scope],
    *,
    by: str,
    now: datetime,
    days: int = KEY_DAYS,
    networks: Sequence[str] = (),
) -> str:
    """The key, which is shown this once. Raises KeyFault, NetworkFault, TooManyKeys, VaultAway."""
    if not (1 <= len(name.strip()) <= NAME_CHARACTERS_MAX and scopes and 1 <= days <= KEY_DAYS_MAX):
        raise KeyFault
    allowed = [_network(each) for each in networks]
    key = write_key(workspace_id, secrets.token_bytes(SECRET_BYTES))
    shown = read_key(key)
    assert shown is not None  # noqa: S101 - what was written can be read
    rights = sorted({scope.value for scope in scopes})
    with db.transaction(workspace_id):
        if _sql.scalar("count_live", now=now) >= KEYS_MAX:
            raise TooManyKeys
        key_id: int = _sql.scalar(
            "insert_key",
            name=name.strip(),
            sha256=shown.sha256,
            scopes=rights,
            networks=allowed,
            now=now,
            expires_at=now + timedelta(days=days),
        )
        _record(workspace_id, CREATED, {"by": by, "key": key_id, "scopes": list(rights), "days": days}, now)
    return key


def revoke_key(workspace_id: int, key_id: int, *, by: str, now: datetime) -> None:
    """It opens nothing from the commit on. Raises NoSuchKey, VaultAway."""
    with db.transaction(workspace_id):
        if not _sql.run("revoke_key", key_id=key_id, now=now):
            raise NoSuchKey
        _record(workspace_id, REVOKED, {"by": by, "key": key_id}, now)


def touch(workspace_id: int, key_id: int, now: datetime) -> None:
    """That it was used today."""
    with db.transaction(workspace_id):
        _sql.run("touch_key", key_id=key_id, today=now.date())


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise NetworkFault(hint=text) from None


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act(workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now)
