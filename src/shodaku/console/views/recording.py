"""A consent from paper, telephone or counter is written down, and the paper that proves it opened again."""

from __future__ import annotations

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act
from shodaku.consent import selectors as consent
from shodaku.consent.domain import Method
from shodaku.console import inert, words
from shodaku.console.consent_form import ToldConsentForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.contacts import selectors as contacts
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.ui.uploads import InMemory
from shodaku.ledger import services as ledger
from shodaku.signup import services as signup

SCAN_BYTES_MAX: Final = 20 * 1024 * 1024
FRAME_BYTES_MAX: Final = 64 * 1024  # the other fields of the form and its boundaries
ANSWER_TOO_LARGE: Final = 413
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png"}


# The check of the token reads the form out of the body, which the web server has taken in by then, up to its
# own limit (config.body_limit). Whether a form is read at all, and where its scan goes, is settled before,
# so the check stands inside.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_CONTACTS)
def record_consent(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    announced = row_id(str(request.META.get("CONTENT_LENGTH") or "0")) or 0
    if announced > SCAN_BYTES_MAX + FRAME_BYTES_MAX:
        fault = ledger.TooManyBytes().sentence(get_language() or "ja")
        return _page(request, visitor, contact_id, _form(visitor), fault, status=ANSWER_TOO_LARGE)
    request.upload_handlers = [InMemory(request)]  # a paper lies on our disk encrypted, or not at all
    answered: HttpResponse = csrf_protect(_record)(request, visitor, contact_id)
    return answered


@require_POST
@allowed(Act.REVEAL)
def open_file(request: HttpRequest, visitor: Visitor, contact_id: int, evidence_id: UUID) -> HttpResponse:
    """Each reading is an entry of the person's history before the picture leaves."""
    try:
        media_type, data = ledger.read_file(
            visitor.workspace_id,
            contact_id,
            evidence_id,
            by=f"staff:{visitor.staff_id}",
            now=clock.now(),
        )
    except (ContactGone, ledger.NoFile) as fault:
        raise Http404 from fault
    except ledger.FileBroken:
        messages.error(request, _("This file does not open: it is not the one that was kept."))
        return redirect(place(visitor, "contact", contact_id))
    return inert.shown(data, media_type, f"evidence-{evidence_id}.{ENDINGS[media_type]}")


def _record(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    if request.method != "POST":
        return _page(request, visitor, contact_id, _form(visitor))
    form = _form(visitor, request)
    if not form.is_valid():
        return _again(request, visitor, contact_id, form)
    scan: UploadedFile[bytes] | None = form.cleaned_data["scan"]
    try:
        answer = signup.record_told_consent(
            visitor.workspace_id,
            _told(visitor, contact_id, form),
            now=clock.now(),
            scan=scan.read() if scan else None,
        )
    except ledger.UnfitFile as fault:
        form.add_error("scan", fault.sentence(get_language() or "ja"))
        return _again(request, visitor, contact_id, form)
    except ContactGone:
        return _gone(request, visitor)
    if isinstance(answer, signup.Incomplete):
        told = words.told(answer.reason.value)
        form.add_error(None, " ".join(filter(None, (str(told.text), told.next_step))))
        return _again(request, visitor, contact_id, form)
    entry = {"number": answer.entry_id}
    messages.success(request, _("Recorded. Entry %(number)s of the ledger proves it.") % entry)
    return redirect(place(visitor, "contact", contact_id))


def _told(visitor: Visitor, contact_id: int, form: ToldConsentForm) -> signup.ToldConsent:
    said = form.cleaned_data
    return signup.ToldConsent(
        contact_id=contact_id,
        topic_ids=tuple(said["topics"]),
        method=Method(said["way"]),
        at=said["at"],
        wording=said["wording"],
        by=f"staff:{visitor.staff_id}",
    )


def _form(visitor: Visitor, request: HttpRequest | None = None) -> ToldConsentForm:
    language = get_language() or "ja"
    topics = [
        (topic.topic_id, topic.title(language), topic.content)
        for topic in consent.topics(visitor.workspace_id)
        if topic.archived_at is None
    ]
    typed = (None, None) if request is None else (request.POST, request.FILES)
    return ToldConsentForm(*typed, topics=topics, zone=ZoneInfo(visitor.workspace.timezone))


def _again(request: HttpRequest, visitor: Visitor, contact_id: int, form: ToldConsentForm) -> HttpResponse:
    """With all that was typed; a file no browser sends twice, so it says so."""
    fault = ""
    if request.FILES and "scan" not in form.errors:
        fault = _("Choose the scan once more: a browser does not keep it. Nothing was recorded yet.")
    return _page(request, visitor, contact_id, form, fault, status=422)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    contact_id: int,
    form: ToldConsentForm,
    fault: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    person = contacts.contact(visitor.workspace_id, contact_id)
    if person is None:
        return _gone(request, visitor)
    context = {
        "person": person,
        "addresses": contacts.addresses(visitor.workspace_id, contact_id),
        "form": form,
        "fault": fault,
    }
    return show(request, visitor, "console/record_consent.html", context, current="contacts", status=status)


def _gone(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return show(request, visitor, "console/contact_gone.html", {}, current="contacts", status=404)
