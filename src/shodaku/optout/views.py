"""Pages of saying no, and of why a mail came. The link is the capability; GET changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import Method
from shodaku.contacts.services import ContactGone
from shodaku.erasure import selectors as erasures
from shodaku.kit import clock, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import KeyDestroyed
from shodaku.optout import more, selectors, services
from shodaku.optout.domain import (
    EVERYTHING,
    PAUSE_DAYS,
    Choice,
    OptOut,
    OptOutScope,
    Receipt,
    is_one_click,
    offered,
    parse_choice,
)
from shodaku.optout.forms import AddressForm, PreferencesForm
from shodaku.optout.pages import (
    basis_lines,
    choices,
    consented,
    place_in_words,
    timeline,
    what_stopped,
    why_it_came,
)
from shodaku.optout.selectors import Person
from shodaku.signup.services import offered as as_offered

BROWSER_CHARS_MAX = 300


@method_decorator(csrf_exempt, name="dispatch")  # RFC 8058: no cookie, no CSRF, no login, no redirect
class OptOutView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        return _ask_page(request, person, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link, form = services.read_token(token), _posted(request)
        if is_one_click(form):
            return _one_click(request, link)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        topic_id = person.topic.topic_id if person.topic else None
        choice = parse_choice(form, topic_id, _local(person))
        now = clock.now()
        sealed_until = erasures.keeps_until(link.workspace_id, link.contact_id, now=now)
        try:
            receipt = services.opt_out(no_of(request, link, choice, Method.PAGE), now)
        except ContactGone:
            return unusable(request)
        # an earlier no may be another person's press, with their IP address: its receipt was theirs to keep
        own = receipt.entry_id if receipt.at == now else None
        kept = ledger.receipt_path(link.workspace_id, link.contact_id, own)
        return _done_page(request, person, receipt, choice, sealed_until, kept)


def _one_click(request: HttpRequest, link: Token | None) -> HttpResponse:
    """The same bytes for a good, a forged and an erased person's link: a mailbox provider needs no more."""
    if link is not None:
        with suppress(ContactGone):  # nobody is left who could get anything
            services.opt_out(no_of(request, link, EVERYTHING, Method.ONE_CLICK), clock.now())
    context = {
        "title": _("Your wish was received."),
        "text": _("Nothing more is sent to the address of this link."),
        "tone": "go",
    }
    return public_page(render(request, "ui/message.html", context))


def _ask_page(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    workspace_id, contact_id = person.workspace.workspace_id, person.contact_id
    scopes = offered(OptOutRule(person.workspace.on_opt_out), topic=person.topic is not None)
    states = selectors.topic_states(workspace_id, contact_id, clock.now())
    context = {
        "person": person,
        "sender": person.sender,
        "choices": choices(scopes, person.topic, request.LANGUAGE_CODE),
        "erases": OptOutScope.ERASE in scopes,
        "lost": [state.topic.title(request.LANGUAGE_CODE) for state in states if state.receives],
        "purchases": selectors.purchases(workspace_id, contact_id) if OptOutScope.ERASE in scopes else 0,
        "sealed_until": erasures.keeps_until(workspace_id, contact_id, now=clock.now()),
        "note": person.workspace.opt_out_note,
        "pauses": PAUSE_DAYS,
        "preferences": preferences_path(workspace_id, contact_id),
        "why": f"/w/{token}",
    }
    return public_page(render(request, "optout/ask.html", context))


def _done_page(
    request: HttpRequest,
    person: Person,
    receipt: Receipt,
    choice: Choice,
    sealed_until: datetime | None,
    kept: str | None,
) -> HttpResponse:
    context = {
        "kept": kept,
        "sealed_until": sealed_until,
        "sender": person.sender,
        "receipt": receipt,
        "title": what_stopped(receipt.scope),
        "topic": person.topic.title(request.LANGUAGE_CODE) if person.topic else "",
        "until": choice.until,
        "form": selectors.form_path(person.workspace),
    }
    return public_page(render(request, "optout/done.html", context))


@method_decorator(csrf_exempt, name="dispatch")
class PreferencesView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token, Purpose.PREFERENCE)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        return _preferences_page(request, person, None)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token, Purpose.PREFERENCE)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        form = _preferences_form(request, person, posted=True)
        if not form.is_valid():
            return _preferences_page(request, person, form, status=422)
        try:
            asked = _save(request, link, person, form)
        except ContactGone:
            return unusable(request)
        except OutOfReach:
            form.add_error(
                None,
                _("New topics cannot be recorded at the moment. What you took away has stopped."),
            )
            return _preferences_page(request, person, form, status=503)
        return _saved_page(request, person, asked=asked)


def _save(request: HttpRequest, link: Token, person: Person, form: PreferencesForm) -> bool:
    """What is taken away first, then what is asked for anew; True if a mail asks for confirmation."""
    states = selectors.topic_states(link.workspace_id, link.contact_id, clock.now())
    receives = {state.topic.topic_id for state in states if state.receives}
    for topic_id in sorted(form.shown_ticked & receives - form.ticked):
        choice = Choice(OptOutScope.TOPIC, topic_id=topic_id)
        services.opt_out(no_of(request, link, choice, Method.PREFERENCE), clock.now())
    pause = parse_choice({"scope": "until", "days": form.cleaned_data["days"]}, None, _local(person))
    if pause.scope is OptOutScope.UNTIL:
        services.opt_out(no_of(request, link, pause, Method.PREFERENCE), clock.now())
    wanted = sorted(form.ticked - receives)
    if wanted:
        more.ask(link, wanted, request.LANGUAGE_CODE, evidence=_seen(request), now=clock.now())
    return bool(wanted)


def _preferences_form(request: HttpRequest, person: Person, *, posted: bool = False) -> PreferencesForm:
    states = selectors.topic_states(person.workspace.workspace_id, person.contact_id, clock.now())
    return PreferencesForm(
        request.POST if posted else None,
        states=states,
        offered=[as_offered(state.topic) for state in states],
        language=request.LANGUAGE_CODE,
    )


def _preferences_page(
    request: HttpRequest, person: Person, form: PreferencesForm | None, *, status: int = 200
) -> HttpResponse:
    workspace_id, contact_id = person.workspace.workspace_id, person.contact_id
    context = {
        "form": form or _preferences_form(request, person),
        "person": person,
        "sender": person.sender,
        "paused_until": selectors.paused_until(workspace_id, contact_id, clock.now()),
        "stop": stop_path(workspace_id, contact_id),
        "new_address": f"{preferences_path(workspace_id, contact_id)}/address",
    }
    return public_page(render(request, "optout/preferences.html", context, status=status))


def _saved_page(request: HttpRequest, person: Person, *, asked: bool) -> HttpResponse:
    context = {
        "title": _("Saved."),
        "text": _("For what you ticked anew a mail asks you to confirm, unless one is on its way already.")
        if asked
        else _("It holds from this moment."),
        "tone": "go",
        "sender": person.sender,
        "links": [{"href": request.path, "text": _("Back to your choices")}],
    }
    return public_page(render(request, "ui/message.html", context))


@method_decorator(csrf_exempt, name="dispatch")
class AddressView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token, Purpose.PREFERENCE)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        return _address_page(request, person, token, AddressForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token, Purpose.PREFERENCE)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        form = AddressForm(request.POST)
        if not form.is_valid():
            return _address_page(request, person, token, form, status=422)
        address, seen = form.cleaned_data["address"], _seen(request)
        try:
            more.move(link, address, request.LANGUAGE_CODE, evidence=seen, now=clock.now())
        except (ContactGone, KeyDestroyed):
            return unusable(request)
        except OutOfReach:
            form.add_error(
                None, _("This cannot be recorded at the moment. Nothing is lost; try again in a minute.")
            )
            return _address_page(request, person, token, form, status=503)
        return _asked_page(request, person, token)


def _address_page(
    request: HttpRequest, person: Person, token: str, form: AddressForm, *, status: int = 200
) -> HttpResponse:
    states = selectors.topic_states(person.workspace.workspace_id, person.contact_id, clock.now())
    context = {
        "form": form,
        "person": person,
        "sender": person.sender,
        "moves": [state.topic.title(request.LANGUAGE_CODE) for state in states if state.receives],
        "preferences": f"/p/{token}",
        "signup": selectors.form_path(person.workspace),
    }
    return public_page(render(request, "optout/address.html", context, status=status))


def _asked_page(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    """The same whoever the new address belongs to: nobody learns who is known here."""
    context = {
        "title": _("Please look into the mailbox of the new address"),
        "text": _(
            "A mail there asks to confirm, at most one a day. Until the button behind its link is pressed, "
            "nothing changes. Then everything goes to the new address, and nothing to this one."
        ),
        "tone": "go",
        "symbol": "mail-wait",
        "sender": person.sender,
        "links": [{"href": f"/p/{token}", "text": _("Back to your choices")}],
    }
    return public_page(render(request, "ui/message.html", context))


class WhyView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_token(token)
        person = selectors.person(link) if link else None
        if link is None or person is None:
            return unusable(request)
        follow(request, person.language)
        acts = selectors.recorded(link.workspace_id, link.contact_id)
        last = next((act for act in reversed(acts) if act.event.entry_id is not None), None)
        leaf = ledger.leaf_of(link.workspace_id, last.event.entry_id or 0) if last else None
        bases = basis_lines(selectors.bases(link.workspace_id, link.contact_id))
        context = {
            "person": person,
            "sender": person.sender,
            "why": why_it_came(person.kind, acts, known=bool(bases)),
            "events": timeline(acts, request.LANGUAGE_CODE),
            "first": acts[0] if consented(acts) else None,
            "last": last,
            "leaf": leaf,
            "place": place_in_words(leaf) if leaf else "",
            "bases": bases,
            "stop": f"/o/{token}",
        }
        return public_page(render(request, "optout/why.html", context))


def unusable(request: HttpRequest) -> HttpResponse:
    """One page for a forged, a cut-off and an erased person's link, with status 200: it tells nothing."""
    context = {
        "title": _("This link cannot be used"),
        "text": _("It has expired or was cut off. Please open it from the mail once more."),
        "tone": "wait",
    }
    return public_page(render(request, "ui/message.html", context))


def no_of(request: HttpRequest, link: Token, choice: Choice, via: Method) -> OptOut:
    seen = _seen(request)
    return OptOut(
        workspace_id=link.workspace_id,
        contact_id=link.contact_id,
        scope=choice.scope,
        topic_id=choice.topic_id,
        until=choice.until,
        via=via,
        url=seen["url"],
        ip=seen["ip"],
        browser=seen["browser"],
    )


def preferences_path(workspace_id: int, contact_id: int) -> str:
    return f"/p/{_token(workspace_id, contact_id, Purpose.PREFERENCE)}"


def stop_path(workspace_id: int, contact_id: int) -> str:
    return f"/o/{_token(workspace_id, contact_id, Purpose.NOTICE)}"


def _token(workspace_id: int, contact_id: int, purpose: Purpose) -> str:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return url_form(keys.make(Token(workspace_id, 0, contact_id, purpose)))


def _posted(request: HttpRequest) -> Mapping[str, str]:
    """A body that cannot be read is a press without a choice: it stops everything."""
    try:
        return request.POST.dict()
    except Exception:  # noqa: BLE001 - too large, cut off, of no known charset: whatever it was, it was a press
        return {}


def _seen(request: HttpRequest) -> dict[str, str]:
    """The URL without its token: a token is a capability, and evidence is shown to others."""
    _empty, page, _token, *rest = request.path.split("/")
    page = "/" + "/".join((page, *rest))
    return {
        "url": runtime.current().public_url + page,
        "ip": request.META.get("REMOTE_ADDR", ""),
        "browser": request.headers.get("User-Agent", "")[:BROWSER_CHARS_MAX],
    }


def _local(person: Person) -> datetime:
    return clock.now().astimezone(ZoneInfo(person.workspace.timezone))
