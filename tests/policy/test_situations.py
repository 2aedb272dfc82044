"""Situations of law through the gate: those of the conformance suite, and our own beside this file."""

import random
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import changed
from tests.policy.situations import UnknownWord, answer, decided_at, facts_of, seen
from tests.policy.strategies import changes, tightened

from shodaku.policy.domain import (
    AD_CLASSES,
    NOTHING,
    Ads,
    Deferred,
    MessageClass,
    Permit,
    Refused,
    decide,
    explain,
)
from shodaku.suppression.domain import Refusal, Scope

SUITE = Path(__file__).parents[3] / "shared/law/situations.yaml"
REASONS = SUITE.with_name("reasons.yaml")
OWN = Path(__file__).with_name("more_situations.yaml")
NOTHING_KNOWN = {"consents": (), "form_entry_at": None, "bases": NOTHING}

beside_the_law_pack = pytest.mark.skipif(
    not SUITE.exists(), reason="the law pack is not beside this checkout"
)


@cache
def cases():
    found = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in (SUITE, OWN) if file.exists()]
    return [case for suite in found for case in suite["situations"] if case["kind"] == "send"]


every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])


@every_case
def test_the_gate_answers_as_the_law_expects(case):
    expected = case["expected"]
    assert answer(case) == (expected["verdict"], expected["reason"], expected.get("as", []))


@every_case
def test_a_refusal_at_that_instant_stops_the_advertising_of_every_case(case):
    facts, now = facts_of(case), decided_at(case)
    verdict = decide(changed(facts, refusals=(*facts.person.refusals, Refusal(Scope.ALL, now))), now)
    if facts.message.message_class in AD_CLASSES:
        assert seen(verdict)[0] == "refuse"
    elif isinstance(verdict, Permit):
        assert facts.message.ads is Ads.NONE or verdict.without_ads


@every_case
def test_an_erasure_at_that_instant_stops_all_but_what_law_demands(case):
    facts, now = facts_of(case), decided_at(case)
    verdict = decide(changed(facts, erased_at=now), now)
    if facts.message.message_class is not MessageClass.LEGAL:
        assert seen(verdict)[0] == "refuse"
    elif isinstance(verdict, Permit):
        assert facts.message.ads is Ads.NONE or verdict.without_ads


@every_case
def test_of_who_is_unknown_no_case_lets_advertising_pass(case):
    facts, now = facts_of(case), decided_at(case)
    if facts.message.message_class in AD_CLASSES:
        assert seen(decide(changed(facts, **NOTHING_KNOWN), now))[0] == "refuse"


@every_case
def test_the_order_in_which_facts_are_told_does_not_matter(case):
    told = (case.get("given") or {}).get("facts", [])
    for seed in range(3):
        shuffled = random.Random(seed).sample(told, len(told))
        assert answer(case | {"given": case.get("given", {}) | {"facts": shuffled}}) == answer(case)


@every_case
def test_every_answer_has_its_rules_and_is_the_same_twice(case):
    facts, now = facts_of(case), decided_at(case)
    verdict = decide(facts, now)
    assert explain(verdict.reason).rules
    assert verdict == decide(facts, now)


@given(st.sampled_from(cases()), changes)
def test_no_stricter_pack_allows_what_was_not_allowed(case, some):
    facts, now = facts_of(case), decided_at(case)
    stricter = changed(facts, pack=tightened(facts.message.pack, some))
    if isinstance(decide(stricter, now), Permit):
        assert isinstance(decide(facts, now), Permit)
    if isinstance(decide(facts, now), Refused):
        assert not isinstance(decide(stricter, now), Deferred)


@beside_the_law_pack
def test_our_own_cases_alone_give_every_answer_that_a_message_can_get():
    reasons = yaml.safe_load(REASONS.read_text(encoding="utf-8"))["reasons"]
    of_messages = {row["code"] for row in reasons if "send" in row["kinds"]}
    own = yaml.safe_load(OWN.read_text(encoding="utf-8"))["situations"]
    assert {case["expected"]["reason"] for case in own} == of_messages


@beside_the_law_pack
def test_every_send_case_of_the_suite_is_run():
    suite = yaml.safe_load(SUITE.read_text(encoding="utf-8"))["situations"]
    ids = {case["id"] for case in cases()}
    assert {case["id"] for case in suite if case["kind"] == "send"} <= ids
    assert len(ids) == len(cases())


@pytest.mark.parametrize(
    "words",
    [
        {"given": {"weather": "fine"}},
        {"given": {"facts": [{"horoscope": {}}]}},
        {"given": {"facts": [{"consent": {"mood": "good"}}]}},
        {"given": {"facts": [{"consent": {"at": "yesterday"}}]}},
        {"message": {"footer": {"colour": "red"}}},
        {"message": {"footer": {"style": "transform: none"}}},
    ],
)
def test_a_word_that_nobody_knows_is_not_dropped_in_silence(words):
    with pytest.raises(UnknownWord):
        answer(words)
