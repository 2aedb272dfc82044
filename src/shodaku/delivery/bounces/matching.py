"""Which rule the words of an answer fit. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from shodaku.delivery.bounces.rules import RULES, Rule

GAP_CHARS_MAX: Final = 60
_GAP: Final = " .. "


def rule_for(words: str) -> Rule | None:
    """The first whose words stand in an answer."""
    for rule, plain, leaping in _PREPARED:
        for phrase in plain:  # 40 ns each; a call for each phrase would cost ten times that
            if phrase in words:
                return rule
        if any(_leaps(words, pieces) for pieces in leaping):
            return rule
    return None


def _leaps(words: str, pieces: list[str]) -> bool:
    at = words.find(pieces[0])
    for before, piece in pairwise(pieces):
        if at < 0:
            return False
        at += len(before)
        at = words.find(piece, at, at + GAP_CHARS_MAX + len(piece))
    return at >= 0


_PREPARED: Final = tuple(
    (
        rule,
        tuple(phrase for phrase in rule.words if _GAP not in phrase),
        tuple(phrase.split(_GAP) for phrase in rule.words if _GAP in phrase),
    )
    for rule in RULES
)
