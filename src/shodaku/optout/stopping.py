"""A no is obeyed: refusal, withdrawal and their one entry, under the lock that the gate waits for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.erasure import services as erasure
from shodaku.kit import db, log, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act, KeyDestroyed, VaultAway
from shodaku.optout.domain import (
    Choice,
    OptOut,
    OptOutScope,
    Receipt,
    as_refusal,
    event_id_of,
    receipt_number,
    standing,
    under,
)
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Refusal
from shodaku.suppression.services import NewRefusal

SETTLE_AFTER = timedelta(seconds=30)
STOPPING = (Purpose.DELIVERY, Purpose.NOTICE)  # links of mails; a confirmation says yes and stops nothing


def read_token(text: str, *purposes: Purpose) -> Token | None:
    """The token of a link that was made for one of these purposes. Links to say no never expire."""
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    for purpose in purposes or STOPPING:
        token = keys.read_url(text, purpose)
        if token is not None:
            return token
    return None


def opt_out(request: OptOut, now: datetime) -> Receipt:
    """Done when it returns: nothing more begins to leave. Repeating it gives the same receipt.

    Works while the key store is away. Raises ContactGone when nobody is left to stop anything for.
    """
    choice = under(_rule(request.workspace_id), request.choice)
    receipt = None
    while receipt is None:  # a change of address that was confirmed meanwhile: again, with its contact
        concerned = _concerned(request, choice.scope)
        delivery.hint(request.workspace_id, concerned)
        with db.transaction(request.workspace_id):
            there = _lock(request.contact_id, concerned)
            if set(_concerned(request, choice.scope)) <= set(concerned):
                receipt = _obey(request, choice, there, now)
    log.info("optout.done", workspace=request.workspace_id, scope=choice.scope.value, via=request.via.value)
    return receipt


def suppress_address(
    workspace_id: int, channel: Channel, address: str, by: str, now: datetime, *, reason: str = "staff"
) -> None:
    """Never contact this address again, whoever it belongs to; nothing to it begins to leave after this.

    Works while the key store is away: then the entry of the act, which names no address, waits.
    """
    pair = suppression.tokens(workspace_id, channel, address)
    owner = contacts_known.claimed(workspace_id, channel, [pair.strict]).get(pair.strict)
    if owner is not None:
        delivery.hint(workspace_id, [owner])
    said: dict[str, Value] = {"by": by, "channel": channel.value, "reason": reason}
    with db.transaction(workspace_id):
        if owner is not None:
            with suppress(ContactGone):  # erased since: the mark stands for the address
                contacts.lock(owner)
        suppression.suppress([pair], reason, now=now)
        entry_id = ledger.record_act_even_without_vault(
            workspace_id, Kind.SUPPRESSION_ADDED, said, event_id=uuid7(now, os.urandom(10)), now=now
        )
        if entry_id is None:
            settle_later(workspace_id, now)
    log.info("optout.suppressed", workspace=workspace_id)


def settle_waiting(workspace_id: int) -> int:
    """Give acts that waited for the key store their entries; how many. Raises VaultAway."""
    with db.transaction(workspace_id):
        entries = ledger.settle_waiting(workspace_id)
        consent.attach(entries)
        suppression.attach(entries)
        delivery.attach(entries)
        return len(entries)


def settle_later(workspace_id: int, now: datetime) -> None:
    """In the open transaction."""
    defer(
        Job(
            "optout.settle_waiting",
            Queue.CHORE,
            {"workspace_id": workspace_id},
            only_once=f"optout-settle-{workspace_id}",
            not_before=now + SETTLE_AFTER,
        )
    )


def _concerned(request: OptOut, scope: OptOutScope) -> list[int]:
    """The contacts that a no is about: of a total one all that the person has by changes of address."""
    if scope is OptOutScope.TOPIC:
        return [request.contact_id]
    return sorted([request.contact_id, *signups.moved_contacts(request.workspace_id, request.contact_id)])


def _lock(addressed: int, concerned: Sequence[int]) -> list[int]:
    """In one order for everybody; who of them is still there. Raises ContactGone for the one addressed."""
    there: list[int] = []
    for contact_id in concerned:
        try:
            contacts.lock(contact_id)
        except ContactGone:
            if contact_id == addressed:
                raise
        else:
            there.append(contact_id)
    return there


def _obey(request: OptOut, choice: Choice, concerned: Sequence[int], now: datetime) -> Receipt:
    """One refusal and withdrawal for each; the receipt is that of the contact addressed."""
    workspace_id, wanted = request.workspace_id, as_refusal(choice, now)
    # read first, of what is known before this no
    same = {request.contact_id, *signups.same_contacts(workspace_id, request.contact_id)}
    entry_id, event_id, at = _stop_once(request, choice, wanted)
    for contact_id in concerned:
        if contact_id != request.contact_id:
            _stop_once(replace(request, contact_id=contact_id), choice, wanted)
    number = receipt_number(at.astimezone(_zone(workspace_id)).date(), entry_id, event_id)
    if choice.scope is OptOutScope.ERASE:
        for contact_id in concerned:
            if contact_id in same:
                erasure.request(workspace_id, contact_id, rule=choice.scope.value, receipt=number, now=now)
    return Receipt(number, at, entry_id, choice.scope)


def _stop_once(request: OptOut, choice: Choice, wanted: Refusal) -> tuple[int | None, UUID, datetime]:
    """The act with its time: this one, or the earlier one that says the same already."""
    before = _standing(request.workspace_id, request.contact_id, wanted)
    if before is None or _ends_anything(request, choice.topic_id, choice.scope):
        return *_stop(request, choice.scope, wanted), wanted.at
    event_id = event_id_of(request.workspace_id, request.contact_id, before)
    return _entry_of(request.workspace_id, request.contact_id, before), event_id, before.at


def _stop(request: OptOut, scope: OptOutScope, wanted: Refusal) -> tuple[int | None, UUID]:
    """Refusal, withdrawal and their one entry. The act is obeyed even if its entry must wait."""
    contact_id, now = request.contact_id, wanted.at
    event_id = event_id_of(request.workspace_id, contact_id, wanted)
    ends = _ends_anything(request, wanted.topic_id, scope)
    kind = Kind.CONSENT_WITHDRAWN if ends else Kind.REFUSAL
    entry_id = _record(
        request.workspace_id, Act(contact_id, event_id, kind, now, _fields(request, wanted, scope))
    )
    suppression.refuse(
        NewRefusal(
            contact_id=contact_id,
            scope=wanted.scope,
            topic_id=wanted.topic_id,
            until=wanted.until,
            at=now,
            via=request.via.value,
            event_id=event_id,
            entry_id=entry_id,
        )
    )
    if scope is not OptOutScope.UNTIL:  # a pause takes nothing back
        consent.withdraw(
            contact_id, wanted.topic_id, request.via, event_id=event_id, entry_id=entry_id, now=now
        )
    if scope in (OptOutScope.ALL, OptOutScope.ERASE):
        signup.withdraw_open(contact_id, now=now)
    return entry_id, event_id


def _record(workspace_id: int, act: Act) -> int | None:
    try:
        entry_id = ledger.append_even_without_vault(act)
    except (
        KeyDestroyed
    ):  # the person is being erased this very minute: nothing can be sealed for them any more
        return None
    if entry_id is None:
        settle_later(workspace_id, act.at)
    return entry_id


def _fields(request: OptOut, wanted: Refusal, scope: OptOutScope) -> dict[str, Value]:
    addresses = contacts_known.addresses(request.workspace_id, request.contact_id)
    by_channel = sorted(addresses, key=lambda each: each.channel != Channel.EMAIL)
    topic = consents.topic(request.workspace_id, wanted.topic_id) if wanted.topic_id is not None else None
    fields: dict[str, Value | None] = {
        "method": request.via.value,
        "via": request.via.value,
        "scope": scope.value,
        "topics": [topic.name] if topic else None,
        "topic_ids": [str(topic.topic_id)] if topic else None,
        "until": wanted.until.isoformat(timespec="milliseconds") if wanted.until else None,
        "address": next((each.value for each in by_channel), None),
        "url": request.url or None,
        "ip": request.ip or None,
        "browser": request.browser or None,
        "by": request.by or None,
        "said": request.said or None,
        "received_by": request.received_by or None,
        "received_at": request.received_at.isoformat(timespec="milliseconds")
        if request.received_at
        else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _standing(workspace_id: int, contact_id: int, wanted: Refusal) -> Refusal | None:
    consented = [
        each.since
        for each in consents.held(workspace_id, contact_id)
        if each.state == ConsentState.ACTIVE and wanted.topic_id in (None, each.topic_id)
    ]
    refusals = tuple(suppressions.refusals(workspace_id, contact_id))
    return standing(refusals, wanted, max(consented, default=None))


def _ends_anything(request: OptOut, topic_id: int | None, scope: OptOutScope) -> bool:
    """Is there a consent, or a question still open, that this no takes back?"""
    return scope is not OptOutScope.UNTIL and any(
        each.state in (ConsentState.ACTIVE, ConsentState.PENDING) and topic_id in (None, each.topic_id)
        for each in consents.held(request.workspace_id, request.contact_id)
    )


def _entry_of(workspace_id: int, contact_id: int, refusal: Refusal) -> int | None:
    """The entry of an earlier no, by its time; None while it waits or the key store is away."""
    at = refusal.at.replace(microsecond=refusal.at.microsecond // 1000 * 1000)  # entries count milliseconds
    try:
        entries = ledger_known.history(workspace_id, contact_id)
    except VaultAway:
        return None
    kinds = (Kind.REFUSAL, Kind.CONSENT_WITHDRAWN)
    return next((e.entry_id for e in entries if e.kind in kinds and _at(e.fields) == at), None)


def _at(fields: Mapping[str, Value] | None) -> datetime | None:
    return datetime.fromisoformat(str(fields["at"])) if fields else None


def _rule(workspace_id: int) -> OptOutRule:
    workspace = accounts.workspace(workspace_id)
    return OptOutRule(workspace.on_opt_out) if workspace else OptOutRule.STOP


def _zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
