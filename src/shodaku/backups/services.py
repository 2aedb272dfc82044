"""Make a backup, put one back, open the gate again, and notice a second copy."""

from __future__ import annotations

import os
from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.backups import second_copy
from shodaku.backups.archive import BackupUnreadable, ForeignBackup, Opened
from shodaku.backups.encryption import (
    BackupDamaged,
    NoIdentity,
    NoRecipient,
    NotABackup,
    WrongBackupKey,
    identity_of,
    own_recipient,
    parse_recipients,
    read_identities,
)
from shodaku.backups.loading import (
    NewerBackup,
    NotEmpty,
    OlderBackup,
    OtherBackup,
    RestoreFailed,
    StillRunning,
    checked,
    load,
)
from shodaku.backups.making import (
    BackupDisturbed,
    BackupThere,
    BackupUnwritable,
    Progress,
    back_up,
    back_up_vault,
)
from shodaku.backups.reopening import NoJournalThere, Reopened, reopen, take_in
from shodaku.backups.second_copy import Signs
from shodaku.backups.vault_loading import DatabaseFirst, LoadedVault, VaultTooOld, checked_vault, load_vault
from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.optout import services as optout
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.services import FenceReason

__all__ = [
    "BackupDamaged",
    "BackupDisturbed",
    "BackupThere",
    "BackupUnreadable",
    "BackupUnwritable",
    "DatabaseFirst",
    "FenceStaysShut",
    "ForeignBackup",
    "LoadedVault",
    "NewerBackup",
    "NoIdentity",
    "NoJournalThere",
    "NoReason",
    "NoRecipient",
    "NotABackup",
    "NotEmpty",
    "OlderBackup",
    "Opened",
    "OtherBackup",
    "Progress",
    "Reopened",
    "RestoreFailed",
    "Signs",
    "StillRunning",
    "VaultTooOld",
    "WrongBackupKey",
    "back_up",
    "back_up_vault",
    "checked",
    "checked_vault",
    "identity_of",
    "load",
    "load_vault",
    "look_for_copies",
    "look_from",
    "open_by_hand",
    "own_recipient",
    "parse_recipients",
    "read_identities",
    "reopen",
    "reopen_if_shut",
    "take_in",
]

OPENED = "admin.fence.opened"
_TOLD = (FenceReason.RESTORED, FenceReason.BEHIND)


class FenceStaysShut(OutOfReach):
    """Nothing is sent yet: this database was not told everything that was said since the backup."""

    code = "fence_stays_shut"


class NoReason(WrongUse):
    """Say why the gate may be opened: the reason stays in the ledger."""

    code = "no_fence_reason"


def look_for_copies(now: datetime) -> Signs:
    """Shut the gate if another installation runs on the same data. Raises PlaceUnreadable, NoCopyPlace."""
    return second_copy.look(lambda: db.transaction(None), runtime.current().home, optout.copy_folders(), now)


def look_from(opened: second_copy.Open, now: datetime) -> Signs:
    """As `look_for_copies`, for a process that has no Django."""
    return second_copy.look(opened, runtime.current().home, optout.copy_folders(), now)


def reopen_if_shut(reason: str, *, by: str, now: datetime) -> Reopened:
    """As `reopen`, and nothing where this database was never said to lack anything. Raises as `reopen`."""
    if _waits_for_journal(suppressions.fence().reason):
        return reopen(reason, by=by, now=now)
    optout.catch_up(now)
    return _as_it_is(Reopened())


def _waits_for_journal(reasons: str) -> bool:
    return bool(set(reasons.split()) & {each.value for each in _TOLD})


def open_by_hand(reason: str, *, by: str, now: datetime) -> Reopened:
    """A human says that the other installation is stopped, or that everything needed is here now.

    After a restore the gate opens only when the database was told everything: else it says what lacks.
    Raises NoReason, PlaceUnreadable, VaultAway, KeyUnavailable, NoCopyPlace.
    """
    if not reason.strip():
        raise NoReason
    before = suppressions.fence()
    if before.state == "open":
        return Reopened(open=True)
    outcome = Reopened(open=False)
    if _waits_for_journal(before.reason):
        outcome = reopen(reason.strip(), by=by, now=now)
        if outcome.lacking or outcome.unfinished:
            return outcome
    if FenceReason.COPIED.value in before.reason.split():
        second_copy.take_over(
            lambda: db.transaction(None), runtime.current().home, optout.copy_folders(), now
        )
        suppression.open_fence(FenceReason.COPIED)
    _record(reason.strip(), before.reason, by=by, now=now)
    return _as_it_is(outcome)


def _as_it_is(outcome: Reopened) -> Reopened:
    now_is = suppressions.fence()
    return Reopened(
        open=now_is.state == "open",
        replayed=outcome.replayed,
        paused=outcome.paused,
        forked=outcome.forked,
        reason=now_is.reason,
    )


def _record(reason: str, closed_for: str, *, by: str, now: datetime) -> None:
    for workspace in accounts.workspaces():
        ledger.record_act_even_without_vault(
            workspace.workspace_id,
            OPENED,
            {"reason": reason, "closed_for": closed_for, "by": by},
            event_id=uuid7(now, os.urandom(10)),
            now=now,
        )
