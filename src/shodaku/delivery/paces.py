"""Limits that somebody sets: of a workspace, of a route, of a group of receivers. Doors: `delivery.services`,
`delivery.selectors`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from shodaku.delivery.domain_groups import EVERY, groups
from shodaku.delivery.pacing import RATE_MAX, RATE_MIN
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

ALL_ROUTES = 0

_sql = db.Statements("shodaku.delivery")


class UnknownGroup(WrongUse):
    """There is no group of receivers of this name."""

    code = "unknown_group"


class RateOutOfRange(WrongUse):
    """A rate is 0.001 to 100,000 messages a second."""

    code = "rate_out_of_range"


class RateOfRoute(WrongUse):
    """The limit of a mail server for all receivers stands with the server: change the server."""

    code = "rate_of_route"


class NoSuchRoute(WrongUse):
    """There is no mail server with this number to limit."""

    code = "no_such_route"


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second."""

    route_id: int  # 0: all of them together
    domain_group: str  # "": all receivers
    rate_max: float  # as it was set
    rate: float  # now; less while the receivers say that mails come too fast
    changed_at: datetime | None  # None: it is as it was set


def paces(workspace_id: int) -> list[Pace]:
    with db.transaction(workspace_id):
        return _sql.rows("list_paces", Pace)


def set_pace(
    workspace_id: int, rate: float | None, *, route_id: int, domain_group: str, by: str, now: datetime
) -> None:
    """None: no limit. Workers follow within 5 seconds; plans made from now on keep groups apart.

    Raises UnknownGroup, RateOutOfRange, RateOfRoute, NoSuchRoute, VaultAway.
    """
    if domain_group not in (EVERY, *groups()):
        raise UnknownGroup(hint=", ".join(groups()))
    if rate is not None and not RATE_MIN <= rate <= RATE_MAX:
        raise RateOutOfRange
    if route_id != ALL_ROUTES and domain_group == EVERY:
        raise RateOfRoute
    with db.transaction(workspace_id):
        if route_id not in (ALL_ROUTES, *_sql.scalars("lock_routes")):
            raise NoSuchRoute(hint=str(route_id))
        keep(route_id, domain_group, rate)
        fields: dict[str, Value] = {
            "by": by,
            "route_id": route_id,
            "receivers": domain_group or "all",
            "rate": "none" if rate is None else f"{rate:g}",
        }
        ledger.record_act(
            workspace_id, "admin.pace.changed", fields, event_id=uuid7(now, os.urandom(10)), now=now
        )


def keep(route_id: int, domain_group: str, rate: float | None) -> None:
    """In the open transaction."""
    if rate is None:
        _sql.run("delete_pace", route_id=route_id, domain_group=domain_group)
    else:
        _sql.run("upsert_pace", route_id=route_id, domain_group=domain_group, rate=rate)


def drop(route_id: int) -> None:
    """All limits of a route, in the open transaction."""
    _sql.run("delete_paces", route_id=route_id)


def forget_promises() -> None:
    """What had its turn does not come, in the open transaction."""
    _sql.run("forget_promises")


def grouped() -> bool:
    """Does a plan keep groups of receivers apart? In the open transaction."""
    found: bool = _sql.scalar("is_grouped")
    return found
