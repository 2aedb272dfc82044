"""Presses of one click that come together are obeyed in one transaction, and answered after its commit.

Two threads obey whom nobody holds; a third one waits for those who are in a chunk that is being sent, so
that nobody waits for another's. Each has a connection of its own: they work while all others are taken.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Condition, Thread
from typing import Final, TypeAlias

from shodaku.config import reserved
from shodaku.kit import clock, log
from shodaku.optout import services
from shodaku.optout.domain import OptOut

PRESSES_AT_ONCE: Final = 200  # in one transaction
PRESSES_WAITING_MAX: Final = 4_000


class Became(StrEnum):
    DONE = "done"  # nothing more leaves; or nobody is left for whom anything could be stopped
    RECEIVED = "received"  # written down beside the database
    LOST = "lost"  # neither could be


@dataclass(frozen=True, slots=True)
class Outcome:
    became: Became
    number: str = ""  # of what was received


_DONE: Final = Outcome(Became.DONE)
_LOST: Final = Outcome(Became.LOST)


@dataclass(frozen=True, slots=True)
class _Press:
    request: OptOut
    answered: asyncio.Future[Outcome]


_Work: TypeAlias = Callable[[Sequence[_Press]], None]


@dataclass(slots=True)
class _Line:
    """Who waits, for one thread that takes many at a time."""

    waiting: deque[_Press] = field(default_factory=deque)
    changed: Condition = field(default_factory=Condition)

    def add(self, presses: Sequence[_Press]) -> bool:
        """False: too many wait already."""
        with self.changed:
            if len(self.waiting) + len(presses) > PRESSES_WAITING_MAX:
                return False
            self.waiting.extend(presses)
            self.changed.notify()
        return True

    def take(self) -> list[_Press]:
        with self.changed:
            while not self.waiting:
                self.changed.wait()
            return [self.waiting.popleft() for _ in range(min(len(self.waiting), PRESSES_AT_ONCE))]


class Desk:
    def __init__(self) -> None:
        self._quick, self._patient = _Line(), _Line()
        free, held = (self._obey_free, self._quick), (self._obey_all, self._patient)
        for work, line in (free, free, held):  # of two, one works while the database works for the other
            Thread(target=_forever, args=[work, line], name="one-click", daemon=True).start()

    async def press(self, request: OptOut) -> Outcome:
        """Never raises for whatever is wrong with the database."""
        press = _Press(request, asyncio.get_running_loop().create_future())
        if self._quick.add([press]):
            return await press.answered
        return await asyncio.to_thread(receive, request)

    def _obey_free(self, presses: Sequence[_Press]) -> None:
        """Who is held, or gone, is left to the other thread."""
        receipts = services.opt_out_many([each.request for each in presses], clock.now(), wait=False)
        done = [each for each, receipt in zip(presses, receipts, strict=True) if receipt is not None]
        held = [each for each, receipt in zip(presses, receipts, strict=True) if receipt is None]
        _answer(done, [_DONE] * len(done))
        if held and not self._patient.add(held):
            _answer(held, [receive(each.request) for each in held])

    def _obey_all(self, presses: Sequence[_Press]) -> None:
        services.opt_out_many([each.request for each in presses], clock.now())
        _answer(presses, [_DONE] * len(presses))


def receive(request: OptOut) -> Outcome:
    """Beside the database, which takes it up later."""
    try:
        return Outcome(Became.RECEIVED, services.receive(request, clock.now()))
    except Exception as fault:  # noqa: BLE001 - whoever presses again is heard again
        log.info("optout.lost", error=type(fault).__name__)
        return _LOST


def _forever(work: _Work, line: _Line) -> None:
    with reserved.lane(reserved.Lane(1)):
        while True:
            _attempt(work, line.take())


def _attempt(work: _Work, presses: Sequence[_Press]) -> None:
    """What is wrong with one of them stops none of the others."""
    try:
        work(presses)
    except services.AWAY as fault:
        log.info("optout.database_away", error=type(fault).__name__, presses=len(presses))
        _answer(presses, [receive(each.request) for each in presses])
    except Exception as fault:  # noqa: BLE001 - this thread is the only one: it never ends
        log.info("optout.fault", error=type(fault).__name__, presses=len(presses))
        if len(presses) == 1:
            _answer(presses, [receive(presses[0].request)])
        else:
            for each in presses:
                _attempt(work, [each])


def _answer(presses: Sequence[_Press], outcomes: Sequence[Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Press, Outcome]]] = defaultdict(list)
    for press, outcome in zip(presses, outcomes, strict=True):
        by_loop[press.answered.get_loop()].append((press, outcome))
    for loop, answers in by_loop.items():
        with suppress(RuntimeError):  # the server ends: nobody listens any more
            loop.call_soon_threadsafe(_tell, answers)


def _tell(answers: Sequence[tuple[_Press, Outcome]]) -> None:
    for press, outcome in answers:
        if not press.answered.done():
            press.answered.set_result(outcome)
