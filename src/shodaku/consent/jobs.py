"""The clock of consents: what was promised to end, ends; what rests on an altered record stops counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.consent import services
from shodaku.consent.figures import refresh_figures
from shodaku.kit import clock, log


def expire() -> None:
    """Every hour. The gate does not wait for it: it compares the time itself."""
    now = clock.now()
    for workspace in accounts.workspaces():
        while services.expire_due(workspace.workspace_id, now=now):
            pass


def count_figures() -> None:
    """Every ten minutes, of large workspaces."""
    now = clock.now()
    for workspace in accounts.workspaces():
        refresh_figures(workspace.workspace_id, ZoneInfo(workspace.timezone), now=now)


def audit() -> None:
    """Every day: a job for each ledger; one that cannot be read must not leave the others unread."""
    for workspace in accounts.workspaces():
        services.ask_for_audit(workspace.workspace_id)


def audit_one(workspace_id: int) -> None:
    """Consents whose entries were altered allow nothing from now on."""
    found = services.audit(workspace_id, now=clock.now())
    for fault in found.faults:
        log.info("ledger.fault", workspace=workspace_id, kind=fault.kind.value, number=fault.number)


JOBS: Mapping[str, Callable[..., None]] = {"consent.audit_one": audit_one}
PERIODIC: Mapping[str, tuple[str, Callable[[], None]]] = {
    "consent.expire": ("7 * * * *", expire),
    "consent.count_figures": ("*/10 * * * *", count_figures),
    "consent.audit": ("41 3 * * *", audit),
}
