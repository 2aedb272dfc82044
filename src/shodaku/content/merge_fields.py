"""Merge fields: what may vary in a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


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
SLOT: Final = re.compile(r"\{\{ *(\w+) *\}\}")  # the only thing that varies in a frozen template
_BETWEEN: Final = re.compile(r"(?<=\{)(?=\{)")


def without_slots(text: str) -> str:
    """The same text for a reader, and never a merge field: for what a sender or a topic is called."""
    return _BETWEEN.sub(" ", text)
