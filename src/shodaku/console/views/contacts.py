"""Find a person."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.people_filter import PeopleFilter
from shodaku.console.sorting import Direction, Head
from shodaku.console.views.person import topic_titles
from shodaku.console.words import Badge
from shodaku.contacts import selectors
from shodaku.contacts.selectors import Order
from shodaku.optout import selectors as optout
from shodaku.optout.services import BulkAct, BulkState
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Standing

BULKS_SHOWN: Final = 5
_BULK_ACTS: Final[dict[BulkAct, Promise]] = {
    BulkAct.STOP: gettext_lazy("Stop all advertising"),
    BulkAct.ERASE: gettext_lazy("Erase"),
    BulkAct.ASK: gettext_lazy("Ask again"),
    BulkAct.EXPORT: gettext_lazy("Export"),
}
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
    asked = sought_text(request)
    may_erase, may_ask = may(visitor.role, Act.ERASE), may(visitor.role, Act.LAUNCH)
    may_export = may(visitor.role, Act.EXPORT)
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
        "may_export": may_export,
        "may_choose": may_ask or may_erase or may_export or not no_erases,
        "heads": None if asked else _heads(visitor, narrowed),
        "choose_href": f"{place(visitor, 'bulk_choose')}{narrowed.query()}",
        "bulks": _bulks(visitor),
        "looked_at": selectors.LOOKED_AT_MAX,
        "found_among": selectors.FOUND_AMONG,
    }
    response = show(request, visitor, "console/contacts.html", context, current="contacts")
    patch_cache_control(response, private=True)
    return response


def _bulks(visitor: Visitor) -> list[tuple[optout.Bulk, Promise, Badge]]:
    """Acts on many people of these days: whoever left the page of one finds it again here."""
    found = optout.bulks(visitor.workspace_id, BULKS_SHOWN)
    return [(each, _BULK_ACTS[BulkAct(each.act)], _BULK_STATES[each.state]) for each in found]


def sought_text(request: HttpRequest) -> str:
    return str(request.POST.get("q", "")).replace("\0", "").strip()


def _start(request: HttpRequest, asked: str) -> selectors.Start | None:
    """Behind which line the page begins, as anybody may have typed it."""
    said = request.POST if asked else request.GET
    contact_id = row_id(said.get("before", ""))
    key = str(said.get("key", "")).replace("\0", "") if asked else ""
    return None if contact_id is None else selectors.Start(contact_id, key)


def _heads(visitor: Visitor, narrowed: PeopleFilter) -> list[Head]:
    """Each order is one of an index. The address has none of its own: it stands without a link."""
    here, order = place(visitor, "contacts"), narrowed.order
    since = Order.OLDEST if order is Order.NEWEST else Order.NEWEST
    up, down = Direction.UP, Direction.DOWN
    directions = {Order.NEWEST: down, Order.OLDEST: up}
    return [
        Head(_("Name"), f"{here}{narrowed.order_query(Order.KANA)}", up if order is Order.KANA else None),
        Head(_("Address")),
        Head(_("Known since"), f"{here}{narrowed.order_query(since)}", directions.get(order)),
    ]


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
