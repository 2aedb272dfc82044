"""What somebody may ask about their own data, how far it is, and what may be done next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.policy.domain import AnswerClock

DUE_SOON: Final = timedelta(days=3)
WORDS_CHARACTERS_MAX: Final = 1_000
BY_CHARACTERS_MAX: Final = 100
MAILED_LINK_DAYS: Final = 3
OPENED_LINK_MINUTES: Final = 10  # after the first press: a download that broke off is tried again
OWN_REQUESTS_A_DAY_MAX: Final = 3


class RequestKind(StrEnum):
    ACCESS = "access"  # 33条, GDPR 15, 20
    CORRECTION = "correction"  # 34条, GDPR 16
    STOP_USE = "stop_use"  # 35条, GDPR 18
    ERASURE = "erasure"  # 35条, GDPR 17
    PROVISION_RECORDS = "provision_records"  # 33条5項
    OBJECTION = "objection"  # GDPR 21: to advertising, without any reason


class RequestVia(StrEnum):
    PAGE = "page"
    MAIL = "mail"
    TELEPHONE = "telephone"
    PAPER = "paper"
    PERSON = "person"
    API = "api"


class RequestState(StrEnum):
    OPEN = "open"
    WAITING_IDENTITY = "waiting_identity"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Identified(StrEnum):
    """How somebody showed who they are (個人情報の保護に関する法律施行令12条, 13条)."""

    MAILBOX = "mailbox"  # a link that was mailed to the address was used
    DOCUMENT = "document"
    CALL_BACK = "call_back"
    KNOWN_FACTS = "known_facts"
    IN_PERSON = "in_person"
    REPRESENTATIVE = "representative"


class RefusalGround(StrEnum):
    """Why a request may be refused (33条2項, 37条, GDPR 12条(2)(5))."""

    NOT_IDENTIFIED = "not_identified"
    HARM_TO_OTHERS = "harm_to_others"
    HINDERS_BUSINESS = "hinders_business"
    AGAINST_LAW = "against_law"
    NOT_HELD = "not_held"
    EXCESSIVE = "excessive"


class Urgency(StrEnum):
    LATE = "late"
    DUE_SOON = "due_soon"
    IN_TIME = "in_time"
    STANDING = "standing"  # no time runs until it is known who asks
    ENDED = "ended"


class RequestNo(StrEnum):
    """Why a step is refused."""

    ENDED = "ended"
    IDENTITY_FIRST = "identity_first"
    IDENTIFIED_ALREADY = "identified_already"
    NO_LONGER_TIME = "no_longer_time"
    LENGTHENED_ALREADY = "lengthened_already"
    TOO_LATE = "too_late"
    NEVER_REFUSED = "never_refused"
    NOTHING_TO_CORRECT = "nothing_to_correct"
    NOBODY_THERE = "nobody_there"

    def sentence(self, language: str) -> str:
        japanese, english = _SENTENCES[self]
        return english if language == "en" else japanese


_SENTENCES: Final[dict[RequestNo, tuple[str, str]]] = {
    RequestNo.ENDED: ("この請求への対応は終わっています。", "This request has ended."),
    RequestNo.IDENTITY_FIRST: (
        "先に本人確認を記録してください。確認の前に、開示・訂正・消去はできません。",
        "Record first how you know who asks: before that nothing is disclosed, corrected or erased.",
    ),
    RequestNo.IDENTIFIED_ALREADY: ("本人確認は済んでいます。", "It is known already who asks."),
    RequestNo.NO_LONGER_TIME: (
        "この人に適用される法令には、期限を延ばす定めがありません。",
        "The law that protects this person knows no longer time.",
    ),
    RequestNo.LENGTHENED_ALREADY: (
        "期限を延ばせるのは一度だけです。",
        "The time can be lengthened once only.",
    ),
    RequestNo.TOO_LATE: (
        "期限が過ぎたため、延ばせません。すぐに回答してください。",
        "The day has passed, so it cannot be lengthened any more; answer at once.",
    ),
    RequestNo.NEVER_REFUSED: (
        "広告の停止は、理由を問わず応じなければなりません。",
        "An objection to advertising is never refused.",
    ),
    RequestNo.NOTHING_TO_CORRECT: (
        "訂正する内容を指定してください。",
        "Say what is corrected.",
    ),
    RequestNo.NOBODY_THERE: (
        "この請求の人について、ここには記録がありません。消去済みの場合も同じです。",
        "Nothing is known here about who asked; so it is as well once they were erased.",
    ),
}
ANYBODY: Final = frozenset({RequestKind.STOP_USE, RequestKind.OBJECTION})  # stopping is done for whoever asks
STOPPING: Final = ANYBODY | {
    RequestKind.ERASURE
}  # no advertising leaves from the moment such a request comes


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequest:
    """A row; who asked is a number, and what they said is in the ledger."""

    request_id: int
    contact_id: int | None  # None: nobody known here, or erased since
    kind: RequestKind
    via: RequestVia
    jurisdiction: str
    language: str
    state: RequestState
    received_at: datetime
    due_at: datetime
    lengthened_at: datetime | None
    identity_how: Identified | None
    identity_by: str | None
    identity_at: datetime | None
    ended_at: datetime | None
    refusal: RefusalGround | None
    mailing_id: int | None
    entry_id: int | None

    @property
    def open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Correction:
    """What is put right; None leaves as it is."""

    name: str | None = None
    birth_date: date | None = None

    def __bool__(self) -> bool:
        return self.name is not None or self.birth_date is not None


def first_state(kind: RequestKind, *, identified: bool) -> RequestState:
    if identified or kind in ANYBODY:
        return RequestState.OPEN
    return RequestState.WAITING_IDENTITY


def begins_at(request: DataRequest, clock: AnswerClock) -> datetime:
    """When the time began to run."""
    if clock.identity_stops and request.identity_at is not None and request.kind not in ANYBODY:
        return max(request.received_at, request.identity_at)
    return request.received_at


def urgency(request: DataRequest, clock: AnswerClock, now: datetime) -> Urgency:
    if not request.open:
        return Urgency.ENDED
    if request.state is RequestState.WAITING_IDENTITY and clock.identity_stops:
        return Urgency.STANDING
    if now >= request.due_at:
        return Urgency.LATE
    return Urgency.DUE_SOON if now >= request.due_at - DUE_SOON else Urgency.IN_TIME


def refuse_identifying(request: DataRequest) -> RequestNo | None:
    """None: it may be recorded."""
    if not request.open:
        return RequestNo.ENDED
    return RequestNo.IDENTIFIED_ALREADY if request.identity_at is not None else None


def refuse_answering(request: DataRequest, correction: Correction) -> RequestNo | None:
    """None: it may be answered."""
    if not request.open:
        return RequestNo.ENDED
    if request.state is RequestState.WAITING_IDENTITY:
        return RequestNo.IDENTITY_FIRST
    if request.kind is RequestKind.CORRECTION and request.contact_id is not None and not correction:
        return RequestNo.NOTHING_TO_CORRECT
    return None


def refuse_refusing(request: DataRequest) -> RequestNo | None:
    """None: the request may be refused."""
    if not request.open:
        return RequestNo.ENDED
    return RequestNo.NEVER_REFUSED if request.kind in ANYBODY else None


def refuse_lengthening(request: DataRequest, clock: AnswerClock, now: datetime) -> RequestNo | None:
    """None: there may be more time, which the person is told before the first day is over."""
    if not request.open:
        return RequestNo.ENDED
    if request.lengthened_at is not None:
        return RequestNo.LENGTHENED_ALREADY
    if not clock.lengthen_months:
        return RequestNo.NO_LONGER_TIME
    return RequestNo.TOO_LATE if urgency(request, clock, now) is Urgency.LATE else None
