"""The file calls of a chunk's journal, in one place: nothing else of the send path writes to a disk."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o600


class Disk:
    """Files by descriptor. Whoever holds the lock of one lives; the kernel ends it with the process."""

    def create(self, file: Path) -> int:
        """Raises FileExistsError, OSError."""
        return os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, _MODE)

    def open(self, file: Path) -> int:
        """Raises FileNotFoundError, OSError."""
        return os.open(file, os.O_RDWR | os.O_APPEND, _MODE)

    def lock(self, descriptor: int) -> None:
        """Raises BlockingIOError: somebody else holds it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def size(self, descriptor: int) -> int:
        return os.fstat(descriptor).st_size

    def append(self, descriptor: int, content: bytes | bytearray) -> int:
        """How many bytes were taken; they survive the death of the process. Raises OSError."""
        return os.write(descriptor, content)

    def cut(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)

    def read(self, descriptor: int) -> bytes:
        return os.pread(descriptor, self.size(descriptor), 0)

    def sync(self, descriptor: int) -> None:
        """What was appended survives a power loss too."""
        os.fdatasync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """The names of its files survive a power loss too."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def remove(self, file: Path) -> None:
        """Nothing where there is no such file."""
        file.unlink(missing_ok=True)


OWN_DISK: Final = Disk()
