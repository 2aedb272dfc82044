"""Why somebody left: asked afterwards, answered by whoever likes to, and counted without the person."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer

from shodaku.kit import db, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose

ANSWER_WITHIN: Final = timedelta(hours=1)
_sql = db.Statements("shodaku.optout")


class OptOutReason(StrEnum):
    TOO_OFTEN = "too_often"
    NOT_USEFUL = "not_useful"
    NO_MEMORY = "no_memory"  # of having asked for it
    ENOUGH_ELSEWHERE = "enough_elsewhere"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReasonCount:
    month: date  # its first day
    topic_id: int | None
    reason: OptOutReason
    count: int


@dataclass(frozen=True, slots=True)
class _Row:
    month: date
    topic_id: int
    reason: str
    count: int


def question(workspace_id: int, topic_id: int | None, now: datetime) -> str:
    """What the page of the answer carries: signed, good for an hour, and about nobody."""
    number = uuid7(now, os.urandom(10)).hex
    return _signer().sign_object([workspace_id, topic_id or 0, number, int(now.timestamp())])


def answer(text: str, reason: OptOutReason, now: datetime, zone: tzinfo) -> bool:
    """Counted once. False: the question is not ours, or was asked too long ago."""
    try:
        workspace_id, topic_id, number, asked_at = _signer().unsign_object(text)
    except (BadSignature, TypeError, ValueError):  # not even base64 or JSON is a forged one too
        return False
    if not timedelta(0) <= now - datetime.fromtimestamp(asked_at, now.tzinfo) <= ANSWER_WITHIN:
        return False
    with db.transaction(workspace_id):
        _sql.run("delete_questions", before=now - ANSWER_WITHIN)
        if _sql.scalar("answer_question", number=UUID(number), now=now):
            month = now.astimezone(zone).date().replace(day=1)
            _sql.run("count_reason", month=month, topic_id=topic_id, reason=reason)
    return True


def reason_counts(workspace_id: int, since: date) -> list[ReasonCount]:
    """Of this month and later, newest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_reasons", _Row, since=since.replace(day=1))
    return [ReasonCount(row.month, row.topic_id or None, OptOutReason(row.reason), row.count) for row in rows]


def _signer() -> Signer:
    ring = runtime.current().ring(KeyPurpose.FORM)
    older: list[bytes | str] = [key.hex() for epoch, key in ring.epochs.items() if epoch != ring.newest_epoch]
    return Signer(key=ring.newest.hex(), fallback_keys=older, salt="shodaku.optout.reason")
