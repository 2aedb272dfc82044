"""How much memory the machine has, or the container that we run in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

# what a container may use, version 2 and 1 of control groups; without a limit "max" or a huge number
_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def usable_bytes(limits: tuple[Path, ...] = _LIMITS) -> int:
    """Of this machine, or less where a file of limits says so."""
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([installed, *(limit for path in limits if (limit := _limit(path)) is not None)])


def _limit(path: Path) -> int | None:
    try:
        said = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(said) if said.isdigit() else None
