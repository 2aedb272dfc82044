"""What became of mailings and people's messages, and what the gate would say now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import scalar_row

from shodaku.delivery.alignment import held, unaligned
from shodaku.delivery.arriving import (
    MailboxPlace,
    ProviderCount,
    event_seen,
    inbound_addresses,
    mailbox_place,
    mailbox_places,
    provider_counts,
)
from shodaku.delivery.asking import (
    Asked,
    ContactUnknown,
    SenderUnknown,
    TopicUnknown,
    question_of_topic,
    read_facts,
    surroundings,
    verdict,
)
from shodaku.delivery.audience import EVERYBODY, Judgement, Span, audience_size, judgements, rules_digest
from shodaku.delivery.choices import (
    ComplaintLevel,
    RuleChoice,
    SwitchedOn,
    check_rules,
    complaint_levels,
    exemptions,
    rule_choice,
)
from shodaku.delivery.copying_out import CopyState, copy_state
from shodaku.delivery.copying_out import figures as copied_figures
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.dns_checks import DomainCheck, Finding, Said, Subject, suggested
from shodaku.delivery.domain import Condition, MailingState, Question, Result
from shodaku.delivery.domain_checks import (
    DomainState,
    FailingDomain,
    domain_state,
    failing_domains,
    is_reserved,
)
from shodaku.delivery.domain_groups import EVERY, groups
from shodaku.delivery.facts import MailingRow
from shodaku.delivery.finishing import Forecast, Limit
from shodaku.delivery.forecasts import finish
from shodaku.delivery.glancing import LOOKED_AT_MAX, NAMED_MAX, Glance, GlanceTooLong, glance, named
from shodaku.delivery.journal import has_room
from shodaku.delivery.key_states import GRACE_DAYS, DkimKey, KeyState
from shodaku.delivery.link_watch import links
from shodaku.delivery.maildrop import MAILS_MAX, MailboxMail, mailbox_mails
from shodaku.delivery.paces import ALL_ROUTES, Pace, paces
from shodaku.delivery.reporting import (
    BounceClass,
    BounceReason,
    CameBack,
    Figures,
    came_back,
    figures,
    stopped_in_time,
)
from shodaku.delivery.routes import Route, routes
from shodaku.delivery.services import composed, merged
from shodaku.delivery.signing_keys import closed_keys, dkim_keys, domains
from shodaku.delivery.sources import Source, bounce_sources, distrusted
from shodaku.delivery.standing import OF_ALL, OF_TOPICS, TOPICS_MAX, Answer, Standing, channels_of, standing
from shodaku.delivery.stopping import StopReason
from shodaku.delivery.transports.sentences import Sentence, sentence_of
from shodaku.delivery.uncertain import (
    AGAIN_DAYS_MAX,
    UNCERTAIN_PAGE_ROWS,
    Came,
    Choice,
    Uncertain,
    UncertainCount,
    count_uncertain,
    uncertain,
)
from shodaku.delivery.visits import PIXEL_LINK
from shodaku.delivery.warm_ups import Later, later, warm_ups
from shodaku.delivery.warming import WarmUp
from shodaku.kit import db
from shodaku.policy.domain import COMPLETE, DisplayReport, Pack, Permit, Verdict, decide

__all__ = [
    "AGAIN_DAYS_MAX",
    "ALL_ROUTES",
    "EVERY",
    "EVERYBODY",
    "GRACE_DAYS",
    "LOOKED_AT_MAX",
    "MAILS_MAX",
    "NAMED_MAX",
    "OF_ALL",
    "OF_TOPICS",
    "OPEN_COUNTED_MAX",
    "PAGE_ROWS",
    "SLICE_ROWS",
    "TOPICS_MAX",
    "UNCERTAIN_PAGE_ROWS",
    "AdSent",
    "Algorithm",
    "Answer",
    "BounceClass",
    "BounceReason",
    "Came",
    "CameBack",
    "Choice",
    "ComplaintLevel",
    "ContactUnknown",
    "CopyState",
    "DeliveryRow",
    "DkimKey",
    "DomainCheck",
    "DomainState",
    "FailingDomain",
    "FeedbackRow",
    "Figures",
    "Finding",
    "Forecast",
    "Glance",
    "GlanceTooLong",
    "HitRow",
    "InboundRow",
    "Judged",
    "Judgement",
    "KeyState",
    "Limit",
    "LinkHits",
    "MailboxMail",
    "MailboxPlace",
    "MailingHits",
    "Pace",
    "Progress",
    "ProviderCount",
    "Route",
    "RuleChoice",
    "Running",
    "Said",
    "SenderUnknown",
    "SentRow",
    "Sentence",
    "Source",
    "Span",
    "Standing",
    "StopReason",
    "Subject",
    "SwitchedOn",
    "TopicUnknown",
    "Uncertain",
    "UncertainCount",
    "Verdicts",
    "WarmUp",
    "ads_sent_to",
    "audience_size",
    "bounce_sources",
    "came_back",
    "channels_of",
    "check_rules",
    "closed_keys",
    "complaint_levels",
    "copied_figures",
    "copy_state",
    "count_open_messages",
    "count_uncertain",
    "deliveries",
    "distrusted",
    "dkim_keys",
    "domain_state",
    "domains",
    "event_seen",
    "exemptions",
    "failing_domains",
    "feedback",
    "figures",
    "finish",
    "first_sent",
    "glance",
    "groups",
    "has_room",
    "held",
    "hits",
    "hits_of",
    "inbound_addresses",
    "inbound_messages",
    "is_reserved",
    "judgements",
    "links",
    "mailbox_mails",
    "mailbox_place",
    "mailbox_places",
    "mailing",
    "named",
    "open_message",
    "open_messages",
    "paces",
    "progress",
    "provider_counts",
    "question_of_topic",
    "reasons",
    "routes",
    "rule_choice",
    "rules_digest",
    "running",
    "sent_to",
    "sentence_of",
    "standing",
    "stopped_in_time",
    "suggested",
    "unaligned",
    "uncertain",
    "verdict",
    "verdicts",
    "waits_for_human",
    "warm_ups",
]

PAGE_ROWS: Final = 50
SLICE_ROWS: Final = 5_000
OPEN_COUNTED_MAX: Final = 1_000
HITS_SHOWN_MAX: Final = 10_000

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    accepted: int
    refused: int
    failed: int
    uncertain: int
    waiting: int
    state: MailingState
    started_at: datetime  # when it starts, of one whose time is yet to come
    scheduled: bool  # its time is yet to come
    per_second: float
    ends_at: datetime | None  # None: it does not run, or nothing moves
    another_day: int = 0  # people who wait for one: the route is being made known to their receivers
    stopped_for: StopReason | None = None  # it rests by itself: why,
    stopped_sent: int = 0  # of how many people that were sent to
    stopped_bad: int = 0  # came so many back, or reported it


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that is not ended yet, in numbers of people."""

    mailing_id: int
    state: str
    accepted: int
    refused: int
    failed: int
    uncertain: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    contact_id: int
    outcome: str
    reason: str
    evidence_id: int | None
    code: int | None
    reply: str | None
    at: datetime
    pack: str | None  # version of the rules it was decided by; None: before there were versions
    mailing_id: int


@dataclass(frozen=True, slots=True)
class SentRow:
    mailing_id: int
    kind: str
    subject: str
    topic_id: int | None
    outcome: str
    reason: str
    evidence_id: int | None
    at: datetime
    pack: str | None  # as in DeliveryRow


@dataclass(frozen=True, slots=True)
class AdSent:
    at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    kind: str
    status: str
    mailing_id: int  # 0: not known
    at: datetime


@dataclass(frozen=True, slots=True)
class HitRow:
    """What one person followed, or opened."""

    mailing_id: int
    link: int  # PIXEL_LINK: opened
    actor: str  # an Actor
    at: datetime
    target: str | None


@dataclass(frozen=True, slots=True)
class LinkHits:
    """Of one link, or of the pixel: who counts, and what programs did beside them."""

    link: int
    people: int
    clicks: int
    programs: int


@dataclass(frozen=True, slots=True)
class MailingHits:
    """Of those who allow measuring."""

    clickers: int  # people who followed any link
    links: tuple[LinkHits, ...]  # one for each target, in their order, whether or not anybody followed it
    opens: LinkHits


@dataclass(frozen=True, slots=True)
class InboundRow:
    message_no: int
    contact_id: int | None
    via: str
    entry_id: int | None  # of its words
    received_at: datetime


class Judged(NamedTuple):
    contact_id: int
    verdict: Verdict


@dataclass(slots=True)
class Verdicts:
    """One verdict per person, streamed; `reasons` counts those that have been looked at."""

    _judged: Iterator[Judged]
    reasons: Counter[str] = field(default_factory=Counter)
    sendable: int = 0
    chosen: int = 0

    def __iter__(self) -> Iterator[Judged]:
        for judged in self._judged:
            self.chosen += 1
            self.sendable += isinstance(judged.verdict, Permit)
            self.reasons[judged.verdict.reason.value] += 1
            yield judged

    def counted(self) -> Counter[str]:
        """Look at everybody who is left."""
        for _ in self:
            pass
        return self.reasons


def progress(workspace_id: int, mailing_id: int) -> Progress | None:
    with db.transaction(workspace_id):
        row = _sql.row("get_progress", _ProgressRow, mailing_id=mailing_id)
        if row is None:
            return None
        another_day = later(mailing_id, row.now) if row.state == MailingState.RUNNING else None
    seconds = max(1.0, ((row.ended_at or row.now) - row.started_at).total_seconds())
    per_second = (row.accepted + row.refused + row.failed + row.uncertain) / seconds
    runs = row.state == MailingState.RUNNING and per_second > 0 and row.waiting
    return Progress(
        row.total,
        row.accepted,
        row.refused,
        row.failed,
        row.uncertain,
        row.waiting,
        MailingState(row.state),
        row.started_at,
        row.started_at > row.now and row.ended_at is None,
        per_second,
        _ends_at(row, per_second, another_day) if runs else None,
        another_day.people if another_day else 0,
        StopReason(row.stopped_for) if row.stopped_for else None,
        row.stopped_sent or 0,
        row.stopped_bad or 0,
    )


def _ends_at(row: _ProgressRow, per_second: float, another_day: Later | None) -> datetime:
    if another_day is not None:
        return another_day.ends_at
    return row.now + timedelta(seconds=row.waiting / per_second)


def running(workspace_id: int, *, rows_max: int) -> list[Running]:
    """The newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_running", Running, rows_max=rows_max)


def mailing(workspace_id: int, mailing_id: int) -> MailingRow | None:
    """What was sent: kind, topic, subject, content. An opt-out link names a mailing, and so its topic."""
    with db.transaction(workspace_id):
        return _sql.row("get_mailing", MailingRow, mailing_id=mailing_id)


def deliveries(
    workspace_id: int, mailing_ids: Sequence[int], *, outcome: Result | None = None, after: int | None = None
) -> list[DeliveryRow]:
    """A page by ascending contact; `after` is the last one of the page before.

    Of mailings that share nobody: those of one campaign.
    """
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_deliveries",
            DeliveryRow,
            mailing_ids=db.array(mailing_ids),
            outcome=outcome,
            after=after or 0,
            rows_max=PAGE_ROWS,
        )


def reasons(workspace_id: int, mailing_id: int) -> dict[str, int]:
    """Most frequent first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("count_reasons", _ReasonRow, mailing_id=mailing_id)
    return {row.reason: row.people for row in rows}


def sent_to(workspace_id: int, contact_id: int) -> list[SentRow]:
    with db.transaction(workspace_id):
        return _sql.rows("list_sent_to", SentRow, contact_id=contact_id)


def first_sent(workspace_id: int, contact_id: int) -> SentRow | None:
    """The first campaign with advertising that a server took for this person."""
    with db.transaction(workspace_id):
        return _sql.row("get_first_sent", SentRow, contact_id=contact_id)


def feedback(workspace_id: int, contact_id: int) -> list[FeedbackRow]:
    with db.transaction(workspace_id):
        return _sql.rows("list_feedback", FeedbackRow, contact_id=contact_id)


def hits(workspace_id: int, mailing: MailingRow) -> MailingHits:
    with db.transaction(workspace_id):
        found = {row.link: row for row in _sql.rows("count_hits", LinkHits, mailing_id=mailing.mailing_id)}
        clickers: int = _sql.scalar("count_clickers", mailing_id=mailing.mailing_id)

    def of(link: int) -> LinkHits:
        return found.get(link, LinkHits(link, 0, 0, 0))

    return MailingHits(clickers, tuple(map(of, range(len(mailing.links)))), of(PIXEL_LINK))


def hits_of(workspace_id: int, contact_id: int) -> list[HitRow]:
    """The oldest HITS_SHOWN_MAX of one person."""
    with db.transaction(workspace_id):
        return _sql.rows("list_hits", HitRow, contact_id=contact_id, rows_max=HITS_SHOWN_MAX)


def open_messages(workspace_id: int, *, after: int | None = None) -> list[InboundRow]:
    """A page of what waits for a human, oldest first; `after` is the last one of the page before."""
    with db.transaction(workspace_id):
        return _sql.rows("list_open_messages", InboundRow, after=after or 0, rows_max=PAGE_ROWS)


def open_message(workspace_id: int, message_no: int) -> InboundRow | None:
    with db.transaction(workspace_id):
        return _sql.row("get_open_message", InboundRow, message_no=message_no)


def waits_for_human(workspace_id: int, contact_id: int) -> bool:
    """Has this person written anything that nobody has seen to?"""
    with db.transaction(workspace_id):
        found: bool = _sql.scalar("waits_for_human", contact_id=contact_id)
        return found


def count_open_messages(workspace_id: int) -> int:
    """At most OPEN_COUNTED_MAX, which then means "or more"."""
    with db.transaction(workspace_id):
        count: int = _sql.scalar("count_open_messages", rows_max=OPEN_COUNTED_MAX)
        return count


def inbound_messages(workspace_id: int) -> list[InboundRow]:
    """What waits for a human, oldest first; a page."""
    with db.transaction(workspace_id):
        return _sql.rows("list_inbound_messages", InboundRow, rows_max=PAGE_ROWS)


def ads_sent_to(workspace_id: int, contact_id: int) -> list[AdSent]:
    """Advertisements that left, or may have, oldest first; a survey is one (SE-28)."""
    with db.transaction(workspace_id):
        return _sql.rows("list_ads_sent_to", AdSent, contact_id=contact_id)


def verdicts(
    workspace_id: int,
    question: Question,
    chosen: Sequence[int] | Condition,
    *,
    now: datetime,
    display: DisplayReport = COMPLETE,
    rules: Pack | None = None,
) -> Verdicts:
    """The gate's own statement and decision over all who are chosen, in slices.

    `rules` asks what would change under another pack. Raises SenderUnknown.
    """
    around = surroundings(workspace_id, question.sender_id, question.topic_id)
    return Verdicts(_judge(workspace_id, around.asked(question, display, rules), chosen, now))


def _judge(
    workspace_id: int, asked: Asked, chosen: Sequence[int] | Condition, now: datetime
) -> Iterator[Judged]:
    for contact_ids in _slices(workspace_id, asked.question, chosen):
        for facts in read_facts(workspace_id, asked, contact_ids, now):
            yield Judged(facts.person.contact_id, decide(facts, now))


def _slices(
    workspace_id: int, question: Question, chosen: Sequence[int] | Condition
) -> Iterator[Sequence[int]]:
    if isinstance(chosen, Sequence):
        for at in range(0, len(chosen), SLICE_ROWS):
            yield chosen[at : at + SLICE_ROWS]
        return
    after = 0
    while page := _audience(workspace_id, question, chosen, after):
        yield page
        after = page[-1]


def _audience(workspace_id: int, question: Question, condition: Condition, after: int) -> list[int]:
    values: dict[str, object] = {
        "workspace_id": workspace_id,
        "channel": question.channel.value,
        "after": after,
        "until": EVERYBODY.until,
        "rows_max": SLICE_ROWS,
    }
    statement = composed(_sql.text("list_audience"), condition.sql)
    with db.transaction(workspace_id), Cursor(db.connection(), row_factory=scalar_row) as cursor:
        return cursor.execute(statement, merged(values, condition)).fetchall()


@dataclass(frozen=True, slots=True)
class _ProgressRow:
    total: int
    accepted: int
    refused: int
    failed: int
    uncertain: int
    waiting: int
    state: str
    stopped_for: str | None
    stopped_sent: int | None
    stopped_bad: int | None
    started_at: datetime
    ended_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class _ReasonRow:
    reason: str
    people: int
