"""One act on many people of the list: chosen, shown in numbers, begun with a second press, watched, told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.campaigns.domain import needs_second_person
from shodaku.consent.domain import Method
from shodaku.console import words
from shodaku.console.acts import record
from shodaku.console.bulk_forms import BulkForm
from shodaku.console.download import csv_answer, csv_stream
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.people_filter import SOUGHT_PEOPLE_MAX, PeopleFilter, TooMany
from shodaku.console.views.contacts import sought_text
from shodaku.console.views.person import topic_titles
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.journeys.domain import NotAsked
from shodaku.kit import clock
from shodaku.kit.ui.templatetags.ui import mask, num
from shodaku.ledger.domain import Value
from shodaku.optout import selectors
from shodaku.optout import services as optout
from shodaku.optout.selectors import Bulk
from shodaku.optout.services import BulkAct, BulkState
from shodaku.policy.domain import Reason
from shodaku.segments.domain import Narrowing

UNPROCESSABLE: Final = 422


@require_POST
@allowed(Act.STOP)
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The first press changes nobody: it keeps who is meant, and leads to the preview."""
    narrowed = PeopleFilter.read(request.GET, topic_titles(visitor.workspace_id))
    act = _act(visitor, request.POST.get("do", ""))
    back = f"{place(visitor, 'contacts')}{narrowed.query()}"
    if act is None:
        return redirect(back)
    _require(visitor, act)
    if request.POST.get("whom") == "found":
        return _choose_found(request, visitor, act, narrowed)
    ticked = [number for each in request.POST.getlist("id") if (number := row_id(each)) is not None]
    if not ticked:
        messages.error(request, _("Nobody is ticked. Tick the people first; nothing was changed."))
        return redirect(back)
    try:
        bulk_id = optout.choose_ticked(
            visitor.workspace_id, act, ticked, staff_id=visitor.staff_id, now=clock.now()
        )
    except optout.TooManyTicked:
        messages.error(
            request,
            _("At most %(most)s people can be ticked at once. Tick fewer; nothing was changed.")
            % {"most": optout.TICKED_PEOPLE_MAX},
        )
        return redirect(back)
    return redirect(place(visitor, "bulk", bulk_id))


def _choose_found(
    request: HttpRequest, visitor: Visitor, act: BulkAct, narrowed: PeopleFilter
) -> HttpResponse:
    """A list that is only read may be the whole one, or what a search found: its text is kept nowhere."""
    exports, sought = act is BulkAct.EXPORT, sought_text(request)
    back = f"{place(visitor, 'contacts')}{narrowed.query()}"
    if not exports and not narrowed.narrows:
        messages.error(request, _("Narrow the list down first; nobody was chosen."))
        return redirect(back)
    if not (exports and sought):
        bulk_id = optout.choose_found(
            visitor.workspace_id, act, narrowed.narrowing, staff_id=visitor.staff_id, now=clock.now()
        )
        return redirect(place(visitor, "bulk", bulk_id))
    try:
        people = narrowed.sought(visitor.workspace_id, sought)
    except TooMany:
        messages.error(
            request,
            _("More than %(most)s people are found. Narrow the list down, then export it.")
            % {"most": num(SOUGHT_PEOPLE_MAX)},
        )
        return redirect(back)
    bulk_id = optout.choose_listed(
        visitor.workspace_id, act, people, staff_id=visitor.staff_id, now=clock.now()
    )
    return redirect(place(visitor, "bulk", bulk_id))


@require_safe
@allowed(Act.READ)
def bulk(request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    """At whatever step it is."""
    return _page(request, visitor, _found(visitor, bulk_id))


@require_POST
@allowed(Act.STOP)
def begin(request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    """The second press; pressed twice, it is one act."""
    found = _found(visitor, bulk_id)
    _require(visitor, BulkAct(found.act))
    if found.act == BulkAct.EXPORT:  # nothing is begun: see people_file
        return redirect(place(visitor, "bulk", bulk_id))
    form = BulkForm(request.POST, act=BulkAct(found.act))
    if found.state != BulkState.CHOSEN:
        return redirect(place(visitor, "bulk", bulk_id))
    if not form.is_valid() or _needs_another(visitor, found):
        return _page(request, visitor, found, form, status=UNPROCESSABLE)
    via = Method(form.cleaned_data.get("via", Method.STAFF))
    optout.begin_bulk(visitor.workspace_id, bulk_id, via, staff_id=visitor.staff_id, now=clock.now())
    return redirect(place(visitor, "bulk", bulk_id))


@require_POST
@allowed(Act.EXPORT)
def people_file(_request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponseBase:
    """Who was chosen, a page at a time; addresses in full only for those roles that may see them."""
    _found(visitor, bulk_id)
    in_full = may(visitor.role, Act.REVEAL)
    taken = optout.export(
        visitor.workspace_id, bulk_id, in_full=in_full, staff_id=visitor.staff_id, now=clock.now()
    )
    if not taken:
        return redirect(place(visitor, "bulk", bulk_id))
    head = [_("Contact"), _("Name"), _("Reading"), _("Company"), _("Address"), _("Known since")]
    return csv_stream(
        head, _people(visitor.workspace_id, bulk_id, in_full=in_full), f"contacts-{bulk_id}.csv"
    )


def _people(workspace_id: int, bulk_id: int, *, in_full: bool) -> Iterator[list[list[str]]]:
    for page in selectors.exported(workspace_id, bulk_id):
        found = contacts.lines(workspace_id, page, Channel.EMAIL)
        yield [_cells(found[each], in_full=in_full) for each in page if each in found]


def _cells(person: contacts.Line, *, in_full: bool) -> list[str]:
    address = person.address or ""
    return [
        str(person.contact_id),
        person.name,
        person.kana or "",
        person.company or "",
        address if in_full or not address else mask(address),
        localtime(person.created_at).date().isoformat(),
    ]


def _needs_another(visitor: Visitor, found: Bulk) -> bool:
    """Questions to more people than the workspace lets one person launch to: another one has to press."""
    above = accounts.two_persons_above(visitor.workspace_id)
    many = above is not None and needs_second_person(found.people_to_change, above)
    return found.act == BulkAct.ASK and many and found.chosen_by == visitor.staff_id


@require_POST
@allowed(Act.STOP)
def pause(_request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    _require(visitor, BulkAct(_found(visitor, bulk_id).act))
    optout.pause_bulk(visitor.workspace_id, bulk_id)
    return redirect(place(visitor, "bulk", bulk_id))


@require_POST
@allowed(Act.STOP)
def resume(_request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    _require(visitor, BulkAct(_found(visitor, bulk_id).act))
    optout.resume_bulk(visitor.workspace_id, bulk_id, now=clock.now())
    return redirect(place(visitor, "bulk", bulk_id))


@require_POST
@allowed(Act.STOP)
def discard(request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    """Before it began nobody was changed, so nothing is lost."""
    found = _found(visitor, bulk_id)
    if not optout.throw_bulk_away(visitor.workspace_id, bulk_id):
        return redirect(place(visitor, "bulk", bulk_id))
    messages.info(request, _("Thrown away. Nobody was changed."))
    return redirect(_list_href(visitor, found))


@require_safe
@allowed(Act.READ)
def progress(request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    """The bar alone, for the page that asks every two seconds, and at the end the word to show the answer."""
    found = _found(visitor, bulk_id)
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "bulk", bulk_id))
    if not found.moves:
        return HttpResponseClientRefresh()
    return show(request, visitor, "console/_bulk_progress.html", _moving(visitor, found), current="contacts")


@require_POST
@allowed(Act.READ)
def left_out_file(_request: HttpRequest, visitor: Visitor, bulk_id: int) -> HttpResponse:
    """Of whom nothing was changed, by number and with the reason in both languages; no name, no address."""
    found = _found(visitor, bulk_id)
    people = selectors.left_out(visitor.workspace_id, bulk_id)
    taken: dict[str, Value] = {"what": "bulk", "bulk": str(bulk_id), "rows": len(people)}
    record(visitor, "admin.exported", taken, clock.now())
    act = BulkAct(found.act)
    return csv_answer(
        [_("Contact"), "日本語", "English"],
        ([str(each.contact_id), *_left_out(act, each.reason)] for each in people),
        f"left-out-{bulk_id}.csv",
    )


def _left_out(act: BulkAct, reason: str | None) -> tuple[str, str]:
    """Why nothing was done, in Japanese and English."""
    if act is not BulkAct.ASK:
        return _LEFT_OUT[act]
    said = []
    for language in ("ja", "en"):
        with translation.override(language):
            said.append(why_not_asked(reason or ""))
    return said[0], said[1]


def why_not_asked(reason: str) -> str:
    if reason in set(NotAsked):
        return str(_NOT_ASKED[NotAsked(reason)])
    return str(words.told(Reason(reason)).text) if reason in set(Reason) else reason


_NOT_ASKED: Final = {
    NotAsked.NOT_DUE: gettext_lazy("Nothing ends within 30 days, and the silence is not long enough yet."),
    NotAsked.ASKED: gettext_lazy("Asked since the last yes. A second question may not follow."),
}
_LEFT_OUT: Final = {
    BulkAct.STOP: (
        "この人の広告は、すべて以前に停止されていました。前の記録がそのまま残ります。",
        "This person had stopped all advertising before. That record stays as it is.",
    ),
    BulkAct.ERASE: (
        "この人の消去は、すでに始まっていました。",
        "This person was being erased already.",
    ),
}


def _act(visitor: Visitor, said: str) -> BulkAct | None:
    """Where the rule of the workspace is to erase, a total no erases, here as on every page."""
    if said not in set(BulkAct):
        return None
    erases = visitor.workspace.on_opt_out == OptOutRule.ERASE
    return BulkAct.ERASE if erases and said == BulkAct.STOP else BulkAct(said)


def _require(visitor: Visitor, act: BulkAct) -> None:
    """As for one person; a no may be written down by every role, a mail to many be sent by few."""
    if _NEEDS[act] is not Act.STOP:
        forbid(visitor, _NEEDS[act])


_NEEDS: Final = {
    BulkAct.STOP: Act.STOP,
    BulkAct.ERASE: Act.ERASE,
    BulkAct.ASK: Act.LAUNCH,
    BulkAct.EXPORT: Act.EXPORT,
}


def _found(visitor: Visitor, bulk_id: int) -> Bulk:
    found = selectors.bulk(visitor.workspace_id, bulk_id)
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, visitor: Visitor, found: Bulk, form: BulkForm | None = None, *, status: int = 200
) -> HttpResponse:
    act = BulkAct(found.act)
    context = {
        **_moving(visitor, found),
        "erases": act is BulkAct.ERASE,
        "asks": act is BulkAct.ASK,
        "exports": act is BulkAct.EXPORT,
        "in_full": may(visitor.role, Act.REVEAL),
        "title": words.BULK_ACTS[act],
        "may_begin": may(visitor.role, _NEEDS[act]),
        "needs_another": _needs_another(visitor, found),
        "not_asked": sorted(((why_not_asked(each), n) for each, n in found.reasons.items()), key=_most),
        "form": form or BulkForm(act=act),
        "list_href": _list_href(visitor, found),
        "people_max": optout.EXPORT_PEOPLE_MAX if act is BulkAct.EXPORT else optout.BULK_PEOPLE_MAX,
    }
    return show(request, visitor, "console/bulk.html", context, current="contacts", status=status)


def _most(line: tuple[str, int]) -> tuple[int, str]:
    return -line[1], line[0]


def _moving(visitor: Visitor, found: Bulk) -> dict[str, Any]:
    return {
        "bulk": found,
        "ends_at": found.ends_at(clock.now()),
        "poll_href": place(visitor, "bulk_progress", found.bulk_id) if found.moves else "",
    }


def _list_href(visitor: Visitor, found: Bulk) -> str:
    """The list as it was narrowed down when they were chosen."""
    narrowed = PeopleFilter()
    if found.narrowed is not None:
        narrowed = PeopleFilter.of(Narrowing.load(found.narrowed))
    return f"{place(visitor, 'contacts')}{narrowed.query()}"
