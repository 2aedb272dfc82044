"""A complaint from the call until it is closed: what it is about, how far it is, what comes next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ANSWER_WITHIN: Final = timedelta(days=1)  # a promise of this product (docs/adr/0050), no article asks for it
NOTE_CHARACTERS_MAX: Final = 1_000
BY_CHARACTERS_MAX: Final = 100


class CaseVia(StrEnum):
    TELEPHONE = "telephone"
    MAIL = "mail"
    PAPER = "paper"
    PERSON = "person"
    PAGE = "page"
    AUTHORITY = "authority"  # passed on by one, or by an advice centre


class CaseGrievance(StrEnum):
    """What the person says. The desk writes it down and does not judge it."""

    NEVER_AGREED = "never_agreed"
    TOO_OFTEN = "too_often"
    AFTER_NO = "after_no"  # something came after they had said no
    CONTENT = "content"
    DATA = "data"  # how their data are used
    OTHER = "other"


class CaseState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class StepKind(StrEnum):
    OPENED = "opened"
    STOPPED = "stopped"
    NOTED = "noted"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class CaseNo(StrEnum):
    """Why a step is not possible."""

    CLOSED = "closed"
    NOT_CLOSED = "not_closed"
    NOT_ANSWERED = "not_answered"
    STOPPED_ALREADY = "stopped_already"
    NOBODY_KNOWN = "nobody_known"
    OTHER_ADDRESS = "other_address"
    ERASED = "erased"

    def sentence(self, language: str) -> str:
        japanese, english = _SENTENCES[self]
        return english if language == "en" else japanese


_SENTENCES: Final[dict[CaseNo, tuple[str, str]]] = {
    CaseNo.CLOSED: (
        "この案件は終了しています。続けるには、先に再開してください。",
        "This case is closed. Open it again to go on with it.",
    ),
    CaseNo.NOT_CLOSED: ("この案件は終了していません。", "This case is not closed."),
    CaseNo.NOT_ANSWERED: (
        "先に回答を記録してください。回答の前に終了できません。",
        "Write down first that it was answered: before that a case is not closed.",
    ),
    CaseNo.STOPPED_ALREADY: (
        "この人への配信は、すでにすべて停止しています。",
        "Everything to this person was stopped before.",
    ),
    CaseNo.NOBODY_KNOWN: (
        "登録のない人の案件には、言葉を残せません。あとから消せないためです。",
        "Of somebody who is not known here no words are kept: they could never be erased.",
    ),
    CaseNo.OTHER_ADDRESS: (
        "この宛先は、登録のある人のものです。その宛先で新しい案件を開いてください。",
        "This address belongs to somebody known here. Open a case of its own for it.",
    ),
    CaseNo.ERASED: (
        "この人は消去されました。残っているのは、申し出があったことだけです。",
        "This person was erased since. What stays is that somebody complained then.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """As it stands; it names nobody but by number."""

    case_id: int
    contact_id: int | None  # None: nobody known here, or erased since
    via: CaseVia
    grievance: CaseGrievance
    topic_id: int | None
    state: CaseState
    known: bool
    never_contacted: bool
    sealed_until: datetime | None
    opened_at: datetime
    stopped_at: datetime | None
    receipt: str | None
    answered_at: datetime | None
    closed_at: datetime | None

    @property
    def answer_by(self) -> datetime:
        return self.opened_at + ANSWER_WITHIN


@dataclass(frozen=True, slots=True)
class Step:
    step_id: int
    step: StepKind
    by: str
    at: datetime
    entry_id: int | None


def is_late(case: Case, now: datetime) -> bool:
    """Did nobody answer in time? A case that was answered once, or closed, is not late any more."""
    return case.answered_at is None and case.closed_at is None and now >= case.answer_by


def refuse_stopping(case: Case) -> CaseNo | None:
    return CaseNo.STOPPED_ALREADY if case.stopped_at is not None else None


def refuse_noting(case: Case) -> CaseNo | None:
    if case.state is CaseState.CLOSED:
        return CaseNo.CLOSED
    return CaseNo.NOBODY_KNOWN if case.contact_id is None else None


def refuse_answering(case: Case) -> CaseNo | None:
    return CaseNo.CLOSED if case.state is CaseState.CLOSED else None


def refuse_closing(case: Case) -> CaseNo | None:
    match case.state:
        case CaseState.CLOSED:
            return CaseNo.CLOSED
        case CaseState.OPEN:
            return CaseNo.NOT_ANSWERED
        case CaseState.ANSWERED:
            return None


def refuse_reopening(case: Case) -> CaseNo | None:
    return None if case.state is CaseState.CLOSED else CaseNo.NOT_CLOSED
