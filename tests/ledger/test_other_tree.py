"""An independent implementation gives the same roots: pymerkle, which is GPL and so stands only here."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymerkle import InmemoryTree
from tests.ledger.trees import Tree

from shodaku.ledger.merkle import leaf_hash

ENTRIES = [f'{{"c":"{i}"}}'.encode() for i in range(700)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 255, 256, 257, 511, 513, 700])
def test_the_root_is_that_of_another_implementation(size):
    other = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES[:size]:
        other.append_entry(entry)
    assert Tree(leaf_hash(entry) for entry in ENTRIES).root(size) == other.get_root()


def test_it_is_no_part_of_the_product():
    requirements = Path(__file__).parents[2] / "requirements"
    assert "pymerkle" not in (requirements / "run.in").read_text(encoding="utf-8")
    assert "pymerkle" not in (requirements / "run.txt").read_text(encoding="utf-8")
