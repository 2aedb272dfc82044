"""A backup into an empty database: one transaction, in which the gate is shut: all of it, or nothing.

Row-level security is forced on the owner, and COPY … FROM does not work under it: it is lifted from the
owner, and the triggers that watch single acts rest, until all rows are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql as compose
from pyrage import x25519

from shodaku.backups import archive, catalogue
from shodaku.backups.archive import Opened
from shodaku.backups.catalogue import ROOM, Catalogue, Connection, Table
from shodaku.backups.domain import BackupKind, Manifest, MemberName
from shodaku.backups.encryption import BackupDamaged
from shodaku.backups.making import Progress, Tell, program_version, silent
from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse
from shodaku.kit.keys import KeyPurpose, KeyRing
from shodaku.suppression import services as suppression

MADE_BY_MIGRATIONS: Final = frozenset({"pepper_check"})  # has a row in an empty database
# rows that running processes leave, which are in nobody's way: how far the journals are, and jobs
ONLY_RUNNING: Final = frozenset({"journal_floor", "journal_applied", catalogue.JOBS})
SPARE: Final = 1_000_000  # numbers that nobody gets, for those given after the backup
SPARE_OF_INT: Final = 10_000  # where there are only 2^31
_OF_WHAT_IS_REPLACED: Final = ("django_session", "procrastinate_events", "procrastinate_periodic_defers")
_INT_MAX: Final = 2**31 - 1


class NotEmpty(WrongUse):
    """The database holds something already; --replace puts the backup in its place."""

    code = "database_not_empty"


class NewerBackup(WrongUse):
    """The backup was made by a newer version of shodaku; install that one, and restore again."""

    code = "newer_backup"


class OlderBackup(WrongUse):
    """The backup was made by an older version; restore it with that one, and bring the database up then."""

    code = "older_backup"


class OtherBackup(WrongUse):
    """The file holds the other part: one is the database, one the vault."""

    code = "other_backup"


class StillRunning(OutOfReach):
    """Other processes are connected to the database; stop them first."""

    code = "still_running"


class RestoreFailed(ShodakuError):
    """The rows of the backup do not fit into the database; nothing was changed."""

    code = "restore_failed"


def load(
    connection: Connection,
    file: Path,
    identities: Sequence[x25519.Identity],
    ring: KeyRing,
    *,
    replace: bool = False,
    tell: Tell = silent,
) -> Opened:
    """By the owner's connection. The file is read twice: before anything is touched it is known to be whole.

    Raises BackupUnreadable, NotABackup, WrongBackupKey, BackupDamaged, ForeignBackup, NotEmpty, NewerBackup,
    OlderBackup, OtherBackup, StillRunning, WrongPepper, KeyMissing, RestoreFailed.
    """
    whole = checked(file, identities, ring, BackupKind.DATABASE)
    try:
        with connection.transaction():
            _alone(connection)
            tables = catalogue.read(connection)
            _require_same_shape(connection, tables, whole.manifest)
            _require_room(connection, tables, replace=replace)
            with _laid_open(connection, tables.tables):
                _clear(connection, tables.tables, replace=replace)
                _make_weeks(connection, whole.manifest.weeks)
                fill(connection, file, identities, ring, whole, tell)
                connection.execute(db.sql(ROOM, "check_constraints_now"))
            suppression.compare_pepper(_pepper_marks(connection), runtime.current().ring(KeyPurpose.PEPPER))
            _advance(connection, tables, whole.manifest)
            _shut(connection, whole.manifest)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        raise StillRunning from None
    except psycopg.Error as error:
        raise RestoreFailed(hint=where(error)) from None
    return whole


def checked(
    file: Path, identities: Sequence[x25519.Identity], ring: KeyRing, kind: BackupKind | None = None
) -> Opened:
    """Read to its end, and kept nowhere. Raises as `archive.read`, and OtherBackup."""
    whole = archive.read(file, identities, ring, archive.count_rows)
    if kind is not None and whole.manifest.kind is not kind:
        raise OtherBackup(hint=f"{file}: {whole.manifest.kind}")
    return whole


def fill(
    connection: Connection,
    file: Path,
    identities: Sequence[x25519.Identity],
    ring: KeyRing,
    whole: Opened,
    tell: Tell,
) -> None:
    """Its rows into tables that wait for them. Raises BackupDamaged when it is not the file that was read."""
    manifest = whole.manifest
    total = bytes_ = 0

    def take(name: MemberName, blocks: Iterator[bytes]) -> int:
        nonlocal total, bytes_
        rows = 0
        filling = catalogue.filling(name.table, manifest.tables[name.table])
        with connection.cursor() as cursor, cursor.copy(filling) as copy:
            for block in blocks:
                copy.write(block)
                rows += block.count(b"\n")
                bytes_ += len(block)
        total += rows
        tell(Progress(manifest.workspaces.get(name.workspace_id, ""), name.table, total, bytes_))
        return rows

    if archive.read(file, identities, ring, take) != whole:
        raise BackupDamaged


def _alone(connection: Connection) -> None:
    """Raises StillRunning."""
    row = connection.execute(db.sql(ROOM, "wait_briefly")).fetchone()
    if row is None or not row[1]:
        raise StillRunning


def _require_same_shape(connection: Connection, tables: Catalogue, manifest: Manifest) -> None:
    """Raises NewerBackup, OlderBackup."""
    here = {row[0] for row in connection.execute(db.sql(ROOM, "list_migrations")).fetchall()}
    there = set(manifest.migrations)
    versions = f"version {manifest.version}; here is {program_version()}"
    if there - here:
        raise NewerBackup(hint=f"{versions}: {min(there - here)} is missing")
    columns = {name: set(each) for name, each in tables.columns.items()}
    if here - there or columns != {name: set(each) for name, each in manifest.tables.items()}:
        raise OlderBackup(hint=versions)


def _pepper_marks(connection: Connection) -> dict[int, bytes]:
    """A fixed text under each layer: who has the key files of then finds the same."""
    found = connection.execute(db.sql("shodaku.suppression", "list_pepper_checks")).fetchall()
    return {int(epoch): bytes(mark) for epoch, mark in found}


def _require_room(connection: Connection, tables: Catalogue, *, replace: bool) -> None:
    """Raises NotEmpty, StillRunning."""
    if replace:
        row = connection.execute(db.sql(ROOM, "list_others")).fetchone()
        if row is not None and row[0]:
            raise StillRunning(hint=f"{row[0]} connections")
        return
    own = {each.name for each in tables.tables if not catalogue.in_workspaces(each)}
    for name in sorted(own - MADE_BY_MIGRATIONS - ONLY_RUNNING):
        if _filled(connection, name):
            raise NotEmpty(hint=f"there are rows in {name}")


def _filled(connection: Connection, table: str) -> bool:
    looking = compose.SQL("select exists (select from {})").format(compose.Identifier(table))
    row = connection.execute(looking).fetchone()
    return bool(row and row[0])


@contextmanager
def _laid_open(connection: Connection, tables: Sequence[Table]) -> Iterator[None]:
    """For the owner and for this transaction alone."""
    for table in tables:
        _alter(connection, table, "disable trigger user")
        if table.forced and catalogue.in_workspaces(table):
            _alter(connection, table, "no force row level security")
    yield
    for table in tables:
        _alter(connection, table, "enable trigger user")
        if table.forced:
            _alter(connection, table, "force row level security")


def _alter(connection: Connection, table: Table, what: LiteralString) -> None:
    connection.execute(
        compose.SQL("alter table {} {}").format(compose.Identifier(table.name), compose.SQL(what))
    )


def _clear(connection: Connection, tables: Sequence[Table], *, replace: bool) -> None:
    """What migrations put there, or everything."""
    names = sorted((MADE_BY_MIGRATIONS | ONLY_RUNNING) - {catalogue.JOBS})
    if replace:
        names = [each.name for each in tables] + list(_OF_WHAT_IS_REPLACED)
    listed = compose.SQL(", ").join(map(compose.Identifier, names))
    connection.execute(compose.SQL("truncate {}").format(listed))


def _make_weeks(connection: Connection, weeks: Sequence[str]) -> None:
    for monday in weeks:
        connection.execute(db.sql(ROOM, "make_week"), {"monday": monday})


def _advance(connection: Connection, tables: Catalogue, manifest: Manifest) -> None:
    for each in catalogue.sequences(connection, [*tables.columns]):
        last = max(each.last, manifest.sequences.get(each.name, 0))
        spare = SPARE if each.most > _INT_MAX else SPARE_OF_INT
        values = {"name": each.name, "last": min(last + spare, each.most)}
        connection.execute(db.sql(ROOM, "advance"), values)


def _shut(connection: Connection, manifest: Manifest) -> None:
    """In the transaction of the rows: there is no moment in which they could be sent to."""
    connection.execute(db.sql("shodaku.suppression", "close_fence"), {"reason": "restored"})
    connection.execute(db.sql(ROOM, "forget_positions"))
    connection.execute(
        db.sql(ROOM, "insert_restored_positions"),
        {"hosts": [each.host for each in manifest.journal], "seqs": [each.seq for each in manifest.journal]},
    )


def where(error: psycopg.Error) -> str:
    """Never a value of a row: only what kind of error, and which table and constraint."""
    about = error.diag
    return " ".join(filter(None, (type(error).__name__, about.table_name, about.constraint_name)))
