"""What asking and answering share: senders, consent events and the mails."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method, add_months
from shodaku.consent.services import EventKind, NewEvent
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel
from shodaku.content.domain import seller_text
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ids import uuid7
from shodaku.policy.domain import Ads, MessageClass
from shodaku.signup.domain import (
    OfferedTopic,
    ShownSender,
)
from shodaku.signup.letters import Letter, moved, welcome


class NoSender(ShodakuError):
    """The form's sender does not exist, or is not used any more."""

    code = "no_sender"


def offered(topic: consents.Topic) -> OfferedTopic:
    names = ("topic_id", "name", "name_en", "content", "purpose", "frequency_max", "frequency_per")
    facts = {name: getattr(topic, name) for name in (*names, "double_opt_in", "valid_months")}
    return OfferedTopic(**facts)


def shown_sender(workspace_id: int, sender_id: int) -> ShownSender:
    """Raises NoSender."""
    sender: Sender | None = accounts.sender(workspace_id, sender_id)
    if sender is None:
        raise NoSender
    return ShownSender(
        sender_id=sender.sender_id,
        formal_name=sender.formal_name,
        display_name=sender.display_name,
        postal_address=sender.postal_address,
        complaint_contact=sender.complaint_contact,
        privacy_policy_version=sender.privacy_policy_version,
        privacy_policy=sender.privacy_policy,
        from_domain=sender.from_address.rpartition("@")[2],
    )


def seller_of(workspace_id: int, sender_id: int, language: str) -> str:
    """What each advertisement of mail order shows besides; "" for who does none."""
    workspace, sender = accounts.workspace(workspace_id), accounts.sender(workspace_id, sender_id)
    if workspace is None or sender is None or not workspace.b2c_mail_order:
        return ""
    return seller_text(sender, language)


def sender_of(workspace_id: int, topic_id: int) -> ShownSender:
    topic = consents.topic(workspace_id, topic_id)
    return shown_sender(workspace_id, topic.sender_id if topic else 0)


def events(
    contact_id: int,
    topics: Sequence[OfferedTopic],
    kind: EventKind,
    method: Method,
    event_id: UUID,
    entry_id: int,
    now: datetime,
) -> list[NewEvent]:
    ends = kind is not EventKind.REQUESTED
    return [
        NewEvent(
            contact_id=contact_id,
            topic_id=topic.topic_id,
            channel=Channel.EMAIL,
            kind=kind,
            method=method,
            at=now,
            event_id=event_id,
            entry_id=entry_id,
            expires_at=add_months(now, topic.valid_months) if ends and topic.valid_months else None,
        )
        for topic in topics
    ]


def greet(
    workspace_id: int, contact_id: int, topics: Sequence[OfferedTopic], language: str, now: datetime
) -> None:
    """The welcome goes at once (LAW.md section 6: within 24 hours): what was agreed, and no advertising."""
    sender = sender_of(workspace_id, topics[0].topic_id)
    at = now.astimezone(zone(workspace_id))
    letter = welcome(sender, topics, language, at, seller_of(workspace_id, sender.sender_id, language))
    delivery.plan_one(mailing(letter, MailingKind.WELCOME, topics, sender, 0), contact_id, now=now)


def tell_moved(
    workspace_id: int, old_id: int, topics: Sequence[OfferedTopic], language: str, now: datetime
) -> None:
    """The address that was given up hears of it, in its own language: who did not wish it can object."""
    person = contacts_known.contact(workspace_id, old_id)
    sender = sender_of(workspace_id, topics[0].topic_id)
    letter = moved(
        sender, topics, (person.locale if person else None) or language, now.astimezone(zone(workspace_id))
    )
    delivery.plan_one(mailing(letter, MailingKind.NOTICE, topics, sender, 0), old_id, now=now)


def mailing(
    letter: Letter, kind: MailingKind, topics: Sequence[OfferedTopic], sender: ShownSender, subject_id: int
) -> NewMailing:
    asks = kind is MailingKind.CONFIRMATION
    return NewMailing(
        kind=kind,
        message_class=MessageClass.CONSENT_REQUEST if asks else MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        promotional=False,
        topic_id=topics[0].topic_id if len(topics) == 1 else None,
        channel=Channel.EMAIL,
        sender_id=sender.sender_id,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        subject_id=subject_id,
    )


def zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")


def new_event_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
