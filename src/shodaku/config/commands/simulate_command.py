"""`shodaku simulate`: histories of the send path under every fault at once; one seed is one history."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from shodaku.config.commands.output import as_json, say
from shodaku.kit.errors import WrongUse

if TYPE_CHECKING:
    from shodaku.config.simulate.run import History, Sum

_SEEDS_MAX = 1_000_000
_SHOWN_MAX = 20  # failing seeds on one line


class SeedsFault(WrongUse):
    """Seeds have the form FROM:TO, such as 0:2000, and are one million at most."""

    code = "simulate_seeds_fault"


class BugUnknown(WrongUse):
    """There is no planted bug of this name."""

    code = "simulate_bug_unknown"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", metavar="FROM:TO", help="0:200 if nothing is said")
    parser.add_argument("--seed", type=int, metavar="N", help="one history, as it was")
    parser.add_argument("--trace", type=int, metavar="LINES", help="with --seed: its last lines")
    parser.add_argument("--bug", metavar="NAME", help="with this bug planted into the product")
    parser.add_argument("--all-bugs", action="store_true", help="each planted bug must be found")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config.simulate import run as histories  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.config.simulate.bugs import BUGS  # noqa: PLC0415 - as above

    if options.bug is not None and options.bug not in BUGS:
        raise BugUnknown(hint=", ".join(BUGS))
    if options.seed is not None:
        lines: list[str] = []
        history = histories.simulate(
            options.seed, BUGS.get(options.bug), lines.append if options.trace else None
        )
        return _tell(history, lines[-options.trace :] if options.trace else [], machine=options.json)
    seeds = parse_seeds(options.seeds or "0:200")
    if not options.all_bugs:
        total = histories.sweep(seeds, BUGS.get(options.bug))
        _sum(total, options.bug, machine=options.json)
        return _end(total.seeds - len(total.failed), len(total.failed), machine=options.json)
    found = 0
    for name, bug in BUGS.items():
        total = histories.sweep(seeds, bug, first_only=True)
        found += bool(total.failed)
        _sum(total, name, machine=options.json)
    return _end(found, len(BUGS) - found, machine=options.json)


def parse_seeds(text: str) -> range:
    """Raises SeedsFault."""
    first, _, last = text.partition(":")
    if not (first.isdecimal() and last.isdecimal() and 0 < int(last) - int(first) <= _SEEDS_MAX):
        raise SeedsFault(hint=text)
    return range(int(first), int(last))


def _tell(history: History, lines: list[str], *, machine: bool) -> int:
    if machine:
        as_json({**asdict(history), "trace": lines})
        return bool(history.violations)
    for line in [*lines, *history.violations]:
        say(line)
    return _end(int(not history.violations), int(bool(history.violations)), machine=False)


def _sum(total: Sum, bug: str | None, *, machine: bool) -> None:
    if machine:
        as_json({"bug": bug, **total.plain()})
        return
    if bug is not None:
        where = f"seed {total.failed[0]}" if total.failed else "not found"
        say(f"{bug}: {where}  {', '.join(total.violations)}")
        return
    if total.failed:
        say(f"seeds: {' '.join(map(str, total.failed[:_SHOWN_MAX]))}")
    for sentence, times in total.violations.most_common():
        say(f"{times} x {sentence}")
    faults = sum(total.faults.values())
    say(
        f"{total.steps} steps, {faults} faults, {total.seconds / 3600:.1f} hours in the histories, "
        f"{total.handed} messages handed over, {total.results['uncertain']} uncertain, "
        f"{total.cpu_seconds:.1f} s of one core"
    )


def _end(passed: int, failed: int, *, machine: bool) -> int:
    if machine:
        as_json({"passed": passed, "failed": failed})
    else:
        say(f"{passed} passed, {failed} failed")
    return int(failed > 0)
