"""Ends what a program leaves behind that is itself killed: its workers, its relay, its database, its folder.

The program writes a line for each process it starts: `SIGNAL PID`, and `folder PATH`. When the other end of
the pipe closes, however the program ended, each process that still runs gets its signal, and the folders go.
A process is held by a handle of its own (pidfd), so that nobody else's ends whose number was given out since.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys

ENDED_SECONDS_MAX = 30.0  # of the database, which lets its sessions go


class Keeper:
    """Of the program that makes it; it ends when that program does."""

    def __init__(self) -> None:
        # a session of its own: who ends the program from a terminal must not end this one with it
        command = [sys.executable, "-m", "tests.faults.keeper"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def watch(self, pid: int, number: int = signal.SIGKILL) -> None:
        """This process gets the signal when we end before it does."""
        self._tell(f"{int(number)} {pid}")

    def remove(self, folder: os.PathLike[str]) -> None:
        self._tell(f"folder {folder}")

    def end(self) -> None:
        """Whatever is left goes now; returns when it is gone."""
        self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        os.write(self._process.stdin.fileno(), f"{line}\n".encode())  # one write: threads do not mix lines


def main() -> None:
    handles: dict[int, int] = {}  # pidfd -> its signal
    folders = []
    for line in sys.stdin:
        word, rest = line.rstrip("\n").split(" ", 1)
        if word == "folder":
            folders.append(rest)
            continue
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            handles[os.pidfd_open(int(rest))] = int(word)
        for handle in ended(handles, 0.0):
            forget(handles, handle)
    for handle, number in handles.items():
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
    while handles and (gone := ended(handles, ENDED_SECONDS_MAX)):
        for handle in gone:
            forget(handles, handle)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def ended(handles: dict[int, int], seconds: float) -> list[int]:
    return select.select([*handles], [], [], seconds)[0]


def forget(handles: dict[int, int], handle: int) -> None:
    del handles[handle]
    os.close(handle)


if __name__ == "__main__":
    main()
