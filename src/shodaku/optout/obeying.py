"""Many nos in one transaction: what they change, under the locks that the gate waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState, Method
from shodaku.consent.selectors import ConsentChange, Held, Topic
from shodaku.consent.services import Withdrawal
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.selectors import Address
from shodaku.delivery import services as delivery
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.kit.erasure_journal import LineKind
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.optout.domain import (
    Choice,
    OptOut,
    OptOutScope,
    Receipt,
    as_meant,
    as_refusal,
    change_id_of,
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
from shodaku.suppression.services import NewRefusal, Remembered

SETTLE_AFTER = timedelta(seconds=30)
_OPEN = (ConsentState.ACTIVE, ConsentState.PENDING)
_GOES_ON = (OptOutScope.UNTIL, OptOutScope.LESS_OFTEN)  # these take no consent back
_CHANGES = (OptOutScope.CHANNEL, OptOutScope.LESS_OFTEN)  # these refuse nothing


@dataclass(frozen=True, slots=True)
class _House:
    """What a workspace says about a no, read before anything is locked."""

    workspace_id: int
    rule: OptOutRule
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class _No:
    """One no as the workspace's rule has it, and everybody it is about, who was addressed first."""

    request: OptOut
    choice: Choice
    concerned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of people, under their locks."""

    refusals: Mapping[int, Sequence[tuple[Refusal, int | None]]]
    held: Mapping[int, Sequence[Held]]
    addresses: Mapping[int, Sequence[Address]]
    topics: Mapping[int, Topic]
    changes: Mapping[int, Sequence[ConsentChange]]  # only where a no may change a consent and refuse nothing
    same: Mapping[int, Sequence[int]]  # only of those who are to be forgotten


@dataclass(frozen=True, slots=True)
class _Change:
    """A no that says something new about one of its people."""

    no: _No
    contact_id: int
    refusal: Refusal | None  # None: a consent changes, and nothing that stays agreed to is refused
    at: datetime
    event_id: UUID
    ends: bool  # a consent, or a question still open


@dataclass(frozen=True, slots=True)
class _Stands:
    """The act that obeys a no: this one, or the earlier one that says the same already."""

    event_id: UUID
    at: datetime
    entry_id: int | None


def obey(
    workspace_id: int, requests: Mapping[int, OptOut], now: datetime, *, wait: bool
) -> dict[int, Receipt]:
    """Receipts by the places of the requests, obeyed in the order of these; none where nobody is left.

    Without waiting, none for whom somebody else holds.
    """
    receipts: dict[int, Receipt] = {}
    left = dict(requests)
    while left:  # a change of address that was confirmed meanwhile: again, with its contact
        house, nos = _announce(workspace_id, left)
        with db.transaction(workspace_id), suppression.in_one_append():
            there = contacts.lock_many(_everybody(nos.values()), wait=wait)
            nos = {place: no for place, no in nos.items() if no.request.contact_id in there}
            moved = _moved(workspace_id, nos.values())
            whole = {place: no for place, no in nos.items() if set(_concerned(no, moved)) <= {*no.concerned}}
            if not wait:  # of whom one contact is held by somebody else the others are not stopped without it
                whole = {place: no for place, no in whole.items() if there.issuperset(no.concerned)}
            for turn in _turns(whole):
                receipts |= _obey(house, turn, there, now)
        left = {place: left[place] for place in nos.keys() - whole.keys()} if wait else {}
    return receipts


def already_obeyed(requests: Sequence[OptOut], now: datetime) -> set[int]:
    """Of which people of one workspace this no says nothing that does not hold already. Writes nothing."""
    if not requests:
        return set()
    workspace_id = requests[0].workspace_id
    nos = [_No(each, each.choice, (each.contact_id,)) for each in requests]
    with db.transaction(workspace_id):
        facts = _facts(workspace_id, nos)
    looks = {no.request.contact_id: _look(workspace_id, no, no.request.contact_id, facts, now) for no in nos}
    return {contact_id for contact_id, look in looks.items() if isinstance(look, _Stands)}


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


def _announce(workspace_id: int, requests: Mapping[int, OptOut]) -> tuple[_House, dict[int, _No]]:
    """The hint to the workers leaves at this commit, before the transaction that waits for their locks."""
    with db.transaction(workspace_id, durable=False):
        workspace = accounts.workspace(workspace_id)
        house = _House(
            workspace_id,
            OptOutRule(workspace.on_opt_out) if workspace else OptOutRule.STOP,
            ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo"),
        )
        nos = {place: _No(each, _meant(house.rule, each), ()) for place, each in requests.items()}
        moved = _moved(workspace_id, nos.values())
        nos = {place: replace(no, concerned=_concerned(no, moved)) for place, no in nos.items()}
        delivery.hint(workspace_id, _everybody(nos.values()))
    return house, nos


def _meant(rule: OptOutRule, request: OptOut) -> Choice:
    """The rule of a workspace widens what somebody has proved to say; a forged mail never erases."""
    return under(rule, request.choice) if request.proved else request.choice


def _moved(workspace_id: int, nos: Iterable[_No]) -> Mapping[int, Sequence[int]]:
    """Of those whose no is about all that the person has by changes of address: their other contacts."""
    contact_ids = sorted({no.request.contact_id for no in nos if no.choice.topic_id is None})
    return signups.moved_contacts_of(workspace_id, contact_ids) if contact_ids else {}


def _concerned(no: _No, moved: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    if no.choice.topic_id is not None:
        return (no.request.contact_id,)
    return no.request.contact_id, *moved.get(no.request.contact_id, ())


def _everybody(nos: Iterable[_No]) -> list[int]:
    return sorted({contact_id for no in nos for contact_id in no.concerned})


def _turns(nos: Mapping[int, _No]) -> list[dict[int, _No]]:
    """Nos of different people are obeyed together; of the same person one after the other, in their order."""
    turns: list[dict[int, _No]] = []
    free_from: dict[int, int] = {}  # contact -> the first turn without an earlier no of theirs
    for place, no in sorted(nos.items()):
        at = max(free_from.get(contact_id, 0) for contact_id in no.concerned)
        if at == len(turns):
            turns.append({})
        turns[at][place] = no
        free_from.update(dict.fromkeys(no.concerned, at + 1))
    return turns


def _obey(house: _House, nos: Mapping[int, _No], there: Collection[int], now: datetime) -> dict[int, Receipt]:
    """Refusals and withdrawals for all who are concerned; each receipt is that of the contact addressed."""
    facts = _facts(house.workspace_id, nos.values())
    nos = {place: replace(no, choice=_as_meant(no, facts)) for place, no in nos.items()}
    changes: list[_Change] = []
    stands: dict[int, _Stands] = {}
    for no in nos.values():
        for contact_id in no.concerned:
            if contact_id in there:
                found = _look(house.workspace_id, no, contact_id, facts, now)
                if isinstance(found, _Change):
                    changes.append(found)
                else:
                    stands[contact_id] = found
    stands |= _write(house.workspace_id, changes, facts, now)
    receipts = {place: _receipt(house, no, stands[no.request.contact_id]) for place, no in nos.items()}
    _forget(house, nos, receipts, there, facts, now)
    return receipts


def _facts(workspace_id: int, nos: Collection[_No]) -> _Facts:
    people = _everybody(nos)
    about_topics = any(no.choice.topic_id is not None for no in nos)
    changing = [each for no in nos if no.choice.scope in _CHANGES for each in no.concerned]
    forgotten = [no.request.contact_id for no in nos if no.choice.scope is OptOutScope.ERASE]
    return _Facts(
        refusals=suppressions.refusals_of(workspace_id, people),
        held=consents.held_by(workspace_id, people),
        addresses=contacts_known.addresses_of(workspace_id, people),
        topics={each.topic_id: each for each in consents.topics(workspace_id)} if about_topics else {},
        changes=consents.changes_of(workspace_id, changing) if changing else {},
        same=signups.same_contacts_of(workspace_id, forgotten) if forgotten else {},
    )


def _as_meant(no: _No, facts: _Facts) -> Choice:
    held = {
        (each.topic_id, Channel(each.channel))
        for contact_id in no.concerned
        for each in facts.held.get(contact_id, ())
        if each.state in _OPEN
    }
    return as_meant(no.choice, held)


def _look(workspace_id: int, no: _No, contact_id: int, facts: _Facts, now: datetime) -> _Change | _Stands:
    """Does this no say something new, or does an earlier one of this contact say the same already?"""
    wanted = as_refusal(no.choice, now)
    ends = _ends_anything(facts.held.get(contact_id, ()), no.choice)
    if wanted is None:
        before = None if ends else _changed_before(workspace_id, no.choice, contact_id, facts)
        event_id = change_id_of(workspace_id, contact_id, no.choice, now)
    else:
        before = None if ends else _refused_before(workspace_id, contact_id, facts, wanted)
        event_id = event_id_of(workspace_id, contact_id, wanted)
    return before or _Change(no, contact_id, wanted, now, event_id, ends)


def _changed_before(workspace_id: int, choice: Choice, contact_id: int, facts: _Facts) -> _Stands | None:
    """The newest change of this topic or channel, if it is this very one and no consent came after it."""
    held = facts.held.get(contact_id, ())
    agreed = max(
        (each.since for each in held if _is_about(choice, each.topic_id, each.channel)), default=None
    )
    changes = facts.changes.get(contact_id, ())
    newest = next((e for e in reversed(changes) if _is_about(choice, e.topic_id, e.channel)), None)
    if newest is None or (agreed is not None and agreed > newest.at):
        return None
    if newest.event_id != change_id_of(workspace_id, contact_id, choice, newest.at):
        return None
    return _Stands(newest.event_id, newest.at, newest.entry_id)


def _is_about(choice: Choice, topic_id: int, channel: str) -> bool:
    return choice.topic_id in (None, topic_id) and choice.channel in (None, Channel(channel))


def _refused_before(workspace_id: int, contact_id: int, facts: _Facts, wanted: Refusal) -> _Stands | None:
    before = _before(facts, contact_id, wanted)
    if before is None:
        return None
    refusal, entry_id = before
    return _Stands(event_id_of(workspace_id, contact_id, refusal), refusal.at, entry_id)


def _before(facts: _Facts, contact_id: int, wanted: Refusal) -> tuple[Refusal, int | None] | None:
    consented = [
        each.since
        for each in facts.held.get(contact_id, ())
        if each.state == ConsentState.ACTIVE and wanted.topic_id in (None, each.topic_id)
    ]
    refusals = facts.refusals.get(contact_id, ())
    same = standing(tuple(each for each, _ in refusals), wanted, max(consented, default=None))
    return next(((each, entry_id) for each, entry_id in refusals if each is same), None)


def _ends_anything(held: Sequence[Held], choice: Choice) -> bool:
    """Is there a consent, or a question still open, that this no takes back?"""
    return choice.scope not in _GOES_ON and any(
        each.state in _OPEN and _is_about(choice, each.topic_id, each.channel) for each in held
    )


def _write(workspace_id: int, changes: Sequence[_Change], facts: _Facts, now: datetime) -> dict[int, _Stands]:
    """Refusals, withdrawals and one entry each. They are obeyed even if their entries must wait."""
    if not changes:
        return {}
    written = ledger.append_many_even_without_vault([_act(each, facts) for each in changes])
    if written.waiting:
        settle_later(workspace_id, now)
    entries = {each.event_id: entry for each, entry in zip(changes, written.entries, strict=True)}
    suppression.refuse(
        [
            _refusal(each, refusal, entries[each.event_id])
            for each in changes
            if (refusal := each.refusal) is not None
        ]
    )
    ending = [each for each in changes if each.no.choice.scope not in _GOES_ON]
    consent.withdraw([_withdrawal(each, entries[each.event_id]) for each in ending])
    for each in changes:
        if each.no.choice.scope is OptOutScope.LESS_OFTEN:
            _narrow(each, entries[each.event_id])
    suppression.remember([_remembered(each) for each in changes if each.refusal is None])
    total = [each.contact_id for each in changes if _is_total(each.no.choice)]
    if total:
        signup.withdraw_open(total, now=now)
    return {each.contact_id: _Stands(each.event_id, each.at, entries[each.event_id]) for each in changes}


def _is_total(choice: Choice) -> bool:
    return choice.scope in (OptOutScope.ALL, OptOutScope.ERASE)


def _act(change: _Change, facts: _Facts) -> Act:
    kind = Kind.CONSENT_WITHDRAWN if change.ends else Kind.REFUSAL
    return Act(change.contact_id, change.event_id, kind, change.at, _fields(change, facts))


def _fields(change: _Change, facts: _Facts) -> dict[str, Value]:
    request, choice = change.no.request, change.no.choice
    addresses = facts.addresses.get(change.contact_id, ())
    by_channel = sorted(addresses, key=lambda each: each.channel != Channel.EMAIL)
    topic = facts.topics.get(choice.topic_id) if choice.topic_id is not None else None
    fields: dict[str, Value | None] = {
        "method": request.via.value,
        "via": request.via.value,
        "scope": choice.scope.value,
        "topics": [topic.name] if topic else None,
        "topic_ids": [str(topic.topic_id)] if topic else None,
        "channel": choice.channel.value if choice.channel else None,
        "frequency": str(choice.most) if choice.most else None,
        "until": choice.until.isoformat(timespec="milliseconds") if choice.until else None,
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
        "wording_version": request.wording_version,
        **(request.screen.fields() if request.screen else {}),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _refusal(change: _Change, refusal: Refusal, entry_id: int | None) -> NewRefusal:
    return NewRefusal(
        contact_id=change.contact_id,
        scope=refusal.scope,
        topic_id=refusal.topic_id,
        until=refusal.until,
        at=refusal.at,
        via=change.no.request.via.value,
        event_id=change.event_id,
        entry_id=entry_id,
        mailing_id=_caused_by(change),
    )


def _caused_by(change: _Change) -> int | None:
    """Of a no that several contacts of one person make, the one that got the mail counts."""
    request = change.no.request
    return request.mailing_id if change.contact_id == request.contact_id else None


def _withdrawal(change: _Change, entry_id: int | None) -> Withdrawal:
    return Withdrawal(
        contact_id=change.contact_id,
        topic_id=change.no.choice.topic_id,
        channel=change.no.choice.channel,
        method=change.no.request.via,
        at=change.at,
        event_id=change.event_id,
        entry_id=entry_id,
    )


def _narrow(change: _Change, entry_id: int | None) -> None:
    choice = change.no.choice
    if choice.topic_id is not None and choice.most is not None:
        consent.narrow(
            change.contact_id,
            choice.topic_id,
            choice.most,
            change.no.request.via,
            event_id=change.event_id,
            entry_id=entry_id,
            now=change.at,
        )


def _remembered(change: _Change) -> Remembered:
    return Remembered(
        kind=LineKind.REFUSAL,
        contact_id=change.contact_id,
        at=change.at,
        event_id=change.event_id,
        said=said_of(change.no.choice, change.no.request.via),
    )


def said_of(choice: Choice, via: Method) -> dict[str, str | int]:
    """What a line of the journal says of a choice: numbers and words of ours, nothing of the person's."""
    said: dict[str, str | int | None] = {
        "scope": choice.scope.value,
        "via": via.value,
        "topic": choice.topic_id,
        "until": choice.until.astimezone(UTC).isoformat(timespec="microseconds") if choice.until else None,
        "channel": choice.channel.value if choice.channel else None,
        "most": str(choice.most) if choice.most else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _receipt(house: _House, no: _No, stands: _Stands) -> Receipt:
    on = stands.at.astimezone(house.zone).date()
    number = receipt_number(on, stands.entry_id, stands.event_id)
    return Receipt(number, stands.at, stands.entry_id, no.choice.scope)


def _forget(
    house: _House,
    nos: Mapping[int, _No],
    receipts: Mapping[int, Receipt],
    there: Collection[int],
    facts: _Facts,
    now: datetime,
) -> None:
    """Whoever surely is the person who wants it; an address that came alive again may be another's."""
    numbers: dict[int, str] = {}
    for place, no in nos.items():
        if no.choice.scope is OptOutScope.ERASE:
            same = {no.request.contact_id, *facts.same[no.request.contact_id]}
            for contact_id in no.concerned:
                if contact_id in same and contact_id in there:
                    numbers[contact_id] = receipts[place].number
    if numbers:
        erasure.request_many(house.workspace_id, numbers, rule=OptOutScope.ERASE.value, now=now)
