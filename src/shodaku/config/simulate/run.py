"""Seeds one after the other: which histories were good, and what was met on the way."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import TextIO, cast

from shodaku.config.simulate.bugs import Bug, planted
from shodaku.config.simulate.checks import violations
from shodaku.config.simulate.world import World


@dataclass(frozen=True, slots=True)
class History:
    """What one seed came to. `faults`: how many of each kind; `results`: rows by outcome."""

    seed: int
    violations: list[str]
    steps: int
    seconds: float  # in the history
    faults: dict[str, int]
    results: dict[str, int]
    handed: int
    repeated: int  # notices that were handed over once more


@dataclass(slots=True)
class Sum:
    """Of many histories. `cpu_seconds`: of this process."""

    seeds: int = 0
    failed: list[int] = field(default_factory=list)
    violations: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    seconds: float = 0.0
    handed: int = 0
    repeated: int = 0
    cpu_seconds: float = 0.0

    def add(self, history: History) -> None:
        self.seeds += 1
        self.failed += [history.seed] * bool(history.violations)
        self.violations.update(history.violations)
        self.faults.update(history.faults)
        self.results.update(history.results)
        self.steps += history.steps
        self.seconds += history.seconds
        self.handed += history.handed
        self.repeated += history.repeated

    def plain(self) -> dict[str, object]:
        """For JSON."""
        names = [each.name for each in fields(self)]
        values = [(name, getattr(self, name)) for name in names]
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in values}


def simulate(seed: int, bug: Bug | None = None, say: Callable[[str], None] | None = None) -> History:
    """The history of one seed; each of its lines is told to `say`."""
    with planted(bug):
        world = World(seed, say, doubled=bool(bug and bug.doubled))
        if bug is not None:
            bug.tamper(world)
        with contextlib.redirect_stderr(cast("TextIO", _Lines(world.say))):  # it writes, and that is all
            world.run()
            found = violations(world)
            world.put_away()
    rows = world.server.tables["delivery"].values()
    messages = Counter((each.mailing_id, each.contact_id) for each in world.mail.handed)
    return History(
        seed,
        found,
        world.loop.steps,
        world.loop.now,
        dict(sorted(world.chance.met.items())),
        dict(sorted(Counter(row["outcome"] for row in rows).items())),
        len(world.mail.handed),
        sum(times - 1 for times in messages.values()),
    )


def sweep(seeds: Iterable[int], bug: Bug | None = None, *, first_only: bool = False) -> Sum:
    """`first_only`: until a history is not good."""
    total, began = Sum(), time.process_time()
    for history in _histories(seeds, bug):
        total.add(history)
        if first_only and total.failed:
            break
    total.cpu_seconds = time.process_time() - began
    return total


def _histories(seeds: Iterable[int], bug: Bug | None) -> Iterator[History]:
    for seed in seeds:
        yield simulate(seed, bug)


class _Lines:
    """What the product writes into its log becomes a line of the history, without the time of the machine."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def write(self, text: str) -> int:
        line = text.strip()
        if line:
            self._say(f"log {line}")
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""
