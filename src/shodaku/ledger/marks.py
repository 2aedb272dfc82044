"""What this host signed last of each log, beside the database: who writes the database cannot turn it back.

A file a log in `<home>/ledger`. Without it, as on a new host, the database is believed, as far as its head is
signed by a key that is here.
"""

from __future__ import annotations

import os
from pathlib import Path

from shodaku.kit import log, runtime
from shodaku.ledger.domain import Checkpoint
from shodaku.ledger.notes import Note, NoteFault, read_note


def read(workspace_id: int) -> Note | None:
    """None where nothing was signed yet, or the file is damaged: then it says nothing."""
    try:
        return read_note(_file(workspace_id).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NoteFault):
        return None


def keep(workspace_id: int, checkpoint: Checkpoint, *, anew: bool = False) -> None:
    """After the commit. A disk that is full loses the mark and nothing else.

    `anew`: somebody looked into it and decided that the database is right.
    """
    known = read(workspace_id)
    if known is not None and known.size >= checkpoint.size and not anew:
        return  # another process of this host was faster
    file = _file(workspace_id)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        with fresh.open("w", encoding="utf-8") as target:
            target.write(checkpoint.note)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(file)
    except OSError as error:
        log.info("ledger.mark_unwritable", workspace=workspace_id, error=type(error).__name__)


def _file(workspace_id: int) -> Path:
    return runtime.current().home / "ledger" / f"{workspace_id}.checkpoint"
