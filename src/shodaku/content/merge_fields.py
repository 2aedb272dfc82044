"""Merge fields: what may vary in a message, and what stands there where nothing is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shodaku.contacts.domain import NOBODY


@dataclass(frozen=True, slots=True)
class MergeField:
    ja: str
    en: str
    sample: str


FIELDS: Final[Mapping[str, MergeField]] = {
    "name": MergeField("宛名(敬称つき)", "Name with its honorific", "山田 花子 様"),
    "family_name": MergeField("姓", "Family name", "山田"),
    "given_name": MergeField("名", "Given name", "花子"),
    "company": MergeField("会社名", "Company", "株式会社サンプル"),
    "address": MergeField("メールアドレス", "E-mail address", "hanako@example.jp"),
}
LINKS: Final = frozenset({"opt_out", "why", "preferences"})  # made for each recipient under one MAC
KNOWN: Final = frozenset(FIELDS) | LINKS
FALLBACK_CHARACTERS_MAX: Final = 40
# no sign that is markup in HTML, in text that is typed, or in a slot itself: it means the same in every place
_WORDS: Final = r"[^{}|<>&\"'`\\\[\]*\x00-\x1f\x7f-\xa0\u2028\u2029]"
# `{{ name }}` or `{{ name|words where it is empty }}`: the only thing that varies in a frozen template
SLOT: Final = re.compile(r"\{\{ *(\w+(?: *\|" + _WORDS + r"{0,60}?)?) *\}\}")
_FALLBACK: Final = re.compile(f"{_WORDS}{{0,{FALLBACK_CHARACTERS_MAX}}}")
# of template languages: who writes one expects it to act, and it would be printed
FILTERS: Final = frozenset({
    "capitalize", "default", "e", "escape", "first", "forceescape", "last", "length", "lower", "replace",
    "safe", "striptags", "title", "tojson", "trim", "truncate", "upper", "urlencode",
})  # fmt: skip
_BETWEEN: Final = re.compile(r"(?<=\{)(?=\{)")


def key_of(slot: str) -> str:
    """Of what stands in a slot: the merge field."""
    return slot.partition("|")[0].strip()


def fallback_of(slot: str) -> str:
    """What stands there where the field is empty; "" is nothing."""
    return slot.partition("|")[2].strip()


def slot_of(key: str, fallback: str = "") -> str:
    return f"{key}|{fallback}" if fallback else key


def is_fallback(words: str) -> bool:
    return _FALLBACK.fullmatch(words) is not None and words.lower() not in FILTERS


def value_in(slot: str, values: Mapping[str, str]) -> str:
    """Raises KeyError for a field without a value; an empty one gives way to the words of the slot."""
    value, words = values[key_of(slot)], fallback_of(slot)
    return words if words and (not value.strip() or value == NOBODY) else value


def without_slots(text: str) -> str:
    """The same text for a reader, and never a merge field: for what a sender or a topic is called."""
    return _BETWEEN.sub(" ", text)
