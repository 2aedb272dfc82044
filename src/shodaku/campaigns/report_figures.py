"""What is known of a campaign after its launch: numbers by name, and no person. Pure.

A name is made of parts with a slash between them: `people/accepted`, `receiver/gmail/returned`,
`link/0/clicks`, `hour/2026-11-26T10:00+00:00/clicks`, `variant/2/clickers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

OTHERS: Final = "others"  # in place of the number of a variant: who waited for the decision
REPORT_DAYS: Final = 42  # so long after the launch it is counted again and again; then it stays
_RUNNING: Final = timedelta(minutes=1)
_EVERY: Final = (  # younger than this: counted again after that
    (timedelta(days=1), timedelta(minutes=10)),
    (timedelta(days=7), timedelta(hours=1)),
    (timedelta(days=REPORT_DAYS), timedelta(days=1)),
)
_PAUSES_MIN: Final = 20  # counting takes at most a twentieth of the time: a large one is counted less often


@dataclass(frozen=True, slots=True)
class Report:
    counts: Mapping[str, int]
    at: datetime  # when it was counted
    ended: bool  # nothing of it was on its way then

    def number(self, *parts: str) -> int:
        """0 for what was never counted."""
        return self.counts.get("/".join(parts), 0)

    def numbers(self, section: str) -> dict[str, int]:
        """Of the names `section/name`."""
        return {name: number for (name, *more), number in self._under(section) if not more}

    def rows(self, section: str) -> dict[str, dict[str, int]]:
        """Of the names `section/row/column`: row -> column -> number."""
        table: dict[str, dict[str, int]] = {}
        for (row, *column), number in self._under(section):
            if column:
                table.setdefault(row, {})[column[0]] = number
        return table

    def _under(self, section: str) -> Iterator[tuple[list[str], int]]:
        for name, number in self.counts.items():
            first, *rest = name.split("/")
            if first == section and rest:
                yield rest, number


def merged(before: Report | None, now: Report) -> Report:
    """No figure gets smaller: who is erased leaves no row to count, and was there all the same.

    What is decided of people is counted where nothing is erased, and only goes up.
    """
    if before is None:
        return now
    names = before.counts.keys() | now.counts.keys()
    counts = {name: max(before.counts.get(name, 0), now.counts.get(name, 0)) for name in names}
    counts["people/waiting"] = now.number("people", "waiting")
    return Report(counts, now.at, now.ended)


def due_after(age: timedelta, took: timedelta, *, ended: bool) -> timedelta | None:
    """How long a count holds; None: it is the last one. `age` since it started, `took` to count it."""
    pause = None if ended else _RUNNING
    for younger, every in _EVERY:
        if pause is None and age < younger:
            pause = every
    return None if pause is None or age >= timedelta(days=REPORT_DAYS) else max(pause, _PAUSES_MIN * took)


def document(report: Report, targets: Sequence[str], held: Mapping[str, int]) -> dict[str, Any]:
    """The report for programs: the same names in the interface and the command. `targets` of its links, in
    their order; `held` when it was launched, reason -> people.
    """
    return {
        "counted_at": report.at,
        "ended": report.ended,
        "people": report.numbers("people"),
        "held_at_launch": dict(held),
        "reasons": [
            {"outcome": outcome, "reason": reason, "people": people}
            for outcome, reasons in report.rows("reason").items()
            for reason, people in reasons.items()
        ],
        "bounces": [
            {"class": effect, "reason": reason, "people": people}
            for effect, reasons in report.rows("bounce").items()
            for reason, people in reasons.items()
        ],
        "opt_outs": report.numbers("refusal"),
        "links": [{"target": target, **_hits(report, "link", str(at))} for at, target in enumerate(targets)],
        "opens": _hits(report, "opens") if "opens/people" in report.counts else None,
        "hours": [{"hour": hour, **numbers} for hour, numbers in sorted(report.rows("hour").items())],
        "receivers": report.rows("receiver"),
        "variants": [
            {"variant": name, **numbers} for name, numbers in sorted(report.rows("variant").items())
        ],
    }


def _hits(report: Report, *name: str) -> dict[str, int]:
    return {each: report.number(*name, each) for each in ("people", "clicks", "programs")}
