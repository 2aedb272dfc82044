"""The preference pages: what is taken away holds at once, and what is wanted anew is asked by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.content.selectors import page_brand
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach
from shodaku.kit.links import Purpose, Token
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger.services import KeyDestroyed
from shodaku.optout import measuring, more, selectors, services
from shodaku.optout.domain import Choice, OptOutScope, parse_choice
from shodaku.optout.forms import AddressForm, PreferencesForm
from shodaku.optout.naming import offered_by_name
from shodaku.optout.pages import channel_name
from shodaku.optout.selectors import Person
from shodaku.optout.services import AWAY, Received
from shodaku.optout.visiting import (
    local_time,
    no_of,
    preferences_path,
    seen_of,
    stop_path,
    visitor,
)
from shodaku.signup.selectors import archives
from shodaku.signup.services import reception_advice, shown_sender


@dataclass(frozen=True, slots=True)
class Saved:
    """One thing that was changed, for the page that says what was."""

    scope: OptOutScope
    topic: str = ""
    channel: str = ""
    most: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    saved: list[Saved]
    received: Received | None  # written down, and obeyed before the next mail
    asked: list[str]  # topics about which a mail asks
    measuring: bool | None = None  # allowed or ended; None: neither


@method_decorator(csrf_exempt, name="dispatch")
class PreferencesView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = visitor(token, Purpose.PREFERENCE)
            if found is None:
                return unusable(request)
            _link, person = found
            follow(request, person.language)
            return _preferences_page(request, person, None)
        except AWAY:
            return _away_page(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = visitor(token, Purpose.PREFERENCE)
            if found is None:
                return unusable(request)
            link, person = found
            follow(request, person.language)
            return _save_page(request, link, person)
        except (ContactGone, KeyDestroyed):
            return unusable(request)
        except AWAY:
            return _away_page(request, token)


def _save_page(request: HttpRequest, link: Token, person: Person) -> HttpResponse:
    form = _preferences_form(request, person, posted=True)
    if not form.is_valid():
        return _preferences_page(request, person, form, status=422)
    taken = _take_away(request, link, person, form)
    try:
        asked = _ask_for_more(request, link, person, form)
        measured = _measure(request, link, form) or taken.measuring
    except OutOfReach:
        form.add_error(
            None, _("New topics cannot be recorded at the moment. What you took away has stopped.")
        )
        return _preferences_page(request, person, form, status=503)
    return _saved_page(request, person, _Outcome(taken.saved, taken.received, asked, measured))


def _take_away(request: HttpRequest, link: Token, person: Person, form: PreferencesForm) -> _Outcome:
    """Nothing of this can be refused, and nothing of it needs the key store."""
    saved, received = [], None
    for choice, said in _less(request, person, form):
        outcome = services.stop_or_receive(no_of(request, link, choice, Method.PREFERENCE), clock.now())
        if isinstance(outcome, Received):
            received = outcome
        saved.append(said)
    ended = form.wants_measuring is False and measuring.end(link, evidence=seen_of(request), now=clock.now())
    return _Outcome(saved, received, [], measuring=False if ended else None)


def _measure(request: HttpRequest, link: Token, form: PreferencesForm) -> bool | None:
    """Only a box that the person ticked. Raises VaultAway, ContactGone."""
    if not form.wants_measuring:
        return None
    words, seen = form.measuring_words, seen_of(request)
    return measuring.agree(link, words, evidence=seen, now=clock.now()) or None


def _less(request: HttpRequest, person: Person, form: PreferencesForm) -> list[tuple[Choice, Saved]]:
    """What the person takes away by this form, and what the next page says of it."""
    language = request.LANGUAGE_CODE
    no_mail, no_texts = form.taken_away(Channel.EMAIL), form.taken_away(Channel.SMS)
    less: list[tuple[Choice, Saved]] = []
    for state in _states(person):
        topic_id, title = state.topic.topic_id, state.topic.title(language)
        left = {
            channel
            for channel, gone in ((Channel.EMAIL, no_mail), (Channel.SMS, no_texts))
            if channel in state.channels and topic_id in gone
        }
        if left and left == state.channels:
            choice = Choice(OptOutScope.TOPIC, topic_id=topic_id)
            less.append((choice, Saved(OptOutScope.TOPIC, title)))
            continue
        less += [
            (
                Choice(OptOutScope.CHANNEL, topic_id=topic_id, channel=channel),
                Saved(OptOutScope.CHANNEL, title, channel_name(channel)),
            )
            for channel in sorted(left)
        ]
        most = form.fewer.get(topic_id)
        if most is not None and state.channels:
            choice = Choice(OptOutScope.LESS_OFTEN, topic_id=topic_id, most=most)
            less.append((choice, Saved(OptOutScope.LESS_OFTEN, title, most=most.text(language))))
    if form.pause:
        pause = parse_choice(form.pause, None, local_time(person))
        less.append((pause, Saved(OptOutScope.UNTIL, until=pause.until)))
    return less


def _ask_for_more(request: HttpRequest, link: Token, person: Person, form: PreferencesForm) -> list[str]:
    """Titles of what a mail asks to confirm; not of what was put away. Raises VaultAway, ContactGone."""
    offered = [state for state in _states(person) if state.topic.archived_at is None]
    wanted = {
        state.topic.topic_id: state.topic.title(request.LANGUAGE_CODE)
        for state in offered
        if (state.topic.topic_id in form.ticked and not state.receives)
        or (state.topic.topic_id in form.as_promised and state.receives)
    }
    if wanted:
        more.ask(link, sorted(wanted), request.LANGUAGE_CODE, evidence=seen_of(request), now=clock.now())
    return list(wanted.values())


def _states(person: Person) -> list[selectors.TopicState]:
    """What comes stands first: of the hundred topics that there may be, a telephone shows a few."""
    states = selectors.topic_states(person.workspace.workspace_id, person.contact_id, clock.now())
    return sorted(states, key=lambda each: not (each.channels or each.waiting))


def _preferences_form(request: HttpRequest, person: Person, *, posted: bool = False) -> PreferencesForm:
    states = _states(person)
    return PreferencesForm(
        request.POST if posted else None,
        states=states,
        offered=offered_by_name(
            person.workspace.workspace_id, [state.topic for state in states], request.LANGUAGE_CODE
        ),
        language=request.LANGUAGE_CODE,
        today=local_time(person).date(),
        measured=selectors.is_measured(person.workspace.workspace_id, person.contact_id),
    )


def _preferences_page(
    request: HttpRequest, person: Person, form: PreferencesForm | None, *, status: int = 200
) -> HttpResponse:
    workspace_id, contact_id = person.workspace.workspace_id, person.contact_id
    path, states = preferences_path(workspace_id, contact_id), _states(person)
    context = {
        "form": form or _preferences_form(request, person),
        "person": person,
        "sender": person.sender,
        "brand": page_brand(workspace_id),
        "paused_until": selectors.paused_until(workspace_id, contact_id, clock.now()),
        "receives": any(state.channels for state in states),
        "stop": stop_path(workspace_id, contact_id),
        "new_address": f"{path}/address",
        "own_data": f"{path}/data",
        "legal_display": reverse("signup_legal_display", args=[person.workspace.slug]),
        "archives": archives(person.workspace, request.LANGUAGE_CODE),
        "lost": [state.topic.title(request.LANGUAGE_CODE) for state in states if state.channels],
        "purchases": selectors.purchases(workspace_id, contact_id),
    }
    return public_page(render(request, "optout/preferences.html", context, status=status))


def _saved_page(request: HttpRequest, person: Person, outcome: _Outcome) -> HttpResponse:
    context = {
        "outcome": outcome,
        "sender": person.sender,
        "brand": page_brand(person.workspace.workspace_id),
        "back": preferences_path(person.workspace.workspace_id, person.contact_id),
        "changed": bool(outcome.saved or outcome.asked or outcome.measuring is not None),
    }
    status = 202 if outcome.received else 200
    return public_page(render(request, "optout/saved.html", context, status=status))


def _away_page(request: HttpRequest, token: str) -> HttpResponse:
    """Choices cannot be shown without the database; to stop everything works without it."""
    link = services.read_token(token, Purpose.PREFERENCE)
    if link is None:
        return unusable(request)
    context = {
        "title": _("Your choices cannot be shown at the moment"),
        "text": _("Nothing was changed. Please try again in a few minutes. To stop everything works now."),
        "tone": "wait",
        "action": {"href": stop_path(link.workspace_id, link.contact_id), "text": _("Stop everything")},
    }
    return public_page(render(request, "ui/message.html", context, status=503))


@method_decorator(csrf_exempt, name="dispatch")
class AddressView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token, Purpose.PREFERENCE)
        if found is None:
            return unusable(request)
        _link, person = found
        follow(request, person.language)
        return _address_page(request, person, token, AddressForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = visitor(token, Purpose.PREFERENCE)
        if found is None:
            return unusable(request)
        link, person = found
        follow(request, person.language)
        form = AddressForm(request.POST)
        if not form.is_valid():
            return _address_page(request, person, token, form, status=422)
        address, seen = form.cleaned_data["address"], seen_of(request)
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
    states = _states(person)
    context = {
        "form": form,
        "person": person,
        "sender": person.sender,
        "brand": page_brand(person.workspace.workspace_id),
        "moves": [state.topic.title(request.LANGUAGE_CODE) for state in states if state.receives],
        "preferences": f"/p/{token}",
        "signup": selectors.form_path(person.workspace),
    }
    return public_page(render(request, "optout/address.html", context, status=status))


def _asked_page(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    """The same whoever the new address belongs to: nobody learns who is known here."""
    moved = next((state.topic for state in _states(person) if state.receives), None)
    asker = shown_sender(person.workspace.workspace_id, moved.sender_id) if moved else None  # whose mail asks
    advice = reception_advice(asker.from_domain if asker else "", request.LANGUAGE_CODE)
    context = {
        "title": _("Please look into the mailbox of the new address"),
        "text": _(
            "A mail there asks to confirm, at most one a day. Until the button behind its link is pressed, "
            "nothing changes. Then everything goes to the new address, and nothing to this one."
        ),
        "tone": "go",
        "symbol": "mail-wait",
        "sender": person.sender,
        "brand": page_brand(person.workspace.workspace_id),
        "reception": advice.sentence,
        "carriers": advice.carriers,
        "links": [{"href": f"/p/{token}", "text": _("Back to your choices")}],
    }
    return public_page(render(request, "signup/sent.html", context))
