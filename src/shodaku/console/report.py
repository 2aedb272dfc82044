"""The report of a campaign as tables: each line has words, a number, and what it is a part of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shodaku.campaigns import selectors
from shodaku.campaigns.selectors import Report
from shodaku.console import bounce_words, words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.console.route_words import RECEIVERS
from shodaku.console.shares import share
from shodaku.console.trial import COLUMNS, TriedLine
from shodaku.delivery.domain import Result
from shodaku.suppression.domain import Scope

_TOTALS: Final = (  # by their name in the report
    ("total", _("People at the launch")),
    ("accepted", _("Handed over")),
    ("refused", _("Held back at the moment of sending")),
    ("stopped_in_time", _("Opted out just before and got nothing")),
    ("failed", _("Failed")),
    ("uncertain", _("Not certain")),
    ("returned", _("Came back later")),
    ("clickers", _("Followed a link")),
    ("opted_out", _("Opted out by this mail")),
    ("complaints", _("Reported it as spam")),
)
_VARIANT_COLUMNS: Final = {**dict(_TOTALS), "openers": _("Opened it, as far as one can tell")}
_BARS_MIN: Final = 12  # one broad bar would look like much
_BARS_MAX: Final = 24
_STEPS: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)  # of a chart, the finest that fits


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """Why mails were sent or not, or why people were held when it was launched."""

    told: words.Told
    people: int


@dataclass(frozen=True, slots=True)
class BounceLine:
    badge: words.Badge
    text: str
    follows: str
    people: int


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened from `at` until the next one."""

    at: datetime
    clicks: int
    opens: int


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    name: str
    handed: int
    failed: int
    uncertain: int
    returned: int
    complaints: int


@dataclass(frozen=True, slots=True)
class ComparedLine:
    name: str
    href: str
    at: datetime
    handed: int
    shares: tuple[tuple[int, str], ...]  # clicked, opted out, complained: people, and of the handed over
    current: bool


def reason_lines(report: Report) -> list[ReasonLine]:
    """Why, at the moment of sending; the most frequent first."""
    people: dict[str, int] = {}
    for reasons in report.rows("reason").values():
        for reason, count in reasons.items():
            people[reason] = people.get(reason, 0) + count
    return _by_number(people)


def held_lines(counted: Mapping[str, int]) -> list[ReasonLine]:
    return _by_number(counted)


def _by_number(people: Mapping[str, int]) -> list[ReasonLine]:
    ordered = sorted(people.items(), key=lambda each: (-each[1], each[0]))
    return [ReasonLine(words.told(reason), count) for reason, count in ordered if count]


def bounce_lines(report: Report) -> list[BounceLine]:
    """The gravest class first, in it the most frequent."""
    found = report.rows("bounce")
    return [
        _bounce_line(effect, reason, people)
        for effect in bounce_words.CLASSES
        for reason, people in sorted(found.get(effect, {}).items(), key=lambda each: -each[1])
    ]


def _bounce_line(effect: str, reason: str, people: int) -> BounceLine:
    said = str(bounce_words.REASONS.get(reason, reason))
    return BounceLine(bounce_words.CLASSES[effect], said, str(bounce_words.FOLLOWS[effect]), people)


def no_lines(report: Report) -> list[tuple[str, int, str]]:
    """What those who opted out by this mail wanted to end: in words, how many, and the value."""
    return [
        (str(words.NO_SCOPES[scope]), people, scope.value)
        for scope in (Scope.ALL, Scope.TOPIC, Scope.UNTIL)
        if (people := report.number("refusal", scope.value))
    ]


def bars(report: Report) -> list[Bar]:
    """When it was followed and opened, on the clock of the workspace; no gap is left out."""
    hours = sorted((datetime.fromisoformat(name), row) for name, row in report.rows("hour").items())
    if not hours:
        return []
    first, last = localtime(hours[0][0]), localtime(hours[-1][0])
    step = next((each for each in _STEPS if (last - first) / each < _BARS_MAX), _STEPS[-1])
    last = max(last, first + (_BARS_MIN - 1) * step)
    return [_bar(start, start + step, hours) for start in _starts(first, last, step)]


def _starts(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    start = first.replace(minute=0, second=0, microsecond=0)
    if step > timedelta(hours=1):
        start = start.replace(hour=0 if step >= timedelta(days=1) else start.hour // 6 * 6)
    while start <= last:
        yield start
        start += step


def _bar(start: datetime, end: datetime, hours: Sequence[tuple[datetime, Mapping[str, int]]]) -> Bar:
    within = [row for hour, row in hours if start <= hour < end]
    return Bar(start, sum(row.get("clicks", 0) for row in within), sum(row.get("opens", 0) for row in within))


def receiver_lines(report: Report) -> list[ReceiverLine]:
    """The largest receiver first."""
    lines = [
        ReceiverLine(
            str(RECEIVERS.get(group, group)),
            row.get(Result.ACCEPTED, 0),
            row.get(Result.FAILED, 0),
            row.get(Result.UNCERTAIN, 0),
            row.get("returned", 0),
            row.get("complaints", 0),
        )
        for group, row in report.rows("receiver").items()
    ]
    return sorted(lines, key=lambda line: (-line.handed, line.name))


def compared(visitor: Visitor, campaign: selectors.Campaign, report: Report) -> list[ComparedLine]:
    """Itself first, then the earlier ones of its topic; empty where there is none that was counted."""
    earlier = [each for each in selectors.earlier(visitor.workspace_id, campaign) if each.report is not None]
    if not earlier or campaign.launched_at is None:
        return []
    here = selectors.Earlier(campaign.campaign_id, campaign.name, campaign.launched_at, report)
    return [
        _compared(visitor, each, each.report, current=each is here)
        for each in (here, *earlier)
        if each.report is not None
    ]


def _compared(visitor: Visitor, each: selectors.Earlier, report: Report, *, current: bool) -> ComparedLine:
    handed = report.number("people", "accepted")
    numbers = [report.number("people", name) for name in ("clickers", "opted_out", "complaints")]
    return ComparedLine(
        each.name,
        place(visitor, "campaign_report", each.campaign_id),
        each.launched_at,
        handed,
        tuple((number, share(number, handed)) for number in numbers),
        current,
    )


def head() -> list[str]:
    return [gettext("Part of the report"), gettext("What"), gettext("People")]


def cells(
    report: Report,
    held: Mapping[str, int],
    targets: Sequence[str],
    coupons: Mapping[str, int],
    tried: Sequence[TriedLine],
) -> list[list[str]]:
    """All of it, one number a line."""
    sent_why = [(str(line.told.text), line.people) for line in reason_lines(report)]
    held_why = [(str(line.told.text), line.people) for line in held_lines(held)]
    came_back = [(f"{line.badge.text}: {line.text}", line.people) for line in bounce_lines(report)]
    return [
        *_rows(gettext("Altogether"), [(str(name), report.number("people", key)) for key, name in _TOTALS]),
        *_rows(gettext("Held back when it was launched"), held_why),
        *_rows(gettext("Why, at the moment of sending"), sent_why),
        *_rows(gettext("Came back"), came_back),
        *_rows(gettext("Opted out"), [(name, people) for name, people, _scope in no_lines(report)]),
        *_rows(gettext("Links that were followed"), _link_rows(report, targets)),
        *_rows(gettext("Coupons that were used"), list(coupons.items())),
        *_rows(gettext("By receiving domain"), [(line.name, line.handed) for line in receiver_lines(report)]),
        *(row for line in tried for row in _rows(_variant(line), _variant_rows(line))),
    ]


def _variant(line: TriedLine) -> str:
    if not line.others:
        return gettext("Variant %(letter)s") % {"letter": line.letter}
    if not line.letter:
        return gettext("The others, who wait")
    return gettext("The others, who got %(letter)s") % {"letter": line.letter}


def _variant_rows(line: TriedLine) -> list[tuple[str, int]]:
    return [(str(_VARIANT_COLUMNS[name]), line.numbers[name]) for name in COLUMNS]


def _rows(part: str, lines: Sequence[tuple[str, int]]) -> list[list[str]]:
    return [[part, name, str(people)] for name, people in lines]


def _link_rows(report: Report, targets: Sequence[str]) -> list[tuple[str, int]]:
    return [(target, report.number("link", str(number), "people")) for number, target in enumerate(targets)]
