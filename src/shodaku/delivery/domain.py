"""What is sent and what became of it: plain values, and what a crash leaves to be concluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from shodaku.consent.domain import Frequency
from shodaku.contacts.domain import Channel
from shodaku.content.domain import KeptFile
from shodaku.delivery.charsets import decoded, header_text
from shodaku.delivery.pacing import RATE_MAX, RATE_MIN
from shodaku.delivery.parts import body_of, charset_of, inner_parts, report_of
from shodaku.delivery.routing import (
    DEPTH_MAX,
    SHARE_MAX,
    Carrier,
    Carries,
    Health,
    Kind,
    RouteDomainFault,
    choose_route,
    is_aligned,
    signing_domains,
)
from shodaku.delivery.tightening import LineFault, read_tightening, write_tightening
from shodaku.delivery.warming import USUAL as USUAL_WARM_UP
from shodaku.policy.domain import About, Ads, AnyReason, MessageClass, Occasion

__all__ = [
    "CHUNK_CONTACTS_MAX",
    "CLOSING_SECONDS",
    "DEPTH_MAX",
    "RATE_MAX",
    "RATE_MIN",
    "RETRY_SECONDS",
    "SENDING_SECONDS",
    "SHARE_MAX",
    "STANDINGS",
    "USUAL_WARM_UP",
    "Answer",
    "Carrier",
    "Carries",
    "Condition",
    "Exemption",
    "Failure",
    "Health",
    "Kind",
    "Known",
    "LineFault",
    "MailingKind",
    "MailingState",
    "NewMailing",
    "Outcome",
    "Postponed",
    "Question",
    "Result",
    "RouteDomainFault",
    "body_of",
    "charset_of",
    "choose_route",
    "chunk_size",
    "decoded",
    "header_text",
    "inner_parts",
    "is_aligned",
    "monday",
    "read_tightening",
    "report_of",
    "resolve",
    "retry_pause",
    "signing_domains",
    "write_tightening",
]

CHUNK_CONTACTS_MAX: Final = 1000
SENDING_SECONDS: Final = 1.0  # after this no message of a chunk begins
CLOSING_SECONDS: Final = 2.0  # after this no content leaves and the transaction ends, replies or not
CRASHES_MAX: Final = 3  # of a process at the making of one message; then it is parked
RETRY_SECONDS: Final = (300, 900, 3_600, 10_800, 28_800, 86_400)  # pauses after a 4xx; then "expired"

_YES_BELOW: Final = 300
_NEVER_FROM: Final = 500


class MailingKind(StrEnum):
    CAMPAIGN = "campaign"
    TEST = "test"
    CONFIRMATION = "confirmation"
    WELCOME = "welcome"
    RECONFIRM = "reconfirm"  # the one mail that asks whether to go on
    NOTICE = "notice"


class Exemption(StrEnum):
    """What a sender may switch on, each with a person and a reason in the ledger (LAW.md section 3)."""

    CARD_ADVERTISING = "card_advertising"
    RELATIONSHIP = "relationship"
    PUBLISHED_ADDRESS = "published_address"
    SOFT_OPTIN = "soft_optin"
    IMPLIED_CONSENT = "implied_consent"
    INCIDENTAL_ADS = "incidental_ads"
    NON_PROFIT = "non_profit"  # the sender is no business (法2条2号)
    REPLIES_READ = "replies_read"  # a reply to the From address is read and obeyed (規則9条1号)


# no exemptions of the law but what a sender is or does; declared in the same way, with a reason
STANDINGS: Final = frozenset({Exemption.NON_PROFIT, Exemption.REPLIES_READ})


class MailingState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the gate asks about a message, whoever it is for."""

    message_class: MessageClass
    ads: Ads
    topic_id: int | None
    channel: Channel
    sender_id: int
    subject: str = ""
    frequency: Frequency | None = None
    double_opt_in: bool = True
    purpose: str | None = None  # None: the topic's own
    about: About = About.OWN
    first_issue: bool = False
    is_reply: bool | None = None  # None: as its class tells
    open_pixel: bool = False
    click_links: bool = False
    occasion: Occasion | None = None  # of a notice, where one of them fits
    repeats: int | None = None  # a mailing whose one message goes once more: it is not counted against itself


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMailing:
    """A frozen content under one class. Target n of `links` stands in it as `{{ link0 }}` and so on."""

    kind: MailingKind
    message_class: MessageClass
    ads: Ads
    promotional: bool  # at most once; a notice at least once, under one Message-ID
    topic_id: int | None
    channel: Channel
    sender_id: int
    subject: str
    text: str
    html: str | None
    links: tuple[str, ...] = ()
    subject_id: int = 0  # what its links are about: the sign-up request; 0: the mailing itself
    frequency: Frequency | None = None
    double_opt_in: bool = True
    purpose: str | None = None
    about: About = About.OWN
    first_issue: bool = False
    is_reply: bool | None = None  # None: as its class tells
    paid_content: bool = False
    open_pixel: bool = False
    subject_without_ads: str | None = None  # the reduced form; None: there is none
    text_without_ads: str | None = None
    html_without_ads: str | None = None
    occasion: Occasion | None = None  # of a notice, where one of them fits
    files: tuple[KeptFile, ...] = ()
    starts_at: datetime | None = None  # nothing of it leaves before; None: at once

    @property
    def question(self) -> Question:
        return Question(
            message_class=self.message_class,
            ads=self.ads,
            topic_id=self.topic_id,
            channel=self.channel,
            sender_id=self.sender_id,
            subject=self.subject,
            frequency=self.frequency,
            double_opt_in=self.double_opt_in,
            purpose=self.purpose,
            about=self.about,
            first_issue=self.first_issue,
            is_reply=self.is_reply,
            open_pixel=self.open_pixel,
            click_links=bool(self.links),
            occasion=self.occasion,
        )


class Condition(Protocol):
    """A compiled `segments.domain.Where`: SQL over the aliases c (contact) and a (address of the channel)."""

    @property
    def sql(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, object]: ...


class Result(StrEnum):
    ACCEPTED = "accepted"  # the next server said 250, and nothing more is claimed
    REFUSED = "refused"  # by our own policy
    FAILED = "failed"  # for good: by the next server, or because it could not be built
    UNCERTAIN = "uncertain"  # the wire broke between the first byte of the content and the reply


class Failure(StrEnum):
    """Reasons of FAILED, and of what a journal alone remembers; the gate's are `policy.domain.Reason`."""

    BY_SERVER = "refused_by_server"
    EXPIRED = "expired"  # temporary refusals, until there was no further attempt
    UNBUILDABLE = "unbuildable"  # the data of this one person cannot be made into a message
    RECOVERED = (
        "recovered"  # the reason of the permit was lost with the process; its evidence was found again
    )


class Outcome(NamedTuple):
    """Final: becomes one row of `delivery`, which is never changed."""

    contact_id: int
    result: Result
    reason: AnyReason | Failure
    evidence_id: int | None = None
    stage: int | None = None
    code: int | None = None
    reply: str | None = None


class Postponed(NamedTuple):
    """No result yet: the contact goes into a chunk that opens at `until`."""

    contact_id: int
    until: datetime


@dataclass(slots=True)
class Known:
    """All that is final about a chunk at one moment, and what is to be done with the others."""

    outcomes: list[Outcome] = field(default_factory=list)
    retry: list[Outcome] = field(default_factory=list)  # final only if there is no further attempt
    postponed: list[Postponed] = field(default_factory=list)
    back: set[int] = field(default_factory=set)  # not begun, or unknown and to be sent again
    unsure: bool = False  # somebody of `back` may have the message already
    apart: int | None = None  # goes back alone: a worker ended while it made this message

    @property
    def moved(self) -> bool:
        return bool(self.outcomes or self.retry or self.postponed)


def set_apart(known: Known, suspect: int | None, people: int, crashes: int, evidence_id: int | None) -> None:
    """After a crash: whose message was being made leaves the others, and the third time is parked.

    `suspect` as the journal says, None while it does not; `people` of the chunk; `crashes` before this one.
    """
    if suspect not in known.back:
        return
    if people == 1 and crashes + 1 >= CRASHES_MAX:
        known.back.discard(suspect)
        ended = Outcome(suspect, Result.FAILED, Failure.UNBUILDABLE, evidence_id, reply="the process ended")
        known.outcomes.append(ended)
    elif people > 1:
        known.back.discard(suspect)
        known.apart = suspect


class Answer(Protocol):
    @property
    def stage(self) -> int: ...

    @property
    def code(self) -> int: ...


def resolve(
    contact_ids: Iterable[int],
    begun: frozenset[int] | set[int],
    answered: Mapping[int, Answer],
    evidence: Mapping[int, int | None],
    *,
    promotional: bool,
) -> Known:
    """What a journal says after a crash (TRUST.md section 5).

    Begun and unanswered: an advertisement is never sent again, a notice is, as the same message.
    """
    known = Known()
    for contact_id in contact_ids:
        answer, evidence_id = answered.get(contact_id), evidence.get(contact_id)
        if answer is not None:
            _answered(known, contact_id, answer, evidence_id)
        elif contact_id in begun and promotional:
            known.outcomes.append(Outcome(contact_id, Result.UNCERTAIN, Failure.RECOVERED, evidence_id))
        else:
            known.back.add(contact_id)
            known.unsure |= contact_id in begun
    return known


def _answered(known: Known, contact_id: int, answer: Answer, evidence_id: int | None) -> None:
    where = (evidence_id, answer.stage, answer.code)
    if answer.code < _YES_BELOW:
        known.outcomes.append(Outcome(contact_id, Result.ACCEPTED, Failure.RECOVERED, *where))
    elif answer.code < _NEVER_FROM:
        known.retry.append(Outcome(contact_id, Result.FAILED, Failure.EXPIRED, *where))
    else:
        known.outcomes.append(Outcome(contact_id, Result.FAILED, Failure.BY_SERVER, *where))


def retry_pause(attempt: int) -> timedelta | None:
    """How long to wait after this many attempts; None: there is no further one."""
    return timedelta(seconds=RETRY_SECONDS[attempt - 1]) if attempt <= len(RETRY_SECONDS) else None


def chunk_size(messages_per_second: float | None) -> int:
    """As many as leave within the time in which a chunk may begin messages."""
    if messages_per_second is None:
        return CHUNK_CONTACTS_MAX
    return max(1, min(CHUNK_CONTACTS_MAX, int(messages_per_second * SENDING_SECONDS)))


def monday(moment: datetime) -> date:
    """The week that all deliveries of a mailing launched now are stored under."""
    return (moment - timedelta(days=moment.weekday())).date()
