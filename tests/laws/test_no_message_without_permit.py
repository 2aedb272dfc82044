"""Promise 1, second half: only `policy.decide` makes a permit, and no transport takes anything else."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from tests.examples import NOW, READER
from tests.policy.strategies import all_facts, moments

import shodaku
from shodaku.content.render import render
from shodaku.delivery.engine import Wire
from shodaku.policy.domain import Permit, decide

HOUSE = Path(shodaku.__file__).parent
MINT = HOUSE / "policy/decision.py"
PERMIT = HOUSE / "policy/permit.py"
ELSEWHERE = sorted(path for path in HOUSE.rglob("*.py") if path not in {MINT, PERMIT})


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def names(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.ClassDef(bases=bases):
                yield from (f"subclass of {ast.unparse(base)}" for base in bases)
            case _:
                pass


def test_a_permit_is_made_in_one_place_of_the_house():
    assert [call for call in calls(MINT) if call.split(".")[-1] == "Permit"] == ["Permit"]
    makers = [
        f"{path.relative_to(HOUSE)}: {call}"
        for path in [*ELSEWHERE, PERMIT]
        for call in calls(path)
        if call.split(".")[-1] == "Permit"
    ]
    assert makers == []


def test_nobody_reaches_for_the_mint_or_pretends_to_be_a_permit():
    thieves = [
        f"{path.relative_to(HOUSE)}: {name}"
        for path in ELSEWHERE
        for name in names(path)
        if name == "_MINT" or (name.startswith("subclass of") and name.endswith("Permit"))
    ]
    assert thieves == []


@given(all_facts, moments)
def test_a_permit_cannot_be_made_or_changed_by_hand(facts, now):
    match decide(facts, now):
        case Permit() as permit:
            with pytest.raises(TypeError, match="only policy"):
                Permit(object(), *permit)
            with pytest.raises(TypeError, match="only policy"):
                permit._replace(contact_id=permit.contact_id + 1)
            with pytest.raises(TypeError, match="dataclass"):
                replace(permit, contact_id=permit.contact_id + 1)
            with pytest.raises(AttributeError):
                permit.contact_id = permit.contact_id + 1


def test_a_permit_without_the_mint_is_none():
    permit = decide(READER, NOW)
    assert isinstance(permit, Permit)
    assert not hasattr(permit, "mint")


@pytest.mark.interpreted
def test_rendering_and_sending_ask_for_the_permit():
    assert get_type_hints(Wire.send)["permit"] is Permit
    assert get_type_hints(render)["permit"] is Permit
