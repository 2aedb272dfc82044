"""`python -m tests.machine --seconds 600`, `--bug NAME`, `--all-bugs`: one JSON line each; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import time
import traceback
from collections.abc import Iterator

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

HISTORIES_AT_ONCE = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machine")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--bug", metavar="NAME")
    group.add_argument("--all-bugs", action="store_true")
    options = parser.parse_args()
    from tests.machine.bugs import BUGS
    from tests.machine.house import installation

    names = list(BUGS) if options.all_bugs else [options.bug]
    well = True
    with installation() as house:
        for name in names:
            line = run(house, name, options.seconds, options.steps, options.seed)
            print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - a report
            well = well and (line["found"] is not None) == (name is not None)
    return 0 if well else 1


def run(house, bug: str | None, seconds: float, steps: int, seed: int) -> dict[str, object]:
    """Histories until the time is over, or until one breaks a promise."""
    from tests.machine import machine
    from tests.machine.bugs import BUGS

    begun, histories, taken = time.monotonic(), 0, 0
    found: str | None = None

    class Counted(machine.Machine):
        def __init__(self) -> None:
            nonlocal histories
            histories += 1
            super().__init__()

        def _on(self) -> None:
            nonlocal taken
            taken += 1
            super()._on()

    Counted.house = house
    said = io.StringIO()
    with planted(BUGS.get(bug)), contextlib.redirect_stderr(said):
        while found is None and time.monotonic() - begun < seconds:
            try:
                run_state_machine_as_test(
                    hypothesis.seed(seed + histories)(Counted), settings=_settings(steps)
                )
            except Exception as error:  # noqa: BLE001 - whatever a history ended with is what was found
                found = "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
                if bug is None:
                    traceback.print_exception(error, file=sys.__stderr__)
    return {
        "machine": "promises",
        "bug": bug,
        "histories": histories,
        "steps": taken,
        "seconds": round(time.monotonic() - begun, 1),
        "found": found,
    }


def _settings(steps: int) -> settings:
    """A few histories at a time, each batch from a seed of its own; what is found is not made smaller."""
    return settings(
        max_examples=HISTORIES_AT_ONCE,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


@contextlib.contextmanager
def planted(bug) -> Iterator[None]:
    if bug is None:
        yield
        return
    with bug():
        yield


if __name__ == "__main__":
    sys.exit(main())
