"""Memory is counted as a container may use it, and as the machine has it where nobody set a limit."""

from __future__ import annotations

import os

import pytest

from shodaku.kit.memory import usable_bytes

INSTALLED = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("said", "usable"),
    [
        ("1048576\n", 1 << 20),
        ("max\n", INSTALLED),
        ("9223372036854771712\n", INSTALLED),
        ("", INSTALLED),
        ("half of it", INSTALLED),
    ],
)
def test_a_limit_of_the_container_counts_and_none_changes_nothing(tmp_path, said, usable):
    (tmp_path / "memory.max").write_text(said)
    assert usable_bytes((tmp_path / "memory.max",)) == usable


def test_the_smallest_of_two_limits_counts_and_one_that_is_not_there_does_not(tmp_path):
    (tmp_path / "one").write_text("4096")
    (tmp_path / "two").write_text("8192")
    assert usable_bytes((tmp_path / "two", tmp_path / "none", tmp_path / "one")) == 4096
    assert usable_bytes((tmp_path / "none",)) == INSTALLED
