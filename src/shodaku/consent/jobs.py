"""The clock of consents: what was promised to end, ends, with its entry in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shodaku.accounts import selectors as accounts
from shodaku.consent import services
from shodaku.kit import clock


def expire() -> None:
    """Every hour. The gate does not wait for it: it compares the time itself."""
    now = clock.now()
    for workspace in accounts.workspaces():
        while services.expire_due(workspace.workspace_id, now=now):
            pass


JOBS: Mapping[str, Callable[..., None]] = {}
PERIODIC: Mapping[str, tuple[str, Callable[[], None]]] = {"consent.expire": ("7 * * * *", expire)}
