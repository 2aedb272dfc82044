"""No line of the policy is there that no plain example reaches; laws over all facts are not even counted."""

import ast
import importlib
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from shodaku.policy import coverage, domain, explanations, fact, packs, requests, rules

HOUSE = Path(domain.__file__).parent
HERE = Path(__file__).parent
READ_ONCE = {"rules", "explanations", "answer_clocks", "pack", "coverage"}


@pytest.mark.interpreted
def test_every_line_of_the_policy_is_reached(request):
    tests = [item for item in request.session.items if is_plain(item)]
    if {item.path for item in tests} < {
        file for file in HERE.glob("test_*.py") if file.name != Path(__file__).name
    }:
        pytest.skip("only a part of tests/policy is run")
    reached = defaultdict(set)

    def look(frame, event, _argument):
        file = frame.f_code.co_filename
        if not file.startswith(str(HOUSE)):
            return None
        if event == "line":
            reached[file].add(frame.f_lineno)
        return look

    standing = sys.gettrace()
    sys.settrace(look)
    try:
        for item in tests:
            item.obj(**(item.callspec.params if hasattr(item, "callspec") else {}))
        read_anew()
    finally:
        sys.settrace(standing)
    missed = [
        f"{file.name}:{line}"
        for file in sorted(HOUSE.glob("*.py"))
        for line in lines(file) - reached[str(file)]
    ]
    assert missed == []


def is_plain(item):
    if item.path.parent != HERE or item.path == Path(__file__) or not isinstance(item, pytest.Function):
        return False
    return not (hasattr(item.obj, "hypothesis") or item.get_closest_marker("skipif"))


def read_anew():
    """What is read once and kept was read before we looked."""
    for cached in (rules.rules, explanations.explanations, requests.answer_clocks, coverage.coverage):
        cached.__wrapped__()
    for version in packs.PACK_VERSIONS:
        packs.pack.__wrapped__(version)
    fact.fact(type("Made", (), {}))
    for module in HOUSE.glob("*.py"):
        for value in vars(importlib.import_module(f"shodaku.policy.{module.stem}")).values():
            if hasattr(value, "cache_clear"):
                assert value.__wrapped__.__name__ in READ_ONCE


def lines(file):
    """Of the statements within functions, but for docstrings and what no value reaches."""
    found = set()
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            found |= {node.lineno for body in function.body for node in walk(body)}
    return found


def walk(node):
    if isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchAs) and node.pattern.name:
        return
    if isinstance(node, ast.stmt) and not (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from walk(child)
