"""What staff write down about a person, and what is to be done."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.console.acts import record
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.note_form import note_form_of
from shodaku.console.views.person import person_page
from shodaku.contacts import services as contacts
from shodaku.kit import clock, db

NOTED = "admin.contact.noted"


@require_POST
@allowed(Act.EDIT_CONTACTS)
def write(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    form = note_form_of(visitor, request.POST)
    if not form.is_valid():
        return person_page(request, visitor, contact_id, note_form=form, status=422)
    said, now = form.cleaned_data, clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            contacts.lock(contact_id)
            contacts.write_note(
                contact_id,
                said["text"],
                written_by=visitor.staff_id,
                now=now,
                due_on=said["due_on"],
                whose=said["whose"],
            )
            record(visitor, NOTED, {"contact": str(contact_id), "act": "written"}, now)
    except contacts.ContactGone as gone:
        raise Http404 from gone
    except contacts.TooManyNotes:
        form.add_error(None, _("At most 200 notes are kept about one person. Remove one first."))
        return person_page(request, visitor, contact_id, note_form=form, status=422)
    messages.success(request, _("Written down."))
    return _back(visitor, contact_id)


@require_POST
@allowed(Act.EDIT_CONTACTS)
def end(request: HttpRequest, visitor: Visitor, contact_id: int, note_no: int) -> HttpResponse:
    now = clock.now()
    with db.transaction(visitor.workspace_id):
        if contacts.end_task(contact_id, note_no, now=now):
            record(visitor, NOTED, {"contact": str(contact_id), "act": "done"}, now)
            messages.success(request, _("Done."))
    return _back(visitor, contact_id)


@require_POST
@allowed(Act.EDIT_CONTACTS)
def remove(request: HttpRequest, visitor: Visitor, contact_id: int, note_no: int) -> HttpResponse:
    with db.transaction(visitor.workspace_id):
        if contacts.remove_note(contact_id, note_no):
            record(visitor, NOTED, {"contact": str(contact_id), "act": "removed"}, clock.now())
            messages.success(request, _("Removed."))
    return _back(visitor, contact_id)


def _back(visitor: Visitor, contact_id: int) -> HttpResponse:
    return redirect(f"{place(visitor, 'contact', contact_id)}#h-notes")
