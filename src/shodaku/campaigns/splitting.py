"""Who tries which variant of a campaign: by a keyed hash of the person's number. Pure.

The key is drawn at the launch and belongs to this one campaign, so that nobody is always the one who tries,
and nobody can choose. Parts of the range of the hash do not meet, so nobody gets two variants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Final

from shodaku.segments.domain import Where

PLACES: Final = 10_000
KEY_BYTES: Final = 32
_HASH_BYTES: Final = 6
_ID_BYTES: Final = 8
# the same as `place_of`, over the alias c (contact)
_PLACE: Final = (
    "('x' || left(encode(sha256(%(split_key)s::bytea || int8send(c.contact_id)), 'hex'), 12))"
    f"::bit(48)::bigint %% {PLACES}"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Places from the first one to the one before the end."""

    first: int
    end: int

    def holds(self, place: int) -> bool:
        return self.first <= place < self.end


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of a variant: how many it was handed over to, and how many of them acted."""

    accepted: int
    acted: int

    @property
    def rate(self) -> Fraction:
        return Fraction(self.acted, self.accepted) if self.accepted else Fraction(0)


def place_of(key: bytes, contact_id: int) -> int:
    """0 to PLACES - 1, evenly."""
    digest = sha256(key + contact_id.to_bytes(_ID_BYTES, "big", signed=True)).digest()
    return int.from_bytes(digest[:_HASH_BYTES], "big") % PLACES


def parts(share_percent: int, variants: int) -> tuple[Part, ...]:
    """One for each variant, all of one size, and the rest of the range as the last one."""
    size = PLACES * share_percent // 100 // variants
    return (
        *(Part(no * size, (no + 1) * size) for no in range(variants)),
        Part(variants * size, PLACES),
    )


def within(chosen: Where, key: bytes, part: Part) -> Where:
    """Of the people chosen, those whose place lies in this part."""
    sql = f"({chosen.sql}) and ({_PLACE}) between %(split_first)s and %(split_last)s"
    mine = {"split_key": key, "split_first": part.first, "split_last": part.end - 1}
    return Where(sql, {**chosen.parameters, **mine})


def best(measured: Mapping[int, Measured]) -> int:
    """The variant with the highest rate; of equal ones, and where nobody acted, the first."""
    return min(measured, key=lambda no: (-measured[no].rate, no))


def same_twice(contents: Sequence[object]) -> bool:
    return len(set(contents)) < len(contents)
