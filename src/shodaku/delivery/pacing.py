"""How fast mails may leave: token buckets, their queue, and what an overrun receiver does to a rate. Pure.

A chunk draws from every bucket that holds for it at once: of the workspace, of its route, of the receivers'
group. Times are the database's, so that workers on all machines read one clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shodaku.delivery.bounces.verdict import Reason

RESERVE: Final = 1.0  # tokens that what goes to many leaves to what somebody waits for
SLOWED_SECONDS_MIN: Final = 60.0  # answers of one moment slow once
SLOWEST: Final = 1 / 64  # of the rate that was set
RECOVERY_SECONDS: Final = 600.0
RECOVERY: Final = 1.1
RATE_MIN: Final = 0.001  # messages a second
RATE_MAX: Final = 100_000.0
_BUSY: Final = frozenset({421, 450, 451, 452})
_OVERRUN: Final = frozenset({Reason.SPEEDING, Reason.TOO_MANY_CONNECTIONS, Reason.EXCEED_LIMIT})


@dataclass(frozen=True, slots=True)
class Bucket:
    """`rate` messages a second now, `rate_max` as it was set; at most one second's worth and the reserve."""

    route_id: int  # 0: all of the workspace
    domain_group: str  # "": all receivers
    rate: float
    rate_max: float
    tokens: float
    refilled_at: datetime
    promised_until: datetime | None = None  # chunks that wait have their turn until then
    changed_at: datetime | None = None  # of the rate, by an answer or by quiet; None: it is as it was set

    @property
    def depth(self) -> float:
        return max(1.0, self.rate) + RESERVE

    def at(self, now: datetime) -> Bucket:
        """Recovered and refilled; a clock that went back refills nothing."""
        bucket = recovered(self, now)
        passed = max(0.0, (now - self.refilled_at).total_seconds())
        tokens = min(bucket.depth, self.tokens + passed * bucket.rate)
        return replace(bucket, tokens=tokens, refilled_at=max(now, self.refilled_at))


@dataclass(frozen=True, slots=True)
class Drawn:
    granted: int  # messages that may leave now
    wait_seconds: float  # where nothing is granted
    buckets: tuple[Bucket, ...]  # as they are afterwards


def draw(buckets: Iterable[Bucket], wanted: int, now: datetime, *, queued: bool, urgent: bool) -> Drawn:
    """As many as all buckets hold, `wanted` (1 or more) at most.

    Who finds too little gets a turn in a queue, where nobody overtakes; `queued`: this chunk had its turn.
    What somebody waits for takes the reserve, and no turn.
    """
    filled = tuple(bucket.at(now) for bucket in buckets)
    kept = 0.0 if urgent else RESERVE
    free = math.floor(min((bucket.tokens - kept for bucket in filled), default=float(wanted)))
    promised = max((bucket.promised_until or now for bucket in filled), default=now)
    if free >= 1 and (queued or urgent or promised <= now):
        granted = min(wanted, free)
        return Drawn(granted, 0.0, tuple(replace(each, tokens=each.tokens - granted) for each in filled))
    missing = max((kept + 1 - each.tokens) / each.rate for each in filled)
    if queued or urgent:
        return Drawn(0, max(missing, 0.0), filled)
    turn = max(now + timedelta(seconds=max(missing, 0.0)), promised)
    return Drawn(0, (turn - now).total_seconds(), tuple(_promised(each, turn, wanted) for each in filled))


def _promised(bucket: Bucket, turn: datetime, wanted: int) -> Bucket:
    return replace(bucket, promised_until=turn + timedelta(seconds=wanted / bucket.rate))


def given_back(bucket: Bucket, unused: int) -> Bucket:
    return replace(bucket, tokens=min(bucket.depth, bucket.tokens + unused))


def slowed(bucket: Bucket, now: datetime) -> Bucket:
    """Half the rate, once a minute, not below a 64th of what was set."""
    if bucket.changed_at is not None and (now - bucket.changed_at).total_seconds() < SLOWED_SECONDS_MIN:
        return bucket
    full = bucket.at(now)
    rate = max(full.rate / 2, full.rate_max * SLOWEST)
    return replace(full, rate=rate, changed_at=now)


def recovered(bucket: Bucket, now: datetime) -> Bucket:
    """A tenth more for each 10 minutes in which nobody complained, up to what was set."""
    if bucket.changed_at is None or bucket.rate >= bucket.rate_max:
        return bucket
    steps = int((now - bucket.changed_at).total_seconds() // RECOVERY_SECONDS)
    if steps < 1:
        return bucket
    rate = min(bucket.rate_max, bucket.rate * RECOVERY**steps)
    if rate >= bucket.rate_max:
        return replace(bucket, rate=bucket.rate_max, changed_at=None)
    return replace(
        bucket, rate=rate, changed_at=bucket.changed_at + timedelta(seconds=steps * RECOVERY_SECONDS)
    )


def is_of_all(deferred: int, touched: int) -> bool:
    """Was it said to half of a chunk or more? Else it is about some receivers, not about the carrier."""
    return 2 * deferred >= touched


def overruns(answers: Sequence[tuple[int, str]]) -> bool:
    """Does one of the server's answers (code, text) say that mails come too fast? By X.7 (RFC 3463) or words.

    Who greylists says 4.7.1 to everybody's first mail, however slowly it comes.
    """
    return any(code in _BUSY and _overrun(code, text.lower()) for code, text in answers)


def _overrun(code: int, text: str) -> bool:
    if "greylist" in text or "graylist" in text:
        return False
    if text.startswith("4.7.") or "too many" in text:
        return True
    from shodaku.delivery.bounces.judging import Evidence, judge  # noqa: PLC0415 - 0.1 s of patterns

    return judge(Evidence((f"{code} {text}",))).reason in _OVERRUN
