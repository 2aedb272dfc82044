"""Hits wait a second in memory, in which it shows whether they were one of many; then a thread writes them.

Whoever follows a link waits for none of this: with the database away they are led on, and what waits is
written when it is back. What is lost with a killed process is what came within a second (WAIT and WRITE).
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from threading import Event, Thread
from typing import Final

from shodaku.delivery.hit_targets import AWAY, Lane
from shodaku.delivery.visits import Hit, Sweeps
from shodaku.kit import db, log

WRITE_SECONDS: Final = 0.2
WAIT_SECONDS: Final = 0.8
HITS_WAITING_MAX: Final = 100_000  # 20 MB; what comes then is counted and dropped
ROWS_AT_ONCE: Final = 2_000
AGAIN_SECONDS: Final = 1.0  # after the database could not be reached
HELD_SECONDS_MAX: Final = 30.0  # whoever is held longer than this is being erased
CLOSING_SECONDS: Final = 2.0
_MICROSECONDS: Final = 1_000_000

_sql = db.Statements("shodaku.delivery")


class HitBook:
    def __init__(self, lane: Lane, *, waiting_max: int = HITS_WAITING_MAX) -> None:
        self._lane, self._waiting_max = lane, waiting_max
        self._came: deque[Hit] = deque()  # from the event loop to the thread
        self._waiting: list[Hit] = []
        self._ready: list[Hit] = []  # judged, and to be written
        self._sweeps = Sweeps()
        self._ending = Event()
        self._thread: Thread | None = None
        self.dropped = 0

    def note(self, hit: Hit) -> None:
        """Never waits, never fails; from one thread, the event loop's."""
        if len(self._came) + len(self._waiting) + len(self._ready) >= self._waiting_max:
            self.dropped += 1
            return
        self._came.append(hit)
        if self._thread is None:
            self._thread = Thread(target=self._work, name="hits", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Write what waits; within CLOSING_SECONDS, or it is lost."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        told, pause = 0, WRITE_SECONDS
        with self._lane():
            while not self._ending.wait(pause):
                pause = WRITE_SECONDS if self._turn(time.time() - WAIT_SECONDS) else AGAIN_SECONDS
                if self.dropped != told:
                    log.info("hits.dropped", hits=self.dropped - told)
                    told = self.dropped
            self._turn(math.inf)

    def _turn(self, until: float) -> bool:
        """Write what came until then; False: the database is away, and it goes on waiting."""
        for _ in range(len(self._came)):
            hit = self._came.popleft()
            self._sweeps.see(hit)
            self._waiting.append(hit)
        self._ready += [self._sweeps.judged(hit) for hit in self._waiting if hit.at <= until]
        self._waiting = [hit for hit in self._waiting if hit.at > until]
        due = defaultdict[int, list[Hit]](list)
        for hit in self._ready:
            due[hit.workspace_id].append(hit)
        self._ready, reached = self._write_all(due)
        return reached

    def _write_all(self, due: dict[int, list[Hit]]) -> tuple[list[Hit], bool]:
        back: list[Hit] = []
        reached = True
        for workspace_id, hits in due.items():
            for at in range(0, len(hits), ROWS_AT_ONCE):
                some = hits[at : at + ROWS_AT_ONCE]
                if not reached:
                    back += some
                    continue
                try:
                    back += _held(some, _write(workspace_id, some))
                except AWAY as fault:
                    log.info("hits.database_away", error=type(fault).__name__)
                    back += some
                    reached = False
                except Exception as fault:  # noqa: BLE001 - this thread is the only one: it never ends
                    log.info("hits.fault", error=type(fault).__name__, hits=len(some))
                    self.dropped += len(some)
        return back, reached


def _held(hits: Sequence[Hit], contact_ids: set[int]) -> list[Hit]:
    """Those of people whom somebody else holds at the moment; they are written later."""
    if not contact_ids:
        return []
    since = time.time() - HELD_SECONDS_MAX
    return [hit for hit in hits if hit.contact_id in contact_ids and hit.at > since]


def _write(workspace_id: int, hits: Sequence[Hit]) -> set[int]:
    """Whose hits could not be written now. COPY is not for tables with row-level security (docs/adr/0024)."""
    with db.transaction(workspace_id):
        return set(
            _sql.scalars(
                "insert_hits",
                contact_ids=db.array(hit.contact_id for hit in hits),
                mailing_ids=db.array(hit.mailing_id for hit in hits),
                links=db.array(hit.link for hit in hits),
                actors=db.array(hit.actor.value for hit in hits),
                ats=db.array(int(hit.at * _MICROSECONDS) for hit in hits),
            )
        )
