"""How far a backup or a restore is, on standard error: one line that moves, or one now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shodaku.backups.services import Progress

LINE_SECONDS: Final = 0.2
LOG_SECONDS: Final = 10.0


class Teller:
    def __init__(self) -> None:
        self._moving = sys.stderr.isatty()
        self._pause = LINE_SECONDS if self._moving else LOG_SECONDS
        self._told_at = time.monotonic()
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._told_at < self._pause:
            return
        self._told_at = time.monotonic()
        where = f"{progress.workspace} {progress.table}".strip()
        line = f"{where}: {progress.rows} rows, {progress.bytes / 1e6:.0f} MB"
        if self._moving:
            sys.stderr.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            self._width = 0
