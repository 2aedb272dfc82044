"""Which keys there are, and whose one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.api.domain import Scope, Shown
from shodaku.kit import db

ROWS_MAX: Final = 200

_sql = db.Statements("shodaku.api")


@dataclass(frozen=True, slots=True)
class Key:
    key_id: int
    name: str
    scopes: list[str]
    networks: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed a live key."""

    workspace_id: int
    key_id: int
    scopes: frozenset[Scope]
    used_today: bool

    @property
    def name(self) -> str:
        """As it stands in the ledger."""
        return f"api:{self.key_id}"


def keys(workspace_id: int) -> list[Key]:
    with db.transaction(workspace_id):
        return _sql.rows("list_keys", Key, rows_max=ROWS_MAX)


def caller(shown: Shown, address: str, now: datetime) -> Caller | None:
    """None for a key that was never given out, that ended, or that may not be used from there."""
    if accounts.workspace(shown.workspace_id) is None:
        return None
    with db.transaction(shown.workspace_id):
        row = _sql.row("get_key", _Row, sha256=shown.sha256, address=address or None, now=now)
    if row is None:
        return None
    rights = frozenset(Scope(each) for each in row.scopes)
    return Caller(shown.workspace_id, row.key_id, rights, row.last_used_on == now.date())


@dataclass(frozen=True, slots=True)
class _Row:
    key_id: int
    scopes: list[str]
    last_used_on: date | None
