"""Background work of the room; arguments are ids."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta

from shodaku.accounts import selectors as accounts
from shodaku.erasure import certificates, lapsing, selectors, services
from shodaku.erasure.domain import CERTIFICATE_RETRY, GRACE
from shodaku.kit import clock, db, log
from shodaku.kit.ids import uuid7
from shodaku.kit.leftovers import remove_leftovers
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.services import VaultAway

VAULT_PAUSE = timedelta(seconds=30)
OVERDUE_AFTER = timedelta(days=1)
UNFINISHED_AFTER = GRACE + timedelta(minutes=1)  # no sweep is earlier than the job itself


def run(workspace_id: int, erasure_id: int) -> None:
    """Until the certificate is there; while the vault is away, again later."""
    now = clock.now()
    try:
        services.forget(workspace_id, erasure_id, now=now, event_id=uuid7(now, os.urandom(10)))
    except VaultAway:
        again: dict[str, int | str] = {"workspace_id": workspace_id, "erasure_id": erasure_id}
        with db.transaction(workspace_id):
            defer(Job("erasure.run", Queue.CHORE, again, not_before=now + VAULT_PAUSE))


def second_pass(workspace_id: int, contact_id: int) -> None:
    services.forget_late_results(workspace_id, contact_id)


def certificate(workspace_id: int, erasure_id: int) -> None:
    """Sealed to its link as soon as its entry is in the log, and the vault there."""
    now = clock.now()
    try:
        sealed, pause = certificates.seal(workspace_id, erasure_id), CERTIFICATE_RETRY
    except VaultAway:
        sealed, pause = False, VAULT_PAUSE
    if not sealed:
        with db.transaction(workspace_id):
            certificates.seal_later(workspace_id, erasure_id, not_before=now + pause)


def sweep() -> None:
    """Every few minutes: whatever was promised and not finished begins again."""
    now = clock.now()
    for workspace in accounts.workspaces():
        services.defer_unfinished(workspace.workspace_id, before=now - UNFINISHED_AFTER)
        certificates.seal_waiting(workspace.workspace_id, now)


def destroy_due() -> None:
    """Every day: what was kept sealed, or for a link, until today can be read by nobody from now on."""
    now = clock.now()
    remove_leftovers(now)
    for workspace in accounts.workspaces():
        certificates.destroy_due(workspace.workspace_id, now)
        while services.destroy_due(workspace.workspace_id, now=now):
            pass
        if late := selectors.overdue(workspace.workspace_id, before=now - OVERDUE_AFTER):
            log.info("erasure.seal_overdue", workspace=workspace.workspace_id, count=late)


def shred(workspace_id: int, contact_id: int) -> None:
    """The key of somebody of whom no row is left. Raises VaultAway, and is tried again."""
    ledger.shred(workspace_id, contact_id)


def lapse() -> None:
    """Every day: strangers who never confirmed, and people who are needed for nothing any more."""
    now = clock.now()
    for workspace in accounts.workspaces():
        lapsing.forget_strangers(workspace.workspace_id, now=now)
        lapsing.forget_unneeded(workspace.workspace_id, now=now)


JOBS: Mapping[str, Callable[..., None]] = {
    "erasure.run": run,
    "erasure.certificate": certificate,
    "erasure.second_pass": second_pass,
    "erasure.shred": shred,
}
PERIODIC: Mapping[str, tuple[str, Callable[[], None]]] = {
    "erasure.sweep": ("*/2 * * * *", sweep),
    "erasure.destroy_due": ("23 3 * * *", destroy_due),
    "erasure.lapse": ("53 2 * * *", lapse),
}
