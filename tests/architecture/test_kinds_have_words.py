"""Whatever the product records, its readers can say: on the desk, in the verifier, on paper."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

import shodaku
from shodaku.console import ledger_words
from shodaku.ledger import verify
from shodaku.ledger.domain import Kind

HOUSE = Path(shodaku.__file__).parent
# where a kind stands in a call: position, and the name it may be given by
RECORDERS = {"record_act": (1, "kind"), "record_act_even_without_vault": (1, "kind"), "Act": (2, "kind")}
BENCH = "config/bench/ledger.py: kind"  # out of a tuple of members of `Kind`; it records nothing of anybody
COMPLAINT = "optout/complaining.py: RECEIVED"  # `optout/receiving.py` names it, and is read


@dataclass(frozen=True)
class Module:
    name: str
    tree: ast.Module
    constants: dict[str, str]


@dataclass(frozen=True)
class Call:
    module: Module
    within: tuple[ast.FunctionDef, ...]  # the innermost last
    node: ast.Call


def read():
    for path in sorted(HOUSE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = {}
        for each in tree.body:
            match each:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                    found[name] = text
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                    found[name] = text
        yield Module(str(path.relative_to(HOUSE)), tree, found)


def calls(module, node, within=()):
    for child in ast.iter_child_nodes(node):
        inner = (*within, child) if isinstance(child, ast.FunctionDef) else within
        if isinstance(child, ast.Call):
            yield Call(module, within, child)
        yield from calls(module, child, inner)


def called(node):
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


class Search:
    """A function that hands its own parameter on as a kind records too: its callers are looked at in turn."""

    def __init__(self):
        self.by_name = defaultdict(list)
        self.constants = defaultdict(set)
        for module in read():
            for call in calls(module, module.tree):
                self.by_name[called(call.node)].append(call)
            for name, text in module.constants.items():
                self.constants[name].add(text)
        self.kinds, self.unknown = set(), set()
        self.seen = set()

    def run(self):
        for name, (position, keyword) in RECORDERS.items():
            self.follow(name, position, keyword, "{}", None)
        return self

    def follow(self, name, position, keyword, template, only_in):
        if (name, keyword, template, only_in) in self.seen:
            return
        self.seen.add((name, keyword, template, only_in))
        for call in self.by_name[name]:
            if only_in is not None and call.module.name != only_in:
                continue
            given = [each.value for each in call.node.keywords if each.arg == keyword]
            if len(call.node.args) > position:
                given.append(call.node.args[position])
            for each in given:
                self.resolve(call, each, template)

    def resolve(self, call, node, template):
        match node:
            case ast.Constant(value=str(text)):
                self.kinds.add(template.format(text))
            case ast.Attribute(value=ast.Name(id="Kind"), attr=member):
                self.kinds.add(template.format(Kind[member].value))
            case ast.IfExp(body=one, orelse=other):
                self.resolve(call, one, template)
                self.resolve(call, other, template)
            case ast.JoinedStr(
                values=[ast.Constant(value=str(head)), ast.FormattedValue(value=ast.Name() as tail)]
            ):
                self.resolve(call, tail, template.format(head + "{}"))
            case ast.Name(id=name) if name in call.module.constants:
                self.kinds.add(template.format(call.module.constants[name]))
            case ast.Name(id=name) if (passed := self.parameter(call, name)) is not None:
                function, position = passed
                private = call.module.name if function.startswith("_") else None
                self.follow(function, position, name, template, private)
            case ast.Name(id=name) if assigned := self.assigned(call, name):
                for each in assigned:
                    self.resolve(call, each, template)
            case ast.Attribute(attr=name) if len(self.constants[name]) == 1:
                self.kinds.add(template.format(*self.constants[name]))
            case _:
                self.unknown.add(f"{call.module.name}: {ast.unparse(node)}")

    def assigned(self, call, name):
        return [
            each.value
            for function in call.within[-1:]
            for each in ast.walk(function)
            if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == name
        ]

    def parameter(self, call, name):
        for function in reversed(call.within):
            named = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if name in named:
                return function.name, named.index(name)
        return None


FOUND = Search().run()


def test_the_search_understands_every_place_that_records():
    assert FOUND.unknown == {BENCH, COMPLAINT}
    assert {
        "admin.unsealing.asked", "admin.campaign.paused", "admin.evidence.read", "admin.exported",
        "admin.member.joined", "address.disabled", "message.received", "policy", "erased",
    } <= FOUND.kinds  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FOUND.kinds | set(Kind)))
def test_what_is_recorded_has_words_in_the_verifier_and_on_paper(kind):
    paper = tomllib.loads((files("shodaku.ledger") / "print" / "words.toml").read_text(encoding="utf-8"))
    assert kind in verify.KINDS
    assert set(paper["kinds"][kind]) == {"ja", "en"}
    for language in ("ja", "en"):
        assert ledger_words.entry(kind, language) != kind


def test_who_reads_a_proof_meets_the_same_japanese_words_on_screen_and_on_paper():
    paper = tomllib.loads((files("shodaku.ledger") / "print" / "words.toml").read_text(encoding="utf-8"))
    assert {kind: each["ja"] for kind, each in paper["kinds"].items()} == {
        kind: verify.kind_in_words(kind, "ja") for kind in verify.KINDS
    }


@pytest.mark.parametrize("kind", sorted(kind for kind in FOUND.kinds if kind.startswith("admin.")))
def test_the_desk_has_a_sentence_of_its_own_for_every_act_of_staff(kind):
    assert kind in ledger_words.ADMINISTRATION or kind in ledger_words.words.ENTRIES
