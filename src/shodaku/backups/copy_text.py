"""COPY's text format cut into pieces of whole rows. Within a row a line feed is a backslash and an n, so that
every real one ends a row. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shodaku.backups.domain import MEMBER_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Piece:
    content: bytes
    rows: int


class Unfinished(ValueError):
    """The last row has no end."""


def pieces(blocks: Iterable[bytes | bytearray | memoryview], most: int = MEMBER_BYTES_MAX) -> Iterator[Piece]:
    """At most `most` bytes each, however the blocks were cut; a row that is larger stands alone.

    Raises Unfinished.
    """
    waiting = bytearray()
    looked = 0  # no end of a row is in what stands before
    for block in blocks:
        waiting += block
        while len(waiting) > most:
            end = waiting.rfind(b"\n", 0, most) + 1 or waiting.find(b"\n", max(looked, most)) + 1
            if not end:
                looked = len(waiting)
                break
            yield _piece(bytes(memoryview(waiting)[:end]))
            del waiting[:end]
            looked = 0
    if waiting:
        if not waiting.endswith(b"\n"):
            raise Unfinished
        yield from _rest(waiting, most)


def _rest(waiting: bytearray, most: int) -> Iterator[Piece]:
    while waiting:
        end = len(waiting)
        if end > most:
            end = waiting.rfind(b"\n", 0, most) + 1 or waiting.find(b"\n") + 1
        yield _piece(bytes(memoryview(waiting)[:end]))
        del waiting[:end]


def _piece(content: bytes) -> Piece:
    return Piece(content, content.count(b"\n"))
