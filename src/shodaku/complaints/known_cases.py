"""Cases of the desk: a page of them, one with its steps, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shodaku.complaints.casework import (
    ANSWER_WITHIN,
    Case,
    CaseGrievance,
    CaseState,
    CaseVia,
    Step,
    StepKind,
)
from shodaku.kit import db

CASE_PAGE_ROWS: Final = 50
STEPS_MAX: Final = 500
MONTH_ROWS_MAX: Final = 200
OTHER_CASES_MAX: Final = 20
UNFINISHED: Final = "unfinished"  # a choice of the list: whatever is not closed

_sql = db.Statements("shodaku.complaints")


@dataclass(frozen=True, slots=True)
class CaseCounts:
    open: int
    answered: int
    late: int


@dataclass(frozen=True, slots=True)
class CaseMonth:
    """What came in a month about one topic."""

    month: date  # its first day
    topic_id: int | None
    opened: int
    never_agreed: int
    too_often: int
    after_no: int
    closed: int
    answer_seconds: float | None  # until the first answer, in the middle; None: none was answered


def cases(
    workspace_id: int,
    *,
    state: str | None = None,
    grievance: CaseGrievance | None = None,
    topic_id: int | None = None,
    before: int | None = None,
    rows_max: int = CASE_PAGE_ROWS,
) -> list[Case]:
    """Newest first. `state` is one of CaseState, or UNFINISHED; `before` is the number of a case."""
    with db.transaction(workspace_id):
        rows = _sql.rows(
            "list_cases",
            CaseRow,
            state=state,
            grievance=grievance,
            topic_id=topic_id,
            before=before,
            rows_max=rows_max,
        )
    return [row.value for row in rows]


def case(workspace_id: int, case_id: int) -> Case | None:
    with db.transaction(workspace_id):
        row = _sql.row("get_case", CaseRow, case_id=case_id)
    return row.value if row else None


def cases_of(workspace_id: int, contact_id: int) -> list[Case]:
    """All of one person, newest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_cases_of", CaseRow, contact_id=contact_id, rows_max=OTHER_CASES_MAX)
    return [row.value for row in rows]


def steps(workspace_id: int, case_id: int) -> list[Step]:
    """Oldest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_steps", _StepRow, case_id=case_id, rows_max=STEPS_MAX)
    return [Step(row.step_id, StepKind(row.step), row.by, row.at, row.entry_id) for row in rows]


def case_counts(workspace_id: int, now: datetime) -> CaseCounts:
    with db.transaction(workspace_id):
        found = _sql.row("count_cases", CaseCounts, late_before=now - ANSWER_WITHIN)
    return found or CaseCounts(0, 0, 0)


def case_months(workspace_id: int, since: datetime, zone: str) -> list[CaseMonth]:
    """The newest month first, in it the topic with the most cases."""
    with db.transaction(workspace_id):
        return _sql.rows("count_cases_by_month", CaseMonth, since=since, zone=zone, rows_max=MONTH_ROWS_MAX)


@dataclass(frozen=True, slots=True)
class CaseRow:
    case_id: int
    contact_id: int | None
    via: str
    grievance: str
    topic_id: int | None
    state: str
    known: bool
    never_contacted: bool
    sealed_until: datetime | None
    opened_at: datetime
    stopped_at: datetime | None
    receipt: str | None
    answered_at: datetime | None
    closed_at: datetime | None

    @property
    def value(self) -> Case:
        return Case(
            case_id=self.case_id,
            contact_id=self.contact_id,
            via=CaseVia(self.via),
            grievance=CaseGrievance(self.grievance),
            topic_id=self.topic_id,
            state=CaseState(self.state),
            known=self.known,
            never_contacted=self.never_contacted,
            sealed_until=self.sealed_until,
            opened_at=self.opened_at,
            stopped_at=self.stopped_at,
            receipt=self.receipt,
            answered_at=self.answered_at,
            closed_at=self.closed_at,
        )


@dataclass(frozen=True, slots=True)
class _StepRow:
    step_id: int
    step: str
    by: str
    at: datetime
    entry_id: int | None
