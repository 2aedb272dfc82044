"""Do the tests of the policy notice a slip of the pen? `python -m tests.policy.mutation`

changes the code in one place after the other, runs the tests of this folder against each change, and prints
the score and the changes that nobody noticed; docs/law/mutants.md gives their reasons. A change is made in a
forked child and only in memory: the code of a function is exchanged in place, a constant of a module in
every module that holds it.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import importlib
import os
import random
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULES = (
    "basis",
    "decision",
    "exemptions",
    "standing",
    "packs",
    "head",
    "consent_linter",
    "retention",
    "breach",
)
EXAMPLES = 15  # of each law: it is the plain cases that must notice, and they are many
SECONDS_MAX = 60  # for the tests of one mutant: who runs in a ring is noticed too
LOOKALIKES = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
Path_ = tuple[tuple[str, int | None], ...]  # of a node below the module: field, and place in a list


@dataclass(frozen=True)
class Mutant:
    module: str
    statement: int  # of the module
    tree: ast.Module
    line: int
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.module}.py:{self.line}  {self.before}  ->  {self.after}"


def mutants(module: str) -> Iterator[Mutant]:
    source = Path(source_of(module)).read_text(encoding="utf-8")
    tree = ast.parse(source)
    for path, node in walk(tree):
        for changed in changes(node):
            copied = copy.deepcopy(tree)
            replace(copied, path, changed)
            yield Mutant(
                module,
                path[0][1] or 0,
                ast.fix_missing_locations(copied),
                node.lineno,
                short(node),
                short(changed),
            )


def source_of(module: str) -> str:
    return f"src/shodaku/policy/{module}.py"


def short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def walk(tree: ast.AST, path: Path_ = ()) -> Iterator[tuple[Path_, ast.AST]]:
    """Every node that decides: no annotations, docstrings, imports or decorators, and of a class its methods."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "bases", "keywords") and not isinstance(
            tree, ast.Call
        ):
            continue
        for place, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if (
                not isinstance(node, ast.AST)
                or isinstance(node, ast.Import | ast.ImportFrom)
                or undecidable(node)
            ):
                continue
            if isinstance(tree, ast.ClassDef) and not isinstance(node, ast.FunctionDef):
                continue
            here = (*path, (field, place))
            if hasattr(node, "lineno"):
                yield here, node
            yield from walk(node, here)


def undecidable(node: ast.AST) -> bool:
    """A docstring; and the arm of a `match` that no value reaches."""
    if isinstance(node, ast.match_case):
        return isinstance(node.pattern, ast.MatchAs) and node.pattern.name == "unreachable"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def replace(tree: ast.AST, path: Path_, changed: ast.AST) -> None:
    for field, place in path[:-1]:
        tree = getattr(tree, field) if place is None else getattr(tree, field)[place]
    field, place = path[-1]
    if place is None:
        setattr(tree, field, changed)
    else:
        getattr(tree, field)[place] = changed


def changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op]) | ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in LOOKALIKES:
            for other in LOOKALIKES[type(op)]:
                changed = copy.copy(node)
                if isinstance(changed, ast.Compare):
                    changed.ops = [other()]
                else:
                    changed.op = other()
                yield changed
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in LOOKALIKES[type(op)]:
                    changed = copy.copy(node)
                    changed.ops = [*ops[:place], other(), *ops[place + 1 :]]
                    yield changed
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool() as value):
            yield ast.copy_location(ast.Constant(not value), node)
        case ast.Constant(value=int() | float() as value):
            yield ast.copy_location(ast.Constant(value + 1), node)
        case ast.Constant(value=str() as value):
            yield ast.copy_location(ast.Constant(f"{value}?!"), node)
        case ast.Attribute(value=ast.Name(id="Reason"), attr=code):
            other = "OK_CONSENT" if code != "OK_CONSENT" else "NO_BASIS"
            yield ast.copy_location(ast.Attribute(node.value, other, ast.Load()), node)
        case ast.Attribute(value=ast.Name(id="Operational")):
            yield ast.copy_location(
                ast.Attribute(ast.Name("Reason", ast.Load()), "NO_BASIS", ast.Load()), node
            )
        case ast.If() | ast.IfExp():
            if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                changed = copy.copy(node)
                changed.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
                yield changed
            if isinstance(node, ast.If) and not node.orelse:
                yield ast.copy_location(ast.Pass(), node)
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield ast.copy_location(ast.Return(ast.Constant(None)), node)
        case ast.Raise() | ast.AugAssign():
            yield ast.copy_location(ast.Pass(), node)
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield ast.copy_location(ast.Pass(), node)
        case ast.match_case(guard=guard) if guard is not None:
            changed = copy.copy(node)
            changed.guard = ast.copy_location(ast.Constant(value=True), guard)
            yield changed
        case ast.comprehension(ifs=[_, *_]):
            changed = copy.copy(node)
            changed.ifs = []
            yield changed
        case ast.MatchOr(patterns=patterns):
            for place in range(len(patterns)):
                changed = copy.copy(node)
                changed.patterns = patterns[:place] + patterns[place + 1 :]
                yield changed
        case ast.Dict(keys=[_, *_]):
            for place in range(len(node.keys)):
                changed = copy.copy(node)
                changed.keys, changed.values = (
                    each[:place] + each[place + 1 :] for each in (node.keys, node.values)
                )
                yield changed
        case ast.Tuple(elts=[_, *_] as elts) | ast.Set(elts=[_, _, *_] as elts) if isinstance(
            getattr(node, "ctx", ast.Load()), ast.Load
        ):
            for place in range(len(elts)):
                changed = copy.copy(node)
                changed.elts = elts[:place] + elts[place + 1 :]
                yield changed
        case _:
            pass


def put_in_place(mutant: Mutant) -> None:
    """In this process: raises whatever the changed code raises when it is loaded."""
    module = importlib.import_module(f"shodaku.policy.{mutant.module}")
    changed = mutant.tree.body[mutant.statement]
    alone = ast.Module([mutant.tree.body[0], *future(mutant.tree), changed], [])
    if isinstance(changed, ast.FunctionDef | ast.ClassDef):
        exchange(vars(module), compile(alone, module.__file__ or "", "exec"))
        clear(module)
        return
    names = dict(vars(module))
    exec(compile(alone, module.__file__ or "", "exec"), names)  # noqa: S102 - our own code, changed in one place
    for name in set(names):
        old = vars(module).get(name)
        if name in vars(module) and old is not names[name]:
            rebind(old, names[name])


def future(tree: ast.Module) -> list[ast.stmt]:
    return [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]


def exchange(names: dict[str, object], code: types.CodeType) -> None:
    """The code of each function of a statement, and of the methods of its class."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType) and inner.co_name in names:
            standing = names[inner.co_name]
            if isinstance(standing, type):
                exchange(dict(vars(standing)), inner)
                continue
            if isinstance(standing, property):
                standing = standing.fget
            function = getattr(standing, "__wrapped__", standing)
            if isinstance(function, types.FunctionType):
                function.__code__ = inner


def clear(module: types.ModuleType) -> None:
    for value in vars(module).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def rebind(old: object, new: object) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(("shodaku.", "tests.")):
            for key, value in list(vars(module).items()):
                if value is old:
                    setattr(module, key, new)


class Campaign:
    """A pytest plugin: where others run the collected tests once, it runs them for every mutant."""

    def __init__(self, chosen: list[Mutant], workers: int) -> None:
        self.chosen, self.workers = chosen, workers
        self.survivors: list[Mutant] = []
        self.tested = False
        self.tests: list[pytest.Item] = []
        self.running: dict[int, tuple[Mutant, list[pytest.Item], int]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from hypothesis import HealthCheck, settings  # pytest would miss it here before it starts

        settings.register_profile(
            "mutants",
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")
        self.tests = quickest_first([item for item in session.items if runs(item)])
        gc.freeze()  # the children share what is here instead of copying it
        for place, mutant in enumerate(self.chosen):
            self.start(mutant, list(self.tests))
            while len(self.running) >= self.workers:
                self.wait()
            if place % 100 == 99:
                print(f"{place + 1} of {len(self.chosen)}, {len(self.survivors)} unnoticed", flush=True)  # noqa: T201
        while self.running:
            self.wait()
        self.tested = True
        return True

    def start(self, mutant: Mutant, tests: list[pytest.Item]) -> None:
        heard, told = os.pipe()
        pid = os.fork()
        if pid:
            os.close(told)
            self.running[pid] = (mutant, tests, heard)
            return
        signal.alarm(SECONDS_MAX)
        gc.disable()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            put_in_place(mutant)
            failed = first_that_fails(tests)
        except BaseException:  # noqa: BLE001 - it does not even load
            failed = 0
        if failed is not None:
            os.write(told, str(failed).encode())
        os._exit(0 if failed is None else 1)

    def wait(self) -> None:
        """The test that noticed one change is the first to look at the next one, which is close by."""
        pid, status = os.wait()
        mutant, tests, heard = self.running.pop(pid)
        if status == 0:
            self.survivors.append(mutant)
        elif failed := os.read(heard, 9):
            self.tests.remove(noticer := tests[int(failed)])
            self.tests.insert(0, noticer)
        os.close(heard)


def runs(item: pytest.Item) -> bool:
    skips = (mark.args[0] for mark in item.iter_markers("skipif"))
    return isinstance(item, pytest.Function) and not any(skips)


def quickest_first(tests: list[pytest.Item]) -> list[pytest.Item]:
    seconds = {}
    for item in tests:
        started = time.perf_counter()
        if first_that_fails([item]) is not None:
            raise pytest.UsageError(f"{item.nodeid} fails without any change")
        seconds[item] = time.perf_counter() - started
    return sorted(tests, key=lambda item: seconds[item])


def first_that_fails(tests: list[pytest.Item]) -> int | None:
    for place, item in enumerate(tests):
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        try:
            item.obj(**parameters)
        except BaseException:  # noqa: BLE001 - whatever it is, the change was noticed
            return place
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, drawn by chance")
    asked = parser.parse_args()
    everyone = [mutant for module in asked.modules for mutant in mutants(module)]
    chosen = random.Random(1).sample(everyone, round(len(everyone) * asked.share))
    chosen.sort(key=everyone.index)
    started = time.monotonic()
    campaign = Campaign(chosen, asked.workers)
    pytest.main(["--quiet", "tests/policy"], plugins=[campaign])
    if not campaign.tested:
        return 1
    report(campaign, time.monotonic() - started)
    return 0


def report(campaign: Campaign, seconds: float) -> None:
    total, alive = (Counter(each.module for each in some) for some in (campaign.chosen, campaign.survivors))
    for mutant in sorted(campaign.survivors, key=lambda each: (each.module, each.line)):
        print(mutant.name)  # noqa: T201
    for module in total:
        print(f"{module}: {total[module] - alive[module]} of {total[module]} noticed")  # noqa: T201
    noticed = len(campaign.chosen) - len(campaign.survivors)
    print(
        f"{noticed} of {len(campaign.chosen)} noticed, {noticed / len(campaign.chosen):.1%}, {seconds:.0f} s"
    )  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
