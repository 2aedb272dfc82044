"""`shodaku policy conformance FILE`: every situation through the product, on an installation of its own."""

from __future__ import annotations

import argparse
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from shodaku.config import trial
from shodaku.config.commands.output import as_json, say
from shodaku.config.conformance import suite

if TYPE_CHECKING:
    from shodaku.config.conformance.run import Result
    from shodaku.config.conformance.words import Outcome


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="situations in the vocabulary of the law pack"
    )
    parser.add_argument("--json", action="store_true", help="one object a case, then the counts")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 if all passed, 1 if one failed, 2 if the file cannot be read."""
    situations = suite.load(options.file)
    passed = failed = 0
    with trial.installation(), redirect_stderr(StringIO()):  # the product's own log of each act
        from shodaku.config.conformance import run as runner  # noqa: PLC0415 - Django is set up only now

        for result in runner.run(situations):
            passed, failed = passed + result.passed, failed + (not result.passed)
            if options.json:
                as_json(_told(result))
            elif not result.passed:
                say(result.line)
    if options.json:
        as_json({"passed": passed, "failed": failed})
    else:
        say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _told(result: Result) -> dict[str, object]:
    situation, got = result.situation, result.got
    return {
        "id": situation.case.case_id,
        "kind": situation.case.kind,
        "passed": result.passed,
        "expected": _answer(situation.expected),
        "got": None if got is None else _answer(got),
        "fault": result.fault or None,
        "rules": result.rules,
        "line": situation.line,
    }


def _answer(answer: suite.Expected | Outcome) -> dict[str, object]:
    return {"verdict": answer.verdict, "reason": answer.reason, "as": sorted(answer.forms)}
