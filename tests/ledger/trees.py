"""A tree in memory, grown and read by the product's own code, with its tiles in a dictionary."""

from shodaku.ledger.merkle import HASH_BYTES, TILE_WIDTH, Frontier, StoredTree


class Tree:
    def __init__(self, hashes=()):
        self.frontier, self.leaves, self.tiles = Frontier([], 0), [], {}
        self.extend(list(hashes))

    def __len__(self):
        return len(self.leaves)

    def extend(self, hashes):
        hashes = list(hashes)
        self.leaves += hashes
        filled = self.frontier.extend(hashes)
        for tile in filled:
            assert (tile.level, tile.number) not in self.tiles
            self.tiles[tile.level, tile.number] = tile
        return filled

    def at(self, size=None):
        if size is not None and size > len(self):
            raise IndexError(size)
        return StoredTree(len(self) if size is None else size, self._read)

    def root(self, size=None):
        return self.at(size).root()

    def inclusion_proof(self, index, size=None):
        return self.at(size).inclusion_proof(index)

    def consistency_proof(self, old, new=None):
        return self.at(new).consistency_proof(old)

    def _read(self, level, number):
        if (tile := self.tiles.get((level, number))) is not None:
            return tile.hashes
        first = number * TILE_WIDTH
        if level == 0:
            return b"".join(self.leaves[first : first + TILE_WIDTH])
        roots = [self.tiles.get((level - 1, each)) for each in range(first, first + TILE_WIDTH)]
        return b"".join(each.root for each in roots if each is not None)


def partial_of(tree):
    """What a frontier is resumed from, read out of the tiles."""
    levels, size = [], len(tree)
    while True:
        tile = tree._read(len(levels), size // TILE_WIDTH)
        levels.append(
            [tile[i : i + HASH_BYTES] for i in range(0, size % TILE_WIDTH * HASH_BYTES, HASH_BYTES)]
        )
        if size < TILE_WIDTH:
            return levels
        size //= TILE_WIDTH
