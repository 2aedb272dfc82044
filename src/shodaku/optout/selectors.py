"""What the public pages about one person show: what may be lost, what holds, and why a mail came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender, Workspace
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Limit
from shodaku.consent.selectors import Basis, Event, Held, Topic
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel, mask
from shodaku.delivery import selectors as deliveries
from shodaku.delivery.domain import MailingKind
from shodaku.kit.links import Token
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger.services import VaultAway
from shodaku.optout.bulk import Bulk, LeftOut, bulk, bulks, left_out
from shodaku.optout.exporting import exported
from shodaku.optout.mailbox_faults import MailboxAway, PlainMailbox
from shodaku.optout.mailbox_faults import Said as MailboxSaid
from shodaku.optout.mailbox_files import MailboxUnreadable
from shodaku.optout.mailbox_files import names as mailbox_names
from shodaku.optout.reasons import ReasonCount, reason_counts
from shodaku.policy.domain import MessageClass
from shodaku.signup import selectors as signups
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.domain import Refusal, Scope, in_force

__all__ = [
    "Bulk",
    "FirstMail",
    "LeftOut",
    "MailboxAway",
    "MailboxSaid",
    "MailboxUnreadable",
    "Person",
    "PlainMailbox",
    "ReasonCount",
    "Recorded",
    "TopicState",
    "bases",
    "bulk",
    "bulks",
    "exported",
    "first_mail",
    "form_path",
    "left_out",
    "live_channels",
    "mailbox_names",
    "paused_until",
    "person",
    "purchases",
    "reason_counts",
    "recorded",
    "topic_states",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The one a link belongs to, as far as their own pages need it."""

    workspace: Workspace
    sender: Sender | None
    contact_id: int
    language: str
    address: str  # masked: a forwarded mail must not tell whose it was
    topic: Topic | None  # of the mail whose link was pressed
    kind: MailingKind | None  # of that mail; None where its link names none


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    topic: Topic
    channels: frozenset[Channel]  # on which it is received
    waiting: bool  # asked for by mail, and not confirmed yet
    fewer: Limit | None  # what the person asked for since: less often than is promised

    @property
    def receives(self) -> bool:
        """By mail."""
        return Channel.EMAIL in self.channels


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act of the person with its entry; `hash` is empty while the key store is away."""

    event: Event
    topic: Topic | None
    hash: str
    wording_version: int | None


@dataclass(frozen=True, slots=True)
class FirstMail:
    at: datetime
    topic: Topic | None


def person(link: Token) -> Person | None:
    """None when the person was erased: their link then looks like anybody's forged one."""
    workspace = accounts.workspace(link.workspace_id)
    contact = contacts_known.contact(link.workspace_id, link.contact_id)
    if workspace is None or contact is None:
        return None
    mailing = deliveries.mailing(link.workspace_id, link.subject_id) if link.subject_id else None
    topic_id = mailing.topic_id if mailing else None
    topic = consents.topic(link.workspace_id, topic_id) if topic_id is not None else None
    addresses = contacts_known.addresses(link.workspace_id, link.contact_id)
    email = next((each.value for each in addresses if each.channel == Channel.EMAIL), None)
    senders = accounts.every_sender(link.workspace_id)
    of_topic = next((each for each in senders if topic and each.sender_id == topic.sender_id), None)
    return Person(
        workspace=workspace,
        sender=of_topic or next(iter(senders), None),
        contact_id=link.contact_id,
        language=contact.locale or workspace.locale,
        address=mask(email or (addresses[0].value if addresses else "")),
        topic=topic,
        kind=_kind(mailing.kind, mailing.message_class) if mailing else None,
    )


def _kind(kind: str, message_class: str) -> MailingKind:
    """A campaign to the buyers of a product is a notice for whoever gets it."""
    to_buyers = kind == MailingKind.CAMPAIGN and message_class == MessageClass.TRANSACTIONAL
    return MailingKind.NOTICE if to_buyers else MailingKind(kind)


def topic_states(workspace_id: int, contact_id: int, now: datetime) -> list[TopicState]:
    """Every topic that is offered, and of those put away what the person has or waits for.

    Received is what a live consent covers and no refusal has ended.
    """
    refusals = [
        each
        for each in suppressions.refusals(workspace_id, contact_id)
        if each.scope is not Scope.UNTIL  # a pause takes nothing back
    ]
    held = consents.held(workspace_id, contact_id)
    live = {(each.topic_id, Channel(each.channel)) for each in held if _is_live(each, refusals, now)}
    waiting = {
        each.topic_id for each in held if each.channel == Channel.EMAIL and each.state == ConsentState.PENDING
    }
    fewer = consents.narrowed(workspace_id, contact_id)
    return [
        TopicState(
            topic=topic,
            channels=frozenset(channel for topic_id, channel in live if topic_id == topic.topic_id),
            waiting=topic.topic_id in waiting,
            fewer=_narrowest(limit for (of, _), limit in fewer.items() if of == topic.topic_id),
        )
        for topic in consents.topics(workspace_id)
        if topic.archived_at is None or topic.topic_id in waiting | {topic_id for topic_id, _ in live}
    ]


def _is_live(consent: Held, refusals: Sequence[Refusal], now: datetime) -> bool:
    return (
        consent.state == ConsentState.ACTIVE
        and (consent.expires_at is None or now < consent.expires_at)
        and not any(in_force(refusal, consent.topic_id, consent.since, now) for refusal in refusals)
    )


def _narrowest(limits: Iterable[Limit]) -> Limit | None:
    return min(limits, key=lambda limit: limit.a_year, default=None)


def live_channels(states: Sequence[TopicState]) -> frozenset[Channel]:
    """On which anything is received."""
    return frozenset().union(*(state.channels for state in states))


def paused_until(workspace_id: int, contact_id: int, now: datetime) -> datetime | None:
    """End of the pause that is in force."""
    ends = [each.until for each in suppressions.refusals(workspace_id, contact_id) if each.until]
    return max((end for end in ends if end > now), default=None)


def purchases(workspace_id: int, contact_id: int) -> int:
    return len(contacts_known.purchases(workspace_id, contact_id))


def is_measured(workspace_id: int, contact_id: int) -> bool:
    """Whether the person allowed that links they follow are noted."""
    return contacts_known.measured_since(workspace_id, contact_id) is not None


def bases(workspace_id: int, contact_id: int) -> list[Basis]:
    return consents.bases(workspace_id, contact_id)


def recorded(workspace_id: int, contact_id: int) -> list[Recorded]:
    """What the person did, oldest first, each with its proof."""
    try:
        entries = {each.entry_id: each for each in ledger_known.history(workspace_id, contact_id)}
    except VaultAway:
        entries = {}
    topics = {topic.topic_id: topic for topic in consents.topics(workspace_id)}
    rows = []
    for event in consents.events(workspace_id, contact_id):
        entry = entries.get(event.entry_id) if event.entry_id is not None else None
        version = (entry.fields or {}).get("wording_version") if entry else None
        rows.append(
            Recorded(
                event,
                topics.get(event.topic_id),
                entry.hash if entry else "",
                version if isinstance(version, int) else None,
            )
        )
    return rows


def first_mail(workspace_id: int, contact_id: int) -> FirstMail | None:
    """The first of the news that came; its subject is not told, for a mail may be forwarded."""
    sent = deliveries.first_sent(workspace_id, contact_id)
    if sent is None:
        return None
    topic = consents.topic(workspace_id, sent.topic_id) if sent.topic_id is not None else None
    return FirstMail(sent.at, topic)


def form_path(workspace: Workspace) -> str | None:
    """Where somebody who stopped by mistake can sign up again."""
    open_ = signups.open_forms(workspace.workspace_id)
    return f"/f/{workspace.slug}/{open_[0].slug}" if open_ else None
