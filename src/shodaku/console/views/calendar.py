"""What goes when: one month, which stands in the URL, as a page and as a file for other calendars."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.happenings import Happening, happenings
from shodaku.console.icalendar import Entry, calendar_file
from shodaku.console.months import Month, month_of, parse_month
from shodaku.kit import clock, runtime


@dataclass(frozen=True, slots=True)
class Cell:
    day: date | None  # None: of another month
    weekday: str
    today: bool
    happenings: list[Happening]


@require_safe
@allowed(Act.READ)
def calendar(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    zone, now = ZoneInfo(visitor.workspace.timezone), clock.now()
    today = now.astimezone(zone).date()
    month = _asked(request, today)
    found = happenings(visitor, month.span(zone), zone, now=now)
    context = {
        "month": month,
        "weekdays": _weekdays(),
        "weeks": _weeks(month, found, today),
        "found": found,
        "previous_href": _href(visitor, month.previous),
        "next_href": _href(visitor, month.next),
        "today_href": "" if month == month_of(today) else place(visitor, "calendar"),
        "file_href": f"{place(visitor, 'calendar_file')}?{urlencode({'month': str(month)})}",
        "zone": zone.key,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
    }
    return show(request, visitor, "console/calendar.html", context, current="calendar")


@require_safe
@allowed(Act.READ)
def calendar_download(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same month. It names campaigns and numbers, and nobody."""
    zone, now = ZoneInfo(visitor.workspace.timezone), clock.now()
    month = _asked(request, now.astimezone(zone).date())
    base = runtime.current().public_url
    entries = [
        Entry(
            f"{each.key}@{visitor.workspace.slug}.shodaku",
            each.at or each.on_day,
            f"{each.badge.text}: {each.title}",
            base + each.href,
        )
        for each in happenings(visitor, month.span(zone), zone, now=now)
    ]
    response = HttpResponse(calendar_file(entries, now), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="shodaku-{month}.ics"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _asked(request: HttpRequest, today: date) -> Month:
    """What is no month is this one: anybody may have typed it into the URL."""
    return parse_month(request.GET.get("month", "")) or Month(today.year, today.month)


def _href(visitor: Visitor, month: Month | None) -> str:
    return f"{place(visitor, 'calendar')}?{urlencode({'month': str(month)})}" if month else ""


def _weekdays() -> list[tuple[str, str]]:
    """Short and whole, from Sunday."""
    return [
        (pgettext("short weekday", "Sun"), _("Sunday")),
        (pgettext("short weekday", "Mon"), _("Monday")),
        (pgettext("short weekday", "Tue"), _("Tuesday")),
        (pgettext("short weekday", "Wed"), _("Wednesday")),
        (pgettext("short weekday", "Thu"), _("Thursday")),
        (pgettext("short weekday", "Fri"), _("Friday")),
        (pgettext("short weekday", "Sat"), _("Saturday")),
    ]


def _weeks(month: Month, found: list[Happening], today: date) -> list[list[Cell]]:
    by_day: dict[date, list[Happening]] = defaultdict(list)
    for each in found:
        by_day[each.on_day].append(each)
    names = [short for short, _whole in _weekdays()]
    return [
        [
            Cell(day, name, day == today, by_day.get(day, []) if day else [])
            for day, name in zip(week, names, strict=True)
        ]
        for week in month.weeks()
    ]
