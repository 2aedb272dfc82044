"""Which links of a campaign were followed, and how many opened it: of the people who allow measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from shodaku.campaigns import selectors
from shodaku.campaigns.selectors import Report
from shodaku.console.guard import Visitor
from shodaku.console.sorting import Direction, Head


class LinkOrder(StrEnum):
    PEOPLE = "people"
    CLICKS = "clicks"
    PROGRAMS = "programs"
    PLACE = "place"  # in the mail


@dataclass(frozen=True, slots=True)
class LinkLine:
    number: int  # from 1, as people count
    target: str
    people: int
    clicks: int
    programs: int


@dataclass(frozen=True, slots=True)
class Measured:
    lines: tuple[LinkLine, ...]
    clickers: int
    counts_clicks: bool
    counts_opens: bool
    opens: LinkLine  # of the picture that tells it


def measured(
    visitor: Visitor, campaign_id: int, report: Report | None, order: LinkOrder = LinkOrder.PEOPLE
) -> Measured | None:
    """None: nothing of this campaign is measured, or it was not counted yet."""
    targets, counts_opens = selectors.measuring(visitor.workspace_id, campaign_id)
    if report is None or not (targets or counts_opens):
        return None
    lines = [
        LinkLine(number + 1, target, *_figures(report, "link", str(number)))
        for number, target in enumerate(targets)
    ]
    lines.sort(key=ORDERS[order])
    opens = LinkLine(0, "", *_figures(report, "opens"))
    clickers = report.number("people", "clickers")
    return Measured(tuple(lines), clickers, bool(targets), counts_opens, opens)


ORDERS: Final[Mapping[LinkOrder, Callable[[LinkLine], tuple[int, ...]]]] = {
    LinkOrder.PEOPLE: lambda line: (-line.people, -line.clicks, line.number),
    LinkOrder.CLICKS: lambda line: (-line.clicks, -line.people, line.number),
    LinkOrder.PROGRAMS: lambda line: (-line.programs, line.number),
    LinkOrder.PLACE: lambda line: (line.number,),
}


def heads(here: str, order: LinkOrder) -> list[Head]:
    """Of the table; each column has one order: the most first, the links as they stand in the mail."""
    titles = {
        LinkOrder.PLACE: _("Link"),
        LinkOrder.PEOPLE: _("People"),
        LinkOrder.CLICKS: _("Clicks"),
        LinkOrder.PROGRAMS: _("By programs, not counted"),
    }
    return [
        Head(
            title,
            f"{here}?links={each.value}#h-clicks",
            _direction(each) if each is order else None,
            number=each is not LinkOrder.PLACE,
        )
        for each, title in titles.items()
    ]


def _direction(order: LinkOrder) -> Direction:
    return Direction.UP if order is LinkOrder.PLACE else Direction.DOWN


def _figures(report: Report, *name: str) -> tuple[int, int, int]:
    people, clicks, programs = (report.number(*name, each) for each in ("people", "clicks", "programs"))
    return people, clicks, programs


def head() -> list[str]:
    return [_("Number"), _("Link"), _("People"), _("Clicks"), _("By programs, not counted")]


def cells(found: Measured) -> list[list[str]]:
    """In the order of the message; the openings last, without a number."""
    rows = [
        [str(line.number), line.target, str(line.people), str(line.clicks), str(line.programs)]
        for line in sorted(found.lines, key=lambda line: line.number)
    ]
    if found.counts_opens:
        opens = found.opens
        rows.append(["", _("Opened (a hint)"), str(opens.people), str(opens.clicks), str(opens.programs)])
    return rows
