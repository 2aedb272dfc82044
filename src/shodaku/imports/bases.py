"""Why people of a list may be written to, as its owner declares it (特定電子メール法3条1項)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from shodaku.contacts.domain import search_key


class Basis(StrEnum):
    """Declared for a whole list, or by a column for each row."""

    CONSENT = "consent"  # 1号
    CARD = "business_card"  # 2号: the address was handed over, on paper
    CUSTOMER = "relationship"  # 3号
    PUBLISHED = "published"  # 4号
    THIRD_PARTY = "import"  # 1号, but somebody else asked: 個人情報保護法27条, 30条
    NONE = "none"


class Relation(StrEnum):
    """What a customer is, as the gate asks for it."""

    BOUGHT = ""  # at a time
    ACTIVE = "active"  # a contract that runs
    ENDED = "ended"


_WORDS: Final[Mapping[Basis, tuple[str, ...]]] = {
    Basis.CONSENT: (
        "consent", "同意", "同意あり", "同意済", "同意済み", "本人同意", "オプトイン", "opt-in", "agreed",
    ),
    Basis.CARD: ("business_card", "business card", "card", "名刺", "名刺交換"),
    Basis.CUSTOMER: (
        "relationship", "customer", "取引", "取引先", "取引関係", "顧客", "既存顧客", "契約者", "購入者",
    ),
    Basis.PUBLISHED: ("published", "公表", "公開", "公表アドレス", "ホームページ", "hp"),
    Basis.THIRD_PARTY: ("import", "third party", "第三者提供", "提供", "提携先", "名簿業者"),
    Basis.NONE: ("none", "no", "なし", "無し", "無", "不明", "-", "unknown"),
}  # fmt: skip
_BASIS_OF: Final = {search_key(word): basis for basis, words in _WORDS.items() for word in words}


def parse_basis(text: str) -> Basis | None:
    """None: a word that nobody knows."""
    return _BASIS_OF.get(search_key(text))
