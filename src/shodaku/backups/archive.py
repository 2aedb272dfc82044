"""A tar of members around which age is wrapped: readable by `age -d | tar -x` without any program of ours."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from pyrage import x25519

from shodaku.backups import domain
from shodaku.backups.domain import Broken, Manifest, Member, MemberName, Sum, Sums
from shodaku.backups.encryption import MAGIC, BackupDamaged, NotABackup, Plain, decrypted
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyRing

BLOCK_BYTES: Final = 256 * 1024
_END: Final = bytes(2 * tarfile.BLOCKSIZE)


class BackupUnreadable(OutOfReach):
    """The backup cannot be read."""

    code = "backup_unreadable"


class ForeignBackup(OutOfReach):
    """The backup was not made with a backup key of this installation; put that key file back."""

    code = "foreign_backup"


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was read to its end, and is whole."""

    manifest: Manifest
    sums: Sums


Take = Callable[[MemberName, Iterator[bytes]], int]  # what to do with rows; how many were taken


def written(manifest: Manifest, members: Iterable[Member], ring: KeyRing) -> Iterator[bytes]:
    """The bytes of the tar, one piece after another."""
    head = domain.encode(manifest)
    mtime = int(manifest.made_at.timestamp())
    sums: dict[str, Sum] = {}
    yield from _member(domain.MANIFEST, head, mtime)
    for member in members:
        sums[member.name] = domain.sum_of(member)
        yield from _member(member.name, member.content, mtime)
    sealed = Sums(sums, ring.newest_epoch, domain.seal(ring.newest, head, sums))
    yield from _member(domain.SUMS, domain.encode_sums(sealed), mtime)
    yield _END


def _member(name: str, content: bytes, mtime: int) -> Iterator[bytes]:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = len(content), mtime, 0o600
    yield about.tobuf(tarfile.USTAR_FORMAT)
    for start in range(0, len(content), BLOCK_BYTES):
        yield content[start : start + BLOCK_BYTES]
    yield bytes(-len(content) % tarfile.BLOCKSIZE)


def read(file: Path, identities: Sequence[x25519.Identity], ring: KeyRing, take: Take) -> Opened:
    """From the first byte to the last; every member is handed to `take` before its sum is known.

    Raises BackupUnreadable, NotABackup, WrongBackupKey, BackupDamaged, ForeignBackup, and what `take` raises.
    """
    try:
        source = file.open("rb")
    except OSError as error:
        raise BackupUnreadable(hint=f"{file}: {error.strerror}") from None
    with source:
        if source.read(len(MAGIC)) != MAGIC:
            raise NotABackup(hint=str(file))
        source.seek(0)
        with decrypted(source, identities) as plain:
            return _read(plain, ring, take)


def _read(plain: Plain, ring: KeyRing, take: Take) -> Opened:
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|", bufsize=BLOCK_BYTES) as tar:
            head = _content(tar, tar.next(), domain.MANIFEST)
            manifest = domain.decode(head)
            found, tail = _members(tar, manifest, take)
            sums = domain.decode_sums(_content(tar, tail, domain.SUMS))
        while plain.read(BLOCK_BYTES):
            pass  # up to the mark that ends the stream
    except tarfile.TarError:
        raise BackupDamaged from None
    except Broken:
        raise NotABackup from None
    if found != sums.members:
        raise BackupDamaged
    key = ring.epochs.get(sums.sealed_by)
    if key is None or not domain.sealed(key, head, sums):
        raise ForeignBackup(hint=f"backup.{sums.sealed_by}")
    return Opened(manifest, sums)


def _members(
    tar: tarfile.TarFile, manifest: Manifest, take: Take
) -> tuple[dict[str, Sum], tarfile.TarInfo | None]:
    """What was read, and the first member that holds no rows."""
    found: dict[str, Sum] = {}
    while (about := tar.next()) is not None and about.name != domain.SUMS:
        name = MemberName.parse(about.name)
        if name.table not in manifest.tables or about.name in found or not about.isreg():
            raise BackupDamaged
        measured = _Measured(_opened(tar, about))
        rows = take(name, measured.blocks())
        found[about.name] = Sum(measured.bytes, rows, measured.hash.hexdigest())
        tar.members = []  # type: ignore[attr-defined]  # it would remember every member; not in the stubs
    return found, about


def _content(tar: tarfile.TarFile, about: tarfile.TarInfo | None, name: str) -> bytes:
    if about is None or about.name != name or about.size > domain.JSON_BYTES_MAX:
        raise BackupDamaged
    return _opened(tar, about).read()


def _opened(tar: tarfile.TarFile, about: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(about)
    if content is None:
        raise BackupDamaged
    return content


class _Measured:
    """What passes through, with its sum; to its end, whoever reads it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.bytes = 0
        self.hash = hashlib.sha256()

    def blocks(self) -> Iterator[bytes]:
        while block := self._content.read(BLOCK_BYTES):
            self.bytes += len(block)
            self.hash.update(block)
            yield block


def count_rows(_name: MemberName, blocks: Iterator[bytes]) -> int:
    """Look at everything, keep nothing."""
    return sum(block.count(b"\n") for block in blocks)
