"""A relay without a network, for tests of the engine: asks and answers like the real one, keeps what left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from shodaku.delivery.transports.job import Batch, Job, Outcome, Stage, Verdict
from shodaku.delivery.transports.sentences import Sentence

ACCEPTED: Final = Outcome(Verdict.ACCEPTED, Stage.END_OF_DATA, 250, "2.0.0 kept in memory")


class Left(NamedTuple):
    return_path: bytes
    recipient: bytes
    content: bytes  # as a server would store it: unstuffed


def _accept(_job: Job) -> Outcome:
    return ACCEPTED


class MemoryRelay:
    """`answer` is the server: it says what becomes of a job, and may do so before any content is asked for.

    With `held` jobs wait in the queue until `release`.
    """

    def __init__(self, answer: Callable[[Job], Outcome] = _accept, *, held: bool = False) -> None:
        self.left: list[Left] = []
        self.unreachable: Outcome | None = None
        self.retry_at = 0.0
        self._answer, self._held = answer, held
        self._queue: deque[Job] = deque()

    @property
    def circuit_open(self) -> bool:
        return False

    def submit(self, jobs: Sequence[Job]) -> None:
        self._queue.extend(jobs)
        if not self._held:
            self.release()

    def release(self) -> None:
        """Carry what waits, in order."""
        while self._queue:
            job = self._queue.popleft()
            job.batch.outcome(job, self._carry(job))

    def withdraw(self, batch: Batch) -> None:
        mine = [job for job in self._queue if job.batch is batch]
        self._queue = deque(job for job in self._queue if job.batch is not batch)
        for job in mine:
            batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "time is over"))

    async def close(self) -> None:
        while self._queue:
            job = self._queue.popleft()
            job.batch.outcome(job, Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, Sentence.CLOSING))

    def _carry(self, job: Job) -> Outcome:
        if not job.batch.may_begin(job):
            return Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "not begun")
        outcome = self._answer(job)
        if outcome.verdict is Verdict.UNTOUCHED or outcome.stage is not Stage.END_OF_DATA:
            return outcome
        content = job.batch.content(job)
        if content is None:
            return Outcome(Verdict.UNTOUCHED, Stage.DATA, 0, "revoked")
        if outcome.verdict in (Verdict.ACCEPTED, Verdict.UNCERTAIN):
            stored = (b"\r\n" + b"".join(content)).replace(b"\r\n..", b"\r\n.")[2:]
            self.left.append(Left(job.return_path, job.recipient, stored))
        return outcome
