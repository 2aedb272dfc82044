"""When a DKIM key begins to sign and when it ends: published first, seen in DNS, only then used. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.delivery.dkim import Algorithm, record_text

GRACE_DAYS: Final = (
    7  # servers try for 5 days (RFC 5321 section 4.5.4.1), and look the key up when it arrives
)
ROTATE_DAYS: Final = 183  # half a year; from then on the doctor advises a new one
_RANDOM_HEX: Final = 6  # two installations with one domain must not choose the same name


class KeyState(StrEnum):
    WAITING = "waiting"  # made; DNS has not shown it yet
    ACTIVE = "active"  # signs
    LEAVING = "leaving"  # replaced; its record stays until the grace ends
    ENDED = "ended"  # its private part is gone, its record may go


@dataclass(frozen=True, slots=True)
class DkimKey:
    """What may be said of a key: everything but its private part. Times in UTC."""

    key_id: int
    domain: str
    selector: str
    algorithm: Algorithm
    generation: int
    public: bytes = field(repr=False)
    made_at: datetime
    active_at: datetime | None
    replaced_at: datetime | None
    ended_at: datetime | None
    fault: str  # of a worker that could not open it; empty: none

    def __post_init__(self) -> None:
        object.__setattr__(self, "algorithm", Algorithm(self.algorithm))
        object.__setattr__(self, "public", bytes(self.public))

    @property
    def state(self) -> KeyState:
        if self.ended_at is not None:
            return KeyState.ENDED
        if self.replaced_at is not None:
            return KeyState.LEAVING
        return KeyState.WAITING if self.active_at is None else KeyState.ACTIVE

    @property
    def name(self) -> str:
        """Where its record is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        return record_text(self.algorithm, self.public)

    @property
    def leaves_at(self) -> datetime | None:
        """When its record may go; None while nothing has replaced it."""
        return None if self.replaced_at is None else self.replaced_at + timedelta(days=GRACE_DAYS)

    def is_old(self, now: datetime) -> bool:
        """It signs for so long that a new one is advised."""
        if self.state is not KeyState.ACTIVE or self.active_at is None:
            return False
        return now - self.active_at > timedelta(days=ROTATE_DAYS)


@dataclass(frozen=True, slots=True)
class Change:
    """Ids of keys: which begin to sign, which sign no more, which end for good."""

    begin: tuple[int, ...] = ()
    replace: tuple[int, ...] = ()
    end: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begin or self.replace or self.end)


def change(keys: Sequence[DkimKey], shown: Collection[str], now: datetime) -> Change:
    """What becomes of the keys of one domain, whose selectors `shown` DNS has just been seen to answer.

    A generation begins when every key of it is shown: a receiver that knows one algorithm alone must find it.
    The newest one that is wholly shown takes over from the others; older ones that never signed end then.
    """
    waiting = [each for each in keys if each.state is KeyState.WAITING]
    ready = [
        generation
        for generation in {each.generation for each in waiting}
        if all(each.selector in shown for each in waiting if each.generation == generation)
    ]
    ended = tuple(each.key_id for each in keys if _over(each, now))
    if not ready:
        return Change(end=ended)
    newest = max(ready)
    return Change(
        begin=_ids(each for each in waiting if each.generation == newest),
        replace=_ids(each for each in keys if each.state is KeyState.ACTIVE),
        end=ended + _ids(each for each in waiting if each.generation < newest),
    )


def selector(now: datetime, chance: bytes, algorithm: Algorithm) -> str:
    """A name nobody else has chosen for the domain; `chance` are at least 3 random bytes."""
    short = "r" if algorithm is Algorithm.RSA else "e"
    return f"sd{now:%y%m}-{chance.hex()[:_RANDOM_HEX]}{short}"


def _over(key: DkimKey, now: datetime) -> bool:
    return key.state is KeyState.LEAVING and key.leaves_at is not None and now >= key.leaves_at


def _ids(keys: Iterable[DkimKey]) -> tuple[int, ...]:
    return tuple(each.key_id for each in keys)
