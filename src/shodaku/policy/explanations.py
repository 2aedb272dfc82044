"""What each answer of the gate means to the person who reads it: words, rules, and who can do something.

The words stand in law/reasons.toml; Japanese follows JAPAN.md section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from shodaku.policy.reasons import AnyReason, Operational, Reason
from shodaku.policy.rules import articles_of, read_data


class Group(StrEnum):
    """The groups of the pre-flight screen, never mixed (UX.md section 9)."""

    GO = "go"
    WAIT = "wait"  # somebody or some time can change it
    NEVER = "never"  # nothing on our side does


@dataclass(frozen=True, slots=True)
class Explanation:
    group: Group
    icon: str  # a symbol of the icon sheet
    ja: str
    en: str
    next_step_ja: str | None
    next_step_en: str | None
    rules: tuple[str, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """Articles, guidelines and standards behind the rules, each once."""
        return articles_of(self.rules)


def explain(reason: AnyReason) -> Explanation:
    return explanations()[reason]


@cache
def explanations() -> Mapping[AnyReason, Explanation]:
    """Every answer there is."""
    table = read_data("reasons.toml")["reasons"]
    everything: tuple[AnyReason, ...] = (*Reason, *Operational)
    return MappingProxyType({reason: _explanation(table[reason.value]) for reason in everything})


def _explanation(row: Mapping[str, Any]) -> Explanation:  # Any: TOML
    return Explanation(
        Group(row["group"]),
        row["icon"],
        row["ja"],
        row["en"],
        row.get("next_ja"),
        row.get("next_en"),
        tuple(row["rules"]),
    )
