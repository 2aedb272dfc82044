"""Find a person."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.console.acts import record
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.people_filter import EVERYBODY_ROWS_MAX, PeopleFilter, TooMany
from shodaku.console.views.person import topic_titles
from shodaku.console.words import Badge
from shodaku.contacts import selectors
from shodaku.kit import clock
from shodaku.optout import selectors as optout
from shodaku.optout.services import BulkState
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Standing

BULKS_SHOWN: Final = 5
_BULK_STATES: Final[dict[str, Badge]] = {
    BulkState.CHOOSING: Badge("wait", gettext_lazy("People are being found")),
    BulkState.CHOSEN: Badge("wait", gettext_lazy("Not begun")),
    BulkState.TOO_MANY: Badge("wait", gettext_lazy("Too many people")),
    BulkState.RUNNING: Badge("wait", gettext_lazy("Under way")),
    BulkState.PAUSED: Badge("wait", gettext_lazy("Paused")),
    BulkState.DONE: Badge("go", gettext_lazy("Done")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def contacts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list by its URL; a search is a POST, so that no URL holds a name or an address."""
    topics = topic_titles(visitor.workspace_id)
    narrowed = PeopleFilter.read(request.GET, topics)
    asked = _asked(request)
    may_erase, may_ask = may(visitor.role, Act.ERASE), may(visitor.role, Act.LAUNCH)
    no_erases = visitor.workspace.on_opt_out == OptOutRule.ERASE
    page = selectors.find(
        visitor.workspace_id,
        asked,
        chosen=narrowed.condition(visitor.workspace_id),
        order=narrowed.order,
        start=_start(request, asked),
    )
    context = {
        "page": page,
        "asked": asked,
        "narrowed": narrowed,
        "before": _start(request, asked),
        "more": f"{place(visitor, 'contacts')}{narrowed.query(before=page.following.contact_id)}"
        if page.following and not asked
        else "",
        "here": f"{place(visitor, 'contacts')}{narrowed.query()}",
        "tabs": _tabs(visitor, narrowed),
        "topics": list(topics.items()),
        "segments": segments.segments(visitor.workspace_id),
        "may_erase": may_erase,
        "no_erases": no_erases,
        "may_ask": may_ask,
        "may_choose": may_ask or may_erase or not no_erases,
        "choose_href": f"{place(visitor, 'bulk_choose')}{narrowed.query()}",
        "bulks": _bulks(visitor),
        "may_export": may(visitor.role, Act.REVEAL),
        "looked_at": selectors.LOOKED_AT_MAX,
        "found_among": selectors.FOUND_AMONG,
    }
    response = show(request, visitor, "console/contacts.html", context, current="contacts")
    patch_cache_control(response, private=True)
    return response


@require_POST
@allowed(Act.REVEAL)
def contacts_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Everybody who is found, with the addresses in full; who took them along is in the ledger."""
    narrowed = PeopleFilter.read(request.GET, topic_titles(visitor.workspace_id))
    try:
        found = narrowed.everybody(visitor.workspace_id, _asked(request))
    except TooMany:
        messages.error(
            request,
            _("More than %(most)s people are found. Narrow the list down, then export it.")
            % {"most": f"{EVERYBODY_ROWS_MAX:,}"},
        )
        return redirect(f"{place(visitor, 'contacts')}{narrowed.query()}")
    record(visitor, "admin.exported", {"what": "contacts", "rows": len(found)}, clock.now())
    head = [_("Contact"), _("Name"), _("Reading"), _("Company"), _("Address"), _("Known since")]
    rows = [
        [
            str(each.contact_id),
            each.name,
            each.kana or "",
            each.company or "",
            each.address or "",
            each.created_at.date().isoformat(),
        ]
        for each in found
    ]
    return csv_answer(head, rows, "contacts.csv")


def _bulks(visitor: Visitor) -> list[tuple[optout.Bulk, Badge]]:
    """Acts on many people of these days: whoever left the page of one finds it again here."""
    return [(each, _BULK_STATES[each.state]) for each in optout.bulks(visitor.workspace_id, BULKS_SHOWN)]


def _asked(request: HttpRequest) -> str:
    return str(request.POST.get("q", "")).replace("\0", "").strip()


def _start(request: HttpRequest, asked: str) -> selectors.Start | None:
    """Behind which line the page begins, as anybody may have typed it."""
    said = request.POST if asked else request.GET
    contact_id = row_id(said.get("before", ""))
    key = str(said.get("key", "")).replace("\0", "") if asked else ""
    return None if contact_id is None else selectors.Start(contact_id, key)


def _tabs(visitor: Visitor, narrowed: PeopleFilter) -> list[dict[str, Any]]:
    titles = {
        None: _("Everybody"),
        Standing.AGREED: _("May be written to"),
        Standing.ENDING: _("Consent ends within 30 days"),
        Standing.EXPIRED: _("Consent ended by time"),
        Standing.REFUSED: _("Said no"),
        Standing.UNCONFIRMED: _("Not confirmed"),
        Standing.NONE: _("No consent"),
    }
    return [
        {
            "text": text,
            "href": f"{place(visitor, 'contacts')}{narrowed.standing_query(standing)}",
            "current": standing is narrowed.standing,
        }
        for standing, text in titles.items()
    ]
