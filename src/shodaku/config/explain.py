"""May we write to an address, why, since and until when: the gate's own answers, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, parse_email, parse_phone
from shodaku.delivery import selectors as delivery
from shodaku.delivery.selectors import OF_ALL, OF_TOPICS, Answer
from shodaku.kit import db
from shodaku.policy.domain import AD_CLASSES, MessageClass, Reason, Used, Word
from shodaku.policy.domain import explain as told
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression


@dataclass(frozen=True, slots=True)
class Explained:
    may: bool
    reason: str
    ja: str
    en: str
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    entry_id: int | None = None  # ledger entry of the consent or refusal behind it
    since: datetime | None = None
    until: datetime | None = None
    topic: str | None = None  # its short name; None: the same for every topic
    channel: Channel = Channel.EMAIL
    message_class: MessageClass = MessageClass.ADVERTISING
    verdict: Word = Word.REFUSE
    forms: tuple[str, ...] = ()
    pack: str = ""  # the rules it was answered by
    used: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanations:
    answers: list[Explained]
    topics_left_out: int = 0


def explain(workspace_id: int, address: str, topic_id: int, *, now: datetime) -> Explained:
    """An advertising mail on this topic, at this moment. Raises AddressError."""
    return explanations(workspace_id, address, topic_id=topic_id, now=now).answers[0]


def explanations(
    workspace_id: int,
    address: str,
    *,
    now: datetime,
    topic_id: int | None = None,
    channel: Channel | None = None,
    classes: Sequence[MessageClass] = (MessageClass.ADVERTISING,),
) -> Explanations:
    """Each class on each topic, or on one, by the channel of the address or by another one of its owner.

    Raises AddressError.
    """
    place, known = where(address)
    with db.transaction(workspace_id):  # in which a token stays what it is
        pair = suppression.tokens(workspace_id, place, known)
        contact_id = contacts.claimed(workspace_id, place, [pair.strict]).get(pair.strict)
    slugs = {each.topic_id: each.slug for each in consents.topics(workspace_id)}
    if contact_id is None:
        suppressed = suppression_known.suppressed(workspace_id, [pair]).get(pair.strict)
        chosen = [slug for each, slug in slugs.items() if topic_id in (None, each)]
        topics, left_out = chosen[: delivery.TOPICS_MAX], chosen[delivery.TOPICS_MAX :]
        pack = delivery.rule_choice(workspace_id).rules.name
        answers = [
            _stranger(suppressed, topic, channel or place, each, pack)
            for topic, each in _asked(topics, classes)
        ]
        return Explanations(answers, len(left_out))
    found = delivery.standing(
        workspace_id,
        contact_id,
        now=now,
        classes=classes,
        channels=[channel or place],
        topic_id=topic_id,
    )
    return Explanations(
        [_known(answer, slugs.get(answer.topic_id or 0)) for answer in found.answers], found.topics_left_out
    )


def where(address: str) -> tuple[Channel, str]:
    """An e-mail address or a telephone number. Raises AddressError."""
    if "@" in address or "＠" in address:
        return Channel.EMAIL, parse_email(address).address
    return Channel.SMS, parse_phone(address).e164


def _asked(
    topics: Sequence[str], classes: Sequence[MessageClass]
) -> Iterator[tuple[str | None, MessageClass]]:
    for topic in topics:
        yield from ((topic, each) for each in classes if each in OF_TOPICS)
    yield from ((None, each) for each in classes if each in OF_ALL)


def _known(answer: Answer, topic: str | None) -> Explained:
    words = told(answer.reason)
    return Explained(
        answer.may,
        answer.reason.value,
        words.ja,
        words.en,
        words.rules,
        words.articles,
        answer.entry_id,
        answer.since,
        answer.until,
        topic,
        answer.channel,
        answer.message_class,
        answer.word,
        answer.forms,
        answer.pack,
        answer.used,
    )


def _stranger(
    suppressed: suppression_known.Suppressed | None,
    topic: str | None,
    channel: Channel,
    message_class: MessageClass,
    pack: str,
) -> Explained:
    """Nobody here has the address: only what it was told to never get is known, and what needs no basis."""
    legal = message_class is MessageClass.LEGAL
    since = None if suppressed is None or legal else suppressed.at
    reason = Reason.OK_LEGAL if legal else Reason.OK_TRANSACTIONAL
    if since is not None:
        reason = Reason.ERASED_NEVER_CONTACT
    elif message_class in AD_CLASSES:
        reason = Reason.NO_BASIS
    may = since is None and message_class not in AD_CLASSES
    words = told(reason)
    return Explained(
        may,
        reason.value,
        words.ja,
        words.en,
        words.rules,
        words.articles,
        None,
        since,
        None,
        topic,
        channel,
        message_class,
        Word.ALLOW if may else Word.REFUSE,
        (),
        pack,
        (Used("stranger", "この宛先の人はいません", "nobody here has this address"),),
    )
