"""Files between the check and the import: kept for an hour at most, for their workspace alone.

Otherwise a list of 100 MB would have to be sent twice. A file is named after its hash.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from shodaku.kit import runtime

KEPT_FOR: Final = timedelta(hours=1)
BYTES_MAX: Final = 100 * 1024 * 1024
FRAME_BYTES_MAX: Final = 64 * 1024  # the other fields of the form and its boundaries

_NAME = re.compile(r"[0-9a-f]{64}")


def keep(workspace_id: int, blocks: Iterable[bytes]) -> str:
    """Write the file down; its name, which is the SHA-256 of its bytes."""
    folder = _folder(workspace_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f"{os.urandom(16).hex()}.part"
    digest = hashlib.sha256()
    try:
        with unfinished.open("xb") as file:
            unfinished.chmod(0o600)
            for block in blocks:
                digest.update(block)
                file.write(block)
        unfinished.replace(folder / digest.hexdigest())
    finally:
        unfinished.unlink(missing_ok=True)
    return digest.hexdigest()


def reopen(workspace_id: int, name: str) -> BinaryIO | None:
    """None: never kept here, or gone by now."""
    path = _path(workspace_id, name)
    return path.open("rb") if path is not None and path.is_file() else None


def drop(workspace_id: int, name: str) -> None:
    path = _path(workspace_id, name)
    if path is not None:
        path.unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Delete what is older than an hour, of every workspace; how many."""
    before = (now - KEPT_FOR).timestamp()
    old = [path for path in _root().glob("*/*") if path.is_file() and path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _path(workspace_id: int, name: str) -> Path | None:
    return _folder(workspace_id) / name if _NAME.fullmatch(name) else None


def _folder(workspace_id: int) -> Path:
    return _root() / str(int(workspace_id))


def _root() -> Path:
    return runtime.current().home / "uploads"
