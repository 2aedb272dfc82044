"""Addresses and bytes of the published tiles are those of C2SP tlog-tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.ledger.merkle import TILE_WIDTH
from shodaku.ledger.tiles import NoTile, entry_bundle, parse_place


def place_text(number, width=TILE_WIDTH):
    """The address of a tile, as a stranger writes it."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups) + ("" if width == TILE_WIDTH else f".p/{width}")


@pytest.mark.parametrize(
    ("text", "number", "width"),
    [
        ("000", 0, 256),
        ("005", 5, 256),
        ("x001/x234/067", 1_234_067, 256),  # the example of the specification
        ("x001/x234/067.p/1", 1_234_067, 1),
        ("999.p/255", 999, 255),
        ("x001/000", 1000, 256),
    ],
)
def test_an_address_names_a_tile_and_how_much_of_it(text, number, width):
    place = parse_place(text)
    assert (place.number, place.width, place.full) == (number, width, width == 256)
    assert place_text(number, width) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00",
        "0000",
        "x000/001",
        "x001",
        "001/002",
        "001.p/0",
        "001.p/256",
        "001.p/01",
        "001.p/",
        "-01",
        "x001/x2/003",
        "x999/x999/x999/x999/x999/999",  # more leaves than a log can have
        "00１",
    ],
)
def test_every_other_spelling_is_refused(text):
    with pytest.raises(NoTile):
        parse_place(text)


@given(st.integers(0, 2**45 - 1), st.integers(1, 256))
def test_every_place_has_one_address(number, width):
    place = parse_place(place_text(number, width))
    assert (place.number, place.width) == (number, width)


def test_an_entry_bundle_says_how_long_each_entry_is():
    assert entry_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
