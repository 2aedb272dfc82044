"""Where a page of a list begins: a row's number, as anybody may have typed it into the URL."""

from __future__ import annotations

from typing import Final

DIGITS_MAX: Final = 18  # fewer than the 19 of the largest bigint, so that the database takes every one


def row_id(text: str) -> int | None:
    """None, the first page, for what is no number of a row."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX else None
