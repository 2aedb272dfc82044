"""What is certain about a chunk when its worker dies: a file per opening, written before the wire.

`M contact` (made) is written before a message is made, if a worker ended with this chunk before; `B contact`
(begun) is written before the content goes to the socket, `A contact stage code` (answered) with
the next write after the reply. `write()` puts it in the page cache, which survives kill -9; `durable` adds
fdatasync against power loss (0.1 ms or more). The owner holds a lock on the file as long as it lives, stopped
or not: whoever gets the lock knows that nobody is sending this chunk.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Self

from shodaku.delivery.disk import OWN_DISK, Disk
from shodaku.delivery.journal_faults import JournalDamaged, JournalFull, OwnerAlive

_RECORD: Final = struct.Struct("<cBHQ")  # kind, stage, code, contact
_BEGUN: Final = b"B"
_ANSWERED: Final = b"A"
_BUILDING: Final = b"M"


class Answer(NamedTuple):
    stage: int
    code: int


class Recovered(NamedTuple):
    begun: set[int]
    answered: dict[int, Answer]
    building: int | None = None  # whose message was made last, and not begun

    @classmethod
    def without_journal(cls, contact_ids: Iterable[int]) -> Recovered:
        """Its machine is lost: everybody counts as begun."""
        return cls(set(contact_ids), {})


ROOM_BYTES_MIN: Final = 1_000_000  # of a chunk's journal 60,000 are the most


def has_room(folder: Path) -> bool:
    """Can journals be written there? True where no folder is, for then nothing was sent from here."""
    try:
        free = shutil.disk_usage(folder).free
    except FileNotFoundError:
        return True
    return free >= ROOM_BYTES_MIN and os.access(folder, os.W_OK)


class Journal:
    """Made anew for an opening, or with `create=False` opened to be recovered. Raises OwnerAlive, OSError."""

    def __init__(
        self, file: Path, *, create: bool = True, durable: bool = False, disk: Disk = OWN_DISK
    ) -> None:
        self.file, self._durable, self._disk = file, durable, disk
        self._fd = disk.create(file) if create else disk.open(file)
        try:
            disk.lock(self._fd)
        except BlockingIOError:
            disk.close(self._fd)
            raise OwnerAlive from None
        if create and durable:
            disk.sync_folder(file.parent)
        self._length = disk.size(self._fd)
        self._buffer = bytearray()

    @staticmethod
    def path(folder: Path, *key: int) -> Path:
        """The file of one opening; `key` ends with its fence number."""
        return folder / f"{'.'.join(map(str, key))}.journal"

    def build(self, contact_id: int) -> None:
        """On return it is known whose message is being made, whatever that does to this process.

        Raises JournalFull.
        """
        self._buffer += _RECORD.pack(_BUILDING, 0, 0, contact_id)
        self.flush()

    def begin(self, contact_id: int) -> None:
        """On return the line would survive the death of this process; only then may the content leave.

        Raises JournalFull, and then the line does not stand there.
        """
        before = len(self._buffer)
        self._buffer += _RECORD.pack(_BEGUN, 0, 0, contact_id)
        try:
            self.flush()
        except JournalFull:
            del self._buffer[before:]
            raise

    def answer(self, contact_id: int, stage: int, code: int) -> None:
        """Leaves with the next `begin` or `flush`; lost with the process it makes the message uncertain."""
        if self._fd >= 0:
            self._buffer += _RECORD.pack(_ANSWERED, stage, code, contact_id)

    def flush(self) -> None:
        if not self._buffer or self._fd < 0:
            return
        try:
            written = self._disk.append(self._fd, self._buffer)
            if written == len(self._buffer) and self._durable:
                self._disk.sync(self._fd)
        except OSError:
            written = 0
        if written != len(self._buffer):  # half a record would shift all that follow
            self._disk.cut(self._fd, self._length)
            raise JournalFull
        self._length += written
        self._buffer.clear()

    def read(self) -> Recovered:
        """Raises JournalDamaged. Half a record at the end never let a content leave, and does not count."""
        written = self._disk.read(self._fd)
        begun: set[int] = set()
        answered: dict[int, Answer] = {}
        building = None
        for kind, stage, code, contact_id in _RECORD.iter_unpack(
            written[: len(written) // _RECORD.size * _RECORD.size]
        ):
            if kind == _BEGUN:
                begun.add(contact_id)
            elif kind == _ANSWERED:
                answered[contact_id] = Answer(stage, code)
            elif kind == _BUILDING:
                building = contact_id
            else:
                raise JournalDamaged
        return Recovered(begun, answered, None if building in begun else building)

    def forget(self) -> None:
        """After the commit of the results."""
        self._buffer.clear()  # nobody will read it, and a full disk must not undo what is committed
        self._disk.remove(self.file)
        self.close()

    def close(self) -> None:
        if self._fd >= 0:
            try:
                self.flush()
            finally:
                self._disk.close(self._fd)
                self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
