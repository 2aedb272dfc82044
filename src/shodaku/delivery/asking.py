"""What the gate would say: its own statement and decision, for a question and people. Door: `selectors`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shodaku.consent.domain import Frequency, Period
from shodaku.contacts.domain import Channel
from shodaku.delivery.domain import Question
from shodaku.delivery.facts import (
    FactsRow,
    GateRow,
    Home,
    SenderRow,
    facts_parameters,
    message_facts,
    person_facts,
)
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.policy.domain import (
    COMPLETE,
    Ads,
    DisplayReport,
    Facts,
    MessageClass,
    MessageFacts,
    Pack,
    PersonFacts,
    Verdict,
    decide,
)

_sql = db.Statements("shodaku.delivery")


class SenderUnknown(ShodakuError):
    """The sender of this message does not exist."""

    code = "sender_unknown"


class ContactUnknown(ShodakuError):
    """The person is not known here."""

    code = "contact_unknown"


class TopicUnknown(ShodakuError):
    """There is no such topic."""

    code = "topic_unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what of its answer is the same for everybody."""

    question: Question
    message: MessageFacts
    home: Home


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The sender of a message and the state of the gate, the same for all its classes and channels."""

    sender: SenderRow
    gate: GateRow

    def asked(
        self, question: Question, display: DisplayReport = COMPLETE, rules: Pack | None = None
    ) -> Asked:
        facts = message_facts(question, self.sender, self.gate, display, rules=rules)
        return Asked(question, facts, Home.of(self.gate))


def question_of_topic(workspace_id: int, topic_id: int, channel: Channel = Channel.EMAIL) -> Question:
    """Advertising of this topic, as its next campaign would ask. Raises TopicUnknown."""
    with db.transaction(workspace_id):
        row = _sql.row("get_topic_question", _TopicRow, topic_id=topic_id)
    if row is None:
        raise TopicUnknown
    return Question(
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        topic_id=topic_id,
        channel=channel,
        sender_id=row.sender_id,
        frequency=Frequency(row.frequency_max, Period(row.frequency_per)),
        double_opt_in=row.double_opt_in,
    )


def verdict(
    workspace_id: int,
    contact_id: int,
    question: Question,
    *,
    now: datetime,
    display: DisplayReport = COMPLETE,
    rules: Pack | None = None,
) -> tuple[Verdict, Facts]:
    """What the gate would say now, and from which facts. Raises SenderUnknown, ContactUnknown."""
    around = surroundings(workspace_id, question.sender_id, question.topic_id)
    asked = around.asked(question, display, rules)
    facts = Facts(asked.message, person_of(workspace_id, asked, contact_id, now))
    return decide(facts, now), facts


def person_of(workspace_id: int, asked: Asked, contact_id: int, now: datetime) -> PersonFacts:
    """Raises ContactUnknown."""
    found = read_facts(workspace_id, asked, [contact_id], now)
    if not found:
        raise ContactUnknown
    return found[0].person


def surroundings(workspace_id: int, sender_id: int, topic_id: int | None) -> Surroundings:
    """Raises SenderUnknown."""
    with db.transaction(workspace_id):
        sender = _sql.row("get_sender_facts", SenderRow, sender_id=sender_id)
        gate = _sql.row(
            "get_gate_state",
            GateRow,
            mailing_id=0,  # none yet
            topic_id=topic_id,
            sender_id=sender_id,
        )
    if sender is None or gate is None:
        raise SenderUnknown
    return Surroundings(sender, gate)


def read_facts(workspace_id: int, asked: Asked, contact_ids: Iterable[int], now: datetime) -> list[Facts]:
    parameters = facts_parameters(asked.question, now, asked.message.pack.stale_months)
    with db.transaction(workspace_id):
        rows = _sql.rows("read_facts", FactsRow, contact_ids=list(contact_ids), **parameters)
    return [Facts(asked.message, person_facts(row, asked.home, now)) for row in rows]


@dataclass(frozen=True, slots=True)
class _TopicRow:
    topic_id: int
    sender_id: int
    frequency_max: int
    frequency_per: str
    double_opt_in: bool
