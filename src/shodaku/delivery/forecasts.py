"""What is known of routes, limits and what waits, as a forecast takes it. Door: `selectors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shodaku.delivery.domain import Carries
from shodaku.delivery.domain_groups import EVERY, OTHER
from shodaku.delivery.finishing import ALL_ROUTES, Forecast, Rate, Way, forecast
from shodaku.delivery.paces import paces
from shodaku.delivery.relays import NoRoute, from_environment
from shodaku.delivery.routes import routes
from shodaku.delivery.warm_ups import warm_ups
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError

_sql = db.Statements("shodaku.delivery")


def finish(workspace_id: int, people: Mapping[str, int], *, starts_at: datetime) -> Forecast | None:
    """Of a mailing to so many people in each group of receivers; None: nothing would carry it."""
    with db.transaction(workspace_id):
        ways = _ways(workspace_id)
        ahead = _sql.rows("count_waiting", _WaitingRow, other=OTHER, until=starts_at)
        rates = [Rate(each.route_id, each.domain_group, each.rate_max) for each in paces(workspace_id)]
        warm = warm_ups(workspace_id)
    if ways is None:
        ways, own = [Way(ALL_ROUTES, 100)], _rate_of_environment()
        if own is None:
            return None
        rates += [Rate(ALL_ROUTES, EVERY, own)] if own else []
    if not ways:
        return None
    return forecast(people, {each.domain_group: each.people for each in ahead}, ways, rates, warm, starts_at)


def warming(workspace_id: int) -> bool:
    """Is a route that carries campaigns being made known to its receivers?"""
    ways = {each.route_id for each in _ways(workspace_id) or ()}
    return any(not each.over and each.route_id in ways for each in warm_ups(workspace_id))


def _ways(workspace_id: int) -> list[Way] | None:
    """None: the workspace has no route of its own."""
    found = routes(workspace_id)
    if not found:
        return None
    return [
        Way(each.route_id, each.share)
        for each in found
        if each.enabled and Carries(each.carries).takes(urgent=False)
    ]


def _rate_of_environment() -> float | None:
    """0: it has no limit; None: it cannot be used."""
    try:
        return from_environment().rate or 0.0
    except (NoRoute, ShodakuError):
        return None


@dataclass(frozen=True, slots=True)
class _WaitingRow:
    domain_group: str
    people: int
