"""Lines of a Japanese text mail: 34 full-width signs, none of them beginning with what may not begin one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from shodaku.content.composed_text import COLUMNS_MAX
from shodaku.content.document import Document

_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！ー）」』】〉》］｝ぁぃぅぇぉっゃゅょァィゥェォッャュョ々,.:;?!)]}%"
)
_NOT_LAST: Final = frozenset("（「『【〈《［｛([{")
_WHOLE: Final = re.compile(
    r"\{\{ *\w+ *(?:\|[^{}\n]*)?\}\}|https?://\S+|[A-Za-z0-9][A-Za-z0-9'_@.+-]*|.", re.DOTALL
)
_WIDE: Final = frozenset("WFA")


def wrapped(document: Document) -> Document:
    """With its own text in lines of that width; a document without one stays as it is."""
    if document.own_text is None:
        return document
    return replace(document, own_text=wrap(document.own_text))


def wrap(text: str, columns_max: int = COLUMNS_MAX) -> str:
    """Line ends that are there stay; addresses, words and merge fields are never parted.

    A sign that may not begin a line hangs over at the end of the one before.
    """
    return "\n".join(line for written in text.split("\n") for line in _lines(written, 2 * columns_max))


def columns_of(text: str) -> int:
    """In half-width signs; combining ones have no width."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in _WIDE)
        for sign in text
    )


def _lines(written: str, columns_max: int) -> Iterator[str]:
    line, width = "", 0
    for piece in _WHOLE.findall(written):
        columns = columns_of(piece)
        if line and width + columns > columns_max and piece[0] not in _NOT_FIRST:
            held = _held(line)
            yield line[: len(line) - len(held)].rstrip(" ")
            line = held + (piece if held else piece.lstrip(" "))
            width = columns_of(line)
        else:
            line += piece
            width += columns
    yield line


def _held(line: str) -> str:
    """Opening brackets at the end of a line go with what they open."""
    at = len(line)
    while at > 1 and line[at - 1] in _NOT_LAST:
        at -= 1
    return line[at:]
