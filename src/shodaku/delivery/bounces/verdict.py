"""What a returned mail says: kind, stage, reason, and the class that decides what follows. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class BounceSort(StrEnum):
    """The kind of a mail that came back, in the order in which they are looked for (BOUNCES.md section 3)."""

    FEEDBACK = "feedback"  # the spam button, or a carrier's opt-out report (RFC 5965)
    VACATION = "vacation"  # a program that answers for a person (RFC 3834)
    DELIVERED = "delivered"
    BOUNCE = "bounce"
    NONE = "none"  # a person's mail, or one that nothing is known about


class Stage(StrEnum):
    """The command that the server answered: the same words mean opposite things before and after DATA."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DATA_END = "data_end"  # the recipient was taken, the content was not: the address is alive
    UNKNOWN = "unknown"


class Reason(StrEnum):
    USER_UNKNOWN = "userunknown"
    HOST_UNKNOWN = "hostunknown"
    HAS_MOVED = "hasmoved"
    NOT_ACCEPT = "notaccept"  # the domain takes no mail at all (RFC 7505)

    MAILBOX_FULL = "mailboxfull"
    SUSPEND = "suspend"
    EXPIRED = "expired"
    SYSTEM_ERROR = "systemerror"
    SYSTEM_FULL = "systemfull"
    MAILER_ERROR = "mailererror"
    NETWORK_ERROR = "networkerror"
    TOO_MANY_CONNECTIONS = "toomanyconn"
    SPEEDING = "speeding"
    MESSAGE_TOO_BIG = "mesgtoobig"
    EXCEED_LIMIT = "exceedlimit"
    CONTENT_ERROR = "contenterror"
    SYNTAX_ERROR = "syntaxerror"
    FAILED_STARTTLS = "failedstarttls"
    ON_HOLD = "onhold"  # something was said that no rule knows
    UNDEFINED = "undefined"  # nothing was said

    FILTERED = "filtered"
    REJECTED = "rejected"

    AUTH_FAILURE = "authfailure"
    REQUIRE_PTR = "requireptr"
    NO_RELAYING = "norelaying"
    BLOCKED = "blocked"
    BAD_REPUTATION = "badreputation"
    SPAM_DETECTED = "spamdetected"
    VIRUS_DETECTED = "virusdetected"
    POLICY_VIOLATION = "policyviolation"
    SECURITY_ERROR = "securityerror"
    NOT_COMPLIANT = "notcompliantrfc"


class BounceClass(StrEnum):
    """What follows from a reason (BOUNCES.md section 5)."""

    HARD = "hard"  # no such address
    SOFT = "soft"  # passing, or in doubt
    FILTERED = "filtered"  # the person's own filter: the address is alive
    OURS = "ours"  # about us, never about the address


_HARD: Final = frozenset({Reason.USER_UNKNOWN, Reason.HOST_UNKNOWN, Reason.HAS_MOVED, Reason.NOT_ACCEPT})
_FILTERED: Final = frozenset({Reason.FILTERED, Reason.REJECTED})
_OURS: Final = frozenset(
    {
        Reason.AUTH_FAILURE,
        Reason.REQUIRE_PTR,
        Reason.NO_RELAYING,
        Reason.BLOCKED,
        Reason.BAD_REPUTATION,
        Reason.SPAM_DETECTED,
        Reason.VIRUS_DETECTED,
        Reason.POLICY_VIOLATION,
        Reason.SECURITY_ERROR,
        Reason.NOT_COMPLIANT,
    }
)


def class_of(reason: Reason, *, passing: bool = False) -> BounceClass:
    """`passing`: the server said 4xx or 4.x.x, or has not given up, so no address is dead of it."""
    if reason in _HARD:
        return BounceClass.SOFT if passing else BounceClass.HARD
    if reason in _FILTERED:
        return BounceClass.FILTERED
    return BounceClass.OURS if reason in _OURS else BounceClass.SOFT


@dataclass(frozen=True, slots=True)
class Judgement:
    reason: Reason
    effect: BounceClass
    status: str  # RFC 3463, 5.1.1; empty where nothing was said
    code: str  # RFC 5321, 550; empty where none was said
    stage: Stage
    worded: bool = True  # by words that a rule knows; else by a status or code alone

    @property
    def hard(self) -> bool:
        return self.effect is BounceClass.HARD


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str  # as the mail writes it, without brackets
    judged: Judgement


@dataclass(frozen=True, slots=True)
class Returned:
    """One mail. `judged` is None for all kinds but a bounce."""

    sort: BounceSort
    recipients: tuple[Recipient, ...] = ()
    judged: Judgement | None = None
