"""Segments: the list, the sentence builder with its live count, the numbers of its people as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.console import people, words
from shodaku.console.acts import record
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.people import PersonLine
from shodaku.console.segment_form import TITLES, Builder, Offered, Row, field_names
from shodaku.console.views.person import offered_titles, topic_titles
from shodaku.console.words import Told, Words
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.ledger.domain import Value
from shodaku.policy.domain import Permit
from shodaku.segments import selectors, services
from shodaku.segments.domain import Names, compile_expression, describe_expression

_FAULTS: Final[Words] = {
    services.SegmentNameFault.code: gettext_lazy("Enter a name of at most 80 characters."),
    services.SegmentExists.code: gettext_lazy(
        "There is a segment of this name already. Choose another name."
    ),
    services.SegmentChanged.code: gettext_lazy(
        "Somebody saved this segment meanwhile. What you typed is still here: look at the newest version in "
        "another window, then save again to make yours the newest."
    ),
    services.SegmentArchived.code: gettext_lazy("This segment was put away. Make a new one."),
    services.TooManySegments.code: gettext_lazy(
        "A workspace has at most 200 segments. Put one away that is not used any more."
    ),
}
_AT_NAME: Final = {services.SegmentNameFault.code, services.SegmentExists.code}


@require_safe
@allowed(Act.READ)
def segments(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    names, staff = names_of(visitor), _staff(visitor)
    rows = [
        (
            each,
            describe_expression(each.expression, get_language() or "ja", names),
            _saver(each.saved_by, staff),
        )
        for each in selectors.segments(visitor.workspace_id)
    ]
    context = {"rows": rows, "may_write": may(visitor.role, Act.WRITE_CAMPAIGN)}
    return show(request, visitor, "console/segments.html", context, current="segments")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return _editor(request, visitor, Builder(), None)
    return _pressed(request, visitor, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def segment(request: HttpRequest, visitor: Visitor, segment_id: int) -> HttpResponse:
    kept = _found(visitor, segment_id)
    if request.method != "POST":
        return _editor(request, visitor, Builder.of(kept.name, kept.expression, kept.version), kept)
    forbid(visitor, Act.WRITE_CAMPAIGN)
    return _pressed(request, visitor, kept)


@require_POST
@allowed(Act.READ)
def look(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How many they are, as the form stands; nothing is saved. The part of the page that htmx asks for."""
    builder = Builder.posted(request.POST)
    context = {"found": _look(visitor, builder), "builder": builder}
    return show(request, visitor, "console/_segment_found.html", context, current="segments")


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def archive(request: HttpRequest, visitor: Visitor, segment_id: int) -> HttpResponse:
    kept = _found(visitor, segment_id)
    if services.archive(visitor.workspace_id, segment_id, by=_by(visitor), now=clock.now()):
        messages.success(
            request, _("“%(name)s” was put away. Drafts that use it go on.") % {"name": kept.name}
        )
    return redirect(place(visitor, "segments"))


@require_POST
@allowed(Act.READ)
def people_file(_request: HttpRequest, visitor: Visitor, segment_id: int) -> HttpResponse:
    """Numbers in place of names; who took them along is in the ledger, so it is no GET."""
    kept = _found(visitor, segment_id)
    cells = [[str(contact_id)] for contact_id in _everybody(visitor.workspace_id, kept)]
    taken: dict[str, Value] = {
        "what": "segment", "segment": kept.segment_id, "version": kept.version, "rows": len(cells),
    }  # fmt: skip
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer([_("Contact")], cells, f"segment-{segment_id}-{kept.version}.csv")


def names_of(visitor: Visitor) -> Names:
    """What topics, campaigns and segments in conditions are called."""
    sent = campaigns.campaigns(visitor.workspace_id)
    return Names(
        topic_titles(visitor.workspace_id),
        {each.mailing_id: each.name for each in sent if each.mailing_id},
        {each.segment_id: each.name for each in selectors.segments(visitor.workspace_id)},
        {each.code: each.name for each in contacts.products(visitor.workspace_id)},
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Who is meant, as far as one looks while somebody waits."""

    sentence: str
    counted: delivery.Glance | None = None
    topic: str = ""  # for which it was asked who may be written to; empty: there is none
    sample: tuple[tuple[PersonLine, Told | None], ...] = ()  # with the reason of who is held
    trouble: str = ""


def _pressed(request: HttpRequest, visitor: Visitor, kept: selectors.Segment | None) -> HttpResponse:
    builder, pressed = Builder.posted(request.POST), request.POST.get("do", "")
    if pressed == "save":
        return _save(request, visitor, builder, kept)
    builder.act(pressed, request.POST)
    found = _look(visitor, builder) if pressed == "look" else None
    return _editor(request, visitor, builder, kept, found)


def _save(
    request: HttpRequest, visitor: Visitor, builder: Builder, kept: selectors.Segment | None
) -> HttpResponse:
    expression = builder.read()
    if expression is None:
        return _editor(request, visitor, builder, kept)
    now, by = clock.now(), _by(visitor)
    try:
        if kept is None:
            services.create(visitor.workspace_id, builder.name, expression, by=by, now=now)
        else:
            services.change(
                visitor.workspace_id, kept.segment_id, builder.name, expression,
                by=by, now=now, seen=builder.seen,
            )  # fmt: skip
    except (
        services.SegmentNameFault,
        services.SegmentExists,
        services.SegmentChanged,
        services.SegmentArchived,
        services.TooManySegments,
    ) as fault:
        builder.errors.append(("name" if fault.code in _AT_NAME else "", str(_FAULTS[fault.code])))
        if kept is not None and fault.code == services.SegmentChanged.code:
            builder.seen = _found(visitor, kept.segment_id).version
        return _editor(request, visitor, builder, kept)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "segments"))


def _look(visitor: Visitor, builder: Builder) -> Found | None:
    expression = builder.read()
    if expression is None:
        return None
    titles = offered_titles(visitor.workspace_id)
    sentence = describe_expression(expression, get_language() or "ja", names_of(visitor))
    if not titles:
        return Found(sentence, trouble=_("Create a topic first: it says what people agreed to."))
    topic_id = builder.topic_id if builder.topic_id in titles else next(iter(titles))
    question = delivery.question_of_topic(visitor.workspace_id, topic_id)
    try:
        counted = delivery.glance(
            visitor.workspace_id, question, compile_expression(expression), now=clock.now()
        )
    except delivery.GlanceTooLong:
        slow = _("Counting these takes too long here. The check before sending counts everybody.")
        return Found(sentence, trouble=slow)
    return Found(sentence, counted, titles[topic_id], _sample(visitor, counted))


def _sample(visitor: Visitor, counted: delivery.Glance) -> tuple[tuple[PersonLine, Told | None], ...]:
    lines = people.lines(visitor.workspace_id, [each.contact_id for each in counted.sample])
    return tuple(
        (
            lines[each.contact_id],
            None if isinstance(each.verdicts[0], Permit) else words.told(each.verdicts[0].reason.value),
        )
        for each in counted.sample
        if each.contact_id in lines
    )


def _editor(
    request: HttpRequest,
    visitor: Visitor,
    builder: Builder,
    kept: selectors.Segment | None,
    found: Found | None = None,
) -> HttpResponse:
    titles = offered_titles(visitor.workspace_id)
    staff, names = _staff(visitor), names_of(visitor)
    language = get_language() or "ja"
    context = {
        "builder": builder,
        "segment": kept,
        "parts": _parts(visitor, builder),
        "kinds": [(kind, str(title)) for kind, title in TITLES.items()],
        "topics": list(titles.items()),
        "found": found,
        "versions": [
            (each, describe_expression(each.expression, language, names), _saver(each.saved_by, staff))
            for each in selectors.versions(visitor.workspace_id, kept.segment_id)
        ]
        if kept
        else [],
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN) and (kept is None or kept.archived_at is None),
    }
    status = 422 if builder.errors else 200
    return show(request, visitor, "console/segment.html", context, current="segments", status=status)


@dataclass(frozen=True, slots=True)
class _Line:
    """A condition with what can be chosen for it."""

    key: str
    row: Row
    choices: Any  # pairs of value and title
    fields: list[tuple[str, str]]


def _parts(visitor: Visitor, builder: Builder) -> list[tuple[int, str, list[_Line]]]:
    offered = Offered(
        [(str(topic_id), title) for topic_id, title in offered_titles(visitor.workspace_id).items()],
        [
            (str(each.mailing_id), each.name)
            for each in campaigns.campaigns(visitor.workspace_id)
            if each.mailing_id and each.click_links
        ],
        [(each.code, each.name) for each in contacts.products(visitor.workspace_id)],
        {str(topic_id): title for topic_id, title in topic_titles(visitor.workspace_id).items()},
    )
    return [
        (
            number,
            part.match,
            [
                _Line(f"g{number}-{at}", row, offered.of(row), field_names(row))
                for at, row in enumerate(part.rows)
            ],
        )
        for number, part in enumerate(builder.parts)
    ]


def _everybody(workspace_id: int, kept: selectors.Segment) -> Iterator[int]:
    where, after = compile_expression(kept.expression), 0
    while page := delivery.named(workspace_id, Channel.EMAIL, where, after=after):
        yield from page
        after = page[-1]


def _found(visitor: Visitor, segment_id: int) -> selectors.Segment:
    """Raises Http404."""
    found = selectors.segment(visitor.workspace_id, segment_id)
    if found is None:
        raise Http404
    return found


def _staff(visitor: Visitor) -> dict[str, str]:
    return {f"staff:{each.staff_id}": each.name for each in accounts.staff(visitor.workspace_id)}


def _saver(saved_by: str, staff: dict[str, str]) -> str:
    if saved_by.startswith("api:"):
        return _("Program %(key)s") % {"key": saved_by.removeprefix("api:")}
    return staff.get(saved_by, _("Command line") if saved_by == "command line" else "")


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
