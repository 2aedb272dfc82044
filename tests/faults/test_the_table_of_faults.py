"""docs/faults.md claims nothing that is not there, and leaves nothing out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS.parent / "docs/faults.md"
ROW = re.compile(r"^\| (F\d\d) \| [^|]+ \| (\w+) \| ([^|]*) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py): (\w+)`")


def rows():
    """Fault -> how much of it is shown, and the tests that show it."""
    found = ROW.findall(TABLE.read_text(encoding="utf-8"))
    return [(fault, shown, NAMED.findall(proof), proof) for fault, shown, proof in found]


def names_in(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions) and node.name.startswith("test_")}


def test_each_of_the_faults_has_one_row():
    assert [fault for fault, _, _, _ in rows()] == [f"F{number:02}" for number in range(1, 66)]


def test_each_test_that_is_named_is_there():
    missing = [
        (fault, file, name)
        for fault, _, named, _ in rows()
        for file, name in named
        if not (TESTS / file).exists() or name not in names_in(TESTS / file)
    ]
    assert missing == []


def test_what_is_shown_has_a_test_and_what_is_not_has_none():
    for fault, shown, named, proof in rows():
        assert shown in ("whole", "part", "no", "never"), fault
        assert bool(named) == (shown in ("whole", "part")), fault
        if shown in ("part", "never"):
            assert not proof.startswith("`"), f"{fault}: what is missing is said first"


def test_each_test_that_names_a_fault_stands_in_its_row():
    """By its own name, as test_f31_…; a file is named after what it begins with."""
    told = {(fault, file, name) for fault, _, named, _ in rows() for file, name in named}
    missing = [
        (fault.upper(), str(file.relative_to(TESTS)), name)
        for file in sorted(TESTS.rglob("test_*.py"))
        for name in sorted(names_in(file))
        for fault in re.findall(r"_(f\d\d)(?=_)", name)
        if (fault.upper(), str(file.relative_to(TESTS)), name) not in told
    ]
    assert missing == []
