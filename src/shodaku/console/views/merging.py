"""Two contacts side by side, made one person: nothing is moved, and what one of them refused both refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act
from shodaku.consent import selectors as consent
from shodaku.consent.domain import ConsentState
from shodaku.console import words
from shodaku.console.desk_forms import SameForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.person import topic_titles
from shodaku.contacts import selectors as contacts
from shodaku.contacts.services import ContactGone, Told
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.signup import selectors as signups
from shodaku.suppression import selectors as suppression

_TITLES: Final[dict[Told, Promise]] = {
    Told.NAME: gettext_lazy("Name"),
    Told.KANA: gettext_lazy("Reading"),
    Told.COMPANY: gettext_lazy("Company"),
    Told.BIRTH_DATE: gettext_lazy("Date of birth"),
    Told.LOCALE: gettext_lazy("Language"),
}

_LANGUAGES: Final = {"ja": "日本語", "en": "English"}


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two, as the page shows it."""

    person: contacts.Contact
    addresses: list[contacts.Address]
    told: dict[Told, str]
    agreed: list[tuple[str, str, words.Badge]]  # topic, channel, state
    refusals: int
    href: str


@dataclass(frozen=True, slots=True)
class _Row:
    """What both tell; `chosen` is the contact that has it right, None: they do not differ."""

    key: str
    title: str
    texts: tuple[tuple[int, str], tuple[int, str]]
    chosen: int | None


@require_POST
@allowed(Act.EDIT_CONTACTS)
def find(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    """Whose address it is. Changes nothing; a POST, so that no URL holds an address."""
    form = SameForm(request.POST, auto_id="same_%s")
    if not form.is_valid():
        return _search(request, visitor, contact_id, form)
    other_id = optout.owner(visitor.workspace_id, form.cleaned_data["address"][1])
    if other_id is None:
        form.add_error("address", _("Nobody here has this address. Check how it is written."))
        return _search(request, visitor, contact_id, form)
    if other_id == contact_id:
        form.add_error("address", _("This is the same contact. Enter the address of the other one."))
        return _search(request, visitor, contact_id, form)
    return redirect(place(visitor, "merge", contact_id, other_id))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_CONTACTS)
def merge(request: HttpRequest, visitor: Visitor, contact_id: int, other_id: int) -> HttpResponse:
    """Side by side; the first press asks once more with what follows, the second one does it."""
    if contact_id == other_id:
        raise Http404
    sides = (_side(visitor, contact_id), _side(visitor, other_id))
    known = other_id in signups.same_contacts(visitor.workspace_id, contact_id)
    rows = _rows(sides, request)
    if request.method != "POST" or known:
        context = {"sides": sides, "rows": rows, "known": known}
        return show(request, visitor, "console/merge.html", context, current="contacts")
    if request.POST.get("confirmed") != "1":
        context = {"sides": sides, "rows": [row for row in rows if row.chosen is not None]}
        return show(request, visitor, "console/merge_confirm.html", context, current="contacts")
    wins = {Told(row.key): row.chosen for row in rows if row.chosen is not None}
    try:
        optout.unite(
            visitor.workspace_id,
            contact_id,
            other_id,
            by=f"staff:{visitor.staff_id}",
            now=clock.now(),
            wins=wins,
        )
    except ContactGone as gone:
        raise Http404 from gone
    messages.success(request, _("One person from now on. What one of the two refused, both refuse."))
    return redirect(place(visitor, "contact", contact_id))


def _search(request: HttpRequest, visitor: Visitor, contact_id: int, form: SameForm) -> HttpResponse:
    context = {"form": form, "person": _side(visitor, contact_id).person}
    return show(request, visitor, "console/merge_find.html", context, current="contacts", status=422)


def _side(visitor: Visitor, contact_id: int) -> _Side:
    """Raises Http404."""
    workspace_id = visitor.workspace_id
    person, details = contacts.contact(workspace_id, contact_id), contacts.details(workspace_id, contact_id)
    if person is None or details is None:
        raise Http404
    titles = topic_titles(workspace_id)
    return _Side(
        person,
        contacts.addresses(workspace_id, contact_id),
        {
            Told.NAME: " ".join(filter(None, (person.family_name, person.given_name))),
            Told.KANA: person.kana or "",
            Told.COMPANY: person.company or "",
            Told.BIRTH_DATE: details.birth_date.isoformat() if details.birth_date else "",
            Told.LOCALE: _LANGUAGES.get(person.locale or "", ""),
        },
        [
            (
                titles.get(each.topic_id, _("a former topic")),
                each.channel,
                words.STATES[ConsentState(each.state)],
            )
            for each in consent.held(workspace_id, contact_id)
        ],
        len(suppression.refusals(workspace_id, contact_id)),
        place(visitor, "contact", contact_id),
    )


def _rows(sides: tuple[_Side, _Side], request: HttpRequest) -> list[_Row]:
    one, other = sides
    rows = []
    for told, title in _TITLES.items():
        texts = ((one.person.contact_id, one.told[told]), (other.person.contact_id, other.told[told]))
        rows.append(_Row(told.value, str(title), texts, _chosen(told, texts, request)))
    return rows


def _chosen(told: Told, texts: tuple[tuple[int, str], tuple[int, str]], request: HttpRequest) -> int | None:
    """As it was chosen; before that, whichever of the two tells anything, and the first if both do."""
    (one_id, one), (other_id, other) = texts
    if one == other:
        return None
    said = request.POST.get(told.value, "")
    if said in {str(one_id), str(other_id)}:
        return int(said)
    return one_id if one else other_id
