"""The two ways to say "not this, not now"; the third answer, `Permit`, is made in `decision` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shodaku.consent.domain import Consent
from shodaku.policy.reasons import AnyReason, Reason


class Instead(StrEnum):
    """What may happen in place of the message that was refused."""

    CONSENT_REQUEST = "consent_request"  # the one message that asks for permission
    WEB_PAGE = "web_page"  # it is said on the page, and not mailed


@dataclass(frozen=True, slots=True)
class Refused:
    """The everyday answer no. The person's own no is `suppression.Refusal`."""

    reason: AnyReason
    instead: Instead | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: to be decided anew, from the facts of that moment."""

    reason: AnyReason
    until: datetime | None  # None: until a person releases it


class Ground(NamedTuple):
    """What a message may rest on: the reason, and the consent behind it if there is one."""

    reason: Reason
    consent: Consent | None
