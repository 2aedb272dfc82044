"""Lists that were handed in, on this machine: until they are brought in, and never longer than needed.

The list of a draft is gone an hour after its last step, the one of an import that was begun after a week.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from shodaku.kit import runtime

DRAFT_KEPT_FOR: Final = timedelta(hours=1)
BEGUN_KEPT_FOR: Final = timedelta(days=7)
BYTES_MAX: Final = 200 * 1024 * 1024  # a million rows of 150 bytes, and more
FRAME_BYTES_MAX: Final = 64 * 1024  # the other fields of the form and its boundaries

_DRAFTS: Final = "uploads"
_BEGUN: Final = "imports"


@dataclass(frozen=True, slots=True)
class Kept:
    """Written down, and nobody's yet."""

    path: Path
    sha256: str
    size: int


def keep(workspace_id: int, blocks: Iterable[bytes]) -> Kept:
    """Write a file down; `belongs` says whose it is, or `drop` throws it away."""
    folder = _folder(_DRAFTS, workspace_id)
    path = folder / f"{os.urandom(16).hex()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            for block in blocks:
                digest.update(block)
                size += len(block)
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(path, digest.hexdigest(), size)


def belongs(kept: Kept, workspace_id: int, batch_id: int) -> None:
    kept.path.replace(_folder(_DRAFTS, workspace_id) / str(int(batch_id)))


def open_of(workspace_id: int, batch_id: int) -> BinaryIO | None:
    """None: it is not on this machine, or gone by now. A draft's hour begins anew."""
    for kind in (_BEGUN, _DRAFTS):
        path = _folder(kind, workspace_id) / str(int(batch_id))
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            continue
        if kind == _DRAFTS:
            os.utime(path)
        return stream
    return None


def begin(workspace_id: int, batch_id: int) -> None:
    """Of a draft it becomes the list of an import that was begun."""
    source = _folder(_DRAFTS, workspace_id) / str(int(batch_id))
    if source.exists():
        source.replace(_folder(_BEGUN, workspace_id) / source.name)


def drop(workspace_id: int, batch_id: int) -> None:
    for kind in (_BEGUN, _DRAFTS):
        (_folder(kind, workspace_id) / str(int(batch_id))).unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Delete what is too old, of every workspace; how many."""
    gone = 0
    for kind, kept_for in ((_DRAFTS, DRAFT_KEPT_FOR), (_BEGUN, BEGUN_KEPT_FOR)):
        before = (now - kept_for).timestamp()
        root = runtime.current().home / kind
        old = [path for path in root.glob("*/*") if path.is_file() and path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        gone += len(old)
    return gone


def _folder(kind: str, workspace_id: int) -> Path:
    folder = runtime.current().home / kind / str(int(workspace_id))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
