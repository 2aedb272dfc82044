"""Topics and wordings are written here, and what people agree to or take back."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, assert_never
from uuid import UUID

from psycopg.types.json import Jsonb

from shodaku.consent.domain import (
    TOPICS_MAX,
    Confirmed,
    Consent,
    ConsentEvent,
    ConsentState,
    Expired,
    Flaw,
    Frequency,
    Given,
    Method,
    Narrowed,
    Reconfirmed,
    Requested,
    Terms,
    Withdrawn,
    earlier_json,
    replay,
    terms_json,
    terms_of,
)
from shodaku.consent.offering import (
    NoSender,
    SenderAgreed,
    archive_topic,
    change_sender,
    hold_topics,
    lock_topic,
    offer_topic_again,
    sender_in_use,
)
from shodaku.consent.promises import (
    ChangedSince,
    NoSuchTopic,
    Promise,
    PromiseWidened,
    change_topic,
    somebody_agreed,
)
from shodaku.consent.selectors import audit_key
from shodaku.contacts.domain import Channel
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind
from shodaku.ledger.selectors import Audit, FaultKind, Note

__all__ = [
    "APP_ACTS_KEPT",
    "EXPIRE_ROWS",
    "ChangedSince",
    "EventKind",
    "KeyReused",
    "NewEvent",
    "NewTopic",
    "NoSender",
    "NoSuchTopic",
    "Once",
    "Promise",
    "PromiseWidened",
    "SenderAgreed",
    "TopicExists",
    "Withdrawal",
    "WordingKind",
    "archive_topic",
    "ask_for_audit",
    "attach",
    "audit",
    "change_sender",
    "change_topic",
    "create_topic",
    "expire_due",
    "first_time",
    "forget",
    "forget_consents",
    "hold_topics",
    "keep_wording",
    "lock_topic",
    "narrow",
    "offer_topic_again",
    "record",
    "record_bases",
    "record_first",
    "sender_in_use",
    "somebody_agreed",
    "was_told",
    "withdraw",
]

EXPIRE_ROWS = 500  # in one transaction
APP_ACTS_KEPT = timedelta(days=90)  # longer than any program repeats a call

_sql = db.Statements("shodaku.consent")


class TopicExists(WrongUse):
    """A topic with this short name exists already."""

    code = "topic_exists"


class TooManyTopics(WrongUse):
    """There are as many topics as a page can offer; change one that exists, or use another workspace."""

    code = "too_many_topics"


class KeyReused(WrongUse):
    """An idempotency key that was used for another request; give each press its own."""

    code = "idempotency_key_reused"


class EventKind(StrEnum):
    REQUESTED = "requested"
    GIVEN = "given"
    CONFIRMED = "confirmed"
    RECONFIRMED = "reconfirmed"
    NARROWED = "narrowed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class WordingKind(StrEnum):
    TOPIC = "topic"
    FORM = "form"
    POLICY = "policy"
    PROMISE = "promise"  # what a topic promised at that time
    APP = "app"  # what a screen of the sender's own app says beside its switches


@dataclass(frozen=True, slots=True)
class Once:
    """A press in an app as its program names it: sent twice, it is still one."""

    key_sha256: bytes
    request_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopic:
    slug: str
    name: str
    name_en: str
    content: str  # what is sent
    purpose: str  # what for
    frequency: Frequency
    sender_id: int
    double_opt_in: bool = True
    valid_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What a person did about one topic on one channel; `event_id` is that of its ledger entry."""

    contact_id: int
    topic_id: int
    channel: Channel
    kind: EventKind
    method: Method
    at: datetime
    event_id: UUID
    entry_id: int | None
    expires_at: datetime | None = None
    flaw: Flaw | None = None
    terms: Terms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a person takes back; `event_id` is that of its ledger entry."""

    contact_id: int
    method: Method
    at: datetime
    event_id: UUID
    entry_id: int | None
    topic_id: int | None = None  # None: every topic
    channel: Channel | None = None  # None: every channel


def create_topic(workspace_id: int, topic: NewTopic, *, now: datetime) -> int:
    """The topic's id. Raises TopicExists, TooManyTopics (TOPICS_MAX of a workspace), NoSender."""
    facts = {name: getattr(topic, name) for name in NewTopic.__slots__ if name != "frequency"}
    with db.transaction(workspace_id):
        topic_id: int | None = _sql.scalar(
            "insert_topic",
            frequency_max=topic.frequency.max,
            frequency_per=topic.frequency.per,
            topics_max=TOPICS_MAX,
            now=now,
            **facts,
        )
        if topic_id is None:
            if _sql.scalar("is_slug_taken", slug=topic.slug):
                raise TopicExists
            if not sender_in_use(topic.sender_id):
                raise NoSender
            raise TooManyTopics
    return topic_id


def keep_wording(
    workspace_id: int, kind: WordingKind, about: int, text: str, *, staff_id: int | None, now: datetime
) -> int:
    """Version of this text: the one it has already, or the next. What was shown once stays as it was."""
    with db.transaction(workspace_id):
        version: int = _sql.scalar(
            "insert_wording",
            kind=kind,
            about=about,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            staff_id=staff_id,
            now=now,
        )
        return version


def record(events: Sequence[NewEvent]) -> None:
    """Append events in the open transaction, fold the states anew; the caller holds the contacts' locks."""
    if not events:
        return
    _sql.run("insert_events", **_columns(events))
    _fold({(event.contact_id, event.topic_id, event.channel.value) for event in events})


def record_first(events: Sequence[NewEvent]) -> None:
    """As `record`, of people who became known in this very transaction: nothing was said before, so what they
    agreed to follows from these events alone and needs not be read again.
    """
    if not events:
        return
    _sql.run("insert_events", **_columns(events))
    histories: dict[tuple[int, int, str], list[ConsentEvent]] = defaultdict(list)
    for event in events:
        row = _row_of(event)
        histories[row.contact_id, row.topic_id, row.channel].append(_event(row))
    _write_states(histories)


def audit(workspace_id: int, *, now: datetime, outside: Sequence[Note] = ()) -> Audit:
    """Read the whole ledger again; consents that rest on what does not agree are worth nothing from here on.

    A person's own fresh yes is a new entry, and counts. Raises VaultAway.
    """
    found = ledger.audit(workspace_id, now=now, outside=outside)
    bodies = [fault.entry_id for fault in found.faults if fault.entry_id is not None]
    people = [fault.number for fault in found.faults if fault.kind is FaultKind.ENTRIES_MISSING]
    if found.faults:
        _distrust(workspace_id, bodies, people, now)
    return found


def ask_for_audit(workspace_id: int) -> None:
    """In the background, for a large ledger takes its time; `selectors.audit_state` says how far it is."""
    key = audit_key(workspace_id)
    with db.transaction(workspace_id):
        defer(Job("consent.audit_one", Queue.CHORE, {"workspace_id": workspace_id}, lock=key, only_once=key))


def _distrust(workspace_id: int, entries: Sequence[int], people: Sequence[int], now: datetime) -> None:
    """Of somebody whose entries have a gap every one is distrusted: nobody can tell what was taken out."""
    with db.transaction(workspace_id):
        concerned: list[int] = _sql.scalars("lock_resting_on", entries=list(entries), people=list(people))
        _sql.run("insert_distrusted", entries=list(entries), people=list(people), now=now)
        _write_states(_histories(concerned))


def _fold(touched: Collection[tuple[int, int, str]]) -> None:
    """States of these consents, by person, topic and channel, from their events."""
    histories = _histories(sorted({contact_id for contact_id, _, _ in touched}))
    _write_states({key: histories[key] for key in touched})


def _write_states(histories: Mapping[tuple[int, int, str], Sequence[ConsentEvent]]) -> None:
    if histories:
        _sql.run("upsert_consents", **_states([(key, replay(histories[key])) for key in sorted(histories)]))


def _histories(contacts: Sequence[int]) -> Mapping[tuple[int, int, str], list[ConsentEvent]]:
    """By person, topic and channel; what rests on a distrusted entry bears the flaw whenever it is folded."""
    rows: dict[tuple[int, int, str], list[_EventRow]] = defaultdict(list)
    for row in _sql.rows("list_events", _EventRow, contacts=db.array(contacts)):
        rows[row.contact_id, row.topic_id, row.channel].append(row)
    return {key: list(_trusted(of_key)) for key, of_key in rows.items()}


def _trusted(rows: Iterable[_EventRow]) -> Iterator[ConsentEvent]:
    """A yes is as good as its own entry and its question's; an altered renewal renews nothing."""
    question_altered = False
    for row in rows:
        altered, event = row.distrusted, _event(row)
        match event:
            case Requested():
                question_altered = altered
                yield event
            case Given() | Confirmed():
                flawed = altered or (isinstance(event, Confirmed) and question_altered)
                yield replace(event, flaw=Flaw.TAMPERED) if flawed else event
            case Reconfirmed():
                if not altered:
                    yield event
            case Narrowed() | Withdrawn() | Expired():
                yield event
            case unreachable:
                assert_never(unreachable)


def withdraw(withdrawals: Sequence[Withdrawal]) -> int:
    """Take back, in the open transaction and under the contacts' locks; how many consents ended."""
    if not withdrawals:
        return 0
    ended = _sql.rows(
        "insert_withdrawals",
        _Ended,
        contacts=db.array(each.contact_id for each in withdrawals),
        topics=db.array(each.topic_id for each in withdrawals),
        channels=db.array(each.channel.value if each.channel else None for each in withdrawals),
        methods=db.array(each.method.value for each in withdrawals),
        times=db.array(each.at for each in withdrawals),
        events=db.array(each.event_id for each in withdrawals),
        entries=db.array(each.entry_id for each in withdrawals),
    )
    _fold({(each.contact_id, each.topic_id, each.channel) for each in ended})
    return len(ended)


def narrow(
    contact_id: int,
    topic_id: int,
    frequency: Frequency,
    via: Method,
    *,
    event_id: UUID,
    entry_id: int | None,
    now: datetime,
) -> int:
    """The consents to a topic go on for no more messages than this; how many consents it is about.

    In the open transaction and under the contact's lock. What is wanted already is not written again.
    """
    most = frequency.limit
    channels = [
        Channel(held.channel)
        for held in _sql.rows("list_running", _Running, contact_id=contact_id, topic_id=topic_id, now=now)
        if (chosen := (terms_of(held.terms) or Terms()).fewer) is None or most.a_year < chosen.a_year
    ]
    record(
        [
            NewEvent(
                contact_id=contact_id,
                topic_id=topic_id,
                channel=channel,
                kind=EventKind.NARROWED,
                method=via,
                at=now,
                event_id=event_id,
                entry_id=entry_id,
                terms=Terms(fewer=most),
            )
            for channel in channels
        ]
    )
    return len(channels)


def expire_due(workspace_id: int, *, now: datetime) -> int:
    """End a slice of the consents whose time has come; how many, 0 when none is left. Raises VaultAway."""
    with db.transaction(workspace_id):
        due = _sql.rows("lock_due", _Due, now=now, rows_max=EXPIRE_ROWS)
        acts = [
            ledger.Act(
                each.contact_id,
                uuid7(now, os.urandom(10)),
                Kind.CONSENT_EXPIRED,
                now,
                {
                    "topics": [str(each.topic_id)],
                    "channel": each.channel,
                    "until": each.expires_at.isoformat(),
                },
            )
            for each in due
        ]
        record(
            [
                NewEvent(
                    contact_id=each.contact_id,
                    topic_id=each.topic_id,
                    channel=Channel(each.channel),
                    kind=EventKind.EXPIRED,
                    method=Method.CLOCK,
                    at=now,
                    event_id=act.event_id,
                    entry_id=entry_id,
                )
                for each, act, entry_id in zip(due, acts, ledger.append_many(acts), strict=True)
            ]
        )
        return len(due)


def attach(entries: Mapping[UUID, int]) -> None:
    """Entries that had waited for the vault got their numbers."""
    _sql.run_many(
        "update_entry",
        [{"workspace_id": db.workspace(), "event_id": e, "entry_id": n} for e, n in entries.items()],
    )


class FirstBasis(NamedTuple):
    """Of a new person of a list."""

    contact_id: int
    kind: str
    at: datetime
    note: str  # "" for none
    detail: str  # of the kind; "" for none


def record_first_bases(bases: Sequence[FirstBasis], batch_id: int | None) -> int:
    """As `record_bases`, of new people of one batch, each of them named once."""
    return _sql.run(
        "insert_first_bases",
        batch_id=batch_id,
        contacts=db.numbers([basis.contact_id for basis in bases]),
        kinds=db.texts([basis.kind for basis in bases]),
        times=db.array(basis.at for basis in bases),
        notes=db.texts([basis.note for basis in bases]),
        details=db.texts([basis.detail for basis in bases]),
    )


def record_bases(bases: Sequence[Mapping[str, object]]) -> int:
    """Cards, purchases, published addresses: contact_id, kind, at, and perhaps batch_id, note, refusing_words
    and a detail of the kind. None of it is a consent.
    """
    return _sql.run(
        "insert_bases",
        contacts=db.array(basis["contact_id"] for basis in bases),
        kinds=db.array(str(basis["kind"]) for basis in bases),
        times=db.array(basis["at"] for basis in bases),
        batches=db.array(basis.get("batch_id") for basis in bases),
        notes=db.array(_text(basis.get("note")) for basis in bases),
        refusing=db.array(basis.get("refusing_words", False) for basis in bases),
        details=db.array(_text(basis.get("detail")) for basis in bases),
    )


def _text(value: object) -> str | None:
    """Of an enum the text it stands for."""
    return None if value is None else str(value)


def first_time(contact_id: int, once: Once, *, now: datetime) -> bool:
    """Note a press, in the open transaction and under the contact's lock; False: it was noted before.

    Raises KeyReused where the same key stood for another request.
    """
    noted = _sql.run(
        "insert_app_act",
        contact_id=contact_id,
        key_sha256=once.key_sha256,
        request_sha256=once.request_sha256,
        now=now,
        kept_after=now - APP_ACTS_KEPT,
    )
    if noted:
        return True
    if not was_told(contact_id, once):
        raise KeyReused
    return False


def was_told(contact_id: int, once: Once) -> bool:
    """Was exactly this press noted before? In the open transaction."""
    before: bytes | None = _sql.scalar("get_app_act", contact_id=contact_id, key_sha256=once.key_sha256)
    return before is not None and bytes(before) == once.request_sha256


def forget_consents(contact_id: int) -> dict[str, int]:
    """Delete what the person agreed to, and keep what else is known of them; rows per table."""
    return {
        table: _sql.run(f"delete_{table}_of", contact_id=contact_id) for table in ("consent", "consent_event")
    }


def forget(contact_id: int) -> dict[str, int]:
    """Delete all rows about the person; rows per table."""
    tables = ("consent", "consent_event", "basis", "app_act")
    return {table: _sql.run(f"delete_{table}_of", contact_id=contact_id) for table in tables}


@dataclass(frozen=True, slots=True)
class _Ended:
    contact_id: int
    topic_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class _Running:
    channel: str
    terms: dict[str, Any] | None  # Any: JSON


@dataclass(frozen=True, slots=True)
class _Due:
    contact_id: int
    topic_id: int
    channel: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _EventRow:
    contact_id: int
    topic_id: int
    channel: str
    kind: str
    at: datetime
    expires_at: datetime | None
    flaw: str | None
    entry_id: int | None
    terms: dict[str, Any] | None  # Any: JSON
    distrusted: bool  # an audit found its entry altered


def _row_of(event: NewEvent) -> _EventRow:
    """As it will be read again; its entry is as new as the event, and nobody distrusts it yet."""
    return _EventRow(
        event.contact_id,
        event.topic_id,
        event.channel.value,
        event.kind.value,
        event.at,
        event.expires_at,
        event.flaw.value if event.flaw else None,
        event.entry_id,
        terms_json(event.terms) if event.terms else None,
        distrusted=False,
    )


def _columns(events: Sequence[NewEvent]) -> dict[str, object]:
    return {
        "contacts": db.numbers([each.contact_id for each in events]),
        "topics": db.numbers([each.topic_id for each in events]),
        "channels": db.texts([each.channel.value for each in events]),
        "kinds": db.texts([each.kind.value for each in events]),
        "methods": db.texts([each.method.value for each in events]),
        "times": db.array(each.at for each in events),
        "ends": db.array(each.expires_at for each in events),
        "flaws": db.array(each.flaw.value if each.flaw else None for each in events),
        "terms": [Jsonb(terms_json(each.terms)) if each.terms else None for each in events],
        "events": db.array(each.event_id for each in events),
        "entries": db.array(each.entry_id for each in events),
    }


def _event(row: _EventRow) -> ConsentEvent:
    topic_id, channel, kind = row.topic_id, Channel(row.channel), EventKind(row.kind)
    flaw = Flaw(row.flaw) if row.flaw else None
    terms = terms_of(row.terms)
    match kind:
        case EventKind.REQUESTED:
            return Requested(at=row.at, topic_id=topic_id, channel=channel, entry_id=row.entry_id)
        case EventKind.GIVEN:
            return Given(
                at=row.at,
                topic_id=topic_id,
                channel=channel,
                entry_id=row.entry_id,
                expires_at=row.expires_at,
                flaw=flaw,
                terms=terms,
            )
        case EventKind.CONFIRMED:
            return Confirmed(
                at=row.at,
                topic_id=topic_id,
                channel=channel,
                entry_id=row.entry_id,
                expires_at=row.expires_at,
                flaw=flaw,
                terms=terms,
            )
        case EventKind.RECONFIRMED:
            return Reconfirmed(at=row.at, topic_id=topic_id, channel=channel, expires_at=row.expires_at)
        case EventKind.NARROWED:
            if terms is None or terms.fewer is None:
                raise ValueError("an event that narrows names its limit")
            return Narrowed(at=row.at, topic_id=topic_id, channel=channel, fewer=terms.fewer)
        case EventKind.WITHDRAWN:
            return Withdrawn(at=row.at, topic_id=topic_id, channel=channel)
        case EventKind.EXPIRED:
            return Expired(at=row.at, topic_id=topic_id, channel=channel)
        case unreachable:
            assert_never(unreachable)


def _states(folded: Sequence[tuple[tuple[int, int, str], Consent]]) -> dict[str, object]:
    consents = [consent for _, consent in folded]
    return {
        "contacts": db.numbers([contact_id for (contact_id, _, _), _ in folded]),
        "topics": db.numbers([topic_id for (_, topic_id, _), _ in folded]),
        "channels": db.texts([channel for (_, _, channel), _ in folded]),
        "states": db.texts([ConsentState(each.state).value for each in consents]),
        "since": db.array(each.since for each in consents),
        "confirmed": db.array(each.confirmed for each in consents),
        "ends": db.array(each.expires_at for each in consents),
        "last": db.array(each.last_contact_at for each in consents),
        "entries": db.array(each.entry_id for each in consents),
        "flaws": db.array(each.flaw.value if each.flaw else None for each in consents),
        "terms": [Jsonb(terms_json(each.terms)) if each.terms else None for each in consents],
        "earlier": [Jsonb(earlier_json(each.earlier)) if each.earlier else None for each in consents],
    }
