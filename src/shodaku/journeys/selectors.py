"""What the clocks of a workspace may do, what they found, and what a person was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.journeys.domain import Late
from shodaku.kit import db

DUE_ROWS_MAX: Final = 20_000

_sql = db.Statements("shodaku.journeys")


@dataclass(frozen=True, slots=True)
class Choice:
    """Both are off until somebody turns them on: a mail after a year, and an erasure, surprise people."""

    asks: bool = False  # after a long silence one mail asks whether to go on
    forgets: bool = False  # who is needed for nothing any more is erased
    chosen_at: datetime | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    kind: Late
    topic_id: int  # 0: of no topic
    people: int
    oldest_at: datetime
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class AnswersDue:
    """People who were asked whether to go on, and have until that day to answer."""

    on_day: date
    people: int


@dataclass(frozen=True, slots=True)
class Reconfirmation:
    contact_id: int
    reconfirmation_id: int
    topic_ids: list[int]
    locale: str
    asked_at: datetime
    answer_until: datetime
    state: str
    mailing_id: int | None
    answered_at: datetime | None
    renews: bool  # a yes holds for another term of each topic; otherwise a promised end stays


def choice(workspace_id: int) -> Choice:
    with db.transaction(workspace_id):
        return _sql.row("get_choice", Choice) or Choice()


def warnings(workspace_id: int) -> list[Warned]:
    """As the clocks found them when they last looked, the most pressing first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_warnings", _WarningRow)
    return [
        Warned(Late(each.kind), each.topic_id, each.people, each.oldest_at, each.noted_at) for each in rows
    ]


def answers_due(workspace_id: int, zone: ZoneInfo, from_at: datetime, until_at: datetime) -> list[AnswersDue]:
    """Of each day on which the time to answer ends for somebody; the first DUE_ROWS_MAX people."""
    with db.transaction(workspace_id):
        return _sql.rows(
            "count_answers_due",
            AnswersDue,
            zone=zone.key,
            from_at=from_at,
            until_at=until_at,
            rows_max=DUE_ROWS_MAX,
        )


def unanswered(workspace_id: int, spans: Sequence[tuple[datetime, datetime]], *, most: int) -> list[int]:
    """How many questions end without an answer in each span, as far as `most`."""
    with db.transaction(workspace_id):
        return _sql.scalars(
            "count_unanswered",
            since=[since for since, _ in spans],
            until=[until for _, until in spans],
            most=most,
        )


def reconfirmation(workspace_id: int, contact_id: int, reconfirmation_id: int) -> Reconfirmation | None:
    with db.transaction(workspace_id):
        return _sql.row(
            "get_reconfirmation", Reconfirmation, contact_id=contact_id, reconfirmation_id=reconfirmation_id
        )


@dataclass(frozen=True, slots=True)
class _WarningRow:
    kind: str
    topic_id: int
    people: int
    oldest_at: datetime
    noted_at: datetime
