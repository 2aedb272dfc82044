"""Append-only Merkle tree (RFC 6962 section 2.1, RFC 9162 section 2.1), kept as C2SP tlog-tiles.

A leaf is H(0x00 || entry), a node H(0x01 || left || right): the prefixes keep a leaf from being taken
for a node. Standard library only, so that anyone can check us.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
TILE_WIDTH: Final = 256  # hashes in a full tile: 8,192 bytes, spanning 8 levels of the tree
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
TILE_HEIGHT: Final = 8
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree as its tile levels: level l, position i is the root over leaves [i * 256**l, (i + 1) *
    256**l).

    Only complete subtrees are kept, so nothing already written ever changes: a row of a tile table is final.
    """

    def __init__(self) -> None:
        self._levels = [bytearray()]

    @classmethod
    def resume(cls, levels: Sequence[bytes]) -> Tree:
        """The tree of stored hashes: level 0 with every leaf, above it at least the full tiles, if any.

        What lies above the last full tile of a level is folded anew, at most 255 hashes a level.
        """
        tree = cls()
        tree._levels = [bytearray(level) for level in levels] or [bytearray()]
        tree.extend(())
        return tree

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def extend(self, leaf_hashes: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Append leaves; the tiles that became full, as (level, number, 8,192 bytes), to be stored once."""
        self._levels[0] += b"".join(leaf_hashes)
        filled: list[tuple[int, int, bytes]] = []
        level = 0
        while len(self._levels[level]) >= TILE_BYTES:  # a level is 256 times shorter than the one below
            if level + 1 == len(self._levels):
                self._levels.append(bytearray())
            filled += self._fold_tiles(level)
            level += 1
        return filled

    def _fold_tiles(self, level: int) -> list[tuple[int, int, bytes]]:
        below, above = self._levels[level], self._levels[level + 1]
        filled: list[tuple[int, int, bytes]] = []
        for n in range(len(above) // HASH_BYTES, len(below) // TILE_BYTES):
            tile = bytes(below[n * TILE_BYTES : (n + 1) * TILE_BYTES])
            above += _fold(_split(tile))
            filled.append((level, n, tile))
        return filled

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
        first = (index << rest) * HASH_BYTES
        return _fold(_split(self._levels[level][first : first + (HASH_BYTES << rest)]))


def largest_power_below(n: int) -> int:
    """Largest power of two strictly smaller than n, for n >= 2: the size of the left subtree."""
    return 1 << ((n - 1).bit_length() - 1)


def _split(hashes: bytes | bytearray) -> list[bytes]:
    return [bytes(hashes[i : i + HASH_BYTES]) for i in range(0, len(hashes), HASH_BYTES)]


def _fold(hashes: list[bytes]) -> bytes:
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
