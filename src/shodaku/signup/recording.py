"""A yes that did not come by our own form, but on paper or by telephone: whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import FIRST_DAY, Evidence, Method, Terms, add_months
from shodaku.consent.selectors import Topic
from shodaku.consent.services import EventKind, NewEvent, WordingKind
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.policy.domain import Reason
from shodaku.signup.sending import new_event_id, sha256_of

# a consent by whatever way has these: a card or a call that told an address alone is none (LAW.md section 7)
ALWAYS: Final = ("wording_version", "wording_sha256", "topics", "purposes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldConsent:
    """What somebody writes down about a yes, with what proves it; None and empty: there is none."""

    contact_id: int
    topic_ids: tuple[int, ...]
    method: Method | None
    at: datetime | None
    wording: str  # what the person read or heard when they agreed
    by: str  # who writes it down
    channel: Channel = Channel.EMAIL
    url: str | None = None
    scan_sha256: str | None = None  # of the paper; of the page as it was shown
    purposes: tuple[str, ...] | None = None  # None: those of the topics
    ip: str | None = None
    policy_version: int | None = None
    policy_sha256: str | None = None
    terms: Terms | None = None
    more: Mapping[str, Value] = field(default_factory=dict)  # what the entry says besides


@dataclass(frozen=True, slots=True)
class Recorded:
    entry_id: int
    reason: Reason = Reason.CONSENT_RECORDED


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Nothing was written: `missing` names the parts without which this proves nothing."""

    missing: tuple[str, ...]
    reason: Reason = Reason.EVIDENCE_INCOMPLETE


def record_told_consent(
    workspace_id: int,
    told: ToldConsent,
    *,
    now: datetime,
    scan: bytes | None = None,
    picture: ledger.Picture | None = None,
) -> Recorded | Incomplete:
    """The consent holds from the moment the person gave it; with double opt-in its confirmation is still due.

    A `scan`, or the `picture` that one was made into before, is kept with it, or neither is; `scan_sha256`
    then is that of the kept picture, by which the entry leads to it (`ledger.selectors.files_of`). Raises
    UnfitFile, VaultAway, ContactGone.
    """
    if picture is None and scan is not None:
        picture = ledger.plain_picture(scan)
    if picture is not None:
        told = replace(told, scan_sha256=picture.sha256)
    topics = [each for each in consents.topics(workspace_id) if each.topic_id in told.topic_ids]
    evidence = _evidence(told, topics)
    if evidence is None or missing(told, evidence, now):
        return Incomplete(missing(told, evidence, now))
    if contacts_known.contact(workspace_id, told.contact_id) is None:
        raise ContactGone  # before a key is made: who was erased gets none again
    ledger.ensure_keys(workspace_id, [told.contact_id])
    with db.transaction(workspace_id):
        contacts.lock(told.contact_id)
        if picture is not None:
            ledger.keep_picture(workspace_id, told.contact_id, picture, now=now)
        version = _keep(workspace_id, told, topics, now)
        return Recorded(_record(workspace_id, told, replace(evidence, wording_version=version), topics, now))


def missing(told: ToldConsent, evidence: Evidence | None, now: datetime) -> tuple[str, ...]:
    """Names of the parts that are absent (施行規則4条1項, PP-04).

    A time still to come is none, nor one before the first day.
    """
    absent = []
    if told.at is None or told.at > now or told.at.date() < FIRST_DAY:
        absent.append("at")
    if told.method is None:
        absent.append("method")
    if evidence is not None:
        absent += [name for name in ALWAYS if not getattr(evidence, name)]
        absent += evidence.missing()
    return tuple(dict.fromkeys(absent))


def _evidence(told: ToldConsent, topics: Sequence[Topic]) -> Evidence | None:
    """None without the time or the way: then nothing else can be asked for."""
    if told.at is None or told.method is None:
        return None
    purposes = tuple(each.purpose for each in topics) if told.purposes is None else told.purposes
    return Evidence(
        at=told.at,
        method=told.method,
        url=told.url,
        wording_version=1 if told.wording.strip() else None,  # kept, and numbered, once all is there
        wording_sha256=sha256_of(told.wording) if told.wording.strip() else None,
        form_sha256=told.scan_sha256,
        topics=tuple(each.name for each in topics),
        channel=told.channel,
        purposes=tuple(dict.fromkeys(purposes)),
        ip=told.ip,
        policy_version=told.policy_version,
        policy_sha256=told.policy_sha256,
        by=told.by,
    )


def _keep(workspace_id: int, told: ToldConsent, topics: Sequence[Topic], now: datetime) -> int:
    """The words stay readable under every topic that was agreed to; the version under the first one."""
    versions = [
        consent.keep_wording(
            workspace_id, WordingKind.TOPIC, each.topic_id, told.wording, staff_id=None, now=now
        )
        for each in topics
    ]
    return versions[0]


def _record(
    workspace_id: int, told: ToldConsent, evidence: Evidence, topics: Sequence[Topic], now: datetime
) -> int:
    event_id = new_event_id(now)
    act = Act(
        told.contact_id,
        event_id,
        Kind.CONSENT_GIVEN,
        evidence.at,
        _fields(workspace_id, told, evidence, topics, now),
    )
    entry_id = ledger.append(act)
    consent.record(
        [
            NewEvent(
                contact_id=told.contact_id,
                topic_id=topic.topic_id,
                channel=told.channel,
                kind=EventKind.GIVEN,
                method=evidence.method,
                at=evidence.at,
                event_id=event_id,
                entry_id=entry_id,
                expires_at=add_months(evidence.at, topic.valid_months) if topic.valid_months else None,
                terms=told.terms,
            )
            for topic in topics
        ]
    )
    return entry_id


def _fields(
    workspace_id: int, told: ToldConsent, evidence: Evidence, topics: Sequence[Topic], now: datetime
) -> Mapping[str, Value]:
    addresses = contacts_known.addresses(workspace_id, told.contact_id)
    address = next((each.value for each in addresses if each.channel == told.channel), None)
    return {
        **evidence.fields(n=0, address=address),  # the ledger counts
        "topic_ids": [str(each.topic_id) for each in topics],
        "frequency": [str(each.frequency) for each in topics],
        "recorded_at": now.isoformat(timespec="milliseconds"),
        **told.more,
    }
