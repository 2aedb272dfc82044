"""What a bounce says about an address, and when it ends it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from shodaku.delivery.bounces.verdict import BounceClass, Judgement, Reason, class_of

BOUNCE_DAYS_MAX: Final = 14  # an older message bounces no more: whoever says so made it up
QUEUE_DAYS_MAX: Final = (
    5  # so long a server tries (RFC 5321 section 4.5.4.1); who is silent after it has taken it
)
# No such mailbox, no such domain, null MX (RFC 3463, RFC 7505): LAW.md section 11.
HARD: Final = frozenset({"5.1.1", "5.1.2", "5.1.10"})
SOFT: Final = frozenset({"5.2.2"})  # a full mailbox
_DAYS: Final = re.compile(r"P(\d+)D")


class FeedbackKind(StrEnum):
    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    OTHER = "other"  # a filter, our own name, or nobody's fault: never counts against the address


class BounceResult(StrEnum):
    NOBODY = "nobody"  # no message of ours that could bounce
    COUNTED = "counted"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Limits:
    hard: int
    soft: int
    window: timedelta


class UnreadableLimits(ValueError):
    """The parameters of PR-06 cannot be read."""


def limits(parameters: Mapping[str, Any]) -> Limits:  # Any: of the rule's own kind
    """Of rule PR-06. Raises UnreadableLimits."""
    window = _DAYS.fullmatch(str(parameters["soft_window"]))
    if window is None:
        raise UnreadableLimits
    days = timedelta(days=int(window[1]))
    return Limits(int(parameters["hard_limit"]), int(parameters["soft_limit"]), days)


def bounce_kind(status: str, *, at_data_end: bool) -> FeedbackKind:
    """By enhanced status code. A server that took the recipient and refused the content has told that the
    address is alive, whatever words it uses (BOUNCES.md section 4).
    """
    if status.startswith("4.") or status in SOFT:
        return FeedbackKind.SOFT
    if status in HARD and not at_data_end:
        return FeedbackKind.HARD
    return FeedbackKind.OTHER


# What is counted against an address though the server did not call it passing (BOUNCES.md section 5).
_COUNTED: Final = frozenset(
    {
        Reason.MAILBOX_FULL,
        Reason.SUSPEND,
        Reason.EXPIRED,
        Reason.SYSTEM_ERROR,
        Reason.NETWORK_ERROR,
        Reason.TOO_MANY_CONNECTIONS,
        Reason.SPEEDING,
        Reason.MESSAGE_TOO_BIG,
        Reason.CONTENT_ERROR,
    }
)


def kind_of(judged: Judgement) -> FeedbackKind | None:
    """Of a returned mail whose words were understood; None where it has none, so that its status counts."""
    if not judged.worded:
        return None
    match judged.effect:
        case BounceClass.HARD:
            return FeedbackKind.HARD
        case BounceClass.SOFT if judged.reason in _COUNTED or judged.status.startswith("4"):
            return FeedbackKind.SOFT
        case BounceClass.SOFT if class_of(judged.reason) is BounceClass.HARD:
            return FeedbackKind.SOFT  # a dead address, says a server that has not given up
        case _:
            return FeedbackKind.OTHER


def ends_address(kind: FeedbackKind, counted: int, limit: Limits) -> bool:
    """`counted` in the window since the last message that arrived, this one with them. Repeated reports of
    one message count once.
    """
    match kind:
        case FeedbackKind.HARD:
            return counted >= limit.hard
        case FeedbackKind.SOFT:
            return counted >= limit.soft
        case _:
            return False
