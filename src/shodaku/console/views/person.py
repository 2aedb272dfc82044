"""The truth on one person: what holds, what may be sent now and why, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.consent import selectors as consent
from shodaku.consent.domain import ConsentState, Method
from shodaku.console import people, words
from shodaku.console.acts import record
from shodaku.console.desk_forms import RestoreAddressForm, SameForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.note_form import NoteForm, note_form_of, note_lines
from shodaku.console.proof_form import PersonProofForm
from shodaku.console.refusal_form import RefusalForm
from shodaku.console.timeline import timeline
from shodaku.contacts import selectors as contacts
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import MessageClass, Word
from shodaku.signup import selectors as signups


@dataclass(frozen=True, slots=True)
class Cell:
    """One topic on one channel: what was agreed, and what the gate says now."""

    topic: str
    channel: str
    badge: words.Badge
    since: datetime | None
    expires_at: datetime | None
    answer: words.Told
    entry_id: int | None  # of the consent or the refusal behind the answer
    until: datetime | None  # when a deferred message may be asked for again


@dataclass(frozen=True, slots=True)
class Also:
    """Another contact of the same person."""

    person: contacts.Contact
    address: str


@require_safe
@allowed(Act.READ)
def contact(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    return person_page(request, visitor, contact_id)


@require_POST
@allowed(Act.REVEAL)
def reveal(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    """Each showing is an act of its own, in the ledger before the address is on the screen."""
    if contacts.contact(visitor.workspace_id, contact_id) is None:
        return _gone(request, visitor)
    now = clock.now()
    record(visitor, "admin.revealed", {"contact": str(contact_id)}, now)
    response = person_page(request, visitor, contact_id, revealed=True)
    patch_cache_control(response, no_store=True, private=True)
    return response


@require_POST
@allowed(Act.STOP)
def refuse(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    """A no that staff write down for somebody; obeyed when this answers."""
    form = _refusal_form(visitor, request.POST)
    if not form.is_valid():
        return person_page(request, visitor, contact_id, refusal_form=form, status=422)
    said = form.cleaned_data
    scope = OptOutScope(said["scope"])
    if scope is OptOutScope.ERASE:
        forbid(visitor, Act.ERASE)
    order = OptOut(
        workspace_id=visitor.workspace_id,
        contact_id=contact_id,
        scope=scope,
        topic_id=said["topic"] if scope is OptOutScope.TOPIC else None,
        via=Method(said["via"]),
        by=f"staff:{visitor.staff_id}",
    )
    try:
        receipt = optout.opt_out(order, now=clock.now())
    except ContactGone:
        return _gone(request, visitor)
    receipt_words = {"number": receipt.number}
    if receipt.scope is OptOutScope.ERASE:
        messages.success(request, _("Stopped, and being erased. Receipt %(number)s.") % receipt_words)
        return redirect(place(visitor, "erasures"))
    messages.success(request, _("Stopped. Receipt %(number)s.") % receipt_words)
    return redirect(place(visitor, "contact", contact_id))


def person_page(
    request: HttpRequest,
    visitor: Visitor,
    contact_id: int,
    *,
    revealed: bool = False,
    refusal_form: RefusalForm | None = None,
    note_form: NoteForm | None = None,
    restore_form: RestoreAddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person = contacts.contact(visitor.workspace_id, contact_id)
    if person is None:
        return _gone(request, visitor)
    titles = topic_titles(visitor.workspace_id)
    addresses = contacts.addresses(visitor.workspace_id, contact_id)
    same = _same(visitor, contact_id)
    context = {
        "person": person,
        "addresses": addresses,
        "restore_form": restore_form or RestoreAddressForm(),
        "revealed": revealed,
        "may_reveal": may(visitor.role, Act.REVEAL),
        "cells": _cells(visitor, contact_id, titles),
        "timeline": timeline(
            visitor.workspace_id, visitor.workspace.slug, person, titles, [each.person for each in same]
        ),
        "notes": note_lines(visitor, contacts.notes(visitor.workspace_id, contact_id)),
        "note_form": note_form or note_form_of(visitor),
        "same": same,
        "alike": people.lines(visitor.workspace_id, optout.alike(visitor.workspace_id, contact_id)).values()
        if may(visitor.role, Act.EDIT_CONTACTS)
        else [],
        "same_form": SameForm(auto_id="same_%s"),
        "details": contacts.details(visitor.workspace_id, contact_id),
        "purchases": contacts.purchases(visitor.workspace_id, contact_id),
        "files": ledger.files_of(visitor.workspace_id, contact_id) if may(visitor.role, Act.REVEAL) else [],
        "may_record": may(visitor.role, Act.EDIT_CONTACTS),
        "proof_form": PersonProofForm(auto_id="proof_%s") if may(visitor.role, Act.REVEAL) else None,
        "refusal_form": refusal_form or _refusal_form(visitor),
    }
    return show(request, visitor, "console/contact.html", context, current="contacts", status=status)


def _same(visitor: Visitor, contact_id: int) -> list[Also]:
    """Other contacts that are known to be this person."""
    found = signups.same_contacts(visitor.workspace_id, contact_id)
    known = ((each, contacts.contact(visitor.workspace_id, each)) for each in found)
    lines = people.lines(visitor.workspace_id, found)
    return [Also(person, lines[each].address) for each, person in known if person and each in lines]


def _gone(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return show(request, visitor, "console/contact_gone.html", {}, current="contacts", status=404)


def _refusal_form(visitor: Visitor, said: Any = None) -> RefusalForm:  # noqa: ANN401 - a QueryDict or nothing
    topics = list(topic_titles(visitor.workspace_id).items())
    return RefusalForm(
        said,
        topics=topics,
        may_erase=may(visitor.role, Act.ERASE),
        rule=OptOutRule(visitor.workspace.on_opt_out),
        auto_id="refusal_%s",
    )


def topic_titles(workspace_id: int) -> dict[int, str]:
    language = get_language() or "ja"
    return {topic.topic_id: topic.title(language) for topic in consent.topics(workspace_id)}


def offered_titles(workspace_id: int, chosen: int | None = None) -> dict[int, str]:
    """Of topics that can be chosen; what was `chosen` before stays, though it was put away since."""
    language = get_language() or "ja"
    return {
        topic.topic_id: topic.title(language)
        for topic in consent.topics(workspace_id)
        if topic.archived_at is None or topic.topic_id == chosen
    }


def _cells(visitor: Visitor, contact_id: int, titles: dict[int, str]) -> list[Cell]:
    now = clock.now()
    held = {(each.topic_id, each.channel): each for each in consent.held(visitor.workspace_id, contact_id)}
    found = delivery.standing(visitor.workspace_id, contact_id, now=now, classes=(MessageClass.ADVERTISING,))
    return [
        _cell(answer, titles, held.get((answer.topic_id or 0, answer.channel.value)), now)
        for answer in found.answers
    ]


def _cell(answer: delivery.Answer, titles: dict[int, str], held: consent.Held | None, now: datetime) -> Cell:
    state = held.state if held else ConsentState.NEVER
    if held and held.expires_at and held.expires_at <= now and state == ConsentState.ACTIVE:
        state = ConsentState.EXPIRED  # its row is told so by a job, within the hour
    return Cell(
        titles.get(answer.topic_id or 0, _("a former topic")),
        answer.channel.value,
        words.STATES[state],
        held.since if held else None,
        held.expires_at if held else None,
        words.told(answer.reason.value),
        answer.entry_id,
        answer.until if answer.word is Word.DEFER else None,
    )
