"""Bodies of files that travel with mails: kept once in a workspace, and gone with the last mail or draft.

In the open transaction of whoever keeps, carries or drops one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shodaku.content.carried import KeptFile, MailFile
from shodaku.kit import db

_sql = db.Statements("shodaku.content")


def keep_files(files: Sequence[MailFile], *, now: datetime) -> list[KeptFile]:
    """As they were accepted. Nobody else brings or drops files in this workspace until the commit."""
    _sql.run("lock_files")
    kept = [(each.kept, each.body) for each in files]
    for file, body in kept:
        _sql.run("insert_file", sha256=file.sha256, body=body, now=now)
    return [file for file, _ in kept]


def hold_files() -> None:
    """Nobody else brings or drops files in this workspace until the commit."""
    _sql.run("lock_files")


def drop_file(sha256: str) -> bool:
    """Of a file that no draft carries any more, under `hold_files`. False: a mailing carries it."""
    return _sql.run("delete_file", sha256=sha256) == 1


def copy_files(mailing_id: int, copy_id: int) -> None:
    """What the one carries the other carries too."""
    _sql.run("copy_mailing_files", mailing_id=mailing_id, copy_id=copy_id)


def carry_files(mailing_id: int, files: Sequence[KeptFile]) -> None:
    """What this mailing carries from here on, in this order."""
    for number, each in enumerate(files, 1):
        _sql.run(
            "insert_mailing_file",
            mailing_id=mailing_id,
            no=number,
            name=each.name,
            media_type=each.media_type,
            sha256=each.sha256,
        )
