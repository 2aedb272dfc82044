"""A postmaster that runs: our child, or the orphan of a supervisor that was killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from shodaku.kit.errors import OutOfReach
from shodaku.kit.postgres_binaries import Binaries

FAST_STOP_SECONDS_MAX = 30.0
QUIT_SECONDS_MAX = 10.0
POLL_SECONDS = 0.01


class DoesNotStop(OutOfReach):
    """PostgreSQL does not stop."""

    code = "postgres_does_not_stop"


class Postmaster(Protocol):
    @property
    def pid(self) -> int: ...
    def alive(self) -> bool: ...
    def signal(self, number: signal.Signals) -> None: ...
    def wait(self, seconds: float) -> bool:
        """Whether it is gone."""


class Child:
    """Reaped whenever it is asked after: a zombie is dead."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


class Orphan:
    """Held by a pidfd: tells its end though it is no child of ours, and hits no later owner of its number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def alive(self) -> bool:
        return not self.wait(0)

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def wait(self, seconds: float) -> bool:
        gone, _, _ = select.select([self._handle], [], [], seconds)
        return bool(gone)

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):  # it was gone before it could be held
            os.close(self._handle)


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a postmaster writes about itself into `postmaster.pid`."""

    pid: int
    port: int
    socket_folder: str
    status: str  # starting, ready, stopping


def read_pid_file(data: Path) -> PidFile | None:
    """None when there is none, or not all of it yet."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        status = lines[7].strip() if len(lines) > 7 else "starting"  # noqa: PLR2004 - the eighth line
        return PidFile(int(lines[0]), int(lines[3]), lines[4], status)
    return None


def find_orphan(binaries: Binaries, data: Path) -> Orphan | None:
    """The postmaster that already runs our binary on this folder; a number in a file alone proves nothing."""
    written = read_pid_file(data)
    if written is None or written.pid <= 0:
        return None
    with suppress(OSError):
        orphan = Orphan(written.pid)  # held first, then looked at: the number cannot pass on in between
        if _runs(orphan.pid, binaries.postgres, data):
            return orphan
    return None


def _runs(pid: int, program: Path, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    # an upgrade has replaced the file of a running program: the kernel adds " (deleted)"
    running = str((process / "exe").readlink()).removesuffix(" (deleted)")
    arguments = (process / "cmdline").read_bytes().split(b"\0")
    return running == str(program.resolve()) and (b"-D", os.fsencode(data)) in pairwise(arguments)


def wait_until_ready(postmaster: Postmaster, data: Path, seconds: float) -> bool:
    """Whether it says so itself; False as well when it ends before, or is on its way out."""
    for _ in _moments(seconds):
        if not postmaster.alive():
            return False
        written = read_pid_file(data)
        if written is not None and written.pid == postmaster.pid and written.status == "ready":
            return True
    return False


def _moments(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(POLL_SECONDS)


def stop(postmaster: Postmaster) -> None:
    """SIGINT rolls back and writes a checkpoint, SIGQUIT leaves the rest to recovery; SIGKILL never.

    Raises DoesNotStop.
    """
    postmaster.signal(signal.SIGINT)
    if postmaster.wait(FAST_STOP_SECONDS_MAX):
        return
    postmaster.signal(signal.SIGQUIT)
    if not postmaster.wait(QUIT_SECONDS_MAX):
        raise DoesNotStop(hint=f"look at process {postmaster.pid}")
