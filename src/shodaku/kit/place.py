"""Which installation this is: a name of its own beside the journal, which a copy of the folder cannot keep.

`<home>/journal/host.id` holds the name and the inode number of that very file. Whoever copies the folder gets
another file with another number; the copy then takes a name of its own, so that two never number the lines of
one journal, and says that it moved until a human has settled which of the two goes on.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shodaku.kit.errors import OutOfReach

FOLDER: Final = "journal"
FILE: Final = "host.id"
FILE_BYTES_MAX: Final = 200
_CONTENT: Final = re.compile(r"([0-9a-f]{16}) ([0-9]{1,20})(?: from ([0-9a-f]{16}))?\n")


class PlaceUnreadable(OutOfReach):
    """The file that names this installation cannot be read or written; sending stays shut."""

    code = "place_unreadable"


@dataclass(frozen=True, slots=True)
class Host:
    """`came_from` is the name of the installation that this one was copied from; None: it was made here."""

    id: str
    came_from: str | None = None

    @property
    def moved(self) -> bool:
        return self.came_from is not None


def host(home: Path) -> Host:
    """Who we are; makes the name at the first call, and a new one in a copy. Raises PlaceUnreadable."""
    folder = home / FOLDER
    try:
        found = _read(folder / FILE)
        if found is not None and found[1]:
            return found[0]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            return _named(folder / FILE)
    except OSError as error:
        raise PlaceUnreadable(hint=f"{folder / FILE}: {error.strerror}") from None


def settle(home: Path) -> Host:
    """A human has stopped the other one: this installation goes on under its own name.

    Raises PlaceUnreadable.
    """
    us = host(home)
    if us.moved:
        folder = home / FOLDER
        try:
            with _alone(folder):
                _write(folder / FILE, Host(us.id))
        except OSError as error:
            raise PlaceUnreadable(hint=f"{folder / FILE}: {error.strerror}") from None
    return Host(us.id)


def _named(file: Path) -> Host:
    found = _read(file)
    if found is None:
        return _write(file, Host(secrets.token_hex(8)))
    us, ours = found
    return us if ours else _write(file, Host(secrets.token_hex(8), came_from=us.came_from or us.id))


def _read(file: Path) -> tuple[Host, bool] | None:
    """What it says, and whether it is the file that was written here. Raises OSError, PlaceUnreadable."""
    try:
        with file.open("rb") as source:
            content, inode = source.read(FILE_BYTES_MAX), os.fstat(source.fileno()).st_ino
    except FileNotFoundError:
        return None
    match = _CONTENT.fullmatch(content.decode("ascii", "replace"))
    if match is None:
        raise PlaceUnreadable(hint=f"{file}: from your copy, or moved away: a new one is made then")
    return Host(match[1], match[3]), int(match[2]) == inode


def _write(file: Path, us: Host) -> Host:
    """Whole, on the disk, and under its final inode number: a rename keeps it."""
    waiting = file.with_name(f".{FILE}.{secrets.token_hex(4)}")
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        origin = f" from {us.came_from}" if us.came_from else ""
        target.write(f"{us.id} {os.fstat(descriptor).st_ino}{origin}\n")
        target.flush()
        os.fsync(descriptor)
    waiting.rename(file)
    with _opened(file.parent) as folder:
        os.fsync(folder)
    return us


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time gives the name."""
    with _opened(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # ends with the descriptor
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
