"""Background work of the room; arguments are ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.kit import clock, db
from shodaku.kit.queue import Job, Queue, defer
from shodaku.notices import services


def checkpoint_mail() -> None:
    """Every day: a job for each log; one that fails must not keep the others' mails back."""
    for workspace in accounts.workspaces():
        whose = workspace.workspace_id
        name = f"checkpoint-mail-{whose}"
        with db.transaction(whose):
            which: dict[str, int | str] = {"workspace_id": whose}
            defer(Job("notices.checkpoint_mail_one", Queue.CHORE, which, name, only_once=name))


def checkpoint_mail_one(workspace_id: int) -> None:
    """Who keeps a copy of this ledger by mail gets the newest checkpoint."""
    services.mail_checkpoint(workspace_id, now=clock.now())


def checkpoint_mailed(workspace_id: int, target_id: int, size: int, mailing_id: int) -> None:
    services.settle_mailed(workspace_id, target_id, size, mailing_id, now=clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "notices.checkpoint_mail_one": checkpoint_mail_one,
    "notices.checkpoint_mailed": checkpoint_mailed,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "notices.checkpoint_mail": ("17 4 * * *", checkpoint_mail)
}
