"""Which of several relays carries a chunk. Pure. Door: `domain`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SHARE_MAX: Final = 1_000
_DOMAINS_MAX: Final = 20
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})+")
DEPTH_MAX: Final = 4  # what a crash or a lost connection leaves uncertain: connections x depth
_SCALE: Final = 2**64
_GOLDEN: Final = (
    0x9E3779B97F4A7C15  # 2^64 / golden ratio: multiples of it fill any range evenly, in any order
)


class Kind(StrEnum):
    """What a route is: a mail server, or the program of a provider, spoken to by HTTP."""

    SMTP = "smtp"
    SES = "ses"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    POSTMARK = "postmark"
    BREVO = "brevo"


class Carries(StrEnum):
    """What a route is for."""

    ALL = "all"
    URGENT = "urgent"  # codes, confirmations, notices: what somebody waits for
    CAMPAIGNS = "campaigns"  # what goes to many

    def takes(self, *, urgent: bool) -> bool:
        return self is Carries.ALL or self is (Carries.URGENT if urgent else Carries.CAMPAIGNS)


class Health(StrEnum):
    WELL = "well"
    TRIAL = "trial"  # its circuit is open, and the time has come for one chunk to try
    SET_ASIDE = "set_aside"  # its circuit is open: it gets nothing


class RouteDomainFault(ValueError):
    """Domains look like mail.example, and are separated by commas; at most 20."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A route as one chunk meets it. `share` is a weight; 0: it stands by for the others.

    `aligned`: what it carries is signed for the domain of the From address (RFC 7489 section 3.1.1), so it
    may take over from another one.
    """

    route_id: int
    share: int
    health: Health = Health.WELL
    aligned: bool = True


def choose_route(
    carriers: Sequence[Carrier], number: int, *, kept: int | None = None, fixed: bool = False
) -> int | None:
    """The route of chunk `number`, of carriers in their order; None: there is none now.

    By share, and for a number always the same. `kept` is the route of the opening before: it stays that while
    it is not set aside, and with `fixed` also then, for somebody may have the message already. The chunks of
    a route that is set aside take the next one in order that is well and aligned; without one they wait.
    """
    held = next((each for each in carriers if each.route_id == kept), None)
    if held is not None and (fixed or held.health is not Health.SET_ASIDE):
        return None if held.health is Health.SET_ASIDE else held.route_id
    if not carriers:
        return None
    first = _by_share(carriers, number)
    turn = [*carriers[first:], *carriers[:first]]
    if held is None and turn[0].health is not Health.SET_ASIDE:
        return turn[0].route_id
    for wanted in (Health.WELL, Health.TRIAL):
        for each in turn:
            if each.aligned and each.health is wanted:
                return each.route_id
    return None


def is_aligned(mail_domain: str, signs_for: Iterable[str]) -> bool:
    """Does who signs for these domains sign for it? Relaxed, as DMARC compares: above or below will do."""
    return any(
        mail_domain == each or mail_domain.endswith(f".{each}") or each.endswith(f".{mail_domain}")
        for each in signs_for
    )


def signing_domains(text: str) -> tuple[str, ...]:
    """In small letters, each once, in their order. Raises RouteDomainFault."""
    found = dict.fromkeys(filter(None, re.split(r"[,、\s]+", text.strip().lower())))
    if len(found) > _DOMAINS_MAX or not all(_DOMAIN.fullmatch(each) for each in found):
        raise RouteDomainFault
    return tuple(found)


def _by_share(carriers: Sequence[Carrier], number: int) -> int:
    """Consecutive numbers come to each route as often as its share says, within a few."""
    total = sum(each.share for each in carriers)
    point = (number * _GOLDEN % _SCALE) * total // _SCALE
    for at, each in enumerate(carriers):
        point -= each.share
        if point < 0:
            return at
    return 0  # all of them stand by
