"""Whether a topic is offered, and who sends it. Door: `services`.

A consent is given to a sender (特定電子メール法3条1項1号), and the gate takes the topic's for it: once
anybody was asked, a topic stays with its sender. What else uses it, forms and campaigns, is asked above
(`console.offering`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shodaku.consent import selectors
from shodaku.consent.promises import NoSuchTopic, somebody_agreed
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse

_sql = db.Statements("shodaku.consent")


class NoSender(WrongUse):
    """Choose a sender that is in use."""

    code = "topic_sender_unknown"


class SenderAgreed(ShodakuError):
    """People were asked for this sender; create another topic for another one."""

    code = "topic_sender_agreed"


def lock_topic(workspace_id: int, topic_id: int) -> selectors.Topic:
    """In the open transaction: until it ends nothing is begun with the topic. Raises NoSuchTopic."""
    _sql.scalar("lock_topic", topic_id=topic_id)
    topic = selectors.topic(workspace_id, topic_id)
    if topic is None:
        raise NoSuchTopic
    return topic


def sender_in_use(sender_id: int) -> bool:
    """In the open transaction: nobody retires it until it ends."""
    return _sql.scalar("is_sender_in_use", sender_id=sender_id) is not None


def hold_topics(topic_ids: Sequence[int]) -> None:
    """In the open transaction: nobody puts one of them away, or gives it another sender, until it ends."""
    _sql.scalars("hold_topics", topics=list(topic_ids))


def archive_topic(topic_id: int, *, now: datetime) -> None:
    """In the open transaction, the topic locked. What people agreed to and refused goes on as it is."""
    _sql.run("update_topic_archived", topic_id=topic_id, archived_at=now)


def offer_topic_again(workspace_id: int, topic_id: int) -> bool:
    """False: it is offered. Raises NoSuchTopic; NoSender where its sender is not in use any more."""
    with db.transaction(workspace_id):
        topic = lock_topic(workspace_id, topic_id)
        if topic.archived_at is None:
            return False
        if not sender_in_use(topic.sender_id):
            raise NoSender
        _sql.run("update_topic_archived", topic_id=topic_id, archived_at=None)
        return True


def change_sender(workspace_id: int, topic_id: int, sender_id: int) -> None:
    """In the open transaction, the topic locked. Raises SenderAgreed, NoSender."""
    if somebody_agreed(workspace_id, topic_id):
        raise SenderAgreed
    if not _sql.run("update_topic_sender", topic_id=topic_id, sender_id=sender_id):
        raise NoSender
