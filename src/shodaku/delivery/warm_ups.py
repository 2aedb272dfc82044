"""Routes that are being made known to receivers, so many mails a day. Doors: `delivery.services`,
`delivery.selectors`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shodaku.delivery.domain_groups import OTHER, groups
from shodaku.delivery.paces import NoSuchRoute, UnknownGroup
from shodaku.delivery.warming import DAILY_MAX, DAYS_MAX, WarmUp, days_for, next_day
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

_sql = db.Statements("shodaku.delivery")


class WarmUpFault(WrongUse):
    """Write the mails of each day, ascending and separated by commas, 60 days at most: 50, 100, 200."""

    code = "warm_up_fault"


def warm_ups(workspace_id: int) -> list[WarmUp]:
    """As they were when somebody last sent: a day without mails changes nothing."""
    with db.transaction(workspace_id):
        return _listed()


def begin_warm_up(
    workspace_id: int,
    route_id: int,
    amounts: Sequence[int],
    *,
    by: str,
    now: datetime,
    domain_group: str = "",
) -> None:
    """Towards one group of receivers, or each of them. Where it has begun it goes on with the new table.

    Raises WarmUpFault, UnknownGroup, NoSuchRoute, VaultAway.
    """
    if domain_group not in ("", *groups()):
        raise UnknownGroup(hint=", ".join(groups()))
    if not 1 <= len(amounts) <= DAYS_MAX or not amounts[0] >= 1 or amounts[-1] > DAILY_MAX:
        raise WarmUpFault
    if sorted(set(amounts)) != list(amounts):
        raise WarmUpFault
    with db.transaction(workspace_id):
        if route_id not in _sql.scalars("lock_routes"):
            raise NoSuchRoute(hint=str(route_id))
        for name in (domain_group,) if domain_group else groups():
            _sql.run("upsert_warm_up", route_id=route_id, domain_group=name, amounts=list(amounts), now=now)
        said: dict[str, Value] = {"daily": ", ".join(map(str, amounts)), "receivers": domain_group or "all"}
        _record(workspace_id, route_id, said, by, now)


def end_warm_up(workspace_id: int, route_id: int, *, by: str, now: datetime) -> bool:
    """From here on its mails are not counted by days. False: it was not being warmed up. Raises VaultAway."""
    with db.transaction(workspace_id):
        if not _sql.run("delete_warm_ups", route_id=route_id):
            return False
        _record(workspace_id, route_id, {"daily": "none", "receivers": "all"}, by, now)
        return True


@dataclass(frozen=True, slots=True)
class Later:
    """What of a mailing waits for another day."""

    people: int
    ends_at: datetime  # when the last of them may be sent to, if all goes well


def later(mailing_id: int, now: datetime) -> Later | None:
    """None: nobody waits so long. In the open transaction."""
    known = {(each.route_id, each.domain_group): each for each in _listed() if not each.over}
    if not known:
        return None
    waiting = [
        (known[row.route_id, row.domain_group], row.people)
        for row in _sql.rows("list_later", _LaterRow, mailing_id=mailing_id, other=OTHER)
        if (row.route_id, row.domain_group) in known
    ]
    if not waiting:
        return None
    days = max(days_for(warm, people) for warm, people in waiting)
    last = next_day(now)
    for _ in range(days - 1):
        last = next_day(last)
    return Later(sum(people for _, people in waiting), last)


def _listed() -> list[WarmUp]:
    return [
        WarmUp(
            row.route_id, row.domain_group, tuple(row.amounts), row.step, row.on_day, row.sent, row.deferred
        )
        for row in _sql.rows("list_warm_ups", _WarmUpRow)
    ]


def _record(workspace_id: int, route_id: int, said: dict[str, Value], by: str, now: datetime) -> None:
    fields: dict[str, Value] = {"by": by, "route_id": route_id, **said}
    ledger.record_act(
        workspace_id, "admin.warm_up.changed", fields, event_id=uuid7(now, os.urandom(10)), now=now
    )


@dataclass(frozen=True, slots=True)
class _WarmUpRow:
    route_id: int
    domain_group: str
    amounts: list[int]
    step: int
    on_day: date
    sent: int
    deferred: int


@dataclass(frozen=True, slots=True)
class _LaterRow:
    route_id: int
    domain_group: str
    people: int
