"""How a person stands: each class of message on each topic and channel, as the gate answers now.

Door: `selectors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.consent.selectors import Topic
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery.asking import Surroundings, person_of, surroundings
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.policy.domain import (
    Ads,
    AnyReason,
    Facts,
    MessageClass,
    Permit,
    PersonFacts,
    Reason,
    Used,
    Verdict,
    Word,
    decide,
    explain,
    facts_used,
    span,
    word_of,
)
from shodaku.suppression import selectors as suppressions

TOPICS_MAX: Final = 20  # each costs a few look-ups in the database
OF_TOPICS: Final = (
    MessageClass.ADVERTISING,
    MessageClass.SURVEY,
    MessageClass.CONSENT_REQUEST,
    MessageClass.RECONFIRM,
)
OF_ALL: Final = (MessageClass.TRANSACTIONAL, MessageClass.LEGAL)  # no topic changes what is said of them
_READ_APART: Final = frozenset((MessageClass.CONSENT_REQUEST, MessageClass.RECONFIRM))
_BY_THE_PERSON: Final = frozenset((Reason.REFUSED_ALL, Reason.REFUSED_TOPIC, Reason.REFUSED_UNTIL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says of one class of message, and what it rests on."""

    topic_id: int | None  # None: the same for every topic
    channel: Channel
    message_class: MessageClass
    word: Word
    reason: AnyReason
    may: bool  # the message itself may leave, be it in another form
    forms: tuple[str, ...]  # with allow_as: in what form, or what may be sent in its place
    since: datetime | None
    until: datetime | None
    entry_id: int | None  # of the ledger: the consent or the refusal behind it
    rules: tuple[str, ...]
    pack: str  # name of the rule pack, as deliveries store it
    used: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    answers: list[Answer]
    topics_left_out: int = 0


def standing(
    workspace_id: int,
    contact_id: int,
    *,
    now: datetime,
    classes: Sequence[MessageClass] = (*OF_TOPICS, *OF_ALL),
    channels: Sequence[Channel] | None = None,
    topic_id: int | None = None,
    after: int | None = None,
    topics_max: int = TOPICS_MAX,
) -> Standing:
    """Without `channels` mail, and text messages where there is something to say of them; without `topic_id`
    the first `topics_max` topics, or those that follow the topic `after`. Topics, then channels, then
    classes; last what holds for all topics.

    A topic costs one look at the gate's state, a channel of it one at the person for each class that is read
    in its own way. Raises ContactUnknown.
    """
    with db.transaction(workspace_id):
        found = _behind(after, consents.topics(workspace_id))
        found = [each for each in found if topic_id in (None, each.topic_id)]
        topics = found[: min(topics_max, TOPICS_MAX)]
        told = _Told(
            workspace_id,
            contact_id,
            now,
            _zone(workspace_id),
            suppressions.refusal_entries(workspace_id, contact_id),
        )
        chosen = channels_of(workspace_id, contact_id) if channels is None else channels
        answers = [
            *_of_topics(told, topics, chosen, [each for each in classes if each in OF_TOPICS]),
            *_of_all(told, chosen, [each for each in classes if each in OF_ALL]),
        ]
    return Standing(answers, len(found) - len(topics))


def _behind(after: int | None, topics: list[consents.Topic]) -> list[consents.Topic]:
    """All of them where there is no such topic."""
    places = [place for place, each in enumerate(topics) if each.topic_id == after]
    return topics[places[0] + 1 :] if places else topics


def channels_of(workspace_id: int, contact_id: int) -> list[Channel]:
    """Mail always; another channel only if there is an address or a consent on it."""
    used = {each.channel for each in contacts.addresses(workspace_id, contact_id)}
    used |= {each.channel for each in consents.held(workspace_id, contact_id)}
    return [each for each in Channel if each is Channel.EMAIL or each.value in used]


@dataclass(frozen=True, slots=True)
class _Told:
    """Who is asked about, and what each of the answers needs."""

    workspace_id: int
    contact_id: int
    now: datetime
    zone: ZoneInfo
    entries: Mapping[datetime, int]  # of refusals, by their time

    def answers(self, around: Surroundings, questions: Iterable[Question]) -> Iterator[Answer]:
        """Of questions that differ in their class alone; what is read in the same way is read once."""
        known: dict[MessageClass | None, PersonFacts] = {}
        for question in questions:
            asked = around.asked(question)
            own_way = question.message_class if question.message_class in _READ_APART else None
            if own_way not in known:
                known[own_way] = person_of(self.workspace_id, asked, self.contact_id, self.now)
            facts = Facts(asked.message, known[own_way])
            yield self._answer(question, decide(facts, self.now), facts)

    def _answer(self, question: Question, verdict: Verdict, facts: Facts) -> Answer:
        word, forms = word_of(verdict)
        lasts = span(facts, verdict, self.now)
        entry_id = lasts.entry_id
        if verdict.reason in _BY_THE_PERSON and lasts.since is not None:
            entry_id = self.entries.get(lasts.since)
        return Answer(
            topic_id=question.topic_id,
            channel=question.channel,
            message_class=question.message_class,
            word=word,
            reason=verdict.reason,
            may=isinstance(verdict, Permit),
            forms=forms,
            since=lasts.since,
            until=lasts.until,
            entry_id=entry_id,
            rules=explain(verdict.reason).rules,
            pack=facts.message.pack.name,
            used=facts_used(facts, self.now, self.zone),
        )


def _of_topics(
    told: _Told, topics: Sequence[Topic], channels: Sequence[Channel], classes: Sequence[MessageClass]
) -> Iterator[Answer]:
    for topic in topics if classes else ():
        around = surroundings(told.workspace_id, topic.sender_id, topic.topic_id)
        for channel in channels:
            ask = partial(
                Question,
                topic_id=topic.topic_id,
                channel=channel,
                sender_id=topic.sender_id,
                frequency=topic.frequency,
                double_opt_in=topic.double_opt_in,
            )
            yield from told.answers(around, [ask(message_class=each, ads=_ads(each)) for each in classes])


def _of_all(told: _Told, channels: Sequence[Channel], classes: Sequence[MessageClass]) -> Iterator[Answer]:
    sender = next(iter(accounts.senders(told.workspace_id)), None) if classes else None
    if sender is None:
        return
    around = surroundings(told.workspace_id, sender.sender_id, None)
    for channel in channels:
        ask = partial(Question, topic_id=None, channel=channel, sender_id=sender.sender_id)
        yield from told.answers(around, [ask(message_class=each, ads=_ads(each)) for each in classes])


def _ads(message_class: MessageClass) -> Ads:
    """What a message of this class holds at its plainest: a notice without any."""
    promotes = message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY)
    return Ads.MAIN if promotes else Ads.NONE


def _zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
