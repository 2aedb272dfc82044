"""Names that are written from right to left, within a sentence that is not."""

from __future__ import annotations

import unicodedata
from typing import Final

_FROM_RIGHT: Final = frozenset(("R", "AL"))
_ISOLATE, _END = "\u2068", "\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE (UAX 9, 2.4)


def apart(text: object) -> str:
    """Keeps such a name from taking what stands behind it to its other side; others stay as they are."""
    said = str(text)
    if any(unicodedata.bidirectional(letter) in _FROM_RIGHT for letter in said):
        return f"{_ISOLATE}{said}{_END}"
    return said
