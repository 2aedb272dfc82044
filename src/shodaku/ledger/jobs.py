"""Background work of the room; arguments are ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.kit import clock, db
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import anchoring, weekly_keys
from shodaku.ledger.anchored import AnchorKind
from shodaku.ledger.targets import targets


def anchor_each() -> None:
    """Every hour: a job for each log that has a place outside; one that hangs must not hold up the clock."""
    for workspace in accounts.workspaces():
        whose = workspace.workspace_id
        if any(each.kind is not AnchorKind.MAIL for each in targets(whose)):
            name = f"anchor-{whose}"
            with db.transaction(whose):
                job = Job("ledger.anchor_one", Queue.CHORE, {"workspace_id": whose}, name, only_once=name)
                defer(job)


def anchor_one(workspace_id: int) -> None:
    """Every place of one log. What failed is told, and tried again in an hour."""
    anchoring.anchor(workspace_id, now=clock.now())


def look_at_keys() -> None:
    """Every day, so that a week that was missed is caught up; a job, for it may wait for another rotation."""
    name = "rotate-keys"
    with db.transaction(None):
        defer(Job("ledger.rotate_keys_now", Queue.CHORE, {}, name, only_once=name))


def rotate_keys() -> None:
    """What is due, if it is switched on; tried again while the vault or the key service is away."""
    weekly_keys.turn(clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "ledger.anchor_one": anchor_one,
    "ledger.rotate_keys_now": rotate_keys,
}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "ledger.anchor": ("37 * * * *", anchor_each),
    "ledger.rotate_keys": ("7 19 * * *", look_at_keys),  # UTC: the night of Japan
}
