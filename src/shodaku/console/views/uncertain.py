"""Of whom nobody knows whether a campaign reached them: what came since, and what a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import services
from shodaku.console import people, words
from shodaku.console.acts import record
from shodaku.console.campaign import launched
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.uncertain_form import TICKED, UncertainForm
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState
from shodaku.delivery.selectors import Choice, Uncertain
from shodaku.kit import clock
from shodaku.ledger.domain import Value

UNPROCESSABLE: Final = 422
FILE_STEP_ROWS: Final = 1_000
_RESTING: Final = (MailingState.PAUSED, MailingState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Line:
    row: Uncertain
    person: people.PersonLine | None
    came: words.Badge | None
    came_at: datetime | None
    choice: words.Badge | None
    again: words.Badge | None
    href: str


@require_safe
@allowed(Act.READ)
def uncertain(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    return _page(request, visitor, campaign_id, UncertainForm())


@require_POST
@allowed(Act.LAUNCH)
def decide(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """The first press asks and says the number, for no decision is taken back."""
    launched(visitor, campaign_id)
    form = UncertainForm(request.POST)
    asked = _asked(request.POST)
    if not form.is_valid():
        return _page(request, visitor, campaign_id, form, ticked=asked or (), status=UNPROCESSABLE)
    choice, reason, now = Choice(form.cleaned_data["choice"]), form.cleaned_data["reason"], clock.now()
    if asked == ():
        form.add_error(None, _("Tick at least one person, or choose everybody."))
        return _page(request, visitor, campaign_id, form, status=UNPROCESSABLE)
    found = services.whom(visitor.workspace_id, campaign_id, choice, asked, now=now)
    if not found:
        messages.warning(
            request,
            _("Nothing was changed: something came since, somebody decided before, or it is too old."),
        )
        return redirect(place(visitor, "uncertain", campaign_id))
    if request.POST.get("confirmed") != "1":
        context = {
            "campaign": launched(visitor, campaign_id)[0],
            "choice": choice.value,
            "reason": reason,
            "people": len(found),
            "left": len(asked) - len(found) if asked else 0,
            "numbers": ",".join(map(str, found)),
        }
        return show(request, visitor, "console/uncertain_confirm.html", context, current="campaigns")
    return _decided(request, visitor, campaign_id, choice, found, reason)


@require_POST
@allowed(Act.READ)
def uncertain_file(_request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Numbers in place of names. Who took them along is in the ledger, so it is no GET."""
    _campaign, mailing_ids = launched(visitor, campaign_id)
    head = [
        _("Contact"),
        _("When"),
        _("What came since"),
        _("When that was"),
        _("Decision"),
        _("When it was decided"),
        _("Evidence"),
        _("Second time"),
        _("When the second time"),
    ]
    cells = [_cells(row) for row in _all(visitor.workspace_id, mailing_ids)]
    taken: dict[str, Value] = {"what": "uncertain", "campaign": str(campaign_id), "rows": len(cells)}
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer(head, cells, f"campaign-{campaign_id}-uncertain.csv")


def _decided(
    request: HttpRequest, visitor: Visitor, campaign_id: int, choice: Choice, found: list[int], reason: str
) -> HttpResponse:
    try:
        done = services.decide_uncertain(
            visitor.workspace_id,
            campaign_id,
            choice,
            found,
            reason,
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except services.NothingGoesAgain:
        messages.error(
            request,
            _("Nothing is sent once more while the campaign is paused, nor after it was stopped for good."),
        )
        return redirect(place(visitor, "uncertain", campaign_id))
    if choice is Choice.AGAIN:
        told = ngettext(
            "%(n)s mail goes once more. The person is checked again.",
            "%(n)s mails go once more. Each person is checked again.",
            done.people,
        )
    else:
        told = ngettext("%(n)s person counts as reached.", "%(n)s people count as reached.", done.people)
    messages.success(request, told % {"n": f"{done.people:,}"})
    return redirect(place(visitor, "uncertain", campaign_id))


def _page(
    request: HttpRequest,
    visitor: Visitor,
    campaign_id: int,
    form: UncertainForm,
    *,
    ticked: tuple[int, ...] = (),
    status: int = 200,
) -> HttpResponse:
    campaign, mailing_ids = launched(visitor, campaign_id)
    now, workspace_id = clock.now(), visitor.workspace_id
    after = row_id(request.GET.get("after", ""))
    rows = delivery.uncertain(workspace_id, mailing_ids, after=after)
    more = ""
    if len(rows) == delivery.UNCERTAIN_PAGE_ROWS:
        more = f"{place(visitor, 'uncertain', campaign_id)}?{urlencode({'after': rows[-1].contact_id})}"
    each = [delivery.progress(workspace_id, mailing_id) for mailing_id in mailing_ids]
    context: dict[str, Any] = {
        "campaign": campaign,
        "form": form,
        "lines": _lines(visitor, rows),
        "ticked": ticked,
        "count": delivery.count_uncertain(workspace_id, mailing_ids, now=now),
        "days": delivery.AGAIN_DAYS_MAX,
        "rests": any(found and found.uncertain and found.state in _RESTING for found in each),
        "more": more,
        "may_launch": may(visitor.role, Act.LAUNCH),
    }
    return show(request, visitor, "console/uncertain.html", context, current="campaigns", status=status)


def _asked(said: QueryDict) -> tuple[int, ...] | None:
    """The people who are meant; None: everybody. From the second press they come in one field."""
    if "people" in said:
        named = str(said["people"]).split(",")
    elif said.get("whom", TICKED) == TICKED:
        named = said.getlist("person")
    else:
        return None
    return tuple(number for each in named if (number := row_id(each)) is not None)


def _lines(visitor: Visitor, rows: list[Uncertain]) -> list[Line]:
    found = people.lines(visitor.workspace_id, [row.contact_id for row in rows])
    return [
        Line(
            row,
            found.get(row.contact_id),
            words.CAME[row.came[0]] if row.came else None,
            row.came[1] if row.came else None,
            words.CHOICES[row.choice] if row.choice else None,
            words.OUTCOMES[row.again_outcome] if row.again_outcome else None,
            place(visitor, "contact", row.contact_id),
        )
        for row in rows
    ]


def _all(workspace_id: int, mailing_ids: list[int]) -> Iterator[Uncertain]:
    after = None
    while rows := delivery.uncertain(workspace_id, mailing_ids, after=after, rows_max=FILE_STEP_ROWS):
        yield from rows
        after = rows[-1].contact_id


def _cells(row: Uncertain) -> list[str]:
    came = row.came
    return [
        str(row.contact_id),
        _moment(row.at),
        str(words.CAME[came[0]].text) if came else "",
        _moment(came[1]) if came else "",
        str(words.CHOICES[row.choice].text) if row.choice else "",
        _moment(row.chosen_at),
        str(row.entry_id or ""),
        str(words.OUTCOMES[row.again_outcome].text) if row.again_outcome else "",
        _moment(row.again_at),
    ]


def _moment(at: datetime | None) -> str:
    return localtime(at).isoformat(timespec="seconds") if at else ""
