"""Faults planted into the product's own code, one at a time: what finds none of them proves nothing.

A bug is a function that changes names of modules and classes, and the way back is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from types import MappingProxyType
from typing import Any, Final

from shodaku.config.simulate import house
from shodaku.config.simulate.files import MemoryDisk
from shodaku.config.simulate.world import World
from shodaku.content.render import Message, render
from shodaku.delivery import letters, recovery, store, worker
from shodaku.delivery.domain import Carrier, Known, Outcome, Result, choose_route
from shodaku.delivery.engine import Batch, Said
from shodaku.delivery.facts import NameRow, facts_parameters
from shodaku.delivery.journal import Journal, Recovered
from shodaku.delivery.lane import Lane, Turn
from shodaku.delivery.transports.dialogue import Dialogue
from shodaku.kit import clock
from shodaku.policy.domain import Reason

_NO: Final = "REFUSED_ALL"  # no name of the enum: the law matrix would take a planted bug for a decision

Patch = tuple[object, str, object]  # whose name, which, and what it is meanwhile


@dataclass(frozen=True, slots=True)
class Bug:
    about: str
    patches: Callable[[], Iterable[Patch]] = tuple
    doubled: bool = False  # a second planner
    tamper: Callable[[World], None] = lambda _: None


@contextmanager
def planted(bug: Bug | None) -> Iterator[None]:
    """While it is open the product has that bug."""
    before: list[Patch] = []
    try:
        for owner, name, changed in bug.patches() if bug else ():
            before.append((owner, name, getattr(owner, name)))
            setattr(owner, name, changed)
        yield
    finally:
        for owner, name, original in reversed(before):
            setattr(owner, name, original)


# --- the gate


def _without_lock() -> Iterable[Patch]:
    async def lock(connection: Any, key: Any, contact_ids: Iterable[int]) -> dict[int, NameRow]:
        there = await store.existing(connection, key, list(contact_ids))
        return {contact_id: NameRow(contact_id, "山田", "花子", None) for contact_id in sorted(there)}

    yield store, "lock", lock


def _facts_before_lock() -> Iterable[Patch]:
    lock, read = store.lock, store.read
    rows: dict[Any, Any] = {}

    async def read_then_lock(connection: Any, key: Any, contact_ids: Iterable[int]) -> dict[int, NameRow]:
        ids = list(contact_ids)
        question = house.mailing(key.mailing_id).question
        rows[connection] = await read(connection, key, ids, facts_parameters(question, clock.now(), 12))
        return await lock(connection, key, ids)

    async def as_read(connection: Any, _key: Any, contact_ids: Iterable[int], _question: object) -> list[Any]:
        held = set(contact_ids)
        return [row for row in rows[connection] if row.contact_id in held]

    yield store, "lock", read_then_lock
    yield store, "read", as_read


def _hint_decides() -> Iterable[Patch]:
    gate = Lane._gate

    async def decided(self: Lane, connection: Any, chunk: Any) -> Any:
        gated = await gate(self, connection, chunk)
        for contact_id in sorted(gated.known.back):
            if contact_id in self._hints:
                gated.known.back.discard(contact_id)
                gated.known.outcomes.append(Outcome(contact_id, Result.REFUSED, Reason(_NO)))
        return gated

    yield Lane, "_gate", decided


def _locked_is_gone() -> Iterable[Patch]:
    async def nobody(_connection: Any, _key: Any, _ids: list[int]) -> set[int]:
        return set()

    yield store, "existing", nobody


def _state_is_never_asked() -> Iterable[Patch]:
    asked = store.gate_state

    async def running(connection: Any, key: Any, mailing: Any) -> Any:
        return (await asked(connection, key, mailing))._replace(state="running", fence="open")

    yield store, "gate_state", running


# --- the window


def _window(clock_of: Callable[[Any], Callable[[], float]]) -> Iterable[Patch]:
    begin = Batch.__init__

    def other_clock(self: Batch, gated: Any, ports: Any, started: float, on_end: Any) -> None:
        told = clock_of(started)
        begin(self, gated, replace(ports, clock=told), told(), on_end)

    yield Batch, "__init__", other_clock


def _no_window() -> Iterable[Patch]:
    return _window(lambda started: lambda: started)


def _wall_clock() -> Iterable[Patch]:
    return _window(lambda _: lambda: clock.now().timestamp())


def _dead_connection() -> Iterable[Patch]:
    yield Turn, "cut", lambda _: None


def _no_idle_limit(world: World) -> None:
    world.server.idle_seconds = float("inf")


# --- the journal


def _journal_after_wire() -> Iterable[Patch]:
    begin, answer = Journal.begin, Journal.answer

    def both(self: Journal, contact_id: int, stage: int, code: int) -> None:
        begin(self, contact_id)
        answer(self, contact_id, stage, code)

    yield Journal, "begin", lambda _self, _contact_id: None
    yield Journal, "answer", both


def _cleared_early() -> Iterable[Patch]:
    drain = Batch.drain

    def clearing(self: Batch) -> Known:
        journal: Any = self._ports.journal
        journal.forget()
        return drain(self)

    yield Batch, "drain", clearing


def _unknown_is_failure() -> Iterable[Patch]:
    def nothing_begun(_: object, __: object) -> Recovered:
        return Recovered(set(), {})

    yield Journal, "__exit__", lambda self, *_: self.forget()
    yield Recovered, "without_journal", classmethod(nothing_begun)


def _lost_is_clean() -> Iterable[Patch]:
    def nothing_begun(_: object, __: object) -> Recovered:
        return Recovered(set(), {})

    yield Recovered, "without_journal", classmethod(nothing_begun)


def _lock_ignored() -> Iterable[Patch]:
    yield MemoryDisk, "lock", lambda _self, _descriptor: None


def _no_recovery() -> Iterable[Patch]:
    async def nothing(*_: object) -> recovery.Report:
        return recovery.Report()

    yield recovery, "recover", nothing


def _never_given_up() -> Iterable[Patch]:
    yield recovery, "LOST_SECONDS", float("inf")


def _given_up_at_once() -> Iterable[Patch]:
    yield recovery, "LOST_SECONDS", 0.0


# --- what is recorded, and what is sent again


def _retried_uncertain() -> Iterable[Patch]:
    begin = Batch.__init__

    def as_a_notice(self: Batch, gated: Any, ports: Any, started: float, on_end: Any) -> None:
        begin(self, gated, replace(ports, promotional=False), started, on_end)

    yield Batch, "__init__", as_a_notice


def _accepted_without_reply() -> Iterable[Patch]:
    conclude = Batch._conclude

    def hopeful(self: Batch, permit: Any, reply: Any) -> None:
        conclude(self, permit, reply._replace(verdict=1) if reply.verdict == Said.UNCERTAIN else reply)

    yield Batch, "_conclude", hopeful


def _late_goes_back() -> Iterable[Patch]:
    drain = Batch.drain

    def impatient(self: Batch) -> Known:
        known = drain(self)
        known.back |= self._begun
        self._begun = set()
        return known

    yield Batch, "late", property(lambda _: frozenset())
    yield Batch, "drain", impatient


def _rest_forgotten() -> Iterable[Patch]:
    drain = Batch.drain

    def forgetful(self: Batch) -> Known:
        self._waiting = set()
        return drain(self)

    yield Batch, "drain", forgetful


def _closed_is_untouched() -> Iterable[Patch]:
    lost = Dialogue.lost

    def untouched(self: Dialogue) -> None:
        for _, flight in self._expected:
            if flight is not None:
                flight.begun = False
        lost(self)

    yield Dialogue, "lost", untouched


def _only_first_is_begun() -> Iterable[Patch]:
    lost = Dialogue.lost

    def hopeful(self: Dialogue) -> None:
        under_way = {id(flight): flight for _, flight in self._expected if flight is not None}
        for flight in [*under_way.values()][1:]:
            flight.begun = False
        lost(self)

    yield Dialogue, "lost", hopeful


def _retry_lost() -> Iterable[Patch]:
    settle = store.settle

    async def without_retry(connection: Any, opening: Any, known: Known, *rest: Any, **more: Any) -> None:
        known.retry.clear()
        await settle(connection, opening, known, *rest, **more)

    yield store, "settle", without_retry


def _refusal_is_failure() -> Iterable[Patch]:
    conclude = Batch._conclude

    def final(self: Batch, permit: Any, reply: Any) -> None:
        conclude(
            self, permit, reply._replace(verdict=3, code=550) if reply.verdict == Said.DEFERRED else reply
        )

    yield Batch, "_conclude", final


def _fresh_message_id() -> Iterable[Patch]:
    number = count()

    def renumbered(*given: Any, **more: Any) -> Message:
        message = render(*given, **more)
        fresh = b"Message-ID: <%d." % next(number)
        buffers = [buffer.replace(b"Message-ID: <", fresh) for buffer in message.buffers]
        return message._replace(buffers=buffers)

    yield letters, "render", renumbered


def _another_route() -> Iterable[Patch]:
    def by_number(carriers: Sequence[Carrier], number: int, **_: object) -> int | None:
        return choose_route(carriers, number)

    yield worker, "choose_route", by_number


BUGS: Final[Mapping[str, Bug]] = MappingProxyType(
    {
        "gate_without_lock": Bug("the gate reads people without FOR SHARE", _without_lock),
        "facts_before_lock": Bug("the facts are read before the lock is there", _facts_before_lock),
        "hint_decides": Bug("who was announced counts as refused", _hint_decides),
        "locked_is_gone": Bug("who is locked by somebody leaves the chunk", _locked_is_gone),
        "state_is_never_asked": Bug("the gate asks neither mailing nor fence", _state_is_never_asked),
        "no_window": Bug("a worker that stood still goes on handing over", _no_window),
        "wall_clock": Bug("the window is measured on a clock that can be set", _wall_clock),
        "dead_connection": Bug(
            "handing over goes on without the connection that holds the locks", _dead_connection
        ),
        "no_idle_limit": Bug(
            "nothing ends the transaction of a worker that stands still", tamper=_no_idle_limit
        ),
        "journal_after_wire": Bug("the line is written after the answer", _journal_after_wire),
        "journal_cleared_early": Bug("the journal goes before the commit", _cleared_early),
        "unknown_is_failure": Bug("a commit of unknown outcome counts as none", _unknown_is_failure),
        "lost_journal_is_clean": Bug("with the journal lost nobody counts as begun", _lost_is_clean),
        "lock_ignored": Bug("a living worker's chunk is recovered", _lock_ignored),
        "no_recovery": Bug("nobody settles what a dead worker had opened", _no_recovery),
        "never_given_up": Bug("nobody settles what a lost machine had opened", _never_given_up),
        "given_up_at_once": Bug("what another machine has just opened counts as lost", _given_up_at_once),
        "retried_uncertain": Bug("an advertisement without an answer is sent again", _retried_uncertain),
        "accepted_without_reply": Bug("no answer counts as yes", _accepted_without_reply),
        "late_goes_back": Bug("who is not answered in two seconds is put back", _late_goes_back),
        "rest_forgotten": Bug("who was not begun leaves the chunk", _rest_forgotten),
        "closed_is_untouched": Bug(
            "a connection that ended after the content left nothing", _closed_is_untouched
        ),
        "only_first_is_begun": Bug(
            "of several mails under way at once only the first counts as begun", _only_first_is_begun
        ),
        "retry_lost": Bug("a temporary no is never tried again", _retry_lost),
        "later_is_never": Bug("a temporary no counts as a final one", _refusal_is_failure),
        "fresh_message_id": Bug("a notice is repeated under another Message-ID", _fresh_message_id),
        "another_route": Bug("what a relay may have already is repeated over another one", _another_route),
        "two_planners": Bug("two planners cut the same advertisement into chunks", doubled=True),
    }
)
