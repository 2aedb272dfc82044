"""Secrets are files: one per purpose and epoch, readable by their owner alone, never in the database.

A folder holds `<purpose>.<epoch>`; the newest epoch is used for new work, older ones still verify or open.
Never two purposes for one key (SECURITY section 5). What stands in a file: `kit.key_store`.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from shodaku.kit import key_store
from shodaku.kit.errors import WrongUse
from shodaku.kit.key_store import (
    FILE_BYTES_MAX,
    KEY_BYTES,
    KeyServiceFailed,
    KeyServiceUnset,
    KeyUnavailable,
    KeyUnreadable,
)

__all__ = [
    "KEY_BYTES",
    "KeyExposed",
    "KeyFile",
    "KeyMissing",
    "KeyPurpose",
    "KeyRing",
    "KeyServiceFailed",
    "KeyServiceUnset",
    "KeyUnavailable",
    "KeyUnreadable",
    "NoKeyService",
    "add_epoch",
    "create_missing",
    "inspect",
    "lost",
    "read_ring",
    "remove_epoch",
    "require",
    "wrap_plain",
    "write_secret",
]

_NAME: Final = re.compile(r"([a-z]+)\.([1-9][0-9]{0,4})")
_OTHERS: Final = 0o077  # the bits of group and world


class KeyPurpose(StrEnum):
    KEK = "kek"  # wraps person keys; without it no proof opens
    HOLD = "hold"  # wraps the keys of what is kept sealed after an erasure
    LEDGER = "ledger"  # seed of the keys that sign the logs' checkpoints
    PEPPER = "pepper"  # suppression tokens; without it nobody is protected
    LINK = "link"  # opt-out, confirmation, preference links
    OUTBOX = "outbox"  # entries that wait while the vault is away
    COOKIE = "cookie"  # sign-in
    FORM = "form"  # signed, ageing token of a public form
    BACKUP = "backup"  # opens backups, and seals who made them
    DKIM = "dkim"  # wraps the keys that sign mails, which lie in the database


# In this order they are made and were added: who finds a later one knows that an earlier one has existed.
_MADE_IN_ORDER: Final = (
    KeyPurpose.PEPPER, KeyPurpose.KEK, KeyPurpose.LINK, KeyPurpose.OUTBOX, KeyPurpose.COOKIE, KeyPurpose.FORM,
    KeyPurpose.HOLD, KeyPurpose.LEDGER, KeyPurpose.BACKUP, KeyPurpose.DKIM,
)  # fmt: skip
# Another one in their place would look right, and would protect nobody, open no proof, know no link.
_NOT_MADE_TWICE: Final = (KeyPurpose.PEPPER, KeyPurpose.KEK, KeyPurpose.LINK, KeyPurpose.HOLD)


class KeyMissing(KeyUnavailable):
    """A key file is missing; sending stays shut until it is back."""

    code = "key_missing"


class KeyExposed(KeyUnavailable):
    """A key file can be read by others; sending stays shut until that is mended."""

    code = "key_exposed"


class NoKeyService(WrongUse):
    """No key service is named; the key files stay as they are."""

    code = "no_key_service"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All epochs of one purpose. `newest` signs or wraps, every epoch verifies or opens."""

    epochs: Mapping[int, bytes]

    @property
    def newest_epoch(self) -> int:
        return max(self.epochs)

    @property
    def newest(self) -> bytes:
        return self.epochs[self.newest_epoch]

    def __repr__(self) -> str:
        return f"KeyRing(epochs={sorted(self.epochs)})"  # never a value


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What can be said of a key file without its value."""

    purpose: KeyPurpose
    epoch: int
    made_at: datetime
    mode: int
    newest: bool
    wrapped: bool  # by a key service
    fault: KeyUnavailable | None

    @property
    def name(self) -> str:
        return f"{self.purpose.value}.{self.epoch}"


def create_missing(folder: Path) -> list[KeyPurpose]:
    """Make a first epoch for each purpose that has none and is not `lost`; the purposes made.

    Raises KeyUnreadable, KeyServiceFailed, KeyServiceUnset.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there, gone = _purposes(folder), lost(folder)
    made = [each for each in _MADE_IN_ORDER if each not in there and each not in gone]
    for purpose in made:
        add_epoch(folder, purpose, 1)
    return made


def lost(folder: Path) -> list[KeyPurpose]:
    """Purposes whose file has existed and is gone, and must come back from a copy. Raises KeyUnreadable."""
    there = _purposes(folder)
    return [
        each
        for number, each in enumerate(_MADE_IN_ORDER)
        if each in _NOT_MADE_TWICE and each not in there and there & set(_MADE_IN_ORDER[number:])
    ]


def require(folder: Path, purposes: Iterable[KeyPurpose]) -> None:
    """What a process needs before it starts.

    Raises KeyMissing, KeyExposed, KeyUnreadable, KeyServiceFailed, KeyServiceUnset.
    """
    for purpose in purposes:
        read_ring(folder, purpose)


def read_ring(folder: Path, purpose: KeyPurpose) -> KeyRing:
    """All epochs of a purpose.

    Raises KeyMissing, KeyExposed, KeyUnreadable, KeyServiceFailed, KeyServiceUnset.
    """
    store = key_store.from_environment()
    files = {epoch: file for (found, epoch), file in _files(folder).items() if found is purpose}
    if not files:
        raise KeyMissing(
            hint=f"{folder}/{purpose.value}.1: from your copy; where there never was one: shodaku init"
        )
    return KeyRing({epoch: store.unwrap(_content(file), file) for epoch, file in sorted(files.items())})


def add_epoch(folder: Path, purpose: KeyPurpose, epoch: int) -> None:
    """A new key, which is everybody's newest from here on.

    Raises FileExistsError, KeyServiceFailed, KeyServiceUnset.
    """
    file = folder / f"{purpose.value}.{epoch}"
    write_secret(file, key_store.from_environment().wrap(secrets.token_bytes(KEY_BYTES), file))


def remove_epoch(folder: Path, purpose: KeyPurpose, epoch: int) -> bool:
    """The end of a key; whether it was still there. What hangs on it opens never again."""
    file = folder / f"{purpose.value}.{epoch}"
    there = file.exists()
    file.unlink(missing_ok=True)
    for remains in folder.glob(f".{file.name}.*"):  # of a writer that was killed: maybe a second name of it
        remains.unlink()
    _settle(folder)
    return there


def inspect(folder: Path) -> list[KeyFile]:
    """Every key file, by purpose and epoch; no service is asked. Raises KeyMissing, KeyUnreadable."""
    files = _files(folder)
    newest = dict(sorted(files))  # the last of a purpose stays
    order = list(KeyPurpose)
    return [
        _looked_at(file, purpose, epoch, newest=newest[purpose] == epoch)
        for (purpose, epoch), file in sorted(
            files.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]


def wrap_plain(folder: Path) -> list[str]:
    """Put the keys from before a key service under it; the names of the files. Safe to repeat.

    Raises NoKeyService and what `read_ring` raises.
    """
    store = key_store.from_environment()
    if not store.outside:
        raise NoKeyService(hint=f"{key_store.WRAP} and {key_store.UNWRAP} name its two programs")
    wrapped = []
    for file in _files(folder).values():
        content = _content(file)
        if len(content) == KEY_BYTES:
            _replace(file, store.wrap(content, file))
            wrapped.append(file.name)
    return sorted(wrapped)


def write_secret(file: Path, value: bytes) -> None:
    """Create a file that only its owner can read: whole and on the disk, or not at all.

    Raises FileExistsError.
    """
    waiting = _waiting(file, value)
    try:
        os.link(waiting, file)  # a rename would put it in the place of another one
    finally:
        waiting.unlink()
    _settle(file.parent)


def _replace(file: Path, value: bytes) -> None:
    """Another content of the same age."""
    about, waiting = file.stat(), _waiting(file, value)
    os.utime(waiting, ns=(about.st_atime_ns, about.st_mtime_ns))
    waiting.rename(file)
    _settle(file.parent)


def _waiting(file: Path, value: bytes) -> Path:
    """Written under a name that nobody reads."""
    waiting = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as target:
        target.write(value)
        target.flush()
        os.fsync(target.fileno())
    return waiting


def _settle(folder: Path) -> None:
    """The names are on the disk too, and the folder's time is one that it never had: the kernel's own moves
    in steps of some ms, within which another process may have read.
    """
    with suppress(PermissionError):  # a folder of somebody else's that we may write to
        moment = time.time_ns()
        os.utime(folder, ns=(moment, moment))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _purposes(folder: Path) -> set[KeyPurpose]:
    with suppress(KeyMissing):
        return {purpose for purpose, _epoch in _files(folder)}
    return set()


def _files(folder: Path) -> dict[tuple[KeyPurpose, int], Path]:
    """Raises KeyMissing when there is no folder, KeyUnreadable when it cannot be read."""
    try:
        names = [file.name for file in folder.iterdir()]
    except FileNotFoundError:
        raise KeyMissing(hint=f"{folder}: from your copy; where there never was one: shodaku init") from None
    except OSError as error:
        raise KeyUnreadable(hint=_not_ours(folder, error.strerror)) from None
    known = {purpose.value: purpose for purpose in KeyPurpose}
    matches = [match for name in names if (match := _NAME.fullmatch(name)) and match[1] in known]
    return {(known[match[1]], int(match[2])): folder / match[0] for match in matches}


def _looked_at(file: Path, purpose: KeyPurpose, epoch: int, *, newest: bool) -> KeyFile:
    fault, made_at, mode, size = None, 0.0, 0, KEY_BYTES
    with suppress(OSError):
        about = file.stat()
        made_at, mode, size = about.st_mtime, stat.S_IMODE(about.st_mode), about.st_size
    try:
        _check(file)
    except KeyUnavailable as found:
        fault = found
    moment = datetime.fromtimestamp(made_at, UTC)
    return KeyFile(purpose, epoch, moment, mode, newest, size != KEY_BYTES, fault)


def _content(file: Path) -> bytes:
    """Raises KeyMissing, KeyExposed, KeyUnreadable."""
    _check(file)
    try:
        return file.read_bytes()
    except OSError as error:  # gone or changed since
        raise KeyUnreadable(hint=_not_ours(file, error.strerror)) from None


def _check(file: Path) -> None:
    """Without a look inside. Raises KeyMissing, KeyExposed, KeyUnreadable."""
    try:
        about = file.stat()
    except FileNotFoundError:
        raise KeyMissing(hint=f"{file}: put it back from your copy") from None
    except OSError as error:
        raise KeyUnreadable(hint=_not_ours(file, error.strerror)) from None
    if not stat.S_ISREG(about.st_mode):
        raise KeyUnreadable(hint=f"{file} is no file; put the key file back from your copy")
    if stat.S_IMODE(about.st_mode) & _OTHERS:
        raise KeyExposed(hint=f"chmod 400 {file}")
    if not 0 < about.st_size <= FILE_BYTES_MAX:
        raise KeyUnreadable(hint=f"{file} holds {about.st_size} bytes; put it back from your copy")
    if not os.access(file, os.R_OK, effective_ids=True):
        raise KeyUnreadable(hint=_not_ours(file, "Permission denied"))


def _not_ours(path: Path, why: str | None) -> str:
    return f"{path}: {why}; it must belong to the account that shodaku runs as"
