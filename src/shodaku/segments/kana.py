"""Readings, compared so that ﾔﾏﾀﾞ, やまだ and ヤマダ are one; SQL does the same with what is stored."""

from __future__ import annotations

import unicodedata
from typing import Final

HIRAGANA: Final = "".join(map(chr, range(0x3041, 0x3097)))
KATAKANA: Final = "".join(map(chr, range(0x30A1, 0x30F7)))
_TO_KATAKANA: Final = str.maketrans(HIRAGANA, KATAKANA)

# the rows of a telephone book, voiced and small letters with their plain ones
ROWS: Final = {
    "ア": "アァイィウゥヴエェオォ",
    "カ": "カガヵキギクグケゲヶコゴ",
    "サ": "サザシジスズセゼソゾ",
    "タ": "タダチヂツヅッテデトド",
    "ナ": "ナニヌネノ",
    "ハ": "ハバパヒビピフブプヘベペホボポ",
    "マ": "マミムメモ",
    "ヤ": "ヤャユュヨョ",
    "ラ": "ラリルレロ",
    "ワ": "ワヮヰヱヲン",
}


def folded(text: str) -> str:
    """NFKC, katakana, no spaces and no ・."""
    return unicodedata.normalize("NFKC", text).translate(_TO_KATAKANA).replace(" ", "").replace("・", "")
