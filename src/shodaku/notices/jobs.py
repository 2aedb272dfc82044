"""Background work of the room; arguments are ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.kit import clock
from shodaku.notices import services


def checkpoint_mail() -> None:
    """Every day: who keeps a copy of a ledger by mail gets the newest checkpoint."""
    now = clock.now()
    for workspace in accounts.workspaces():
        services.mail_checkpoint(workspace.workspace_id, now=now)


def checkpoint_mailed(workspace_id: int, target_id: int, size: int, mailing_id: int) -> None:
    services.settle_mailed(workspace_id, target_id, size, mailing_id, now=clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {"notices.checkpoint_mailed": checkpoint_mailed}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "notices.checkpoint_mail": ("17 4 * * *", checkpoint_mail)
}
