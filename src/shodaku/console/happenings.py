"""What goes when, of one span of time: campaigns, and the clocks of consents where they are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shodaku.campaigns import selectors as campaigns
from shodaku.consent import selectors as consent
from shodaku.console import words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.journeys import selectors as clocks
from shodaku.kit.ui.templatetags.ui import num


@dataclass(frozen=True, slots=True)
class Happening:
    key: str  # stays the same for the same thing
    on_day: date  # on the clock of the workspace
    at: datetime | None  # None: all day
    title: str
    badge: words.Badge
    href: str


def happenings(
    visitor: Visitor, span: tuple[datetime, datetime], zone: ZoneInfo, *, now: datetime
) -> list[Happening]:
    """By day; what has a time by that, before what is of the whole day."""
    found = [
        *_campaigns(visitor, span, zone, now),
        *_answers(visitor, span, zone),
        *_ends(visitor, span, zone),
    ]
    return sorted(found, key=lambda each: (each.on_day, each.at is None, each.at or now))


def _campaigns(
    visitor: Visitor, span: tuple[datetime, datetime], zone: ZoneInfo, now: datetime
) -> list[Happening]:
    return [
        Happening(
            f"campaign-{each.campaign_id}",
            each.at.astimezone(zone).date(),
            each.at.astimezone(zone),
            each.name or each.subject,
            words.CAMPAIGN_STATES[each.state],
            place(visitor, _page_of(each.state), each.campaign_id),
        )
        for each in campaigns.between(visitor.workspace_id, *span, now=now)
    ]


def _page_of(state: str) -> str:
    return "campaign_report" if state == "done" else "campaign"


def _answers(visitor: Visitor, span: tuple[datetime, datetime], zone: ZoneInfo) -> list[Happening]:
    badge = words.Badge("wait", _("Time to answer ends"))
    return [
        Happening(
            f"answers-{each.on_day}",
            each.on_day,
            None,
            ngettext(
                "Last day to answer for %(shown)s person who was asked whether to go on",
                "Last day to answer for %(shown)s people who were asked whether to go on",
                each.people,
            )
            % {"shown": num(each.people)},
            badge,
            place(visitor, "contacts"),
        )
        for each in clocks.answers_due(visitor.workspace_id, zone, *span)
    ]


def _ends(visitor: Visitor, span: tuple[datetime, datetime], zone: ZoneInfo) -> list[Happening]:
    badge = words.Badge("wait", _("Consents end"))
    found, _more = consent.ending(visitor.workspace_id, zone, *span)
    return [
        Happening(
            f"ends-{each.on_day}",
            each.on_day,
            None,
            ngettext("%(shown)s consent ends", "%(shown)s consents end", each.consents)
            % {"shown": num(each.consents)},
            badge,
            place(visitor, "topics"),
        )
        for each in found
    ]
