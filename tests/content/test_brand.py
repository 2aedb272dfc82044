"""The colour of a brand: refused where it cannot be read, and readable in both themes of every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.content.brand import COLOUR, STACKS
from shodaku.content.brand_colours import (
    DARK_GROUNDS,
    LIGHT_GROUNDS,
    READABLE,
    parse_brand_colour,
    stylesheet,
)
from shodaku.content.colours import WHITE, contrast, parse_colour
from shodaku.content.faults import TemplateFault
from shodaku.content.page_brand import fitting, stylesheet_path

TOKENS = Path(__file__).parents[2] / "assets/src/css/tokens.css"
LINE = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def pairs_of(colour):
    found = {
        name: (parse_colour(one), parse_colour(other))
        for name, one, other in LINE.findall(stylesheet(colour))
    }
    assert set(found) == {"action", "action-hover", "action-soft", "on-action"}
    return found


@given(colours)
def test_every_colour_gives_pages_that_can_be_read_by_day_and_by_night(colour):
    found = pairs_of(colour)
    for theme, grounds in enumerate((LIGHT_GROUNDS, DARK_GROUNDS)):
        action, hover = found["action"][theme], found["action-hover"][theme]
        soft, on_action = found["action-soft"][theme], found["on-action"][theme]
        for ground in grounds:
            assert contrast(action, parse_colour(ground)) >= READABLE
        assert contrast(action, soft) >= READABLE
        assert contrast(hover, soft) >= READABLE
        assert contrast(on_action, action) >= READABLE
        assert contrast(on_action, hover) >= READABLE


@given(colours)
def test_what_is_refused_comes_with_a_colour_that_is_taken(colour):
    if contrast(parse_colour(colour), WHITE) >= READABLE:
        assert parse_brand_colour(colour.upper()) == colour
        return
    with pytest.raises(TemplateFault) as refused:
        parse_brand_colour(colour)
    (offered,) = re.findall(r"#[0-9a-f]{6}", refused.value.sentence("en"))
    assert offered in refused.value.sentence("ja")
    assert parse_brand_colour(offered) == offered


def test_the_limit_of_contrast_stands_between_two_greys():
    assert parse_brand_colour("#767676") == "#767676"  # 4.54, the palest grey that is read on white
    with pytest.raises(TemplateFault, match=r"contrast is 4\.48, and 4\.5"):
        parse_brand_colour("#777777")


@pytest.mark.parametrize("text", ["", "green", "#1f6f4", "#1f6f433", "1f6f4g", "#1f6f43;}", "rgb(0,0,0)"])
def test_what_is_no_colour_says_how_one_is_written(text):
    with pytest.raises(TemplateFault, match="like #1f6f43"):
        parse_brand_colour(text)


def test_a_colour_is_kept_in_one_spelling():
    assert parse_brand_colour(" 1F6F43 ") == "#1f6f43"
    assert parse_brand_colour(COLOUR) == COLOUR


def test_the_grounds_are_those_of_the_style_sheet():
    css = TOKENS.read_text(encoding="utf-8")
    grounds = dict(
        zip(("paper", "surface", "sunken"), zip(LIGHT_GROUNDS, DARK_GROUNDS, strict=True), strict=True)
    )
    for name, (light, dark) in grounds.items():
        assert f"--{name}: light-dark({light}, {dark});" in css


def test_the_usual_colours_need_no_style_sheet_of_their_own():
    assert stylesheet_path(COLOUR) is None
    assert stylesheet_path("#1f6f43") == "/brand/1f6f43.css"
    assert set(STACKS) == {"gothic", "mincho", "rounded"}


@pytest.mark.parametrize(
    ("size", "shown"),
    [((400, 44), (200, 22)), ((44, 440), (4, 44)), ((100, 20), (100, 20)), ((1_600, 2), (200, 1))],
)
def test_a_logo_fits_the_head_of_a_page_and_is_never_made_larger(size, shown):
    logo = fitting("/media/x.png", "ロゴ", *size)
    assert (logo.width_px, logo.height_px) == shown
