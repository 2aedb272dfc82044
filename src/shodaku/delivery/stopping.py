"""When a mailing stops by itself: too many addresses that do not exist, too many reports of abuse, records of
its domain that fail, links that nobody answers. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.delivery.bounces.verdict import BounceClass, Stage
from shodaku.delivery.domain import Failure, Outcome, Result

SENT_MIN: Final = 500  # fewer say nothing: 26 bad addresses of 500 are a list, 2 of 20 are bad luck
BOUNCE_RATE_MAX: Final = 0.05
COMPLAINT_RATE_MAX: Final = 0.003  # of Google and Yahoo for who sends in bulk (MB-01, MB-02)

# One name server that is wrong for a moment stops nothing: looks are an hour apart, and may be made by hand.
FAILED_LOOKS_MIN: Final = 2
FAILING_MIN: Final = timedelta(minutes=30)
LINK_FAILURES_MIN: Final = 3  # five minutes apart: a restart of the web server takes seconds

_STAGES: Final = {2: Stage.RCPT, 3: Stage.DATA, 4: Stage.DATA_END}  # by number, as a delivery keeps them


class StopReason(StrEnum):
    BOUNCES = "bounces"  # addresses that do not exist: the list is old, or was never the sender's
    COMPLAINTS = "complaints"
    DOMAIN = "domain"  # receivers would refuse or distrust what it sends
    LINKS = "links"  # who wants to opt out could not


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of a mailing, in people, since its launch or since somebody let it go on."""

    sent: int  # handed over, perhaps handed over, or refused because the address does not exist
    hard: int
    complaints: int


def count_hard(outcomes: Iterable[Outcome]) -> int:
    """How many a server refused because there is no such address."""
    answers = [
        (each.code, each.reply or "", each.stage)
        for each in outcomes
        if each.result is Result.FAILED and each.reason is Failure.BY_SERVER
    ]
    if not answers:
        return 0
    from shodaku.delivery.bounces.judging import Evidence, judge  # noqa: PLC0415 - 0.1 s of patterns

    return sum(
        judge(Evidence((f"{code} {reply}",), "", _STAGES.get(stage or 0, Stage.UNKNOWN))).effect
        is BounceClass.HARD
        for code, reply, stage in answers
    )


def stop_for(weighed: Weighed) -> StopReason | None:
    """None: it goes on. Complaints count first, for they are about people."""
    if weighed.sent < SENT_MIN:
        return None
    if weighed.complaints > weighed.sent * COMPLAINT_RATE_MAX:
        return StopReason.COMPLAINTS
    return StopReason.BOUNCES if weighed.hard > weighed.sent * BOUNCE_RATE_MAX else None


def domain_fails(failed_looks: int, failing_since: datetime | None, now: datetime) -> bool:
    """Is it certain by now?"""
    if failing_since is None or failed_looks < FAILED_LOOKS_MIN:
        return False
    return now - failing_since >= FAILING_MIN


def links_fail(answered_at: datetime | None, failures: int) -> bool:
    """What was never reached from here may be well all the same, so it stops nothing."""
    return answered_at is not None and failures >= LINK_FAILURES_MIN
