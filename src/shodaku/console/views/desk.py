"""The desk: what people wrote that only a human understands, and a no for any address or number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.consent.domain import Method
from shodaku.console import people, written
from shodaku.console.desk_forms import NoForm, typed_erase
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.services import Decision
from shodaku.suppression import selectors as suppression

UNPROCESSABLE: Final = 422
VIAS: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "mail": (gettext_lazy("Reply by mail"), "mail"),
    "sms": (gettext_lazy("Text message"), "sms"),
    "telephone": (gettext_lazy("Telephone"), "phone"),
    "report": (gettext_lazy("Reported as spam"), "alert"),
    "page": (gettext_lazy("Written on the page behind the mail"), "form"),
}
DONE: Final[Mapping[Decision, str | Promise]] = {
    Decision.STOP: gettext_lazy("Stopped, and taken off the desk."),
    Decision.NOT_A_REFUSAL: gettext_lazy("Taken off the desk. What was held back goes on."),
    Decision.ANSWERED: gettext_lazy("Taken off the desk."),
}
UNKNOWN_VIA: Final = (gettext_lazy("Message"), "mail")


@dataclass(frozen=True, slots=True)
class Message:
    message_no: int
    person: people.PersonLine | None  # None: from somebody who is not known here
    way: str | Promise
    icon: str
    words: str
    received_at: datetime
    held_until: datetime | None
    entry_id: int | None


@require_safe
@allowed(Act.READ)
def desk(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor)


@require_POST
@allowed(Act.ANSWER)
def decide(request: HttpRequest, visitor: Visitor, message_no: int) -> HttpResponse:
    """Two people at one desk: who comes second is told, and changes nothing."""
    pressed = request.POST.get("decision", "")
    decision = Decision(pressed) if pressed in tuple(Decision) else None
    if decision is None:
        messages.error(request, _("Choose what was meant. Nothing was changed."))
    elif decision is Decision.STOP and _erases(visitor) and not typed_erase(request.POST.get("typed", "")):
        messages.error(request, _("Here a no erases. Type “erase” beside the button. Nothing was changed."))
    else:
        _decide(request, visitor, message_no, decision)
    return redirect(place(visitor, "desk"))


@require_POST
@allowed(Act.STOP)
def refuse(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A no by address or number. Who is not known is never contacted: no later list brings them in."""
    form = NoForm(request.POST, erases=_erases(visitor), auto_id="no_%s")
    if not form.is_valid():
        return _page(request, visitor, form=form, status=UNPROCESSABLE)
    said = form.cleaned_data
    receipt = optout.stop_for(
        visitor.workspace_id,
        said["address"][1],
        Method(said["via"]),
        by=f"staff:{visitor.staff_id}",
        said=said["said"],
        now=clock.now(),
    )
    if receipt is None:
        messages.success(request, _("Nobody here has this address. It is never contacted from now on."))
    else:
        messages.success(request, _("Stopped. Receipt %(number)s.") % {"number": receipt.number})
    return redirect(place(visitor, "desk"))


def _decide(request: HttpRequest, visitor: Visitor, message_no: int, decision: Decision) -> None:
    by = f"staff:{visitor.staff_id}"
    try:
        done = optout.decide(visitor.workspace_id, message_no, decision, by=by, now=clock.now())
    except optout.NobodyToStop:
        messages.error(request, _("Nobody known wrote this. Write the address down as a no instead."))
        return
    if done:
        messages.success(request, str(DONE[decision]))
    else:
        messages.info(request, _("Somebody else has seen to this message already. Nothing was changed."))


def _erases(visitor: Visitor) -> bool:
    """Does a no for everything erase here?"""
    return OptOutRule(visitor.workspace.on_opt_out) is OptOutRule.ERASE


def _page(
    request: HttpRequest, visitor: Visitor, *, form: NoForm | None = None, status: int = 200
) -> HttpResponse:
    after = row_id(request.GET.get("after", ""))
    rows = delivery.open_messages(visitor.workspace_id, after=after)
    opened = written.opened(visitor, [(row.contact_id, row.entry_id) for row in rows])
    more = ""
    if len(rows) == delivery.PAGE_ROWS:
        more = f"{place(visitor, 'desk')}?after={rows[-1].message_no}"
    context: dict[str, Any] = {
        "waiting": _messages(visitor, rows, opened),
        "away": opened.away,
        "may_answer": may(visitor.role, Act.ANSWER),
        "erases": _erases(visitor),
        "no_form": form or NoForm(erases=_erases(visitor), auto_id="no_%s"),
        "more": more,
        "after": after,
    }
    response = show(request, visitor, "console/desk.html", context, current="desk", status=status)
    patch_cache_control(response, no_store=True, private=True)  # words of people stand on it
    return response


def _messages(visitor: Visitor, rows: list[delivery.InboundRow], opened: written.Opened) -> list[Message]:
    ids = sorted({row.contact_id for row in rows if row.contact_id is not None})
    found, held = people.lines(visitor.workspace_id, ids), _held(visitor.workspace_id, ids)
    lines = []
    for row in rows:
        way, icon = VIAS.get(row.via, UNKNOWN_VIA)
        lines.append(
            Message(
                row.message_no,
                found.get(row.contact_id or 0),
                way,
                icon,
                opened.words.get(row.entry_id or 0, ""),
                row.received_at,
                held.get(row.contact_id or 0),
                row.entry_id,
            )
        )
    return lines


def _held(workspace_id: int, contact_ids: list[int]) -> dict[int, datetime]:
    """Until when nothing is sent to them: a pause of their own, or words that nobody has read yet."""
    now = clock.now()
    found = {}
    for contact_id, refusals in suppression.refusals_of(workspace_id, contact_ids).items():
        ends = [each.until for each, _entry in refusals if each.until is not None and each.until > now]
        if ends:
            found[contact_id] = max(ends)
    return found
