"""Secrets are files: one per purpose and epoch, readable by their owner alone, never in the database.

A folder holds `<purpose>.<epoch>`; the newest epoch is used for new work, older ones still verify or open.
Never two purposes for one key (SECURITY section 5).
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shodaku.kit.errors import OutOfReach, ShodakuError

KEY_BYTES = 32


class KeyPurpose(StrEnum):
    KEK = "kek"  # wraps person keys; without it no proof opens
    HOLD = "hold"  # wraps the keys of what is kept sealed after an erasure
    LEDGER = "ledger"  # seed of the keys that sign the logs' checkpoints
    PEPPER = "pepper"  # suppression tokens; without it nobody is protected
    LINK = "link"  # opt-out, confirmation, preference links
    OUTBOX = "outbox"  # entries that wait while the vault is away
    COOKIE = "cookie"  # sign-in
    FORM = "form"  # signed, ageing token of a public form


class KeyMissing(OutOfReach):
    """A key file is missing; sending stays shut until it is back."""

    code = "key_missing"


class KeyExposed(ShodakuError):
    """A key file can be read by others; sending stays shut until that is mended."""

    code = "key_exposed"


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


def create_missing(folder: Path) -> list[KeyPurpose]:
    """Make a first epoch for each purpose that has none; the purposes made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = [purpose for purpose in KeyPurpose if not any(folder.glob(f"{purpose.value}.*"))]
    for purpose in made:
        write_secret(folder / f"{purpose.value}.1", secrets.token_bytes(KEY_BYTES))
    return made


def write_secret(file: Path, value: bytes) -> None:
    """Create a file that only its owner can read. Raises FileExistsError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as target:
        target.write(value)


def read_ring(folder: Path, purpose: KeyPurpose) -> KeyRing:
    """All epochs of a purpose. Raises KeyMissing, KeyExposed."""
    found = {int(file.suffix[1:]): file for file in folder.glob(f"{purpose.value}.[0-9]*")}
    if not found:
        raise KeyMissing(hint=f"{folder}/{purpose.value}.1: shodaku init")
    return KeyRing({epoch: _read(file) for epoch, file in sorted(found.items())})


def _read(file: Path) -> bytes:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyExposed(hint=f"chmod 400 {file}")
    value = file.read_bytes()
    if len(value) != KEY_BYTES:
        raise KeyMissing(hint=f"{file} does not hold {KEY_BYTES} bytes")
    return value
