"""Chores of the delivery room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.delivery import dns_lookup, link_watch, services
from shodaku.kit import clock, log, runtime
from shodaku.kit.errors import ShodakuError


def look_at_domains() -> None:
    """Every hour: a job for each workspace; DNS that hangs must not hold up the clock."""
    for workspace in accounts.workspaces():
        services.ask_dns(workspace.workspace_id)


def check_domains(workspace_id: int) -> None:
    """What DNS left open is asked again in an hour. Raises DnsServerFault, DnsAway."""
    dns = dns_lookup.from_environment()
    services.check_domains(workspace_id, dns.look, now=clock.now(), ask=dns.ask)


def look_at_links() -> None:
    """Every five minutes, at the public address; who opts out by a link must find somebody there."""
    url = runtime.current().public_url
    answered = link_watch.answers(url)
    for workspace in accounts.workspaces():
        link_watch.note(workspace.workspace_id, url, answered=answered, now=clock.now())


def defer_copies() -> None:
    """Every minute: a job for each workspace, where a column store is named."""
    for workspace in accounts.workspaces():
        services.defer_copy(workspace.workspace_id)


def copy_out(workspace_id: int) -> None:
    """What cannot be copied now is copied in a minute or later; the doctor says what is wrong."""
    try:
        services.copy_out(workspace_id, now=clock.now())
    except ShodakuError as error:
        log.info("columns.away", workspace=workspace_id, error=error.code)


def drop_old_hits() -> None:
    """Every night."""
    for workspace in accounts.workspaces():
        rows = services.drop_old_hits(workspace.workspace_id, now=clock.now())
        if rows:
            log.info("hits.old", workspace=workspace.workspace_id, rows=rows)


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "delivery.check_domains": check_domains,
    "delivery.copy_out": copy_out,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "delivery.look_at_domains": ("53 * * * *", look_at_domains),
    "delivery.look_at_links": ("*/5 * * * *", look_at_links),
    "delivery.defer_copies": ("* * * * *", defer_copies),
    "delivery.drop_old_hits": ("41 2 * * *", drop_old_hits),
}
