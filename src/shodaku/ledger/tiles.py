"""The addresses and bytes of a published log: C2SP tlog-tiles. Pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shodaku.ledger.merkle import TILE_WIDTH

_NUMBER: Final = re.compile(r"(x[0-9]{3}/){0,5}[0-9]{3}")
_PLACE: Final = re.compile(rf"({_NUMBER.pattern})(?:\.p/([1-9][0-9]{{0,2}}))?")
LEAVES_MAX: Final = 2**53  # beyond it the database would no longer look the number up in its index


class NoTile(ValueError):
    """The address is not that of a tile."""


@dataclass(frozen=True, slots=True)
class TilePlace:
    """Which tile, and how many of its hashes or entries: 256 for a full one."""

    number: int
    width: int

    @property
    def full(self) -> bool:
        return self.width == TILE_WIDTH

    @property
    def first(self) -> int:
        return self.number * TILE_WIDTH


def parse_place(text: str) -> TilePlace:
    """`x001/x234/067` is tile 1,234,067; `.p/5` behind it asks for its first five. Raises NoTile."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise NoTile
    digits = found[1].replace("x", "").split("/")
    width = int(found[3]) if found[3] else TILE_WIDTH
    if (len(digits) > 1 and digits[0] == "000") or (found[3] and width >= TILE_WIDTH):
        raise NoTile
    place = TilePlace(int("".join(digits)), width)
    if place.first + TILE_WIDTH > LEAVES_MAX:
        raise NoTile
    return place


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each behind its length in two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)
