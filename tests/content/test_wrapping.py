"""Lines of a text mail: 34 full-width signs, nothing parted that belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.content.wrapping import columns_of, wrap


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("あ" * 34, ["あ" * 34]),
        ("あ" * 35, ["あ" * 34, "あ"]),
        ("a" * 69, ["a" * 69]),  # one word
        ("あ" * 34 + "。い", ["あ" * 34 + "。", "い"]),  # a point never begins a line
        ("あ" * 33 + "「い」", ["あ" * 33, "「い」"]),  # an opening bracket never ends one
        ("あ" * 30 + "https://aoi.example/new", ["あ" * 30, "https://aoi.example/new"]),
        ("あ" * 32 + "{{ name }}", ["あ" * 32, "{{ name }}"]),
        ("あ\n\nい", ["あ", "", "い"]),
        ("か\u3099" * 34, ["か\u3099" * 34]),  # a sign that is written as two is one
        ("", [""]),
    ],
)
def test_a_line_ends_where_it_may(written, lines):
    assert wrap(written).split("\n") == lines


@given(st.text(st.sampled_from("あい。「」、a1 {}\nhttps:/."), max_size=200))
def test_only_line_ends_and_the_spaces_at_them_change(written):
    assert "".join(wrap(written).split()) == "".join(written.split())


@given(st.text(st.sampled_from("あいうアン漢字"), max_size=300))
def test_no_line_is_wider_than_the_frame(written):
    assert all(columns_of(line) <= 2 * 34 for line in wrap(written).split("\n"))
