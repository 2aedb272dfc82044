"""The send cases of the law's conformance suite, through the gate: every one that its facts can express."""

from functools import cache
from pathlib import Path

import pytest
import yaml
from tests.examples import changed
from tests.policy.situations import NOW, CannotSay, facts_of, seen

from shodaku.policy.domain import AD_CLASSES, Ads, MessageClass, Permit, Refused, decide
from shodaku.suppression.domain import Refusal, Scope

SUITE = Path(__file__).parents[3] / "shared/law/situations.yaml"
pytestmark = pytest.mark.skipif(not SUITE.exists(), reason="the law pack is not beside this checkout")

# what the facts of the gate cannot say yet, and why
OUT_OF_SCOPE = {
    "S054": "age of consent, by jurisdiction (EU)",
    "S100": "the linter reads the text of an SMS",
    "S101": "the linter reads the text of an SMS",
    "S123": "label of another jurisdiction (KR)",
    "S124": "label of another jurisdiction (KR)",
    "S125": "label and re-confirmation of another jurisdiction (KR)",
    "S127": "soft opt-in (EU)",
    "S131": "implied consent (CA)",
    "S149": "no transport for fax",
}


@cache
def cases():
    suite = yaml.safe_load(SUITE.read_text(encoding="utf-8")) if SUITE.exists() else {"situations": []}
    return [case for case in suite["situations"] if case["kind"] == "send"]


def expressible():
    return [case for case in cases() if case["id"] not in OUT_OF_SCOPE]


@pytest.mark.parametrize("case", expressible(), ids=lambda case: case["id"])
def test_the_gate_answers_as_the_law_pack_expects(case):
    expected = case["expected"]
    verdict = decide(facts_of(case), NOW)
    assert seen(verdict) == (expected["verdict"], expected["reason"], expected.get("as", []))


@pytest.mark.parametrize("case", expressible(), ids=lambda case: case["id"])
def test_a_refusal_or_an_erasure_at_that_instant_stops_the_advertising_of_every_case(case):
    facts = facts_of(case)
    refused = decide(changed(facts, refusals=(*facts.person.refusals, Refusal(Scope.ALL, NOW))), NOW)
    erased = decide(changed(facts, erased_at=NOW), NOW)
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(refused, Refused)
    elif isinstance(refused, Permit):
        assert facts.message.ads is Ads.NONE or refused.without_ads
    assert isinstance(erased, Refused) or facts.message.message_class is MessageClass.LEGAL


def test_every_case_is_run_or_named_with_its_reason():
    unsaid = set()
    for case in cases():
        try:
            facts_of(case)
        except CannotSay:
            unsaid.add(case["id"])
    assert unsaid <= set(OUT_OF_SCOPE)
    assert len(expressible()) == 62
