"""What people ask about their own data: by when it is answered, who asks, the answer, its letter and file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.complaints import selectors, services
from shodaku.complaints.domain import (
    DataRequest,
    Identified,
    RefusalGround,
    RequestKind,
    RequestState,
    RequestVia,
)
from shodaku.complaints.services import Answered, NewRequest, NoRequest, RequestRefused
from shodaku.console import people, request_words, words
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.request_forms import (
    AnswerForm,
    IdentityForm,
    LengthenForm,
    NewRequestForm,
    RefuseForm,
)
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock

PAGE_ROWS: Final = 50
UNPROCESSABLE: Final = 422
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    request: DataRequest
    person: people.PersonLine | None
    kind: str | Promise
    way: str | Promise
    badge: words.Badge
    clock: words.Badge | None
    identity: str | Promise
    next_step: str | Promise

    @property
    def last_day(self) -> datetime:
        """It ends at the midnight after it."""
        return self.request.due_at - INSTANT


@require_safe
@allowed(Act.READ)
def requests(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    skip = row_id(request.GET.get("skip", "")) or 0
    rows = selectors.data_requests(visitor.workspace_id, skip=skip, rows_max=PAGE_ROWS)
    now = clock.now()
    context = {
        "lines": _lines(visitor, rows, now),
        "counts": selectors.request_counts(visitor.workspace_id, now),
        "may_answer": may(visitor.role, Act.ANSWER),
        "skip": skip,
        "more": f"{place(visitor, 'requests')}?skip={skip + PAGE_ROWS}" if len(rows) == PAGE_ROWS else "",
    }
    return show(request, visitor, "console/requests.html", context, current="requests")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.ANSWER)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Whoever wants no advertising gets none from the moment on that this is written down."""
    form = NewRequestForm(request.POST or None, initial={"received_on": localtime(clock.now()).date()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        identity = said["identity"] if may(visitor.role, Act.REVEAL) else ""  # as `identify` needs it
        asked = NewRequest(
            kind=RequestKind(said["kind"]),
            via=RequestVia(said["via"]),
            received_at=said["received_on"],
            address=said["address"][1],
            words=said["words"],
            identity=Identified(identity) if identity else None,
        )
        try:
            number = services.open_request(visitor.workspace_id, asked, clock.now(), by=_by(visitor))
        except ContactGone:
            form.add_error("address", _("This person is being erased this very minute. Try again shortly."))
        else:
            messages.success(request, _("Written down. The first letter stands below."))
            return redirect(place(visitor, "request", number))
    status = UNPROCESSABLE if request.method == "POST" else HttpResponse.status_code
    response = show(
        request, visitor, "console/request_new.html", {"form": form}, current="requests", status=status
    )
    patch_cache_control(response, no_store=True, private=True)
    return response


@require_safe
@allowed(Act.READ)
def one(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    return _page(request, visitor, request_id)


@require_POST
@allowed(Act.REVEAL)
def identify(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    form = IdentityForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, request_id, identity_form=form)

    def step() -> None:
        how = Identified(form.cleaned_data["how"])
        services.check_identity(visitor.workspace_id, request_id, how, clock.now(), by=_by(visitor))
        messages.success(request, _("Written down who asks. The request can be answered now."))

    return _stepped(request, visitor, request_id, step)


@require_POST
@allowed(Act.REVEAL)
def answer(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    """The letter and the file are in this answer alone: nobody keeps them, and each was written down."""
    asked = _asked(visitor, request_id)
    form = AnswerForm(request.POST, kind=asked.kind, known=asked.contact_id is not None)
    if not form.is_valid():
        return _page(request, visitor, request_id, answer_form=form)
    try:
        given = services.answer(
            visitor.workspace_id,
            request_id,
            clock.now(),
            by=_by(visitor),
            correction=form.correction,
            address=form.looked_for,
        )
    except RequestRefused as refused:
        messages.error(request, refused.no.sentence(get_language() or "ja"))
        return _page(request, visitor, request_id, answer_form=form)
    except ContactGone:
        return _gone(request, visitor, request_id)
    return _given(request, visitor, request_id, given)


@require_POST
@allowed(Act.REVEAL)
def refuse(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, request_id, refuse_form=form)
    said = form.cleaned_data

    def step() -> str:
        return services.refuse(
            visitor.workspace_id,
            request_id,
            RefusalGround(said["ground"]),
            clock.now(),
            by=_by(visitor),
            words=said["words"],
        )

    return _lettered(request, visitor, request_id, step, form, "refuse_form")


@require_POST
@allowed(Act.REVEAL)
def lengthen(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    form = LengthenForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, request_id, lengthen_form=form)

    def step() -> str:
        why = form.cleaned_data["why"]
        return services.lengthen(visitor.workspace_id, request_id, why, clock.now(), by=_by(visitor))

    return _lettered(request, visitor, request_id, step, form, "lengthen_form")


@require_POST
@allowed(Act.ANSWER)
def withdraw(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    def step() -> None:
        services.withdraw(visitor.workspace_id, request_id, clock.now(), by=_by(visitor))
        messages.success(request, _("Ended: the person does not ask for it any more."))

    return _stepped(request, visitor, request_id, step)


def _stepped(
    request: HttpRequest, visitor: Visitor, request_id: int, step: Callable[[], None]
) -> HttpResponse:
    try:
        step()
    except NoRequest as none:
        raise Http404 from none
    except RequestRefused as refused:
        messages.error(request, refused.no.sentence(get_language() or "ja"))
    except ContactGone:
        return _gone(request, visitor, request_id)
    return redirect(place(visitor, "request", request_id))


def _lettered(
    request: HttpRequest,
    visitor: Visitor,
    request_id: int,
    step: Callable[[], str],
    form: Form,
    name: str,
) -> HttpResponse:
    """A step that ends with a letter; where it is not possible, what was typed stays."""
    try:
        letter = step()
    except NoRequest as none:
        raise Http404 from none
    except RequestRefused as refused:
        messages.error(request, refused.no.sentence(get_language() or "ja"))
        return _page(request, visitor, request_id, **{name: form})
    except ContactGone:
        return _gone(request, visitor, request_id)
    return _letter_page(request, visitor, request_id, {"letter": letter})


def _gone(request: HttpRequest, visitor: Visitor, request_id: int) -> HttpResponse:
    messages.info(
        request, _("This person was erased since. What stays is that somebody asked something then.")
    )
    return redirect(place(visitor, "request", request_id))


def _given(request: HttpRequest, visitor: Visitor, request_id: int, given: Answered) -> HttpResponse:
    file = ""
    if given.content is not None:
        body = json.dumps(given.content, ensure_ascii=False, indent=2, default=str).encode()
        file = "data:application/json;base64," + base64.b64encode(body).decode("ascii")
    context = {
        "letter": given.letter,
        "file": file,
        "file_name": f"request-{request_id}.json",
        "receipt": given.receipt,
    }
    return _letter_page(request, visitor, request_id, context)


def _letter_page(
    request: HttpRequest, visitor: Visitor, request_id: int, context: dict[str, Any]
) -> HttpResponse:
    said = {"request": _asked(visitor, request_id), **context}
    response = show(request, visitor, "console/request_letter.html", said, current="requests")
    patch_cache_control(response, no_store=True, private=True)
    return response


def _asked(visitor: Visitor, request_id: int) -> DataRequest:
    found = selectors.data_request(visitor.workspace_id, request_id)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, visitor: Visitor, request_id: int, **forms: Form) -> HttpResponse:
    """With a form that was not taken, what was typed in it stays, and the answer is 422."""
    asked, now = _asked(visitor, request_id), clock.now()
    (line,) = _lines(visitor, [asked], now)
    context: dict[str, Any] = {
        "line": line,
        "may_answer": may(visitor.role, Act.ANSWER),
        "may_reveal": may(visitor.role, Act.REVEAL),
        "waits_identity": asked.state is RequestState.WAITING_IDENTITY,
        "letter": services.first_letter(visitor.workspace_id, request_id) if asked.open else "",
        "ground": request_words.GROUNDS.get(asked.refusal or ""),
        "identity_form": IdentityForm(),
        "answer_form": AnswerForm(kind=asked.kind, known=asked.contact_id is not None, auto_id="answer_%s"),
        "refuse_form": RefuseForm(auto_id="refuse_%s"),
        "lengthen_form": LengthenForm(auto_id="lengthen_%s"),
        "may_lengthen": selectors.may_lengthen(asked, now),
        "may_refuse": selectors.may_refuse(asked),
        **forms,
    }
    status = UNPROCESSABLE if forms else HttpResponse.status_code
    response = show(request, visitor, "console/request.html", context, current="requests", status=status)
    patch_cache_control(response, no_store=True, private=True)
    return response


def _lines(visitor: Visitor, rows: list[DataRequest], now: datetime) -> list[Line]:
    ids = {row.contact_id for row in rows if row.contact_id is not None}
    found = people.lines(visitor.workspace_id, ids)
    return [_line(row, found.get(row.contact_id or 0), now) for row in rows]


def _line(row: DataRequest, person: people.PersonLine | None, now: datetime) -> Line:
    identity = request_words.IDENTIFIED[row.identity_how] if row.identity_how else _("Not known yet")
    return Line(
        row,
        person,
        request_words.KINDS[row.kind],
        request_words.VIAS[row.via],
        request_words.STATES[row.state],
        request_words.clock(row, selectors.urgency_of(row, now), now),
        identity,
        request_words.NEXT.get(row.state, ""),
    )


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
