"""Chores of the opt-out room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.delivery import services as delivery
from shodaku.kit import clock, db, log
from shodaku.ledger.services import WAITING_ROWS_MAX, VaultAway
from shodaku.optout import bulk, services, tending


def settle_waiting(workspace_id: int) -> None:
    """Entries of opt-outs that came while the key store was away; until it is back, every 30 seconds."""
    try:
        settled = services.settle_waiting(workspace_id)
    except VaultAway:
        log.info("optout.still_waiting", workspace=workspace_id)
        settled = WAITING_ROWS_MAX
    if settled >= WAITING_ROWS_MAX:
        with db.transaction(workspace_id):
            services.settle_later(workspace_id, clock.now())


def sweep() -> None:
    """Whatever waits anywhere, also acts of staff and what a lost job left behind."""
    for workspace in accounts.workspaces():
        settle_waiting(workspace.workspace_id)


def settle_returns() -> None:
    """Bounces that came before our own result."""
    for workspace in accounts.workspaces():
        delivery.settle_early_bounces(workspace.workspace_id, now=clock.now())
        delivery.drop_old_events(workspace.workspace_id, now=clock.now())
        delivery.drop_old_sources(workspace.workspace_id, now=clock.now())


def tend() -> None:
    """What was received, lines that the database lacks, copies of the journal."""
    tending.tend(clock.now())


def bulk_choose(workspace_id: int, bulk_id: int) -> None:
    bulk.choose(workspace_id, bulk_id, now=clock.now())


def bulk_run(workspace_id: int, bulk_id: int) -> None:
    bulk.run(workspace_id, bulk_id)


def bulk_sweep() -> None:
    bulk.sweep(clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "optout.settle_waiting": settle_waiting,
    "optout.bulk_choose": bulk_choose,
    "optout.bulk_run": bulk_run,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "optout.sweep": ("*/5 * * * *", sweep),
    "optout.returns": ("* * * * *", settle_returns),
    "optout.bulk_sweep": ("*/10 * * * *", bulk_sweep),
}
