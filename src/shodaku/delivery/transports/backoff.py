"""How a server that is in trouble is left in peace, and how fast one that is well may be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from shodaku.delivery.transports.job import Outcome

BACKOFF_SECONDS: Final = 0.5
_BACKOFF_SECONDS_MAX: Final = 60.0
_FAILURES_OPEN: Final = 5  # in a row: the circuit is open, and the console tells


class Backoff:
    """Times are of the monotonic clock. No connection is opened before `retry_at`."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._backoff_seconds, self.now = seconds, now
        self.unreachable: Outcome | None = None
        self.retry_at = 0.0
        self._failures = 0

    @property
    def circuit_open(self) -> bool:
        return self._failures >= _FAILURES_OPEN

    def answered(self) -> None:
        self._failures, self.unreachable, self.retry_at = 0, None, 0.0

    def refused(self, outcome: Outcome) -> None:
        """Back off 0.5 s x 2^n, 60 s at most; connections that fail together count once."""
        self.unreachable = outcome
        now = self.now()
        if now >= self.retry_at:
            self._failures += 1
            self.retry_at = now + min(_BACKOFF_SECONDS_MAX, self._backoff_seconds * 2**self._failures)


class Bucket:
    """`rate` tokens a second, at most a tenth of a second's worth at once."""

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate, self._tokens, self._now = rate, 1.0, now
        self._filled_at = now()

    def draw(self) -> bool:
        now = self._now()
        self._tokens = min(max(1.0, self._rate / 10), self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
