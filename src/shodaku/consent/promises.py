"""What a topic promises is changed here, in versions; nobody's yes ever comes to mean more than it meant."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from shodaku.consent import selectors
from shodaku.consent.domain import Frequency, PromiseField, promise_text, widened
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError

KIND = "promise"  # of a wording

_sql = db.Statements("shodaku.consent")


class NoSuchTopic(ShodakuError):
    """There is no topic of this number."""

    code = "topic_unknown"


class ChangedSince(ShodakuError):
    """Somebody else saved first."""

    code = "topic_changed_since"


class PromiseWidened(ShodakuError):
    """People agreed to less; create another topic for more."""

    code = "promise_widened"

    def __init__(self, fields: frozenset[PromiseField]) -> None:
        self.fields = fields
        super().__init__()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """All of a topic that may change; `valid_months` None: a consent has no end."""

    name: str
    name_en: str
    content: str
    purpose: str
    frequency: Frequency
    double_opt_in: bool
    valid_months: int | None


def change_topic(
    workspace_id: int, topic_id: int, new: Promise, *, seen: int, staff_id: int | None, now: datetime
) -> int:
    """Version of the promise, the same one where nothing changes; `seen` is the one that was shown to whoever
    changes it, 0 for none. Raises NoSuchTopic, ChangedSince, PromiseWidened.
    """
    with db.transaction(workspace_id):
        created_at = _sql.scalar("lock_topic", topic_id=topic_id)
        before = selectors.topic(workspace_id, topic_id)
        if created_at is None or before is None:
            raise NoSuchTopic
        if seen != _newest(workspace_id, topic_id):
            raise ChangedSince
        was = promise_of(before)
        fields = widened(
            (was.content, was.purpose, was.frequency, was.double_opt_in),
            (new.content, new.purpose, new.frequency, new.double_opt_in),
        )
        if fields and somebody_agreed(workspace_id, topic_id):
            raise PromiseWidened(fields)
        if seen == 0:
            _keep(topic_id, was, None, created_at)
        _sql.run(
            "update_topic",
            topic_id=topic_id,
            name=new.name,
            name_en=new.name_en,
            content=new.content,
            purpose=new.purpose,
            frequency_max=new.frequency.max,
            frequency_per=new.frequency.per,
            double_opt_in=new.double_opt_in,
            valid_months=new.valid_months,
        )
        return _keep(topic_id, new, staff_id, now)


def somebody_agreed(workspace_id: int, topic_id: int) -> bool:
    """Was anybody ever asked about this topic? Then it means to them what it meant that day."""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("somebody_agreed", topic_id=topic_id))


def promise_of(topic: selectors.Topic) -> Promise:
    return Promise(
        name=topic.name,
        name_en=topic.name_en,
        content=topic.content,
        purpose=topic.purpose,
        frequency=topic.frequency,
        double_opt_in=topic.double_opt_in,
        valid_months=topic.valid_months,
    )


def _newest(workspace_id: int, topic_id: int) -> int:
    kept = selectors.wordings(workspace_id, KIND, topic_id)
    return kept[0].version if kept else 0


def _keep(topic_id: int, promise: Promise, staff_id: int | None, now: datetime) -> int:
    text = promise_text(
        promise.name,
        promise.name_en,
        promise.content,
        promise.purpose,
        promise.frequency,
        double_opt_in=promise.double_opt_in,
        valid_months=promise.valid_months,
    )
    version: int = _sql.scalar(
        "insert_wording",
        kind=KIND,
        about=topic_id,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        staff_id=staff_id,
        now=now,
    )
    return version
