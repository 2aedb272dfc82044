"""One form for all spellings of a word: width, case, kana and punctuation make no difference. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

_HIRAGANA: Final = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}


def fold(text: str) -> str:
    """NFKC, case fold, hiragana as katakana, and nothing that is not seen; white space stays."""
    kept = (
        letter
        for letter in unicodedata.normalize("NFKC", text).casefold()
        if letter.isspace() or not unicodedata.category(letter).startswith(("Cf", "Cc", "M"))
    )
    return "".join(kept).translate(_HIRAGANA)


def joined(text: str) -> str:
    """The folded text without punctuation, symbols and spaces."""
    return "".join(letter for letter in fold(text) if unicodedata.category(letter)[0] in "LN")
