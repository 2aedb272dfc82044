"""Disks of simulated machines: what is appended survives the process, a lock ends with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shodaku.config.simulate.loop import Killed, Process
from shodaku.delivery.disk import Disk


@dataclass(slots=True, eq=False)
class _File:
    content: bytearray = field(default_factory=bytearray)
    owner: tuple[Process, int] | None = None  # a process, and which of its descriptors


class Volume:
    """The journals of one machine. Several processes may share it."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.files: dict[Path, _File] = {}

    def lose(self, *, renamed: bool) -> None:
        """`renamed`: with its number, so that nobody knows any more what it had opened."""
        self.files.clear()
        if renamed:
            self.host += "0"


@dataclass(frozen=True, slots=True)
class Happenings:
    """`strike`: the process may be killed here; `full`: is there no room; `noted`: was appended."""

    strike: Callable[[], None]
    full: Callable[[], bool]
    noted: Callable[[Path, bytes], None]


class MemoryDisk(Disk):
    """One process's view of its volume. Of a dead process no call does anything."""

    def __init__(self, volume: Volume, process: Process, happenings: Happenings) -> None:
        self._volume, self._process, self._happenings = volume, process, happenings
        self._open: dict[int, tuple[Path, _File]] = {}
        self._next = 0

    def create(self, file: Path) -> int:
        self._live()
        if file in self._volume.files:
            raise FileExistsError(file)
        self._volume.files[file] = _File()
        return self._descriptor(file)

    def open(self, file: Path) -> int:
        self._live()
        if file not in self._volume.files:
            raise FileNotFoundError(file)
        return self._descriptor(file)

    def lock(self, descriptor: int) -> None:
        self._live()
        _, there = self._open[descriptor]
        if there.owner is not None and there.owner[0].alive:
            raise BlockingIOError
        there.owner = (self._process, descriptor)

    def size(self, descriptor: int) -> int:
        return len(self._open[descriptor][1].content)

    def append(self, descriptor: int, content: bytes | bytearray) -> int:
        if not self._process.alive:
            return len(content)
        self._happenings.strike()
        file, there = self._open[descriptor]
        taken = len(content) // 2 if self._happenings.full() else len(content)
        there.content += content[:taken]
        if taken == len(content):
            self._happenings.noted(file, bytes(content))
        self._happenings.strike()
        return taken

    def cut(self, descriptor: int, length: int) -> None:
        if self._process.alive:
            del self._open[descriptor][1].content[length:]

    def read(self, descriptor: int) -> bytes:
        self._live()
        return bytes(self._open[descriptor][1].content)

    def sync(self, descriptor: int) -> None:
        """Power is never lost here."""

    def sync_folder(self, folder: Path) -> None:
        """As `sync`."""

    def close(self, descriptor: int) -> None:
        if self._process.alive:
            _, there = self._open.pop(descriptor)
            if there.owner == (self._process, descriptor):
                there.owner = None

    def remove(self, file: Path) -> None:
        if self._process.alive:
            self._volume.files.pop(file, None)

    def _descriptor(self, file: Path) -> int:
        self._next += 1
        self._open[self._next] = (file, self._volume.files[file])
        return self._next

    def _live(self) -> None:
        if not self._process.alive:
            raise Killed
