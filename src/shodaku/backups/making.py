"""Everything of one moment, read workspace by workspace in one snapshot; its file is whole, or absent."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Final

import psycopg
from pyrage import x25519

from shodaku.backups import archive, catalogue, copy_text, encryption
from shodaku.backups.catalogue import ROOM, Catalogue, Connection, Table
from shodaku.backups.domain import VAULT_KEPT, BackupKind, Manifest, Member, MemberName, Position
from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.kit.keys import KeyPurpose

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class BackupThere(WrongUse):
    """A file of this name exists already; name another one."""

    code = "backup_there"


class BackupUnwritable(OutOfReach):
    """The backup cannot be written; no part of it was left behind."""

    code = "backup_unwritable"


class BackupDisturbed(OutOfReach):
    """The database ended in the middle of the backup; no part of it was left behind."""

    code = "backup_disturbed"


@dataclass(frozen=True, slots=True)
class Progress:
    workspace: str  # empty: of the installation
    table: str
    rows: int  # so far, of everything
    bytes: int


Tell = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """For programs."""


def back_up(
    connection: Connection,
    target: Path,
    recipients: Sequence[x25519.Recipient],
    *,
    now: datetime,
    keys: int,
    tell: Tell = silent,
) -> Manifest:
    """The database, by its owner's connection in autocommit. `keys`: how many persons have one in the vault.

    Raises BackupThere, BackupUnwritable, BackupDisturbed, KeyUnavailable.
    """
    with _snapshot(connection):
        tables = catalogue.read(connection)
        manifest = _manifest(connection, tables, now, keys)
        _write(target, manifest, _database_members(connection, tables, manifest, tell), recipients)
    return manifest


def back_up_vault(
    connection: Connection,
    target: Path,
    recipients: Sequence[x25519.Recipient],
    *,
    now: datetime,
    tell: Tell = silent,
) -> Manifest:
    """The keys of persons, still wrapped. Raises as `back_up`."""
    with _snapshot(connection):
        tables = vault_tables(connection)
        manifest = Manifest(
            kind=BackupKind.VAULT,
            made_at=now,
            version=program_version(),
            database_id=catalogue.database_id(connection) or "",
            tables={each.name: each.columns for each in tables},
            keys=count(connection, "person_key"),
            destroy_after=now + VAULT_KEPT,
        )
        counting = _Counting(tell)
        members = (part for table in tables for part in _members(connection, table, 0, "", counting))
        _write(target, manifest, members, recipients)
    return manifest


def vault_tables(connection: Connection) -> list[Table]:
    cursor = connection.cursor(row_factory=psycopg.rows.class_row(Table))
    found = {each.name: each for each in cursor.execute(db.sql(ROOM, "list_tables")).fetchall()}
    whole = {
        name: replace(each, of_workspaces=False) for name, each in found.items()
    }  # nothing is hidden there
    return [whole[name] for name in catalogue.VAULT_TABLES]


def program_version() -> str:
    return metadata.version("shodaku")


@contextmanager
def _snapshot(connection: Connection) -> Iterator[None]:
    """One moment of the whole database, however long it takes. Raises BackupDisturbed."""
    connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    try:
        with connection.transaction():
            yield
    except psycopg.OperationalError as error:
        raise BackupDisturbed(hint=type(error).__name__) from None


def _manifest(connection: Connection, tables: Catalogue, now: datetime, keys: int) -> Manifest:
    workspaces = dict(connection.execute(db.sql(ROOM, "list_workspaces")).fetchall())
    return Manifest(
        kind=BackupKind.DATABASE,
        made_at=now,
        version=program_version(),
        database_id=catalogue.database_id(connection) or "",
        migrations=tuple(row[0] for row in connection.execute(db.sql(ROOM, "list_migrations")).fetchall()),
        workspaces=workspaces,
        tables=tables.columns,
        sequences={each.name: each.last for each in catalogue.sequences(connection, [*tables.columns])},
        weeks=tuple(row[0] for row in connection.execute(db.sql(ROOM, "list_weeks")).fetchall()),
        journal=tuple(
            Position(*row) for row in connection.execute(db.sql(ROOM, "list_positions")).fetchall()
        ),
        heads={each: _head(connection, each) for each in workspaces},
        keys=keys,
    )


def _head(connection: Connection, workspace_id: int) -> int:
    db.see(connection, db.Setting.WORKSPACE, workspace_id)
    row = connection.execute(db.sql(ROOM, "get_head"), {"workspace_id": workspace_id}).fetchone()
    return 0 if row is None else int(row[0])


def count(connection: Connection, table: str) -> int:
    counting = psycopg.sql.SQL("select count(*) from {}").format(psycopg.sql.Identifier(table))
    row = connection.execute(counting).fetchone()
    return 0 if row is None else int(row[0])


class _Counting:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.rows = self.bytes = 0

    def add(self, workspace: str, table: str, piece: copy_text.Piece) -> None:
        self.rows += piece.rows
        self.bytes += len(piece.content)
        self._tell(Progress(workspace, table, self.rows, self.bytes))


def _database_members(
    connection: Connection, tables: Catalogue, manifest: Manifest, tell: Tell
) -> Generator[Member, None, None]:
    count = _Counting(tell)
    for table in tables.tables:
        if not catalogue.in_workspaces(table):
            yield from _members(connection, table, 0, "", count)
    for workspace_id, slug in manifest.workspaces.items():
        db.see(connection, db.Setting.WORKSPACE, workspace_id)
        for table in tables.tables:
            if catalogue.in_workspaces(table):
                yield from _members(connection, table, workspace_id, slug, count)


def _members(
    connection: Connection, table: Table, workspace_id: int, slug: str, count: _Counting
) -> Generator[Member, None, None]:
    with connection.cursor() as cursor, cursor.copy(catalogue.reading(table, workspace_id)) as rows:
        for part, piece in enumerate(copy_text.pieces(rows)):
            count.add(slug, table.name, piece)
            yield Member(str(MemberName(table.name, workspace_id, part)), piece.content, piece.rows)


def _write(
    target: Path,
    manifest: Manifest,
    members: Generator[Member, None, None],
    recipients: Sequence[x25519.Recipient],
) -> None:
    """Raises BackupThere, BackupUnwritable, KeyUnavailable."""
    ring = runtime.current().ring(KeyPurpose.BACKUP)
    with (
        closing(members),
        _placed(target) as out,
    ):  # a COPY that is under way ends before its transaction does
        encryption.encrypt(archive.written(manifest, members, ring), out, recipients)


@contextmanager
def _placed(target: Path) -> Iterator[IO[bytes]]:
    """Under another name until it is whole and on the disk. Raises BackupThere, BackupUnwritable."""
    if target.exists():
        raise BackupThere(hint=str(target))
    waiting = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        try:
            descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            _name(waiting, target)
        finally:
            waiting.unlink(missing_ok=True)
    except FileExistsError:
        raise BackupThere(hint=str(target)) from None
    except OSError as error:
        raise BackupUnwritable(hint=f"{target}: {error.strerror or error}") from None


def _name(waiting: Path, target: Path) -> None:
    """Never in the place of another file. Raises FileExistsError, OSError."""
    try:
        os.link(waiting, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:  # a stick that is formatted for Windows has none
            raise
        if target.exists():
            raise FileExistsError from None
        waiting.rename(target)
    with suppress(OSError):  # not every file system knows folders that way
        descriptor = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
