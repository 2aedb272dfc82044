"""Pages of saying no, and of why a mail came. The link is the capability; GET changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Frequency, Method
from shodaku.contacts.services import ContactGone
from shodaku.content.selectors import page_brand
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.kit import clock, log
from shodaku.kit.errors import ShodakuError
from shodaku.kit.links import Token
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger import selectors as ledger
from shodaku.optout import complaining, reasons, selectors, services
from shodaku.optout.complaining import Complaint, Grievance, TooManyComplaints
from shodaku.optout.domain import (
    EVERYTHING,
    PAUSE_DAYS,
    Choice,
    OptOutScope,
    Receipt,
    is_one_click,
    narrower,
    parse_choice,
)
from shodaku.optout.forms import ComplaintForm
from shodaku.optout.pages import (
    ENDINGS,
    Asked,
    ask_words,
    basis_lines,
    began,
    done_words,
    place_in_words,
    timeline,
    why_it_came,
)
from shodaku.optout.reasons import OptOutReason
from shodaku.optout.selectors import Person, TopicState
from shodaku.optout.services import AWAY, Received
from shodaku.optout.visiting import local_time, no_of, posted, preferences_path, visitor
from shodaku.optout.why import why
from shodaku.optout.why_sheet import why_sheet

TOPIC_DIGITS_MAX = 9  # of a number that comes from a form


@method_decorator(csrf_exempt, name="dispatch")  # RFC 8058: no cookie, no CSRF, no login, no redirect
class OptOutView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = visitor(token)
            if found is None:
                return unusable(request)
            _link, person = found
            follow(request, person.language)
            return _ask_page(request, person, token)
        except AWAY:  # the button needs no database: what is pressed is written down beside it
            return public_page(render(request, "optout/ask_plain.html", {"pauses": PAUSE_DAYS}))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = posted(request)
        if is_one_click(form):
            return _one_click(request, services.read_token(token))
        try:
            found = visitor(token)
        except AWAY:
            return _received_unseen(request, services.read_token(token), form)
        if found is None:
            return unusable(request)
        link, person = found
        follow(request, person.language)
        return _press(request, link, person, form)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the done page tells of the time before the act, which may erase it."""

    states: list[TopicState]
    sealed_until: datetime | None


def _press(request: HttpRequest, link: Token, person: Person, form: Mapping[str, str]) -> HttpResponse:
    topic_id = person.topic.topic_id if person.topic else None
    choice, now = parse_choice(form, topic_id, local_time(person)), clock.now()
    before = _before(link, now)
    try:
        outcome = services.stop_or_receive(no_of(request, link, choice, Method.PAGE), now)
    except ContactGone:
        return unusable(request)
    if isinstance(outcome, Received):
        return _received_page(request, outcome, person)
    try:
        done = _done_of(link, outcome, choice, before, request.LANGUAGE_CODE, now)
        return _done_page(request, person, done)
    except AWAY:  # it is done; the page says so, and less around it
        return _bare_done_page(request, person, outcome, choice)


def _before(link: Token, now: datetime) -> _Before:
    """A table that a migration holds costs the page two lines, and never the press."""
    try:
        return _Before(
            selectors.topic_states(link.workspace_id, link.contact_id, now),
            erasures.keeps_until(link.workspace_id, link.contact_id, now=now),
        )
    except AWAY:
        return _Before([], None)


def _done_of(
    link: Token, receipt: Receipt, choice: Choice, before: _Before, language: str, now: datetime
) -> _Done:
    # an earlier no may be another person's press, with their IP address: its receipt was theirs to keep
    own = receipt.entry_id if receipt.at == now else None
    erased = receipt.scope is OptOutScope.ERASE
    return _Done(
        receipt=receipt,
        choice=choice,
        sealed_until=before.sealed_until,
        kept=ledger.receipt_path(link.workspace_id, link.contact_id, own),
        certificate=erasure.certificate_link(link.workspace_id, link.contact_id, receipt.number)
        if erased
        else None,
        ended=[state.topic.title(language) for state in before.states if state.channels],
    )


def _one_click(request: HttpRequest, link: Token | None) -> HttpResponse:
    """The same bytes for a good, a forged and an erased person's link: a mailbox provider needs no more."""
    outcome: Receipt | Received | None = None
    if link is not None:
        with suppress(ContactGone):  # nobody is left who could get anything
            outcome = services.stop_or_receive(
                no_of(request, link, EVERYTHING, Method.ONE_CLICK), clock.now()
            )
    if isinstance(outcome, Received):
        return _received_page(request, outcome, None)
    context = {
        "title": _("Your wish was received."),
        "text": _("Nothing more is sent to the address of this link."),
        "tone": "go",
    }
    return public_page(render(request, "ui/message.html", context))


def _received_unseen(request: HttpRequest, link: Token | None, form: Mapping[str, str]) -> HttpResponse:
    """Without a database: nobody is looked up, and what the page said of its topic is taken as it stands."""
    if link is None:
        return unusable(request)
    topic = form.get("topic", "")
    topic_id = (
        int(topic) if topic.isascii() and topic.isdecimal() and len(topic) <= TOPIC_DIGITS_MAX else None
    )
    now = clock.now()
    choice = parse_choice(form, topic_id, now.astimezone(ZoneInfo("Asia/Tokyo")))
    number = services.receive(no_of(request, link, choice, Method.PAGE), now)
    return _received_page(request, Received(number, now), None)


def _received_page(request: HttpRequest, received: Received, person: Person | None) -> HttpResponse:
    """202: it is written down, and obeyed before the next mail leaves from this host."""
    context = {"received": received, "sender": person.sender if person else None}
    return public_page(render(request, "optout/received.html", context, status=202))


def _ask_page(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    context = _asked_of(request, person) | {
        "preferences": preferences_path(person.workspace.workspace_id, person.contact_id),
        "why": f"/w/{token}",
    }
    return public_page(render(request, "optout/ask.html", context))


def _asked_of(request: HttpRequest, person: Person) -> dict[str, object]:
    workspace, contact_id, now = person.workspace, person.contact_id, local_time(person)
    states = selectors.topic_states(workspace.workspace_id, contact_id, now)
    asked = Asked(
        workspace=workspace,
        topic=person.topic,
        channels=selectors.live_channels(states),
        lost=tuple(state.topic.title(request.LANGUAGE_CODE) for state in states if state.channels),
        fewer=_fewer(person, states),
        purchases=selectors.purchases(workspace.workspace_id, contact_id),
        sealed_until=erasures.keeps_until(workspace.workspace_id, contact_id, now=now),
        wished=request.GET.get("scope", ""),
    )
    words = ask_words(asked, request.LANGUAGE_CODE)
    brand = page_brand(workspace.workspace_id)
    return {"person": person, "sender": person.sender, "brand": brand, **words}


def _fewer(person: Person, states: list[TopicState]) -> tuple[Frequency, ...]:
    """Values of "less often", for the topic of the mail while it is received."""
    topic = person.topic
    state = next((each for each in states if topic and each.topic.topic_id == topic.topic_id), None)
    if state is None or not state.channels:
        return ()
    return narrower(state.topic.frequency, state.fewer)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    receipt: Receipt
    choice: Choice
    sealed_until: datetime | None
    kept: str | None  # link to one's own receipt
    certificate: str | None  # where that of an erasure will stand; nobody is told it again
    ended: list[str]  # what was received until now


def _done_page(request: HttpRequest, person: Person, done: _Done) -> HttpResponse:
    workspace, receipt = person.workspace, done.receipt
    topic_id = person.topic.topic_id if person.topic else None
    ends = receipt.scope in ENDINGS
    context = {
        **done_words(receipt, done.choice, workspace, person.topic, request.LANGUAGE_CODE),
        "kept": done.kept,
        "certificate": done.certificate,
        "sealed_until": done.sealed_until,
        "sender": person.sender,
        "brand": page_brand(workspace.workspace_id),
        "ended": done.ended if receipt.scope in (OptOutScope.ALL, OptOutScope.ERASE) else [],
        "form": selectors.form_path(workspace) if ends else None,
        "preferences": None
        if receipt.scope is OptOutScope.ERASE
        else preferences_path(workspace.workspace_id, person.contact_id),
        "question": reasons.question(workspace.workspace_id, topic_id, clock.now()) if ends else "",
        "answer_at": f"{request.path}/reason?lang={request.LANGUAGE_CODE}",
    }
    return public_page(render(request, "optout/done.html", context))


def _bare_done_page(request: HttpRequest, person: Person, receipt: Receipt, choice: Choice) -> HttpResponse:
    words = done_words(receipt, choice, person.workspace, person.topic, request.LANGUAGE_CODE)
    context = {**words, "sender": person.sender, "reasons": []}
    return public_page(render(request, "optout/done.html", context))


@method_decorator(csrf_exempt, name="dispatch")
class ReasonView(View):
    """The question after the act. Of the link nothing but its workspace is read: the answer is nobody's."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002 - part of the address
        return unusable(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form, link = posted(request), services.read_token(token)
        workspace = accounts.workspace(link.workspace_id) if link else None
        reason = form.get("reason", "")
        if workspace is None or reason not in set(OptOutReason):
            return unusable(request)
        zone, now = ZoneInfo(workspace.timezone), clock.now()
        if not reasons.answer(form.get("question", ""), OptOutReason(reason), now, zone):
            return unusable(request)
        context = {
            "title": _("Thank you."),
            "text": _("Only the number of answers is counted. Yours is not kept with your address."),
            "tone": "go",
            "sender": next(iter(accounts.senders(workspace.workspace_id)), None),
        }
        return public_page(render(request, "ui/message.html", context))


class WhyView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token)
        if found is None:
            return unusable(request)
        link, person = found
        follow(request, person.language)
        seen = why(link, person)
        bases = basis_lines(seen.bases)
        context = {
            "person": person,
            "sender": person.sender,
            "brand": page_brand(link.workspace_id),
            "why": why_it_came(person.kind, seen.acts, known=bool(bases)),
            "events": timeline(seen.acts, seen.first_mail, request.LANGUAGE_CODE),
            "began": began(seen.acts, person.address, request.LANGUAGE_CODE),
            "last": seen.last,
            "leaf": seen.leaf,
            "place": place_in_words(seen.leaf) if seen.leaf else "",
            "bases": bases,
            "stop": f"/o/{token}",
            "complain": f"/w/{token}/complaint",
            "sheet": f"/w/{token}/sheet.pdf?lang={request.LANGUAGE_CODE}",
            "own_data": f"{preferences_path(link.workspace_id, link.contact_id)}/data",
        }
        return public_page(render(request, "optout/why.html", context))


class WhySheetView(View):
    """The same on paper. It tells no more than the page, and a link that opens no page opens no sheet."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token)
        if found is None:
            return unusable(request)
        link, person = found
        follow(request, person.language)
        try:
            pdf = why_sheet(why(link, person), request.LANGUAGE_CODE, made_at=local_time(person))
        except ShodakuError as fault:
            return _no_sheet(request, person, token, fault)
        response = HttpResponse(pdf, content_type="application/pdf")
        response.headers["Content-Disposition"] = 'attachment; filename="why-this-mail.pdf"'
        return public_page(response)


def _no_sheet(request: HttpRequest, person: Person, token: str, fault: ShodakuError) -> HttpResponse:
    """503: too many at once, or no fonts or libraries here; the page itself can be printed meanwhile."""
    log.info("optout.no_sheet", workspace=person.workspace.workspace_id, fault=fault.code)
    context = {
        "title": _("The sheet cannot be made just now"),
        "text": _("Please try again in a minute, or print the page itself: it says the same."),
        "tone": "wait",
        "sender": person.sender,
        "links": [{"href": f"/w/{token}", "text": _("Back to why it came")}],
    }
    response = public_page(render(request, "ui/message.html", context, status=503))
    response.headers["Retry-After"] = "60"
    return response


@method_decorator(csrf_exempt, name="dispatch")
class ComplaintView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token)
        if found is None:
            return unusable(request)
        _link, person = found
        follow(request, person.language)
        return _complaint_page(request, person, token, ComplaintForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token)
        if found is None:
            return unusable(request)
        link, person = found
        follow(request, person.language)
        form = ComplaintForm(request.POST)
        if not form.is_valid():
            return _complaint_page(request, person, token, form, status=422)
        try:
            return _complained(request, link, person, form)
        except ContactGone:
            return unusable(request)
        except TooManyComplaints:
            form.add_error(
                None, _("You have written as often as can be taken in one day. Please use the contact below.")
            )
            return _complaint_page(request, person, token, form, status=429)


def _complained(request: HttpRequest, link: Token, person: Person, form: ComplaintForm) -> HttpResponse:
    """What is to stop stops first: it needs nobody who reads."""
    said, now = form.cleaned_data, clock.now()
    outcome = None
    if said["stop"]:
        outcome = services.stop_or_receive(no_of(request, link, EVERYTHING, Method.PAGE), now)
    complaining.complain(link, Complaint(Grievance(said["grievance"]), said["text"]), now)
    context = {
        "sender": person.sender,
        "brand": page_brand(link.workspace_id),
        "at": now,
        "outcome": outcome,
        "links": [{"href": request.path.removesuffix("/complaint"), "text": _("Back to why it came")}],
    }
    return public_page(render(request, "optout/complained.html", context))


def _complaint_page(
    request: HttpRequest, person: Person, token: str, form: ComplaintForm, *, status: int = 200
) -> HttpResponse:
    brand = page_brand(person.workspace.workspace_id)
    sender, why = person.sender, f"/w/{token}"
    context = {"form": form, "person": person, "sender": sender, "brand": brand, "why": why}
    return public_page(render(request, "optout/complaint.html", context, status=status))
