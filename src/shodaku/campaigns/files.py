"""What a draft carries beside its text; changed with the draft, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shodaku.campaigns import selectors
from shodaku.content import services as content
from shodaku.content.domain import MailFile
from shodaku.kit import db

_sql = db.Statements("shodaku.campaigns")


def change_files(
    workspace_id: int, campaign_id: int, added: Sequence[MailFile], removed: Sequence[str], *, now: datetime
) -> bool:
    """Of a draft whose row is held. One of the same name takes the place of the one before.

    False: nothing changed. Raises TemplateFault for too many, or too much together.
    """
    before = selectors.files(workspace_id, campaign_id)
    if not added and not {each.name for each in before} & set(removed):
        return False
    content.hold_files()
    for name in removed:
        _sql.scalar("delete_campaign_file", campaign_id=campaign_id, name=name)
    for each in content.keep_files(added, now=now):
        columns = {"name": each.name, "media_type": each.media_type, "bytes": each.bytes}
        _sql.run("upsert_file", campaign_id=campaign_id, sha256=each.sha256, now=now, **columns)
    after = selectors.files(workspace_id, campaign_id)
    content.check_together(after)
    for sha256 in _sql.scalars("list_unused", hashes=[each.sha256 for each in before]):
        content.drop_file(sha256)
    return after != before


def copy_files(campaign_id: int, copied: int) -> None:
    """In the open transaction; the bodies are shared."""
    content.hold_files()
    _sql.run("copy_files", campaign_id=campaign_id, copied=copied)
