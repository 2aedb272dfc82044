"""A new KEK every week and the end of the one before, by the clock, where the operator has switched it on.

By itself it is off: a KEK that nobody has copied yet is one file on one disk, and if that disk is lost every
proof is lost with it; on another machine, which lacks the file, sending would stop. Who has the folder of
keys copied every night, away from the databases, sets SHODAKU_KEY_ROTATION=weekly; until then `shodaku keys`
and `doctor` press from the ninth day on. TRUST.md section 1.2.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit import key_store, log, runtime
from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import rotation, vault

VARIABLE: Final = "SHODAKU_KEY_ROTATION"
BY: Final = "system"
PERIOD: Final = timedelta(days=7)
# the look of the same hour a week ago took its time too: without it every week would last a day longer
EARLIER: Final = timedelta(hours=1)
KEK: Final = KeyPurpose.KEK


class Rhythm(StrEnum):
    MANUAL = "manual"
    WEEKLY = "weekly"


class Hindrance(StrEnum):
    """Why this process leaves the keys alone."""

    FOLDER = "folder_not_writable"
    NO_WRAP = "no_program_wraps"
    ELSEWHERE = "newest_key_elsewhere"  # made on another machine: what is under it would stay behind


class NoSuchRhythm(WrongUse):
    """SHODAKU_KEY_ROTATION is weekly or manual."""

    code = "no_such_rhythm"


def rhythm() -> Rhythm:
    """Raises NoSuchRhythm."""
    named = os.environ.get(VARIABLE) or Rhythm.MANUAL
    if named not in tuple(Rhythm):
        raise NoSuchRhythm
    return Rhythm(named)


def hindrance(used: Collection[int]) -> Hindrance | None:
    """`used`: epochs that wrap anything in the vault. Raises KeyMissing, KeyUnreadable, KeyServiceUnset."""
    folder = runtime.current().keys
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        return Hindrance.FOLDER
    if not key_store.from_environment().makes_keys:
        return Hindrance.NO_WRAP
    if used and max(used) not in rotation.files_of(KEK):
        return Hindrance.ELSEWHERE
    return None


def turn(now: datetime) -> None:
    """A new KEK if its week is over, then the end of each older one whose time is over; else nothing.

    Raises OutOfReach, and goes on when it is called again.
    """
    try:
        if rhythm() is Rhythm.MANUAL:
            return
        hindered = hindrance(vault.count_by_epoch(KEK))
        if hindered is not None:
            log.info("key.not_rotated", purpose=KEK.value, why=hindered.value)
            return
        rotation.rotate_when_old(KEK, after=PERIOD - EARLIER, by=BY, now=now)
        _end_older(now)
    except OutOfReach:
        raise
    except ShodakuError as refused:  # the next look finds the same; who mends it reads `shodaku keys`
        log.info("key.not_rotated", purpose=KEK.value, why=refused.code)


def _end_older(now: datetime) -> None:
    for epoch in rotation.due(KEK, now + EARLIER):
        # at once, for the same hour: the backups of seven days that it opens are over today
        rotation.destroy(KEK, epoch, at_once=True, by=BY, now=now)
