"""Text that somebody typed, as text: nothing in it is a merge field or a mark, whatever it looks like."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from shodaku.content.merge_fields import FIELDS, SLOT, is_fallback, slot_of

# U+2060: no width, no place to break a line; between two signs that would mean something together
_JOINER: Final = "\u2060"
_PAIRS: Final = re.compile(r"(?<=\{)(?=[{%#])|(?<=[}%#])(?=\})")
_TIGHT: Final = re.compile(r"(?<=\{)(?=\{\{)")  # a typed brace right before a merge field
_AD_LINE: Final = re.compile(r"^(\s*\[)(?=/?ad\]\s*$)", re.IGNORECASE | re.MULTILINE)


def literal(text: str) -> str:
    """The same for a reader, and no merge field."""
    return _PAIRS.sub(_JOINER, text)


def fields_alone(source: str) -> str:
    """Merge fields stay; every other brace is the same for a reader, and no merge field."""
    told, at = [], 0
    for found in SLOT.finditer(source):
        told += [literal(source[at : found.start()]), found[0]]
        at = found.end()
    return _TIGHT.sub(_JOINER, "".join((*told, literal(source[at:]))))


def without_marks(text: str) -> str:
    """The same for a reader, and no line of it begins or ends a promotional part."""
    return _AD_LINE.sub(rf"\1{_JOINER}", text)


class Slots:
    """ASCII stand-ins for what must come through other programs as it is; `fill` puts it back.

    mrml 0.2 prints attributes in debug notation, so a decomposed kana in a description would be broken.
    """

    def __init__(self, source: bytes) -> None:
        """`source` is all that was typed: no stand-in occurs in it."""
        self._name = "s" + hashlib.sha256(source).hexdigest()[:16]
        self._values: list[str] = []
        self._slot = re.compile(f"{self._name}n([0-9]+)e")
        if self._name.encode() in source:
            raise ValueError("a text that holds its own digest")

    def put(self, value: str) -> str:
        self._values.append(value)
        return f"{self._name}n{len(self._values) - 1}e"

    def merge(self, key: str, fallback: str = "") -> str:
        if key not in FIELDS or not is_fallback(fallback):
            raise KeyError(key)
        return self.put(f"{{{{ {slot_of(key, fallback)} }}}}")

    def fill(self, source: str) -> str:
        filled = self._slot.sub(lambda found: self._values[int(found[1])], source)
        return _TIGHT.sub(_JOINER, filled)
