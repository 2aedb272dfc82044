"""The tree gives the roots of RFC 6962, and every damaged proof fails."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.trees import Tree, partial_of

from shodaku.ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_WIDTH,
    Frontier,
    PeakStack,
    leaf_hash,
    levels_of,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# the reference tree of RFC 6962 for 1..8 leaves, as in the Certificate Transparency test suites
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [sha256(str(i).encode()).digest() for i in range(1100)]
EDGES = [1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 1100]


def root_by_definition(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY_ROOT
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_by_definition(hashes[:middle]), root_by_definition(hashes[middle:]))


FULL = Tree(HASHES)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert Tree().root() == sha256(b"").digest()


def test_the_roots_are_those_of_the_reference_tree():
    tree = Tree()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.extend([leaf_hash(bytes.fromhex(leaf))])
        assert tree.root().hex() == root


def test_a_node_can_never_pass_for_a_leaf():
    assert node_hash(b"", b"") != leaf_hash(b"")


@pytest.mark.parametrize("size", EDGES)
def test_every_earlier_root_can_still_be_computed(size):
    assert FULL.root(size) == root_by_definition(HASHES[:size])


@given(st.lists(st.integers(1, 300), max_size=6))
@settings(max_examples=30)
def test_how_leaves_are_batched_changes_nothing_and_full_tiles_come_once(batches):
    tree, tiles = Tree(), []
    for batch in batches:
        tiles += tree.extend(HASHES[len(tree) : min(len(tree) + batch, len(HASHES))])
    assert tree.root() == FULL.root(len(tree))
    assert [(tile.level, tile.number) for tile in tiles] == [(0, n) for n in range(len(tree) // 256)]
    assert all(len(tile.hashes) == TILE_WIDTH * HASH_BYTES for tile in tiles)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1100, 65_536, 65_537, 66_000])
def test_a_restart_reads_at_most_255_hashes_a_level_and_goes_on(size):
    hashes = [HASHES[i % len(HASHES)] for i in range(66_100)]
    tree, whole = Tree(hashes[:size]), Tree(hashes)
    partial = partial_of(tree)
    assert len(partial) == levels_of(size)
    assert all(len(level) < 256 for level in partial)
    frontier = Frontier(partial, size)
    assert frontier.root() == tree.root()
    filled = frontier.extend(hashes[size:])
    assert frontier.root() == whole.root()
    assert {(tile.level, tile.number): tile for tile in filled} == {
        place: tile for place, tile in whole.tiles.items() if place not in tree.tiles
    }


@pytest.mark.parametrize("size", EDGES)
def test_the_root_after_each_leaf_is_the_root_of_that_tree(size):
    full_tiles = size // 256 * 256
    stack = PeakStack(Tree(HASHES[:full_tiles]).frontier.upper_peaks())
    for at in range(full_tiles, size):
        stack.push(HASHES[at])
        assert stack.root() == FULL.root(at + 1)


def test_a_tile_of_tiles_is_made_when_its_leaves_are_complete():
    tiles = Tree().extend([HASHES[0]] * 256 * 256)
    assert [(tile.level, tile.number) for tile in tiles[-2:]] == [(0, 255), (1, 0)]
    assert len(tiles) == 257


@given(st.data())
@settings(max_examples=200)
def test_a_proof_of_inclusion_holds_and_every_damaged_one_fails(data):
    size = data.draw(st.sampled_from(EDGES))
    index = data.draw(st.integers(0, size - 1))
    proof, root = FULL.inclusion_proof(index, size), FULL.root(size)
    assert verify_inclusion(HASHES[index], index, size, proof, root)
    assert not verify_inclusion(HASHES[index], index, size, [*proof, root], root)
    assert not verify_inclusion(HASHES[index], size, size, proof, root)
    if proof:
        broken = data.draw(st.integers(0, len(proof) - 1))
        damaged = [bytes(32) if i == broken else sibling for i, sibling in enumerate(proof)]
        assert not verify_inclusion(HASHES[index], index, size, damaged, root)
        assert not verify_inclusion(HASHES[index], index, size, proof[:-1], root)
        assert not verify_inclusion(HASHES[index], (index + 1) % size, size, proof, root)


@given(st.data())
@settings(max_examples=200)
def test_a_proof_of_growth_holds_and_every_damaged_one_fails(data):
    new = data.draw(st.sampled_from(EDGES))
    old = data.draw(st.integers(0, new))
    proof, before, after = FULL.consistency_proof(old, new), FULL.root(old), FULL.root(new)
    assert verify_consistency(old, new, proof, before, after)
    if 0 < old < new:
        assert not verify_consistency(old, new, proof, bytes(32), after)
        assert not verify_consistency(old, new, proof, before, bytes(32))
        assert not verify_consistency(old, new, proof[:-1], before, after)
        assert not verify_consistency(old, new, [*proof, after], before, after)
        assert not verify_consistency(old, new, [], before, after)
    assert not verify_consistency(new + 1, new, proof, before, after)


def test_no_proof_is_made_for_what_is_not_in_the_tree():
    with pytest.raises(IndexError):
        FULL.inclusion_proof(5, 5)
    with pytest.raises(IndexError):
        FULL.consistency_proof(6, 5)
    with pytest.raises(IndexError):
        FULL.root(len(HASHES) + 1)
