"""Every situation of a file through the product: one line per failure, and how many passed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shodaku.accounts import services as accounts
from shodaku.config.conformance import importing, inbound, recording, sending, web
from shodaku.config.conformance.scratch import Scratch, scratch
from shodaku.config.conformance.suite import Expected, Situation, Suite
from shodaku.config.conformance.words import Case, Outcome, UnknownWord
from shodaku.kit.errors import ShodakuError
from shodaku.policy.domain import Reason, explain

_PARTS: Final[Mapping[str, Callable[[Case, Scratch], Outcome]]] = {
    "send": sending.answer,
    "web": web.answer,
    "inbound": inbound.answer,
    "import": importing.answer,
    "record": recording.answer,
}
_CODES: Final = frozenset(Reason)


@dataclass(frozen=True, slots=True)
class Result:
    situation: Situation
    got: Outcome | None  # None: the product, or the words, failed
    fault: str = ""

    @property
    def passed(self) -> bool:
        return self.got is not None and _agrees(self.got, self.situation.expected)

    @property
    def rules(self) -> tuple[str, ...]:
        """Of the answer that was got, else of the one that was expected."""
        reason = self.got.reason if self.got else self.situation.expected.reason
        return explain(Reason(reason)).rules if reason in _CODES else ()

    @property
    def line(self) -> str:
        expected, case = self.situation.expected, self.situation.case
        got = f"{self.got.verdict}/{self.got.reason}" if self.got else f"error/{self.fault}"
        told = f"FAIL {case.case_id} {case.kind} expected {expected.verdict}/{expected.reason} got {got}"
        if self.got and self.got.forms != expected.forms:
            told += f" as {_listed(self.got.forms)} not {_listed(expected.forms)}"
        return f"{told} rules {','.join(self.rules)}"


def run(suite: Suite) -> Iterator[Result]:
    """Each case in a workspace of its own that is rolled back, with the clock standing at the suite's now."""
    slug = f"conformance-{uuid.uuid4().hex[:12]}"
    workspace = accounts.create_workspace(slug, "A", now=suite.now, second_factor_required=False)
    for situation in suite.situations:
        with scratch(workspace.workspace_id, slug, suite.now) as shop:
            result = _result(situation, shop)
        yield result


def _result(situation: Situation, shop: Scratch) -> Result:
    try:
        return Result(situation, _PARTS[situation.case.kind](situation.case, shop))
    except UnknownWord as fault:
        return Result(situation, None, f"UNKNOWN_WORD line {situation.line}: {fault.hint}")
    except ShodakuError as fault:
        return Result(situation, None, f"{type(fault).__name__}: {fault.message} {fault.hint}".strip())
    except Exception as fault:  # noqa: BLE001 - one case that breaks must not hide the others
        return Result(situation, None, f"{type(fault).__name__}: {fault}")


def _agrees(got: Outcome, expected: Expected) -> bool:
    """Verdict, reason, and the set of `as`; alternatives stand as a|b."""
    if (got.verdict, got.reason) != (expected.verdict, expected.reason):
        return False
    return got.forms == expected.forms


def _listed(forms: frozenset[str]) -> str:
    return ",".join(sorted(forms)) or "none"
