"""The rules, as law/rules.toml states them: what a law or a provider asks, where, and how sure we are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty; `articles` are the articles, guidelines and standards that state it."""

    rule_id: str
    level: str  # law, guideline, rfc, provider, policy, watch
    title: str
    requirement: str
    articles: tuple[str, ...]
    confidence: str
    parameters: Mapping[str, Any] = field(default_factory=dict)  # Any: of the rule's own kind


@cache
def rules() -> Mapping[str, Rule]:
    """By id, in the order of the file."""
    table = read_data("rules.toml")["rules"]
    return MappingProxyType({rule_id: _rule(rule_id, row) for rule_id, row in table.items()})


def articles_of(rule_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Each article once, in the order of the rules."""
    return tuple(dict.fromkeys(article for rule_id in rule_ids for article in rules()[rule_id].articles))


def read_data(name: str) -> dict[str, Any]:  # Any: TOML
    """A file of `law/`, which is part of the program as its code is."""
    return tomllib.loads((files(__package__ or "shodaku.policy") / "law" / name).read_text(encoding="utf-8"))


def dated(name: str) -> date:
    day: date = read_data(name)["dated"]
    return day


def _rule(rule_id: str, row: Mapping[str, Any]) -> Rule:  # Any: TOML
    return Rule(
        rule_id,
        row["level"],
        row["title"],
        row["requirement"],
        tuple(row["articles"]),
        row["confidence"],
        row.get("params", {}),
    )
