"""A change of address that its owner confirmed: the new one receives from now on, the old one no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState, Limit, Method, Terms
from shodaku.consent.services import EventKind
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, ContactKind, CountrySource, Residence
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.signup.sending import new_event_id
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope, in_force
from shodaku.suppression.services import NewRefusal

_sql = db.Statements("shodaku.signup")
_HELD = (ConsentState.ACTIVE, ConsentState.PENDING)


def received_at(workspace_id: int, contact_id: int, now: datetime) -> set[int]:
    """Topics that the person receives by mail as things stand; a pause takes nothing back."""
    refusals = [r for r in suppressions.refusals(workspace_id, contact_id) if r.scope is not Scope.UNTIL]
    return {
        each.topic_id
        for each in consents.held(workspace_id, contact_id)
        if each.channel == Channel.EMAIL and each.state == ConsentState.ACTIVE
        if each.expires_at is None or now < each.expires_at
        if not any(in_force(refusal, each.topic_id, each.since, now) for refusal in refusals)
    }


def leave(workspace_id: int, old_id: int, new_id: int, seen: Mapping[str, str], now: datetime) -> None:
    """Of the old address everything ends, and a pause goes along; in the open transaction, both locked."""
    event_id, held = new_event_id(now), consents.held(workspace_id, old_id)
    fewer = consents.narrowed(workspace_id, old_id)  # before it ends
    fields: dict[str, Value] = {
        "method": Method.PREFERENCE.value,
        "via": Method.PREFERENCE.value,
        "scope": Scope.ALL.value,
        "channel": Channel.EMAIL.value,
        "moved_to": str(new_id),
        **seen,
    }
    entry_id = ledger.append(Act(old_id, event_id, Kind.CONSENT_WITHDRAWN, now, fields))
    consent.record(
        [
            consent.NewEvent(
                contact_id=old_id,
                topic_id=each.topic_id,
                channel=Channel.EMAIL,
                kind=EventKind.WITHDRAWN,
                method=Method.PREFERENCE,
                at=now,
                event_id=event_id,
                entry_id=entry_id,
            )
            for each in held
            if each.channel == Channel.EMAIL and each.state in _HELD
        ]
    )
    _sql.run("withdraw_open", contacts=[old_id], now=now)
    # a refusal covers every channel: who still gets texts on their telephone did not refuse those
    if not any(each.channel != Channel.EMAIL and each.state in _HELD for each in held):
        suppression.refuse(
            [
                NewRefusal(
                    contact_id=old_id,
                    scope=Scope.ALL,
                    at=now,
                    via=Method.PREFERENCE.value,
                    event_id=event_id,
                    entry_id=entry_id,
                )
            ]
        )
    _take_pause_along(workspace_id, old_id, new_id, now)
    _take_fewer_along(workspace_id, old_id, new_id, fewer, now)
    if _sql.scalar("made_by_move", old_id=old_id, new_id=new_id):
        _describe(old_id, new_id)


def _describe(old_id: int, new_id: int) -> None:
    """Age, residence and kind stay the person's: no rule about a child ends with the child's address.

    Neither the name nor a consent to tracking goes along: whoever holds a forwarded mail could ask for them.
    """
    known = _sql.row("get_description", _Description, contact_id=old_id)
    if known is None:
        return
    residence = None
    if known.country is not None and known.country_from is not None:
        residence = Residence(known.country, CountrySource(known.country_from))
    contacts.describe(
        new_id,
        country=residence,
        kind=ContactKind(known.kind),
        birth_date=known.birth_date,
        timezone=known.timezone,
    )


@dataclass(frozen=True, slots=True)
class _Description:
    country: str | None
    country_from: int | None
    kind: str
    birth_date: date | None
    timezone: str | None


def _take_pause_along(workspace_id: int, old_id: int, new_id: int, now: datetime) -> None:
    ends = [refusal.until for refusal in suppressions.refusals(workspace_id, old_id) if refusal.until]
    until = max((end for end in ends if end > now), default=None)
    if until is None:
        return
    event_id = new_event_id(now)
    fields: dict[str, Value] = {
        "method": Method.PREFERENCE.value,
        "via": Method.PREFERENCE.value,
        "scope": Scope.UNTIL.value,
        "until": until.isoformat(timespec="milliseconds"),
        "moved_from": str(old_id),
    }
    entry_id = ledger.append(Act(new_id, event_id, Kind.REFUSAL, now, fields))
    suppression.refuse(
        [
            NewRefusal(
                contact_id=new_id,
                scope=Scope.UNTIL,
                until=until,
                at=now,
                via=Method.PREFERENCE.value,
                event_id=event_id,
                entry_id=entry_id,
            )
        ]
    )


def _take_fewer_along(
    workspace_id: int,
    old_id: int,
    new_id: int,
    fewer: Mapping[tuple[int, Channel], Limit],
    now: datetime,
) -> None:
    """To change one's address is not to want more."""
    received = received_at(workspace_id, new_id, now)
    for (topic_id, channel), limit in fewer.items():
        if channel is not Channel.EMAIL or topic_id not in received:
            continue
        event_id = new_event_id(now)
        fields: dict[str, Value] = {
            "method": Method.PREFERENCE.value,
            "via": Method.PREFERENCE.value,
            "scope": "less_often",
            "topic_ids": [str(topic_id)],
            "moved_from": str(old_id),
        }
        entry_id = ledger.append(Act(new_id, event_id, Kind.REFUSAL, now, fields))
        narrowed = consent.NewEvent(
            contact_id=new_id,
            topic_id=topic_id,
            channel=Channel.EMAIL,
            kind=EventKind.NARROWED,
            method=Method.PREFERENCE,
            at=now,
            event_id=event_id,
            entry_id=entry_id,
            terms=Terms(fewer=limit),
        )
        consent.record([narrowed])
