"""The keys of persons into an empty vault, beside a database that is there already. Who was erased since the
copy was made stays erased: no key comes back of anybody whom the database does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql as compose
from pyrage import x25519

from shodaku.backups import making
from shodaku.backups.archive import Opened
from shodaku.backups.catalogue import ROOM, Connection
from shodaku.backups.domain import BackupKind
from shodaku.backups.loading import NewerBackup, NotEmpty, RestoreFailed, checked, fill, where
from shodaku.backups.making import Tell, silent
from shodaku.kit import db, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyMissing, KeyPurpose, KeyRing

_KNOWN: Final = {"known_contact": "list_kept_contacts", "known_hold": "list_kept_holds"}


class VaultTooOld(WrongUse):
    """A copy of the vault may be restored for seven days; an older one could bring back destroyed keys."""

    code = "vault_too_old"


class DatabaseFirst(WrongUse):
    """Restore the database first: it tells whose keys may come back."""

    code = "database_first"


@dataclass(frozen=True, slots=True)
class LoadedVault:
    opened: Opened
    dropped: int  # keys of people and sealings that are gone since


def load_vault(
    connection: Connection,
    owner: Connection,
    file: Path,
    identities: Sequence[x25519.Identity],
    ring: KeyRing,
    *,
    now: datetime,
    replace: bool = False,
    tell: Tell = silent,
) -> LoadedVault:
    """By the vault's connection; `owner` reads the database. All of it, or nothing.

    Raises what `archive.read` does, and OtherBackup, VaultTooOld, NewerBackup, NotEmpty, DatabaseFirst,
    KeyUnavailable, RestoreFailed.
    """
    whole = checked_vault(file, identities, ring, now)
    workspaces = [row[0] for row in owner.execute(db.sql(ROOM, "list_workspaces")).fetchall()]
    if not workspaces:
        raise DatabaseFirst
    try:
        with connection.transaction():
            _require_room(connection, whole, replace=replace)
            fill(connection, file, identities, ring, whole, tell)
            dropped = _drop_unknown(connection, owner, workspaces)
            _require_keys(connection)
    except psycopg.Error as error:
        raise RestoreFailed(hint=where(error)) from None
    return LoadedVault(whole, dropped)


def checked_vault(file: Path, identities: Sequence[x25519.Identity], ring: KeyRing, now: datetime) -> Opened:
    """Whole, and young enough. Raises what `archive.read` does, OtherBackup, VaultTooOld."""
    whole = checked(file, identities, ring, BackupKind.VAULT)
    if whole.manifest.expired(now):
        raise VaultTooOld(hint=f"{file}: until {whole.manifest.destroy_after:%Y-%m-%d %H:%M} UTC")
    return whole


def _require_room(connection: Connection, whole: Opened, *, replace: bool) -> None:
    """Raises NewerBackup, NotEmpty."""
    tables = {each.name: set(each.columns) for each in making.vault_tables(connection)}
    if tables != {name: set(columns) for name, columns in whole.manifest.tables.items()}:
        raise NewerBackup(hint=f"version {whole.manifest.version}")
    if replace:
        listed = compose.SQL(", ").join(map(compose.Identifier, sorted(tables)))
        connection.execute(compose.SQL("truncate {}").format(listed))
    elif any(making.count(connection, name) for name in sorted(tables)):
        raise NotEmpty(hint="the vault holds keys")


def _drop_unknown(connection: Connection, owner: Connection, workspaces: Sequence[int]) -> int:
    connection.execute(db.sql(ROOM, "vault_known"))
    for workspace_id in workspaces:
        with owner.transaction():
            db.see(owner, db.Setting.WORKSPACE, workspace_id)
            for table, reading in _KNOWN.items():
                _hand_over(owner, reading, workspace_id, connection, table)
    names = ("vault_delete_unknown_persons", "vault_delete_unknown_holds")
    return sum(connection.execute(db.sql("shodaku.ledger", name)).rowcount for name in names)


def _hand_over(source: Connection, reading: str, workspace_id: int, target: Connection, table: str) -> None:
    """From one database to the other, a row at a time."""
    wanted = compose.SQL(db.sql(ROOM, reading).replace("%(workspace_id)s", "{workspace_id}")).format(
        workspace_id=compose.Literal(workspace_id)
    )
    copying = compose.SQL("copy ({}) to stdout").format(wanted)
    filling = compose.SQL("copy {} from stdin").format(compose.Identifier(table))
    with (
        source.cursor() as reader,
        target.cursor() as writer,
        reader.copy(copying) as rows,
        writer.copy(filling) as kept,
    ):
        for row in rows:
            kept.write(row)


def _require_keys(connection: Connection) -> None:
    """Keys that nothing opens are no keys. Raises KeyMissing, KeyUnavailable."""
    for purpose, epoch in connection.execute(db.sql(ROOM, "vault_epochs")).fetchall():
        if epoch not in runtime.current().ring(KeyPurpose(purpose)).epochs:
            raise KeyMissing(hint=f"{runtime.current().keys}/{purpose}.{epoch}: put it back from your copy")
