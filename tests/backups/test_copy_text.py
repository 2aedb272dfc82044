"""Rows are cut where rows end, however the server cut them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.backups.copy_text import Unfinished, pieces

rows = st.lists(st.binary(max_size=40).map(lambda row: row.replace(b"\n", b"\\n")), max_size=30)


def cut(text, places):
    ends = sorted({min(place, len(text)) for place in places} | {len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(rows=rows, places=st.lists(st.integers(0, 1200), max_size=20), most=st.integers(1, 200))
def test_pieces_hold_every_row_whole_in_order_and_as_few_as_fit(rows, places, most):
    text = b"".join(row + b"\n" for row in rows)
    found = list(pieces(cut(text, places), most))
    assert b"".join(piece.content for piece in found) == text
    assert [piece.rows for piece in found] == [piece.content.count(b"\n") for piece in found]
    for piece in found:
        assert piece.content.endswith(b"\n")
        assert len(piece.content) <= most or piece.rows == 1
    for piece, following in pairwise(found):
        first = following.content.index(b"\n") + 1
        assert len(piece.content) + first > most


@given(rows=rows, tail=st.binary(min_size=1, max_size=9).filter(lambda tail: not tail.endswith(b"\n")))
def test_a_row_without_an_end_is_not_taken_for_one(rows, tail):
    text = b"".join(row + b"\n" for row in rows) + tail
    with pytest.raises(Unfinished):
        list(pieces([text]))


def test_blocks_of_any_kind_are_taken():
    assert [piece.content for piece in pieces([b"a\n", memoryview(b"b"), bytearray(b"\n")])] == [b"a\nb\n"]


def test_nothing_gives_nothing():
    assert list(pieces([])) == []
