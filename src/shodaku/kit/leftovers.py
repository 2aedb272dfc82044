"""Temporary folders that a killed process left: they may be about somebody who is erased since."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

PREFIXES: Final = ("shodaku-paper-", "shodaku-picture-")  # of proofs on paper, of pages as they were shown
LEFT_AFTER: Final = timedelta(hours=1)  # no sheet and no picture takes that long


def remove_leftovers(now: datetime, folder: Path | None = None) -> int:
    """Remove ours that nobody has touched for an hour; how many. Another user's are never touched."""
    place = folder or Path(tempfile.gettempdir())
    before = (now - LEFT_AFTER).timestamp()
    found = [each for prefix in PREFIXES for each in place.glob(f"{prefix}*") if _is_left(each, before)]
    for each in found:
        shutil.rmtree(each, ignore_errors=True)
    return sum(not each.exists() for each in found)


def _is_left(folder: Path, before: float) -> bool:
    try:
        status = folder.lstat()
    except OSError:  # its owner was faster
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and status.st_mtime < before
