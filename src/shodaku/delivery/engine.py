"""One chunk from gate to record. Knows only its ports, so that a simulator runs this very code.

Who sends, and when the transaction ends, is the worker's; what may leave and what is known is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final, Protocol, assert_never

from shodaku.delivery.domain import (
    CLOSING_SECONDS,
    SENDING_SECONDS,
    Failure,
    Known,
    Outcome,
    Postponed,
    Result,
)
from shodaku.policy.domain import (
    Deferred,
    Facts,
    MessageFacts,
    Operational,
    Permit,
    PersonFacts,
    Refused,
    decide,
)


class Candidate:
    """One person as read under the lock: the facts, and what goes into the message."""

    __slots__ = ("person", "values", "wire")

    def __init__(self, person: PersonFacts, wire: str, values: Mapping[str, str]) -> None:
        self.person, self.wire, self.values = person, wire, values


class Permitted(Protocol):
    """A letter on its way; the transport's own kind of job."""

    @property
    def permit(self) -> Permit: ...

    @property
    def candidate(self) -> Candidate: ...


class Reply(Protocol):
    """What a transport says in the end, once a letter."""

    @property
    def verdict(self) -> IntEnum: ...

    @property
    def stage(self) -> IntEnum: ...

    @property
    def code(self) -> int: ...

    @property
    def text(self) -> str: ...


class Said(IntEnum):
    """Verdicts of a transport, by the numbers they all share."""

    ACCEPTED = 1
    FAILED = 3
    UNCERTAIN = 4
    DEFERRED = 5
    UNTOUCHED = 6


# to name a member of an enum costs 0.1 us, and these are asked of every letter
_ACCEPTED, _UNTOUCHED, _DEFERRED = Said.ACCEPTED, Said.UNTOUCHED, Said.DEFERRED
_TAKEN: Final = Result.ACCEPTED


class Wire(Protocol):
    """What takes permitted letters, and gives back those not begun."""

    def send(self, permit: Permit, candidate: Candidate) -> None: ...

    def leave(self) -> None:
        """All of the chunk are here: let them go."""


class Diary(Protocol):
    """The journal file of this opening: what is written in it survives the process."""

    def build(self, contact_id: int) -> None: ...

    def begin(self, contact_id: int) -> None: ...

    def answer(self, contact_id: int, stage: int, code: int) -> None: ...

    def flush(self) -> None: ...


class Build(Protocol):
    """The message for one permitted person, as it leaves, dot-stuffed."""

    def __call__(self, permit: Permit, candidate: Candidate, /, *, eight_bit: bool) -> list[bytes]: ...


@dataclass(frozen=True, slots=True)
class Ports:
    journal: Diary
    revoked: Container[int]  # contacts whose opt-out was announced; it may be waiting for us
    clock: Callable[[], float]  # seconds that go on while the machine sleeps (CLOCK_BOOTTIME)
    build: Build
    careful: bool = False  # a worker ended with this chunk before: say whose message is made, each time
    promotional: bool = True  # at most once; what is no advertisement is sent again when nobody knows


@dataclass(slots=True)
class Gated:
    permitted: list[tuple[Permit, Candidate]] = field(default_factory=list)
    known: Known = field(default_factory=Known)


def gate(
    message: MessageFacts, candidates: Iterable[Candidate], now: datetime, before: Gated | None = None
) -> Gated:
    """Every person is decided about anew, each time a chunk opens; those `before` are part of the answer."""
    gated = before or Gated()
    for candidate in candidates:
        contact_id = candidate.person.contact_id
        match decide(Facts(message, candidate.person), now):
            case Permit() as permit:
                gated.permitted.append((permit, candidate))
            case Refused(reason=Operational.GATE_CLOSED):
                gated.known.back.add(contact_id)  # no answer to this person: it waits until the house opens
            case Refused(reason=reason):
                gated.known.outcomes.append(Outcome(contact_id, Result.REFUSED, reason))
            case Deferred(until=until):
                if until is None:
                    gated.known.back.add(contact_id)  # until somebody releases it
                else:
                    gated.known.postponed.append(Postponed(contact_id, until))
            case unreachable:
                assert_never(unreachable)
    return gated


class Batch:
    """The letters of one chunk transaction, from the gate until each of them has one outcome.

    A letter is waiting, then begun (its content may be on the wire), then known. The time runs from the gate.
    """

    def __init__(self, gated: Gated, ports: Ports, started: float, on_end: Callable[[], None]) -> None:
        self._ports, self._on_end = ports, on_end
        self._known = gated.known
        self._letters = gated.permitted
        self._waiting = {permit.contact_id for permit, _ in gated.permitted}
        self._begun: set[int] = set()
        self._unbuildable: dict[int, str] = {}
        self._cut = False
        self.touched = 0  # of those that the server heard of
        self.deferrals: list[tuple[int, str]] = []  # code and text of each 4xx
        self.sending_until = started + SENDING_SECONDS
        self.closing_at = started + CLOSING_SECONDS

    @property
    def ended(self) -> bool:
        return not self._waiting and not self._begun

    @property
    def late(self) -> frozenset[int]:
        """Begun, and nothing is known yet."""
        return frozenset(self._begun)

    def holds(self, contact_id: int) -> bool:
        return contact_id in self._waiting

    def go(self, wire: Wire) -> None:
        if self.ended:
            self._on_end()
            return
        for permit, candidate in self._letters:
            try:
                wire.send(permit, candidate)
            except Exception as error:  # noqa: BLE001 - an address that no envelope takes stops nobody else
                self._waiting.discard(permit.contact_id)
                self._cannot_build(permit, type(error).__name__)
        if self.ended:
            self._on_end()
            return
        wire.leave()

    def stop_beginning(self) -> None:
        """Who has an envelope already may go, nobody else: an opt-out waits for us, or the process ends."""
        self.sending_until = 0.0

    def cut(self) -> None:
        """From here on no content leaves: time is up, or the connection that holds the locks is gone."""
        self._cut = True

    def may_begin(self, letter: Permitted) -> bool:
        ports = self._ports
        return (
            not self._cut
            and ports.clock() < self.sending_until
            and letter.permit.contact_id not in ports.revoked
        )

    def content(self, letter: Permitted, *, eight_bit: bool = False) -> list[bytes] | None:
        """The last look; then the journal line; only then the message may leave. None: it must not."""
        ports, contact_id = self._ports, letter.permit.contact_id
        if self._cut or contact_id not in self._waiting:
            return None
        if ports.clock() >= self.closing_at or contact_id in ports.revoked:
            return None
        if ports.careful and not self._noted(contact_id):
            return None
        try:
            content = ports.build(letter.permit, letter.candidate, eight_bit=eight_bit)
        except Exception as error:  # noqa: BLE001 - one person's data must not stop the chunk, again and again
            self._unbuildable[contact_id] = type(error).__name__
            return None
        try:
            ports.journal.begin(contact_id)
        except Exception:  # noqa: BLE001 - whatever it is: without its line the content must not leave
            self.cut()
            return None
        self._waiting.discard(contact_id)
        self._begun.add(contact_id)
        return content

    def _noted(self, contact_id: int) -> bool:
        try:
            self._ports.journal.build(contact_id)
        except Exception:  # noqa: BLE001 - whatever it is: a journal that takes no line takes no `begin` either
            self.cut()
            return False
        return True

    def outcome(self, letter: Permitted, reply: Reply) -> None:
        contact_id = letter.permit.contact_id
        if contact_id in self._begun:
            self._begun.discard(contact_id)
            self._note(contact_id, reply)
        elif contact_id in self._waiting:
            self._waiting.discard(contact_id)
        else:
            return  # given back when the transaction closed
        self._count(reply)
        self._conclude(letter.permit, reply)
        if self.ended:
            self._on_end()

    def drain(self) -> Known:
        """What is final now; who has not begun goes back. Called a second time when replies were late."""
        self.cut()
        known, self._known = self._known, Known()
        known.back |= self._waiting
        self._waiting = set()
        return known

    def _count(self, reply: Reply) -> None:
        self.touched += reply.verdict != _UNTOUCHED
        if reply.verdict == _DEFERRED:
            self.deferrals.append((reply.code, reply.text))

    def _note(self, contact_id: int, reply: Reply) -> None:
        if not reply.code:
            return
        self._ports.journal.answer(contact_id, reply.stage, reply.code)
        if self._waiting:
            return  # the next `begin` writes it for us
        try:
            self._ports.journal.flush()
        except Exception:  # noqa: BLE001 - whatever it is: we know the answer, only a crash would forget it
            self.cut()

    def _conclude(self, permit: Permit, reply: Reply) -> None:
        contact_id, evidence_id, known = permit.contact_id, permit.evidence_id, self._known
        if reply.verdict == _ACCEPTED:  # nearly all; its words are not kept
            stage, code = int(reply.stage), reply.code
            known.outcomes.append(Outcome(contact_id, _TAKEN, permit.reason, evidence_id, stage, code, ""))
            return
        where = (evidence_id, int(reply.stage), reply.code, reply.text)
        match Said(reply.verdict):
            case Said.ACCEPTED:
                return
            case Said.FAILED:
                known.outcomes.append(Outcome(contact_id, Result.FAILED, Failure.BY_SERVER, *where))
            case Said.UNCERTAIN:
                outcome = Outcome(contact_id, Result.UNCERTAIN, permit.reason, *where)
                (known.outcomes if self._ports.promotional else known.retry).append(outcome)
            case Said.DEFERRED:
                known.retry.append(Outcome(contact_id, Result.FAILED, Failure.EXPIRED, *where))
            case Said.UNTOUCHED if contact_id in self._unbuildable:
                self._cannot_build(permit, self._unbuildable[contact_id])
            case Said.UNTOUCHED:
                known.back.add(contact_id)
            case unreachable:
                assert_never(unreachable)

    def _cannot_build(self, permit: Permit, why: str) -> None:
        outcome = Outcome(
            permit.contact_id, Result.FAILED, Failure.UNBUILDABLE, permit.evidence_id, reply=why
        )
        self._known.outcomes.append(outcome)
