"""Which mail servers may take over the mails of which From domains, and what waits for one alone.

Doors: `delivery.selectors`.
"""

from __future__ import annotations

from dataclasses import dataclass

from shodaku.delivery.domain import Kind, is_aligned
from shodaku.delivery.key_states import KeyState
from shodaku.delivery.routes import Route, routes
from shodaku.delivery.signing_keys import dkim_keys, domains
from shodaku.kit import db

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class _HeldRow:
    route_id: int
    people: int


def unaligned(workspace_id: int) -> dict[int, list[str]]:
    """Route -> From domains whose mails it may not take over: nobody is known to sign them there.

    Empty while there is one route only, for then there is nothing to take over.
    """
    used = [each for each in routes(workspace_id) if each.enabled]
    if len(used) < 2:  # noqa: PLR2004 - one from another
        return {}
    ours = {key.domain for key in dkim_keys(workspace_id) if key.state is KeyState.ACTIVE}
    every = domains(workspace_id)
    found = {each.route_id: [domain for domain in every if not _fits(each, domain, ours)] for each in used}
    return {route_id: names for route_id, names in found.items() if names}


def held(workspace_id: int) -> dict[int, int]:
    """Route -> people whose mails wait for it alone: somebody may have got them by it already."""
    with db.transaction(workspace_id):
        return {row.route_id: row.people for row in _sql.rows("list_held", _HeldRow)}


def _fits(route: Route, domain: str, ours: set[str]) -> bool:
    """`ours`: domains that are signed here, which a provider does not use."""
    return is_aligned(domain, route.signs_for) or (domain in ours and route.kind == Kind.SMTP)
