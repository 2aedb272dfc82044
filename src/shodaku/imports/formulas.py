"""Cells on their way out, and back: no value of a person becomes a formula in somebody's spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

# SECURITY.md threat 10: = + - @ tab CR, their full-width and small twins, and LF besides; U+2212 because
# cp932 turns it into the full-width hyphen. A blank or an invisible mark before them hides nothing.
_TRIGGERS: Final = "=+\\-@\t\r\n＝＋－＠﹦﹢﹣﹫−"
_BLANKS: Final = " \u00a0\u3000\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\v\f\0"
_FORMULA: Final = re.compile(f"'*[{_BLANKS}]*[{_TRIGGERS}]")
_GUARDED: Final = re.compile(f"'+[{_BLANKS}]*[{_TRIGGERS}]")


def cell(text: str) -> str:
    """The text, with an ' before it when a spreadsheet could take it for a formula; `bare_cell` undoes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare_cell(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


class OutEncoding(StrEnum):
    UTF_8 = "utf-8"  # with a mark, or Excel reads it as cp932
    CP932 = "cp932"


@dataclass(frozen=True, slots=True)
class WrittenRow:
    line: bytes
    lost: tuple[str, ...]  # characters that cp932 does not have; 〓 stands in their place


def file_head(encoding: OutEncoding) -> bytes:
    """What stands before the first row."""
    return codecs.BOM_UTF8 if encoding is OutEncoding.UTF_8 else b""


def write_row(cells: Sequence[str], encoding: OutEncoding = OutEncoding.UTF_8) -> WrittenRow:
    """One line of CSV with CRLF, each cell guarded. Source: JAPAN.md section 3."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([cell(text) for text in cells])
    match encoding:
        case OutEncoding.UTF_8:
            return WrittenRow(out.getvalue().encode("utf-8", errors="replace"), ())
        case OutEncoding.CP932:
            return _in_cp932(out.getvalue())
        case unreachable:
            assert_never(unreachable)


_NEAREST: Final = {ord("—"): "―", ord("¥"): "￥", ord("·"): "・"}
_GETA: Final = "〓"  # the printer's mark for a missing type


def _in_cp932(text: str) -> WrittenRow:
    near = text.translate(_NEAREST)
    try:
        return WrittenRow(near.encode("cp932"), ())
    except UnicodeEncodeError:
        lost = tuple(letter for letter in near if not _fits(letter))
    kept = "".join(letter if _fits(letter) else _GETA for letter in near)
    return WrittenRow(kept.encode("cp932"), lost)


def _fits(letter: str) -> bool:
    try:
        return bool(letter.encode("cp932"))
    except UnicodeEncodeError:
        return False
