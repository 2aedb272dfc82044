"""What people agreed to, and what was offered to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shodaku.consent import figures
from shodaku.consent.domain import Frequency, Limit, Period, terms_of
from shodaku.consent.figures import Day, Ending, Figures, TopicCount, consent_figures, ending
from shodaku.contacts.domain import Channel
from shodaku.kit import db
from shodaku.kit.queue import JobState, job_state

__all__ = [
    "Basis",
    "ConsentChange",
    "Day",
    "Ending",
    "Event",
    "Figures",
    "Held",
    "Topic",
    "TopicCount",
    "Wording",
    "audit_key",
    "audit_state",
    "bases",
    "changes_of",
    "consent_figures",
    "ending",
    "endings",
    "events",
    "held",
    "held_by",
    "narrowed",
    "topic",
    "topic_counts",
    "topics",
    "wording",
    "wording_by_sha256",
    "wording_page",
    "wordings",
]

_BEYOND_ALL: Final = 2**31 - 1  # no version is so high

_sql = db.Statements("shodaku.consent")


@dataclass(frozen=True, slots=True)
class Topic:
    topic_id: int
    slug: str
    name: str
    name_en: str
    content: str
    purpose: str
    frequency_max: int
    frequency_per: str
    double_opt_in: bool
    valid_months: int | None
    sender_id: int
    archived_at: datetime | None

    @property
    def frequency(self) -> Frequency:
        return Frequency(self.frequency_max, Period(self.frequency_per))

    def title(self, language: str) -> str:
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True, slots=True)
class Held:
    """A state for one topic and channel."""

    topic_id: int
    channel: str
    state: str
    since: datetime
    confirmed: bool
    expires_at: datetime | None
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Event:
    event_no: int
    topic_id: int
    channel: str
    kind: str
    method: str
    at: datetime
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A consent was taken back, or goes on for fewer messages; `event_id` is that of the act."""

    contact_id: int
    topic_id: int
    channel: str
    at: datetime
    event_id: UUID
    entry_id: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    kind: str
    about: int
    version: int
    text: str
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Basis:
    kind: str
    at: datetime
    batch_id: int | None
    note: str | None
    refusing_words: bool


def endings(workspace_id: int, spans: Sequence[tuple[datetime, datetime]], *, most: int) -> list[int]:
    """How many consents end in each span, as far as `most`."""
    with db.transaction(workspace_id):
        return _sql.scalars(
            "count_endings",
            since=[since for since, _ in spans],
            until=[until for _, until in spans],
            most=most,
        )


def topics(workspace_id: int) -> list[Topic]:
    with db.transaction(workspace_id):
        return _sql.rows("list_topics", Topic)


def topic_page(workspace_id: int, *, after: int | None, rows_max: int) -> list[Topic]:
    """The next topics in the order in which they were made; `after` None: from the first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_topic_page", Topic, after=-1 if after is None else after, rows_max=rows_max)


def topic(workspace_id: int, topic_id: int) -> Topic | None:
    return next((each for each in topics(workspace_id) if each.topic_id == topic_id), None)


def topic_counts(workspace_id: int) -> dict[int, TopicCount]:
    """Readers and waiting ones of each topic, by mail; of many consents as the chore counted them last."""
    with db.transaction(workspace_id):
        kept = figures.kept_topics()
        found = _sql.rows("count_by_topic", TopicCount) if kept is None else kept
        return {each.topic_id: each for each in found}


def held(workspace_id: int, contact_id: int) -> list[Held]:
    with db.transaction(workspace_id):
        return _sql.rows("list_consents", Held, contact_id=contact_id)


def held_by(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[Held]]:
    """As `held`, of several people; who never had any is not in it."""
    found: dict[int, list[Held]] = defaultdict(list)
    with db.transaction(workspace_id):
        for row in _sql.rows("list_consents_of", _HeldRow, contacts=db.array(contact_ids)):
            found[row.contact_id].append(
                Held(
                    row.topic_id,
                    row.channel,
                    row.state,
                    row.since,
                    row.confirmed,
                    row.expires_at,
                    row.entry_id,
                )
            )
    return found


def narrowed(workspace_id: int, contact_id: int) -> dict[tuple[int, Channel], Limit]:
    """By topic and channel what the person asked for since they agreed: fewer than is promised."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_narrowed", _Narrowed, contact_id=contact_id)
    found = {}
    for row in rows:
        terms = terms_of(row.terms)
        if terms is not None and terms.fewer is not None:
            found[row.topic_id, Channel(row.channel)] = terms.fewer
    return found


def changes_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[ConsentChange]]:
    """What these people took back or made less, in the order in which it was recorded."""
    found: dict[int, list[ConsentChange]] = defaultdict(list)
    with db.transaction(workspace_id):
        for row in _sql.rows("list_changes_of", ConsentChange, contacts=db.array(contact_ids)):
            found[row.contact_id].append(row)
    return found


def events(workspace_id: int, contact_id: int) -> list[Event]:
    """What the person did, oldest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_events_of", Event, contact_id=contact_id)


def bases(workspace_id: int, contact_id: int) -> list[Basis]:
    with db.transaction(workspace_id):
        return _sql.rows("list_bases", Basis, contact_id=contact_id)


def wordings(workspace_id: int, kind: str, about: int) -> list[Wording]:
    """All versions, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_wordings", Wording, kind=kind, about=about)


def wording_page(
    workspace_id: int, kind: str, about: int, *, before: int | None, rows_max: int
) -> list[Wording]:
    """The next versions, newest first; `before` None: from the newest."""
    last = _BEYOND_ALL if before is None else before
    with db.transaction(workspace_id):
        return _sql.rows("list_wording_page", Wording, kind=kind, about=about, before=last, rows_max=rows_max)


def wording(workspace_id: int, kind: str, about: int, version: int) -> Wording | None:
    with db.transaction(workspace_id):
        return _sql.row("get_wording", Wording, kind=kind, about=about, version=version)


def wording_by_sha256(workspace_id: int, sha256: str) -> Wording | None:
    """The text that an entry of the ledger names."""
    with db.transaction(workspace_id):
        return _sql.row("get_wording_text", Wording, sha256=sha256)


def audit_state(workspace_id: int) -> JobState | None:
    """Of the reading of the ledger that somebody asked for; None: it is done, or nobody did."""
    with db.transaction(workspace_id):
        return job_state(audit_key(workspace_id))


def audit_key(workspace_id: int) -> str:
    """What the job is known by: two people who ask get one reading."""
    return f"audit-{workspace_id}"


@dataclass(frozen=True, slots=True)
class _Narrowed:
    topic_id: int
    channel: str
    terms: dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class _HeldRow:
    contact_id: int
    topic_id: int
    channel: str
    state: str
    since: datetime
    confirmed: bool
    expires_at: datetime | None
    entry_id: int | None
