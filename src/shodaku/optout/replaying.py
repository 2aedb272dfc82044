"""What a restored database does not know is told to it from the journal: line by line, in the order of the
acts.

Every line is a transaction of its own that also notes that this database has it; so a replay may be cut off
anywhere, and begun again. A line changes nothing that came later: a consent given after it stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import assert_never
from uuid import UUID

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState
from shodaku.consent.selectors import Held
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.erasure.domain import GRACE
from shodaku.kit import db, log, stopping
from shodaku.kit.erasure_journal import Line, LineKind, Mark
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act, VaultAway
from shodaku.optout.domain import EVERYTHING, Choice, OptOutScope, as_refusal
from shodaku.optout.obeying import settle_later
from shodaku.optout.received import choice_of, via_of
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope, Tokens
from shodaku.suppression.services import NewRefusal

_FORGOTTEN_AFTER = GRACE + timedelta(minutes=1)
_LIVE = (ConsentState.ACTIVE, ConsentState.PENDING)
SPARE_IDS = 10_000  # numbers of contacts that nobody gets, for those given after the dump


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the lines. `unfinished`: erasures whose certificate waits for the key store."""

    refused: int = 0
    suppressed: int = 0
    lifted: int = 0
    not_lifted: int = 0  # no entry of a consent is here: the address stays closed
    erased: int = 0
    known: int = 0
    of_nobody: int = 0  # of a workspace that is not here
    unfinished: int = 0

    def __add__(self, other: Replayed) -> Replayed:
        return Replayed(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )

    @property
    def lines(self) -> int:
        return (
            self.refused
            + self.suppressed
            + self.lifted
            + self.not_lifted
            + self.erased
            + self.known
            + self.of_nobody
        )


def replay(lines: Sequence[Line], now: datetime) -> Replayed:
    """In the order given, which is that of (at, host, seq); doing it twice is doing it once."""
    done = Replayed()
    _give_no_number_twice(lines)
    for line in lines:
        if stopping.asked():  # the process ends; the next one goes on
            break
        done += _replay(line, now)
    if done.lines:
        log.info("journal.replayed", lines=done.lines, erased=done.erased, unfinished=done.unfinished)
    return done


def finish(now: datetime) -> int:
    """Before the gate opens: what may have been sent after the dump rests until a human has looked, and the
    numbers of contacts begin behind all that a journal may not tell of. How many mailings rest.
    """
    paused = 0
    for workspace in accounts.workspaces():
        with db.transaction(workspace.workspace_id):
            mailings = delivery.pause_promotions(now=now)
            suppression.note_paused(mailings, now=now)
            paused += len(mailings)
    contacts.skip_ids(contacts.last_id() + SPARE_IDS)
    return paused


def unfinished(now: datetime) -> bool:
    """Is anybody still readable here who asked to be forgotten a while ago?"""
    before = now - _FORGOTTEN_AFTER
    return any(erasures.unfinished(each.workspace_id, before=before) for each in accounts.workspaces())


def _give_no_number_twice(lines: Sequence[Line]) -> None:
    """Whoever signs up while lines are replayed must not become one of those whom a later line is about."""
    highest = max((line.contact_id or 0 for line in lines), default=0)
    if highest > contacts.last_id():
        contacts.skip_ids(highest + SPARE_IDS)


def _replay(line: Line, now: datetime) -> Replayed:
    if accounts.workspace(line.workspace_id) is None:
        with db.transaction(None):
            _note(line)
        return Replayed(of_nobody=1)
    if line.epoch > suppression.held(line.workspace_id):  # the dump is older than this layer of the pepper
        erasure.catch_up(line.workspace_id, line.epoch)
    match line.kind:
        case LineKind.REFUSAL:
            return _refuse(line, now)
        case LineKind.SUPPRESSION:
            with _act(line):
                new = suppression.suppress(_pairs(line), str(line.said.get("reason", "refused")), now=line.at)
            return Replayed(suppressed=1) if new else Replayed(known=1)
        case LineKind.LIFT:
            return _lift(line)
        case LineKind.ERASURE:
            return _erase(line, now)
        case unreachable:
            assert_never(unreachable)


@contextmanager
def _act(line: Line) -> Iterator[None]:
    """One transaction for an act and for the note that this database has its line; it is not journaled
    anew.
    """
    with db.transaction(line.workspace_id), suppression.silently():
        yield
        _note(line)


def _note(line: Line) -> None:
    if line.seq:
        suppression.mark_applied([Mark(line.host, line.seq)])


def _pairs(line: Line) -> list[Tokens]:
    return [Tokens(strict, broad, line.epoch) for strict, broad in line.tokens]


def _refuse(line: Line, now: datetime) -> Replayed:
    if line.contact_id is not None:
        delivery.hint(line.workspace_id, [line.contact_id])
    with _act(line):
        if not _is_the_same_person(line):
            return _suppress_instead(line, "refused")
        if line.event_id in suppressions.refusal_events(line.workspace_id, _contact(line)):
            return Replayed(known=1)
        _obey(line, now)
    return Replayed(refused=1)


def _suppress_instead(line: Line, reason: str) -> Replayed:
    """Nobody is here whom the line is about; the address that says so may come back."""
    total = line.kind is LineKind.ERASURE or line.said.get("scope") == Scope.ALL
    if total and line.tokens and suppression.suppress(_pairs(line), reason, now=line.at):
        return Replayed(suppressed=1)
    return Replayed(known=1)


def _contact(line: Line) -> int:
    if line.contact_id is None:
        raise ContactGone
    return line.contact_id


def _is_the_same_person(line: Line) -> bool:
    """Under the lock of the contact. After a restore its number may have been given to somebody else."""
    if line.contact_id is None:
        return False
    try:
        contacts.lock(line.contact_id)
    except ContactGone:
        return False
    if not line.tokens:
        return True
    _, readings = suppression.aligned(line.workspace_id, _pairs(line))
    said = {pair.strict for of_one in readings for pair in of_one}
    theirs = {each.token for each in contacts_known.addresses(line.workspace_id, line.contact_id)}
    return bool(said & theirs)


def _obey(line: Line, now: datetime) -> None:
    """As it was done then, at its time; with an entry of its own, for that of then may be gone."""
    contact_id, choice = _contact(line), choice_of(line)
    event_id = line.event_id or uuid7(line.at, os.urandom(10))
    ended = _ended(line, contact_id, choice)
    entry_id = _record(line, contact_id, event_id, ended, now)
    via = via_of(line)
    refusal = as_refusal(choice, line.at)
    if refusal is not None:
        suppression.refuse(
            [
                NewRefusal(
                    contact_id=contact_id,
                    scope=refusal.scope,
                    at=line.at,
                    via=via.value,
                    event_id=event_id,
                    topic_id=refusal.topic_id,
                    until=refusal.until,
                    entry_id=entry_id,
                )
            ]
        )
    consent.withdraw(
        [
            consent.Withdrawal(
                contact_id=contact_id,
                method=via,
                at=line.at,
                event_id=event_id,
                entry_id=entry_id,
                topic_id=each.topic_id,
                channel=Channel(each.channel),
            )
            for each in ended
        ]
    )
    if choice.topic_id is not None and choice.most is not None:
        consent.narrow(
            contact_id, choice.topic_id, choice.most, via, event_id=event_id, entry_id=entry_id, now=line.at
        )
    if choice == EVERYTHING:
        signup.withdraw_open([contact_id], now=line.at)


def _ended(line: Line, contact_id: int, choice: Choice) -> list[Held]:
    """Consents that the no takes back: never one that was given after it, and none by a pause."""
    if choice.scope in (OptOutScope.UNTIL, OptOutScope.LESS_OFTEN):
        return []
    return [
        each
        for each in consents.held(line.workspace_id, contact_id)
        if each.state in _LIVE and each.since <= line.at
        if choice.topic_id in (None, each.topic_id) and choice.channel in (None, each.channel)
    ]


def _record(line: Line, contact_id: int, event_id: UUID, ended: Sequence[Held], now: datetime) -> int | None:
    kind = Kind.CONSENT_WITHDRAWN if ended else Kind.REFUSAL
    choice, via = choice_of(line), via_of(line)
    said: dict[str, Value] = {
        "method": via.value,
        "via": via.value,
        "scope": choice.scope.value,
        "replayed_at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
    }
    if choice.topic_id is not None:
        said["topic_ids"] = [str(choice.topic_id)]
    if choice.until is not None:
        said["until"] = choice.until.isoformat(timespec="milliseconds")
    if choice.channel is not None:
        said["channel"] = choice.channel.value
    if choice.most is not None:
        said["frequency"] = [str(choice.most)]
    written = ledger.append_many_even_without_vault([Act(contact_id, event_id, kind, line.at, said)])
    if written.waiting:
        settle_later(line.workspace_id, now)
    return written.entries[0]


def _lift(line: Line) -> Replayed:
    with _act(line):
        if line.event_id is None or not suppressions.is_recorded(line.workspace_id, line.event_id):
            return Replayed(not_lifted=1)
        lifted = sum(suppression.lift(pair) for pair in _pairs(line))
    return Replayed(lifted=1) if lifted else Replayed(known=1)


def _erase(line: Line, now: datetime) -> Replayed:
    """Asked for again, and done at once: a dump from before it still holds the person."""
    erasure_id = None
    if line.contact_id is not None:
        delivery.hint(line.workspace_id, [line.contact_id])
    with _act(line):
        if not _is_the_same_person(line):
            return _suppress_instead(line, "erased")
        erasure_id = erasure.request(
            line.workspace_id,
            _contact(line),
            rule=str(line.said.get("rule", "erase")),
            receipt=str(line.said.get("receipt", "")),
            now=line.at,
        )
    return Replayed(erased=1, unfinished=0 if _forgotten(line.workspace_id, erasure_id, now) else 1)


def _forgotten(workspace_id: int, erasure_id: int, now: datetime) -> bool:
    """False while the key store is away: then the job goes on with it, and nobody can send to them
    meanwhile.
    """
    try:
        erasure.forget(workspace_id, erasure_id, now=now, event_id=uuid7(now, os.urandom(10)))
    except VaultAway:
        return False
    return True
