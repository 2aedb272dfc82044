"""What the finished text of a mail says of stopping, and of why it came: its own words, to be shown beside
the check that found them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shodaku.content.display import says_refusal

_OPT_OUT: Final = re.compile(r"\{\{ *opt_out *\}\}")
_WHY: Final = re.compile(r"\{\{ *why *\}\}")
_RULED: Final = re.compile(r"[\W_]*")  # nothing but a line drawn across


@dataclass(frozen=True, slots=True)
class ShownItems:
    """Each as it stands in the text, "" where it does not."""

    refusal_words: str
    has_opt_out: bool  # each reader's own address, in the text
    why: str


def shown_items(text: str) -> ShownItems:
    """`text`: of `Frozen`, merge fields still open."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return ShownItems(
        refusal_words=_refusal_words(lines),
        has_opt_out=_OPT_OUT.search(text) is not None,
        why=_why(lines),
    )


def _refusal_words(lines: Sequence[str]) -> str:
    """Beside the address where they stand there, else wherever they are first."""
    places = [number for number, line in enumerate(lines) if _OPT_OUT.search(line)]
    beside = [lines[at] for place in places for at in (place, place - 1, place + 1) if 0 <= at < len(lines)]
    found = (words for words in map(_words, (*beside, *lines)) if says_refusal(words))
    return next(found, "")


def _why(lines: Sequence[str]) -> str:
    """The sentence above the link to the evidence, and what the link is called."""
    place = next((number for number, line in enumerate(lines) if _WHY.search(line)), None)
    if place is None:
        return ""
    said = [_words(line) for line in lines[max(0, place - 2) : place + 1] if not _RULED.fullmatch(line)]
    return next((words for words in said if words), "")


def _words(line: str) -> str:
    """Without addresses and fields."""
    return re.sub(r"\{\{.*?\}\}|https?://\S+", "", line).strip().rstrip(":：").strip()
