"""What there is of key files and what to do about each: ages, modes and counts, never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shodaku.kit import key_store, keys, runtime
from shodaku.kit.keys import KeyFile, KeyPurpose
from shodaku.ledger import rotation, vault
from shodaku.ledger.vault import VaultAway

# weekly and yearly is what is meant (SECURITY.md section 5); who is told too early does not listen
AGE_DAYS_MAX: Final = {KeyPurpose.KEK: 35, KeyPurpose.HOLD: 400, KeyPurpose.LINK: 400}
COUNTED: Final = (KeyPurpose.KEK, KeyPurpose.HOLD)

Counts = Mapping[KeyPurpose, Mapping[int, int]]  # keys in the vault, by the epoch they are wrapped under


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


def here(now: datetime) -> list[Line]:
    """Of this installation. Raises KeyMissing, KeyUnreadable when there is no folder to look into."""
    return lines(
        keys.inspect(runtime.current().keys),
        _counts(),
        service=key_store.from_environment().outside,
        now=now,
    )


def lines(files: Sequence[KeyFile], counts: Counts | None, *, service: bool, now: datetime) -> list[Line]:
    """By purpose and epoch; one line for a purpose without a file."""
    found = []
    for purpose in KeyPurpose:
        mine = {each.epoch: each for each in files if each.purpose is purpose}
        found += [_line(mine, each, counts, service=service, now=now) for each in mine.values()]
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


def _line(
    mine: Mapping[int, KeyFile], file: KeyFile, counts: Counts | None, *, service: bool, now: datetime
) -> Line:
    held = None if counts is None or file.purpose not in COUNTED else counts[file.purpose].get(file.epoch, 0)
    advice, urgent = _advice(mine, file, held, service=service, now=now)
    return Line(
        file.purpose,
        file.epoch,
        State.NEWEST if file.newest else State.OLDER,
        _days(file, now),
        f"{file.mode:04o}",
        file.wrapped,
        held,
        advice,
        urgent,
    )


def _advice(
    mine: Mapping[int, KeyFile], file: KeyFile, held: int | None, *, service: bool, now: datetime
) -> tuple[str, bool]:
    """What to do, and whether it presses."""
    rotate = f"shodaku keys rotate {file.purpose.value}"
    if file.fault is not None:
        return file.fault.hint, True
    if file.newest and _days(file, now) > AGE_DAYS_MAX.get(file.purpose, _days(file, now)):
        return rotate, True
    since = rotation.ends_from(mine, file.purpose, file.epoch)
    if since is not None and held:
        return rotate, False
    if since is not None:
        due = f"shodaku keys destroy {file.name}"
        return (due if now >= since else f"may end from {since:%Y-%m-%d} on"), False
    return ("shodaku keys wrap" if service and not file.wrapped else ""), False


def _days(file: KeyFile, now: datetime) -> int:
    return (now - file.made_at).days
