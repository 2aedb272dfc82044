"""Which rule is checked where, and by which test: what `config.law_matrix` read from code and tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from shodaku.policy.explanations import Explanation, explanations
from shodaku.policy.rules import Rule, rules


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer of the gate or of an import that a rule stands behind."""

    answer: str
    told: Explanation
    where: tuple[str, ...]  # file:function
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedDuty:
    """What no answer of the gate shows: duties about forms, opting out, records and erasure."""

    en: str
    ja: str
    where: str
    test: str


@dataclass(frozen=True, slots=True)
class CoveredRule:
    rule: Rule
    answers: tuple[CheckedAnswer, ...]
    duties: tuple[CheckedDuty, ...]

    @property
    def checked(self) -> bool:
        return bool(self.answers or self.duties)

    @property
    def tests(self) -> int:
        """How many different tests look at it."""
        named = {test for each in self.answers for test in each.tests}
        return len(named | {each.test for each in self.duties})


@cache
def coverage() -> Mapping[str, CoveredRule]:
    """Every rule by its id, in the order of the rules; one that nothing checks is among them."""
    read = json.loads(
        (files(__package__ or "shodaku.policy") / "law" / "coverage.json").read_text(encoding="utf-8")
    )
    return MappingProxyType({rule_id: _covered(rule, read) for rule_id, rule in rules().items()})


def _covered(rule: Rule, read: Mapping[str, Any]) -> CoveredRule:  # Any: JSON
    answers = tuple(
        CheckedAnswer(
            reason.name,
            told,
            tuple(read["answers"][reason.name]["where"]),
            tuple(read["answers"][reason.name]["tests"]),
        )
        for reason, told in explanations().items()
        if rule.rule_id in told.rules and reason.name in read["answers"]
    )
    duties = tuple(
        CheckedDuty(each["en"], each["ja"], each["where"], each["test"])
        for each in read["duties"]
        if each["rule"] == rule.rule_id
    )
    return CoveredRule(rule, answers, duties)
