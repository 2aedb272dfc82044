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
CHANGED_INSIDE = (ast.Compare, ast.BoolOp, ast.UnaryOp)  # of a condition: something else is changed there
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
    """Every node that decides: no annotations, docstrings, imports, decorators; of a class its methods."""
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
    for kind in (operators, values, conditions, statements, members):
        for changed in kind(node):
            yield ast.copy_location(changed, node)


def operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in LOOKALIKES[type(op)]:
                    yield with_(node, ops=[*ops[:place], other(), *ops[place + 1 :]])
        case ast.BinOp(op=op) | ast.BoolOp(op=op):
            for other in LOOKALIKES[type(op)]:
                yield with_(node, op=other())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand


def values(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(f"{value}?!")
        case ast.Attribute(value=ast.Name(id="Reason"), attr=code):
            yield with_(node, attr="OK_CONSENT" if code != "OK_CONSENT" else "NO_BASIS")
        case ast.Attribute(value=ast.Name(id="Operational")):
            yield ast.Attribute(ast.Name("Reason", ast.Load()), "NO_BASIS", ast.Load())


def conditions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(test, CHANGED_INSIDE):
            yield with_(node, test=ast.copy_location(ast.UnaryOp(ast.Not(), test), test))
        case ast.match_case(guard=ast.expr() as guard):
            yield with_(node, guard=ast.copy_location(ast.Constant(value=True), guard))
        case ast.comprehension(ifs=[_, *_]):
            yield with_(node, ifs=[])


def statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.AugAssign() | ast.If(orelse=[]):
            yield ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield ast.Pass()


def members(node: ast.AST) -> Iterator[ast.AST]:
    """Without one of them."""
    match node:
        case ast.MatchOr(patterns=some):
            for place in range(len(some)):
                yield with_(node, patterns=without(some, place))
        case ast.Dict(keys=some):
            for place in range(len(some)):
                yield with_(node, keys=without(node.keys, place), values=without(node.values, place))
        case ast.Tuple(elts=some, ctx=ast.Load()) | ast.Set(elts=[_, _, *_] as some):
            for place in range(len(some)):
                yield with_(node, elts=without(some, place))


def with_(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def without(some: list[ast.AST], place: int) -> list[ast.AST]:
    return some[:place] + some[place + 1 :]


def put_in_place(mutant: Mutant) -> None:
    """In this process: raises whatever the changed code raises when it is loaded."""
    module = importlib.import_module(f"shodaku.policy.{mutant.module}")
    standing, names = dict(vars(module)), dict(vars(module))
    alone = ast.Module([*future(mutant.tree), mutant.tree.body[mutant.statement]], [])
    exec(compile(alone, module.__file__ or "", "exec"), names)  # noqa: S102 - our own code, changed in one place
    for name, value in standing.items():
        if names[name] is not value:
            exchange(value, names[name])
    clear(module)


def future(tree: ast.Module) -> list[ast.stmt]:
    return [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]


def exchange(standing: object, changed: object) -> None:
    """A function in place, for whoever imported it; any other value wherever it is held."""
    standing, changed = bare(standing), bare(changed)
    if isinstance(standing, type):
        for name in (name for name, method in vars(standing).items() if written(bare(method))):
            exchange(vars(standing)[name], vars(changed)[name])
    elif isinstance(standing, types.FunctionType):
        for name in ("__code__", "__defaults__", "__kwdefaults__"):
            setattr(standing, name, getattr(changed, name))
    else:
        rebind(standing, changed)


def bare(value: object) -> object:
    """Without what a decorator put around it."""
    inner = value.fget if isinstance(value, property) else value
    return getattr(inner, "__wrapped__", inner)


def written(method: object) -> bool:
    """Not one of those that a dataclass writes by itself."""
    return isinstance(method, types.FunctionType) and method.__code__.co_filename != "<string>"


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
    """A test of values alone: it asks for no fixture, and its reason to be skipped does not hold."""
    skips = (mark.args[0] for mark in item.iter_markers("skipif"))
    return isinstance(item, pytest.Function) and set(item.fixturenames) <= set(given(item)) and not any(skips)


def given(item: pytest.Item) -> dict[str, object]:
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


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
        try:
            item.obj(**given(item))
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
    unnoticed = sorted(campaign.survivors, key=lambda each: (each.module, each.line))
    lines = [mutant.name for mutant in unnoticed]
    lines += [f"{module}: {total[module] - alive[module]} of {total[module]} noticed" for module in total]
    noticed, of = len(campaign.chosen) - len(unnoticed), len(campaign.chosen)
    lines.append(f"{noticed} of {of} noticed, {noticed / of:.1%}, {seconds:.0f} s")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
