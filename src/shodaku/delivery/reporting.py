"""Figures of one mailing for its report: counts, and nobody they could belong to. Door: `selectors`.

Each is read in one pass, so a chore asks for them, or a page of a small mailing; see campaigns.reporting.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.contacts.domain import Channel
from shodaku.delivery.bounces.verdict import BounceClass, Judgement
from shodaku.delivery.bounces.verdict import Reason as BounceReason
from shodaku.delivery.domain import Failure
from shodaku.delivery.domain_groups import group_columns
from shodaku.delivery.feedback import FeedbackKind
from shodaku.delivery.returns import understand_answer
from shodaku.delivery.transports.job import Stage
from shodaku.kit import db

__all__ = [
    "BounceClass",
    "BounceReason",
    "CameBack",
    "Figures",
    "Hour",
    "came_back",
    "figures",
    "stopped_in_time",
]

HOURS_MAX: Final = 1_000  # about six weeks; by then nobody follows a link any more
ANSWERS_MAX: Final = 10_000  # different words of servers that are understood one by one
RETURNED_ROWS_MAX: Final = 20_000  # reports that a page reads while a mailing runs
NEWEST_NOES_MAX: Final = 5_000  # of a workspace: those who said no while a mailing ran are among them

Bounce = tuple[BounceClass, BounceReason]

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class Outcomes:
    domain_group: str
    outcome: str  # a Result
    reason: str
    people: int


@dataclass(frozen=True, slots=True)
class Returned:
    domain_group: str
    kind: FeedbackKind
    people: int


@dataclass(frozen=True, slots=True)
class Hour:
    hour: datetime
    clicks: int
    opens: int


@dataclass(frozen=True, slots=True)
class CameBack:
    """While a mailing runs: people of whom it came back later, and who reported it."""

    returned: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Figures:
    outcomes: tuple[Outcomes, ...]
    returned: tuple[Returned, ...]
    bounces: Counter[Bounce]  # people: what was refused at once and what came back later
    hours: tuple[Hour, ...]
    stopped_in_time: int


def figures(workspace_id: int, mailing_id: int) -> Figures:
    """All of one moment. A person who was erased since is in none of them."""
    with db.transaction(workspace_id):
        groups = group_columns()
        returned = _sql.rows(
            "count_returned", _ReturnedRow, mailing_id=mailing_id, channel=Channel.EMAIL.value, **groups
        )
        return Figures(
            tuple(_sql.rows("count_outcomes", Outcomes, mailing_id=mailing_id, **groups)),
            tuple(Returned(each.domain_group, FeedbackKind(each.kind), each.people) for each in returned),
            _refused_at_once(mailing_id) + _came_later(returned),
            tuple(_sql.rows("count_hits_by_hour", Hour, mailing_id=mailing_id, rows_max=HOURS_MAX)),
            stopped_in_time(workspace_id, mailing_id),
        )


def stopped_in_time(workspace_id: int, mailing_id: int) -> int:
    """People who opted out after the launch, and whom it did not reach for that."""
    with db.transaction(workspace_id):
        people: int = _sql.scalar("count_stopped_in_time", mailing_id=mailing_id, rows_max=NEWEST_NOES_MAX)
        return people


def came_back(workspace_id: int, mailing_id: int) -> CameBack:
    with db.transaction(workspace_id):
        found = _sql.row("count_came_back", CameBack, mailing_id=mailing_id, rows_max=RETURNED_ROWS_MAX)
        return found or CameBack(0, 0)


def _refused_at_once(mailing_id: int) -> Counter[Bounce]:
    """By what the server said to the mail itself: its words, where a rule knows them."""
    rows = _sql.rows(
        "list_failures", _FailureRow, mailing_id=mailing_id, reason=Failure.BY_SERVER, rows_max=ANSWERS_MAX
    )
    found: Counter[Bounce] = Counter()
    for each in rows:
        answer = f"{each.code or ''} {each.reply or ''}".strip()
        judged = understand_answer("", answer, at_data_end=each.stage == Stage.END_OF_DATA)
        found[judged.effect, judged.reason] += each.people
    return found


def _came_later(rows: list[_ReturnedRow]) -> Counter[Bounce]:
    """Feedback keeps kind and status alone; the kind is what was made of it then, so it decides the class."""
    found: Counter[Bounce] = Counter()
    for each in rows:
        if each.kind != FeedbackKind.COMPLAINT and each.status[:2] in ("4.", "5."):
            judged = understand_answer(each.status, "", at_data_end=False)
            found[_class_of(FeedbackKind(each.kind), judged), judged.reason] += each.people
    return found


def _class_of(kind: FeedbackKind, judged: Judgement) -> BounceClass:
    match kind:
        case FeedbackKind.HARD:
            return BounceClass.HARD
        case FeedbackKind.SOFT:
            return BounceClass.SOFT
        case _:
            return BounceClass.OURS if judged.effect is BounceClass.OURS else BounceClass.FILTERED


@dataclass(frozen=True, slots=True)
class _ReturnedRow:
    domain_group: str
    kind: str
    status: str
    people: int


@dataclass(frozen=True, slots=True)
class _FailureRow:
    stage: int | None
    code: int | None
    reply: str | None
    people: int
