"""May we write to this person? Each class of message, topic and channel, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.console import words
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.views.person import topic_titles
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.policy.domain import Rule, explain, rules

TOPICS_SHOWN: Final = 4  # each up to two tables of a hundred parts; a page keeps within 1,500


@dataclass(frozen=True, slots=True)
class Line:
    """One class of message: a row of a table."""

    title: str | Promise
    word: words.Badge
    icon: str
    told: words.Told
    other_language: str
    other_text: str
    forms: list[str | Promise]
    since: datetime | None
    until: datetime | None
    entry_id: int | None
    rules: list[Rule]
    used: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """One topic on one channel: a table."""

    title: str
    channel: str
    lines: list[Line]


@require_safe
@allowed(Act.READ)
def standing(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    person = contacts.contact(visitor.workspace_id, contact_id)
    if person is None:
        return show(request, visitor, "console/contact_gone.html", {}, current="contacts", status=404)
    after = row_id(request.GET.get("after", ""))
    found = delivery.standing(
        visitor.workspace_id, contact_id, now=clock.now(), after=after, topics_max=TOPICS_SHOWN
    )
    context = {
        "person": person,
        "addresses": contacts.addresses(visitor.workspace_id, contact_id),
        "groups": _groups(visitor.workspace_id, found.answers),
        "left_out": found.topics_left_out,
        **_pages(visitor, contact_id, found, after),
        "pack": found.answers[0].pack if found.answers else "",
        "person_href": place(visitor, "contact", contact_id),
    }
    with timezone.override(ZoneInfo(visitor.workspace.timezone)):
        return show(request, visitor, "console/standing.html", context, current="contacts")


def _pages(visitor: Visitor, contact_id: int, found: delivery.Standing, after: int | None) -> dict[str, str]:
    here = place(visitor, "standing", contact_id)
    shown = [each.topic_id for each in found.answers if each.topic_id is not None]
    return {
        "next_href": f"{here}?after={shown[-1]}" if found.topics_left_out else "",
        "previous_href": here if after is not None else "",
    }


def _groups(workspace_id: int, answers: Iterable[delivery.Answer]) -> list[Group]:
    titles = topic_titles(workspace_id)
    return [
        Group(
            _("Every topic") if topic_id is None else titles.get(topic_id, _("a former topic")),
            "SMS" if channel is Channel.SMS else _("E-mail"),
            [_line(each) for each in some],
        )
        for (topic_id, channel), some in groupby(answers, key=lambda each: (each.topic_id, each.channel))
    ]


def _line(answer: delivery.Answer) -> Line:
    english = get_language() == "en"
    stated = explain(answer.reason)
    badge, icon = words.ANSWERS[answer.word]
    return Line(
        words.CLASSES[answer.message_class],
        badge,
        icon,
        words.told(answer.reason.value),
        "ja" if english else "en",
        stated.ja if english else stated.en,
        [words.FORMS[each] for each in answer.forms],
        answer.since,
        answer.until,
        answer.entry_id,
        [rules()[each] for each in answer.rules],
        [each.en if english else each.ja for each in answer.used],
    )
