"""The files that a mailing carries, and the content of one."""

from __future__ import annotations

from shodaku.content.carried import MailFile
from shodaku.kit import db

_sql = db.Statements("shodaku.content")


def files_of(workspace_id: int, mailing_id: int) -> list[MailFile]:
    """With their content, in the order of the mail."""
    with db.transaction(workspace_id):
        return _sql.rows("list_mailing_files", MailFile, mailing_id=mailing_id)


def file_body(workspace_id: int, sha256: str) -> bytes | None:
    with db.transaction(workspace_id):
        body: bytes | None = _sql.scalar("get_file", sha256=sha256)
    return body
