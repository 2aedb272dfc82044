"""Sent campaigns become pages for everybody and leave them again; whether search engines may list them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from shodaku.content.promotions import Marked
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

_sql = db.Statements("shodaku.content")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBackNumber:
    """`shown` is what `public_copy` made: nobody's name stands in it."""

    campaign_id: int
    topic_id: int
    shown: Marked
    sent_at: datetime


def publish_back_number(workspace_id: int, number: NewBackNumber, *, by: str, now: datetime) -> bool:
    """False: it is shown already."""
    with db.transaction(workspace_id):
        number_id = _sql.scalar(
            "insert_back_number",
            campaign_id=number.campaign_id,
            topic_id=number.topic_id,
            subject=number.shown.subject,
            text=number.shown.text,
            html=number.shown.html,
            sent_at=number.sent_at,
            now=now,
        )
        if number_id is None:
            return False
        said: dict[str, Value] = {"campaign": number.campaign_id, "by": by}
        _record(workspace_id, "admin.back_number.published", said, now)
        return True


def withdraw_back_number(workspace_id: int, campaign_id: int, *, by: str, now: datetime) -> bool:
    """False: it was not shown."""
    with db.transaction(workspace_id):
        if _sql.scalar("delete_back_number", campaign_id=campaign_id) is None:
            return False
        _record(workspace_id, "admin.back_number.withdrawn", {"campaign": campaign_id, "by": by}, now)
        return True


def choose_search(workspace_id: int, topic_id: int, *, found_by_search: bool, by: str, now: datetime) -> None:
    """Whether search engines may list the back numbers of this topic."""
    with db.transaction(workspace_id):
        chosen = {"topic_id": topic_id, "found_by_search": found_by_search}
        if _sql.run("upsert_archive_choice", **chosen, now=now):
            said: dict[str, Value] = {"topic": topic_id, "search": found_by_search, "by": by}
            _record(workspace_id, "admin.archive.changed", said, now)


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )
