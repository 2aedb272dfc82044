"""What is kept about one person, in the parts that people know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from shodaku.complaints.rights import (
    DataRequest,
    Identified,
    RefusalGround,
    RequestKind,
    RequestState,
    RequestVia,
)
from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts_known
from shodaku.delivery import selectors as deliveries
from shodaku.erasure import selectors as erasures
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors as signup
from shodaku.suppression import selectors as suppressions

REQUESTS_MAX: Final = 200

_sql = db.Statements("shodaku.complaints")


@dataclass(frozen=True, slots=True)
class OwnAddress:
    channel: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConsent:
    topic: str
    topic_en: str
    channel: str
    state: str
    since: datetime
    expires_at: datetime | None
    purpose: str
    frequency: str
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """A step in the life of a consent, with the words that were shown then, where they are known."""

    at: datetime
    kind: str
    method: str
    topic: str
    topic_en: str
    channel: str
    entry: int | None
    wording_version: int | None
    wording: str | None


@dataclass(frozen=True, slots=True)
class OwnRefusal:
    at: datetime
    scope: str
    topic: str | None
    topic_en: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OwnMessage:
    at: datetime
    subject: str
    outcome: str
    entry: int | None


@dataclass(frozen=True, slots=True)
class OwnPurchase:
    at: datetime
    title: str
    amount_yen: int
    code: str | None  # of the product
    reference: str | None  # of the order, or what tells it apart
    paid: str | None  # in another currency than yen


@dataclass(frozen=True, slots=True)
class OwnNote:
    """What staff wrote down about the person; with a day, what they meant to do."""

    at: datetime
    text: str
    due_on: date | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnReaction:
    """A reply, a bounce or a complaint that came back from the address."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class OwnHit:
    """A link of a mail that was followed, or a mail that was opened; by the person or by a program."""

    at: datetime
    kind: str  # click, open
    by: str  # human, bot, prefetch
    target: str | None


@dataclass(frozen=True, slots=True)
class OwnRequest:
    number: int
    kind: str
    received_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    name: str
    kana: str
    language: str
    birth_date: date | None
    told: Mapping[str, str]  # answers on forms and columns of lists, by their names
    told_unconfirmed: tuple[Mapping[str, Any], ...]  # Any: JSON; with requests that wait for their answer
    country: str | None
    source: str
    known_since: datetime
    addresses: tuple[OwnAddress, ...]
    consents: tuple[OwnConsent, ...]
    events: tuple[OwnEvent, ...]
    bases: tuple[tuple[datetime, str], ...]
    refusals: tuple[OwnRefusal, ...]
    messages: tuple[OwnMessage, ...]
    purchases: tuple[OwnPurchase, ...]
    notes: tuple[OwnNote, ...]
    reactions: tuple[OwnReaction, ...]
    measured_since: datetime | None  # that links they follow are noted; None: they did not allow it
    hits: tuple[OwnHit, ...]
    requests: tuple[OwnRequest, ...]
    sealed_if_erased_until: datetime | None  # what the law would keep of them, were they erased now

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return {name: _plain(part) for name, part in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Described:
    birth_date: date | None
    country: str | None
    attributes: dict[str, str]
    tracking_consent_at: datetime | None


def own_record(workspace_id: int, contact_id: int, now: datetime) -> OwnRecord:
    """Everything, with the words of each consent. Raises VaultAway, LookupError: nobody has this number."""
    entries = {each.entry_id: each.fields or {} for each in ledger.history(workspace_id, contact_id)}
    return _read(workspace_id, contact_id, entries, now)


def record_without_words(workspace_id: int, contact_id: int, now: datetime) -> OwnRecord:
    """The same for a page, without the words that only the key store opens. Raises LookupError."""
    return _read(workspace_id, contact_id, {}, now)


def _read(
    workspace_id: int, contact_id: int, entries: Mapping[int, Mapping[str, Any]], now: datetime
) -> OwnRecord:
    with db.transaction(workspace_id):
        person = contacts_known.contact(workspace_id, contact_id)
        described = _sql.row("get_description", _Described, contact_id=contact_id)
        if person is None or described is None:
            raise LookupError
        topics = {each.topic_id: each for each in consents.topics(workspace_id)}
        return OwnRecord(
            name=person.name,
            kana=person.kana or "",
            language=person.locale or "",
            birth_date=described.birth_date,
            told=described.attributes,
            told_unconfirmed=tuple(
                each.as_json() for each in signup.waiting_answers(workspace_id, contact_id)
            ),
            country=described.country,
            source=person.source,
            known_since=person.created_at,
            addresses=_addresses(workspace_id, contact_id),
            consents=_consents(workspace_id, contact_id, topics),
            events=_events(workspace_id, contact_id, topics, entries),
            bases=tuple((each.at, each.kind) for each in consents.bases(workspace_id, contact_id)),
            refusals=_refusals(workspace_id, contact_id, topics),
            messages=_messages(workspace_id, contact_id),
            purchases=_purchases(workspace_id, contact_id),
            notes=_notes(workspace_id, contact_id),
            reactions=_reactions(workspace_id, contact_id),
            measured_since=described.tracking_consent_at,
            hits=_hits(workspace_id, contact_id),
            requests=_requests(workspace_id, contact_id),
            sealed_if_erased_until=erasures.keeps_until(workspace_id, contact_id, now=now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """The columns of data_request; `value` is what they mean."""

    request_id: int
    contact_id: int | None
    kind: str
    via: str
    jurisdiction: str
    language: str
    state: str
    received_at: datetime
    due_at: datetime
    lengthened_at: datetime | None
    identity_how: str | None
    identity_by: str | None
    identity_at: datetime | None
    ended_at: datetime | None
    refusal: str | None
    mailing_id: int | None
    entry_id: int | None

    @property
    def value(self) -> DataRequest:
        return DataRequest(
            request_id=self.request_id,
            contact_id=self.contact_id,
            kind=RequestKind(self.kind),
            via=RequestVia(self.via),
            jurisdiction=self.jurisdiction,
            language=self.language,
            state=RequestState(self.state),
            received_at=self.received_at,
            due_at=self.due_at,
            lengthened_at=self.lengthened_at,
            identity_how=Identified(self.identity_how) if self.identity_how else None,
            identity_by=self.identity_by,
            identity_at=self.identity_at,
            ended_at=self.ended_at,
            refusal=RefusalGround(self.refusal) if self.refusal else None,
            mailing_id=self.mailing_id,
            entry_id=self.entry_id,
        )


def requests_of(workspace_id: int, contact_id: int) -> list[DataRequest]:
    """What one person asked, newest first."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_requests_of", RequestRow, contact_id=contact_id, rows_max=REQUESTS_MAX)
    return [each.value for each in rows]


def _addresses(workspace_id: int, contact_id: int) -> tuple[OwnAddress, ...]:
    kept = contacts_known.addresses(workspace_id, contact_id)
    return tuple(OwnAddress(each.channel, each.value) for each in kept)


def _consents(
    workspace_id: int, contact_id: int, topics: Mapping[int, consents.Topic]
) -> tuple[OwnConsent, ...]:
    return tuple(
        OwnConsent(
            topic=_title(topics, each.topic_id) or "",
            topic_en=_title(topics, each.topic_id, "en") or "",
            channel=each.channel,
            state=each.state,
            since=each.since,
            expires_at=each.expires_at,
            purpose=topics[each.topic_id].purpose if each.topic_id in topics else "",
            frequency=topics[each.topic_id].frequency.text("ja") if each.topic_id in topics else "",
            entry=each.entry_id,
        )
        for each in consents.held(workspace_id, contact_id)
    )


def _events(
    workspace_id: int,
    contact_id: int,
    topics: Mapping[int, consents.Topic],
    entries: Mapping[int, Mapping[str, Any]],
) -> tuple[OwnEvent, ...]:
    found = []
    for each in consents.events(workspace_id, contact_id):
        fields = entries.get(each.entry_id, {}) if each.entry_id is not None else {}
        sha256, version = fields.get("wording_sha256"), fields.get("wording_version")
        kept = consents.wording_by_sha256(workspace_id, sha256) if isinstance(sha256, str) else None
        told = fields.get("wording")
        found.append(
            OwnEvent(
                at=each.at,
                kind=each.kind,
                method=each.method,
                topic=_title(topics, each.topic_id) or "",
                topic_en=_title(topics, each.topic_id, "en") or "",
                channel=each.channel,
                entry=each.entry_id,
                wording_version=version if isinstance(version, int) else None,
                wording=kept.text if kept else (told if isinstance(told, str) else None),
            )
        )
    return tuple(found)


def _refusals(
    workspace_id: int, contact_id: int, topics: Mapping[int, consents.Topic]
) -> tuple[OwnRefusal, ...]:
    return tuple(
        OwnRefusal(
            each.at,
            each.scope.value,
            _title(topics, each.topic_id),
            _title(topics, each.topic_id, "en"),
            each.until,
        )
        for each in suppressions.refusals(workspace_id, contact_id)
    )


def _messages(workspace_id: int, contact_id: int) -> tuple[OwnMessage, ...]:
    return tuple(
        OwnMessage(each.at, each.subject, each.outcome, each.evidence_id)
        for each in deliveries.sent_to(workspace_id, contact_id)
    )


def _purchases(workspace_id: int, contact_id: int) -> tuple[OwnPurchase, ...]:
    return tuple(
        OwnPurchase(
            each.at,
            each.title,
            each.amount_yen,
            each.code,
            each.reference,
            f"{each.paid} {each.currency}" if each.paid is not None else None,
        )
        for each in contacts_known.purchases(workspace_id, contact_id)
    )


def _notes(workspace_id: int, contact_id: int) -> tuple[OwnNote, ...]:
    kept = contacts_known.notes(workspace_id, contact_id)
    return tuple(OwnNote(each.at, each.text, each.due_on, each.done_at) for each in kept)


def _reactions(workspace_id: int, contact_id: int) -> tuple[OwnReaction, ...]:
    return tuple(OwnReaction(each.at, each.kind) for each in deliveries.feedback(workspace_id, contact_id))


def _hits(workspace_id: int, contact_id: int) -> tuple[OwnHit, ...]:
    return tuple(
        OwnHit(each.at, "open" if each.target is None else "click", each.actor, each.target)
        for each in deliveries.hits_of(workspace_id, contact_id)
    )


def _requests(workspace_id: int, contact_id: int) -> tuple[OwnRequest, ...]:
    return tuple(
        OwnRequest(each.request_id, each.kind.value, each.received_at, each.state.value, each.ended_at)
        for each in requests_of(workspace_id, contact_id)
    )


def _title(topics: Mapping[int, consents.Topic], topic_id: int | None, language: str = "ja") -> str | None:
    known = topics.get(topic_id) if topic_id is not None else None
    return known.title(language) if known else None


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat()
        case str():
            return value
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case Sequence():
            return [_plain(each) for each in value]
        case _:
            return value
