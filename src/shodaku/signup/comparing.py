"""What differs between two wordings, line by line, with the line before and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

CONTEXT_LINES: Final = 1


class Mark(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Line:
    mark: Mark
    text: str


def differences(before: str, after: str) -> tuple[Line, ...]:
    """Nothing where both are equal. Blank lines say nothing and are left out."""
    old, new = _lines(before), _lines(after)
    return tuple(_marked(old, new)) if old != new else ()


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _marked(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        for tag, from_old, to_old, from_new, to_new in group:
            if tag == "equal":
                yield from (Line(Mark.SAME, text) for text in old[from_old:to_old])
                continue
            yield from (Line(Mark.GONE, text) for text in old[from_old:to_old])
            yield from (Line(Mark.NEW, text) for text in new[from_new:to_new])
