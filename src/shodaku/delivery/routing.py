"""Which of several relays carries a chunk. Pure. Door: `domain`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SHARE_MAX: Final = 1_000
DEPTH_MAX: Final = 4  # what a crash or a lost connection leaves uncertain: connections x depth
_SCALE: Final = 2**64
_GOLDEN: Final = (
    0x9E3779B97F4A7C15  # 2^64 / golden ratio: multiples of it fill any range evenly, in any order
)


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


@dataclass(frozen=True, slots=True)
class Carrier:
    """A route as one chunk meets it. `share` is a weight; 0: it stands by for the others."""

    route_id: int
    share: int
    health: Health = Health.WELL


def choose_route(
    carriers: Sequence[Carrier], number: int, *, kept: int | None = None, fixed: bool = False
) -> int | None:
    """The route of chunk `number`, of carriers in their order; None: there is none now.

    By share, and for a number always the same. `kept` is the route of the opening before: it stays that while
    it is not set aside, and with `fixed` also then, for somebody may have the message already. The chunks of
    a route that is set aside take the next one in order that is well.
    """
    held = next((each for each in carriers if each.route_id == kept), None)
    if held is not None and (fixed or held.health is not Health.SET_ASIDE):
        return None if held.health is Health.SET_ASIDE else held.route_id
    if not carriers:
        return None
    first = _by_share(carriers, number)
    turn = [*carriers[first:], *carriers[:first]]
    if turn[0].health is not Health.SET_ASIDE:
        return turn[0].route_id
    for wanted in (Health.WELL, Health.TRIAL):
        for each in turn:
            if each.health is wanted:
                return each.route_id
    return None


def _by_share(carriers: Sequence[Carrier], number: int) -> int:
    """Consecutive numbers come to each route as often as its share says, within a few."""
    total = sum(each.share for each in carriers)
    point = (number * _GOLDEN % _SCALE) * total // _SCALE
    for at, each in enumerate(carriers):
        point -= each.share
        if point < 0:
            return at
    return 0  # all of them stand by
