"""What uses a topic or a sender: neither is put out of use while anything does.

Here, for what uses them stands in rooms that do not know each other: forms and campaigns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.accounts import services as accounts
from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns.selectors import Planned
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.selectors import Topic
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.signup import selectors as signup
from shodaku.signup.selectors import Form


@dataclass(frozen=True, slots=True)
class SenderUse:
    """Topics that are offered, and forms that people can sign up by."""

    topics: tuple[Topic, ...]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class TopicUse:
    """Forms that people can sign up by, and campaigns that are to send or send."""

    forms: tuple[Form, ...]
    campaigns: tuple[Planned, ...]


class SenderUsed(ShodakuError):
    """Topics or forms still use this sender; put them away first."""

    code = "sender_used"

    def __init__(self, use: SenderUse) -> None:
        self.use = use
        super().__init__()


class TopicUsed(ShodakuError):
    """A published form or a planned campaign still uses this topic; take it out there first."""

    code = "topic_used"

    def __init__(self, use: TopicUse) -> None:
        self.use = use
        super().__init__()


class TopicOffered(ShodakuError):
    """A form offered this topic for its sender; create another topic for another one."""

    code = "topic_was_offered"


def sender_use(workspace_id: int, sender_id: int) -> SenderUse:
    own = [
        each
        for each in consents.topics(workspace_id)
        if each.sender_id == sender_id and each.archived_at is None
    ]
    return SenderUse(tuple(own), tuple(signup.forms_in_use(workspace_id, sender_id=sender_id)))


def topic_use(workspace_id: int, topic_id: int, *, now: datetime) -> TopicUse:
    return TopicUse(
        tuple(signup.forms_in_use(workspace_id, topic_id=topic_id)),
        tuple(campaigns.planned_with(workspace_id, topic_id, now=now)),
    )


def retire_sender(workspace_id: int, sender_id: int, *, now: datetime) -> bool:
    """Not offered to topics and forms from now on; False: it was so.

    What mails said of it stays to be read. Raises NoSuchSender, LastSender, SenderUsed.
    """
    with db.transaction(workspace_id):
        accounts.lock_senders()
        use = sender_use(workspace_id, sender_id)
        if use.topics or use.forms:
            raise SenderUsed(use)
        return accounts.put_out_of_use(workspace_id, sender_id, now=now)


def put_topic_away(workspace_id: int, topic_id: int, *, now: datetime) -> bool:
    """Not offered from now on; consents, refusals and the pages of readers go on. False: it was so.

    Raises NoSuchTopic, TopicUsed.
    """
    with db.transaction(workspace_id):
        topic = consent.lock_topic(workspace_id, topic_id)
        if topic.archived_at is not None:
            return False
        use = topic_use(workspace_id, topic_id, now=now)
        if use.forms or use.campaigns:
            raise TopicUsed(use)
        consent.archive_topic(topic_id, now=now)
        return True


def may_change_sender(workspace_id: int, topic_id: int) -> bool:
    """Has nobody been asked about the topic, by a page or otherwise, and did no form ever offer it?"""
    return not (consent.somebody_agreed(workspace_id, topic_id) or signup.was_offered(workspace_id, topic_id))


def change_topic_sender(workspace_id: int, topic_id: int, sender_id: int, *, now: datetime) -> bool:
    """Another sender for a topic of which nobody heard yet; False: it is its sender.

    A consent is given to a sender (特定電子メール法3条1項1号): afterwards a topic stays with it.
    Raises NoSuchTopic, NoSender, SenderAgreed, TopicOffered; TopicUsed where a campaign is to send.
    """
    with db.transaction(workspace_id):
        topic = consent.lock_topic(workspace_id, topic_id)
        if topic.sender_id == sender_id:
            return False
        if signup.was_offered(workspace_id, topic_id):
            raise TopicOffered
        if planned := campaigns.planned_with(workspace_id, topic_id, now=now):
            raise TopicUsed(TopicUse((), tuple(planned)))
        consent.change_sender(workspace_id, topic_id, sender_id)
        return True
