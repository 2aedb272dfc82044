"""Words beside an address that refuse advertising: on a card (施行規則2条2項), on a page (施行規則3条)."""

from __future__ import annotations

import unicodedata

from shodaku.policy.rules import rules


def refuses_advertising(text: str) -> bool:
    """Does it hold one of the words of SE-05 or SE-07, whatever its width and case?"""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (*rules()["SE-05"].parameters["refusal_words"], *rules()["SE-07"].parameters["refusal_words"])
    return any(unicodedata.normalize("NFKC", word).casefold() in folded for word in words)
