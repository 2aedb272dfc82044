"""What there is of key files and what to do about each: ages, modes and counts, never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit import key_store, keys, runtime
from shodaku.kit.keys import KeyFile, KeyPurpose
from shodaku.ledger import rotation, vault, weekly_keys
from shodaku.ledger.vault import VaultAway
from shodaku.ledger.weekly_keys import Hindrance, Rhythm

# weekly and yearly is what is meant (SECURITY.md section 5); who is told too early does not listen
AGE_DAYS_MAX: Final = {KeyPurpose.KEK: 8, KeyPurpose.HOLD: 400, KeyPurpose.LINK: 400}
OVERDUE_DAYS: Final = {KeyPurpose.KEK: 2}  # an old one is still there that long after its day: it presses
# promise 8: a week until the KEK is replaced, a week until the older one ends
PROMISED: Final = "who was erased is not yet unreadable in every backup after 14 days"
OFFLINE: Final = "copy it offline: without it no backup opens"
COUNTED: Final = (KeyPurpose.KEK, KeyPurpose.HOLD)

Counts = Mapping[KeyPurpose, Mapping[int, int]]  # keys in the vault, by the epoch they are wrapped under

_HINDERED: Final = {
    Hindrance.FOLDER: "not by itself: the folder of keys cannot be written to here",
    Hindrance.NO_WRAP: f"not by itself: {key_store.WRAP} names no program here",
    Hindrance.ELSEWHERE: "not by itself: the newest key is on another machine",
}


class State(StrEnum):
    NEWEST = "newest"
    OLDER = "older"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    purpose: KeyPurpose
    epoch: int
    state: State
    age_days: int | None = None
    mode: str | None = None
    wrapped: bool | None = None  # by a key service
    keys: int | None = None  # wrapped under it; None of other purposes, and while the vault is away
    advice: str = ""
    urgent: bool = False  # else it is tidying up

    @property
    def name(self) -> str:
        return f"{self.purpose.value}.{self.epoch}"


@dataclass(frozen=True, slots=True)
class _Setting:
    counts: Counts | None
    service: bool  # wraps what stands in the files
    hindered: str  # why the weekly rotation that is switched on cannot be made here
    now: datetime


def here(now: datetime) -> list[Line]:
    """Of this installation. Raises KeyMissing, KeyUnreadable when there is no folder to look into, and
    NoSuchRhythm, KeyServiceUnset.
    """
    files, counts = keys.inspect(runtime.current().keys), _counts()
    return _lines(files, _Setting(counts, key_store.from_environment().outside, _hindered(counts), now))


def _lines(files: Sequence[KeyFile], setting: _Setting) -> list[Line]:
    """By purpose and epoch; one line for a purpose without a file."""
    found = []
    for purpose in KeyPurpose:
        mine = {each.epoch: each for each in files if each.purpose is purpose}
        found += [_line(mine, each, setting) for each in mine.values()]
        if not mine:
            again = "put it back from your copy; where there never was one: shodaku init"
            found.append(Line(purpose, 1, State.MISSING, advice=again, urgent=True))
    return found


def summary(found: Sequence[Line]) -> tuple[bool, str]:
    """One line for the doctor, and whether all is well."""
    urgent = [f"{each.name}: {each.advice}" for each in found if each.urgent]
    if urgent:
        return False, "; ".join(urgent)
    ages = [
        f"{each.name} {each.age_days} days"
        for each in found
        if each.state is State.NEWEST and each.purpose in AGE_DAYS_MAX
    ]
    return True, f"{len(found)} files, " + ", ".join(ages)


def _counts() -> Counts | None:
    if not runtime.current().vault_url:
        return None
    try:
        return {purpose: vault.count_by_epoch(purpose) for purpose in COUNTED}
    except VaultAway:
        return None


def _hindered(counts: Counts | None) -> str:
    if weekly_keys.rhythm() is Rhythm.MANUAL:
        return ""
    why = weekly_keys.hindrance(() if counts is None else counts[KeyPurpose.KEK])
    return "" if why is None else _HINDERED[why]


def _line(mine: Mapping[int, KeyFile], file: KeyFile, setting: _Setting) -> Line:
    counts = setting.counts
    held = None if counts is None or file.purpose not in COUNTED else counts[file.purpose].get(file.epoch, 0)
    advice, urgent = _advice(mine, file, held, setting)
    return Line(
        file.purpose,
        file.epoch,
        State.NEWEST if file.newest else State.OLDER,
        _days(file, setting.now),
        f"{file.mode:04o}",
        file.wrapped,
        held,
        advice,
        urgent,
    )


def _advice(
    mine: Mapping[int, KeyFile], file: KeyFile, held: int | None, setting: _Setting
) -> tuple[str, bool]:
    """What to do, and whether it presses."""
    now, kek = setting.now, file.purpose is KeyPurpose.KEK
    if file.fault is not None:
        return file.fault.hint, True
    since = rotation.ends_from(mine, file.purpose, file.epoch)
    if since is not None:
        return _end(file, held, since, now)
    hindered = setting.hindered if kek and file.newest else ""
    if file.newest and _days(file, now) > AGE_DAYS_MAX.get(file.purpose, _days(file, now)):
        rotate = f"shodaku keys rotate {file.purpose.value}"
        return "; ".join(filter(None, (rotate, hindered, PROMISED if kek else ""))), True
    wrap = "shodaku keys wrap" if setting.service and not file.wrapped else ""
    offline = OFFLINE if file.purpose is KeyPurpose.BACKUP else ""
    return hindered or wrap or offline, False


def _end(file: KeyFile, held: int | None, since: datetime, now: datetime) -> tuple[str, bool]:
    """Of one that another one followed."""
    end = f"shodaku keys destroy {file.name}" if now >= since else f"may end from {since:%Y-%m-%d} on"
    todo = f"shodaku keys rotate {file.purpose.value}" if held else end
    if file.purpose in OVERDUE_DAYS and now >= since + timedelta(days=OVERDUE_DAYS[file.purpose]):
        return f"{todo}; {PROMISED}", True
    return todo, False


def _days(file: KeyFile, now: datetime) -> int:
    return (now - file.made_at).days
