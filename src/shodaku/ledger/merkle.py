"""Append-only Merkle tree (RFC 6962 section 2.1, RFC 9162 section 2.1), kept as C2SP tlog-tiles.

A leaf is H(0x00 || entry), a node H(0x01 || left || right): the prefixes keep a leaf from being taken
for a node. Standard library only, so that anyone can check us.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
TILE_WIDTH: Final = 256  # hashes in a full tile: 8,192 bytes, spanning 8 levels of the tree
TILE_HEIGHT: Final = 8
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class FilledTile:
    """A tile that became full: to be stored once, and never changed."""

    level: int
    number: int
    hashes: bytes  # 8,192 bytes
    root: bytes  # its hash in the level above


class Frontier:
    """What a log must know to grow: of each level the hashes after its last full tile, at most 255 each."""

    def __init__(self, partial: Sequence[Sequence[bytes]], size: int) -> None:
        """`partial` from the leaves upward, as many as `levels_of(size)`; `size` leaves in all."""
        self._levels = [list(level) for level in partial] or [[]]
        self.size = size

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[FilledTile]:
        """Append leaves; the tiles that became full."""
        filled: list[FilledTile] = []
        self._levels[0] += leaf_hashes
        first = self.size // TILE_WIDTH  # number of the tile that is being filled
        self.size += len(leaf_hashes)
        level = 0
        while len(self._levels[level]) >= TILE_WIDTH:
            if level + 1 == len(self._levels):
                self._levels.append([])
            above = len(self._levels[level + 1])
            self._fold_tiles(level, first, filled)
            first = (first - above) // TILE_WIDTH
            level += 1
        return filled

    def _fold_tiles(self, level: int, first: int, filled: list[FilledTile]) -> None:
        below = self._levels[level]
        for number in range(len(below) // TILE_WIDTH):
            hashes = below[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
            root = _fold(hashes)
            self._levels[level + 1].append(root)
            filled.append(FilledTile(level, first + number, b"".join(hashes), root))
        del below[: len(below) // TILE_WIDTH * TILE_WIDTH]

    def root(self) -> bytes:
        return root_of_peaks([*self.upper_peaks(), *_peaks(self._levels[0])])

    def upper_peaks(self) -> list[bytes]:
        """Roots of the perfect subtrees over all full tiles, the largest first."""
        return [peak for level in reversed(self._levels[1:]) for peak in _peaks(level)]


def levels_of(size: int) -> int:
    """How many tile levels a tree of `size` leaves has."""
    levels = 1
    while size >= TILE_WIDTH:
        size //= TILE_WIDTH
        levels += 1
    return levels


class PeakStack:
    """Leaves one by one, and the root after each: for the audit, where a checkpoint ends inside a tile."""

    def __init__(self, before: Sequence[bytes]) -> None:
        """`before` are the peaks of all that stands left of here, each over a multiple of 256 leaves."""
        self._before, self._peaks = list(before), list[tuple[int, bytes]]()

    def push(self, leaf: bytes) -> None:
        height, value = 0, leaf
        while self._peaks and self._peaks[-1][0] == height:
            value = node_hash(self._peaks.pop()[1], value)
            height += 1
        self._peaks.append((height, value))

    def root(self) -> bytes:
        return root_of_peaks([*self._before, *(value for _, value in self._peaks)])


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """RFC 6962: the left subtree is always the largest perfect one, so peaks are joined from the right."""
    if not peaks:
        return EMPTY_ROOT
    value = peaks[-1]
    for peak in reversed(peaks[:-1]):
        value = node_hash(peak, value)
    return value


class StoredTree:
    """Roots and proofs of a tree of `size` leaves whose tiles are read when they are needed, each once."""

    def __init__(self, size: int, read_tile: Callable[[int, int], bytes]) -> None:
        """`read_tile(level, number)` gives a tile as far as it is filled."""
        self._size, self._read_tile = size, read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __len__(self) -> int:
        return self._size

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves (default: all). Raises IndexError beyond the tree."""
        end = len(self) if size is None else size
        if not 0 <= end <= len(self):
            raise IndexError(f"no root over {end} of {len(self)} leaves")
        return self._range(0, end)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Sibling hashes from the leaf up to the root (RFC 6962 section 2.1.1), at most ceil(log2(size)).

        Raises IndexError for a leaf that is not in the tree of that size.
        """
        start, end = 0, len(self) if size is None else size
        if not 0 <= index < end <= len(self):
            raise IndexError(f"no leaf {index} in a tree of {end}")
        path: list[bytes] = []
        while end - start > 1:
            middle = start + largest_power_below(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """Hashes showing that the first `old` leaves begin the first `new` (RFC 6962 section 2.1.2).

        Raises IndexError for sizes that the tree does not have.
        """
        new = len(self) if new is None else new
        if not 0 <= old <= new <= len(self):
            raise IndexError(f"no consistency between {old} and {new}")
        return [] if old in (0, new) else self._subproof(old, 0, new, whole=True)

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end - start:
            return [] if whole else [self._range(start, end)]
        left = largest_power_below(end - start)
        middle = start + left
        if old <= left:
            return [*self._subproof(old, start, middle, whole=whole), self._range(middle, end)]
        return [*self._subproof(old - left, middle, end, whole=False), self._range(start, middle)]

    def _range(self, start: int, end: int) -> bytes:
        """Hash over leaves [start, end); start is a multiple of the largest power of two <= end - start."""
        size = end - start
        if size == 0:
            return EMPTY_ROOT
        if size & (size - 1) == 0:
            return self._perfect(size.bit_length() - 1, start // size)
        middle = start + largest_power_below(size)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _perfect(self, height: int, index: int) -> bytes:
        """Root of the perfect subtree of 2**height leaves: its tile level is read, 0-7 levels are hashed."""
        level, rest = divmod(height, TILE_HEIGHT)
        return _fold(_split(self._hashes(level, index << rest, 1 << rest)))

    def _hashes(self, level: int, first: int, count: int) -> bytes:
        number, offset = divmod(first, TILE_WIDTH)
        if (level, number) not in self._tiles:
            self._tiles[level, number] = self._read_tile(level, number)
        return self._tiles[level, number][offset * HASH_BYTES : (offset + count) * HASH_BYTES]


def largest_power_below(n: int) -> int:
    """Largest power of two strictly smaller than n, for n >= 2: the size of the left subtree."""
    return 1 << ((n - 1).bit_length() - 1)


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Roots of the perfect subtrees that a row of hashes is made of, the largest first."""
    peaks, start = [], 0
    for height in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> height & 1:
            peaks.append(_fold(hashes[start : start + (1 << height)]))
            start += 1 << height
    return peaks


def _split(hashes: bytes | bytearray) -> list[bytes]:
    return [bytes(hashes[i : i + HASH_BYTES]) for i in range(0, len(hashes), HASH_BYTES)]


def _fold(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    here, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            value = node_hash(sibling, value)
            here, last = _to_right_child(here, last)
        else:
            value = node_hash(value, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162 section 2.1.4.2; a tree of size 0 begins every tree."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else EMPTY_ROOT)
    if not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return _climb(old, new, path) == (old_root, new_root)


def _climb(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that the path leads to; None if it is too long or too short."""
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            here, last = _to_right_child(here, last)
        else:
            second = node_hash(second, sibling)
        here, last = here >> 1, last >> 1
    return (first, second) if last == 0 else None


def _to_right_child(here: int, last: int) -> tuple[int, int]:
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
