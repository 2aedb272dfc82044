"""Bring a list in: checked first, then imported, each row with its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console import uploads, words
from shodaku.console.acts import record
from shodaku.console.download import csv_answer
from shodaku.console.forms import ImportAgreed, ImportForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.views.person import topic_titles
from shodaku.contacts.domain import AddressFault, NameFault, NumberFault
from shodaku.imports import selectors, services
from shodaku.imports.domain import (
    Basis,
    FaultCode,
    RowCode,
    RowReason,
    RowWarning,
    UnreadableFile,
    Verdict,
    sentence_of,
)
from shodaku.imports.services import BatchReport, ImportOrder
from shodaku.kit import clock
from shodaku.ledger.domain import Value

MEGABYTE: Final = 1024 * 1024
ANSWER_TOO_LARGE: Final = 413


@dataclass(frozen=True, slots=True)
class Count:
    badge: words.Badge
    people: int


@dataclass(frozen=True, slots=True)
class Line:
    batch: selectors.Batch
    basis: object
    accepted: int
    pending: int
    left_out: int


@require_safe
@allowed(Act.READ)
def imports(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    lines = [_line(batch) for batch in selectors.batches(visitor.workspace_id)]
    context = {"lines": lines, "may_import": may(visitor.role, Act.IMPORT)}
    return show(request, visitor, "console/imports.html", context, current="imports")


# The check of the token reads the form out of the body, which the web server has taken in by then, up to its
# own limit (config.body_limit). Whether a form is read at all is settled before, so the check stands inside.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.IMPORT)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The first step writes nothing: it reads the list and says what would become of each row."""
    if _bytes_announced(request) > uploads.BYTES_MAX + uploads.FRAME_BYTES_MAX:
        return _too_large(request, visitor)
    answered: HttpResponse = csrf_protect(_first_step)(request, visitor)
    return answered


@require_POST
@allowed(Act.IMPORT)
def bring_in(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The second step, with the very file that was checked."""
    uploads.sweep(clock.now())
    form = ImportAgreed(request.POST, topics=_topics(visitor))
    file = uploads.reopen(visitor.workspace_id, request.POST.get("upload", ""))
    if not form.is_valid() or file is None:
        again = ImportForm(topics=_topics(visitor), initial=request.POST.dict())
        sentence = _("The file is kept for an hour only. Choose it again; nothing was imported.")
        return _asked(request, visitor, again, sentence, status=422)
    said = form.cleaned_data
    with file:
        report = services.bring_in(
            visitor.workspace_id,
            file,
            _order(said, said["file_name"]),
            dry_run=False,
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    uploads.drop(visitor.workspace_id, said["upload"])
    return redirect(place(visitor, "import", report.batch_id))


@require_safe
@allowed(Act.READ)
def batch(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    found = _found(visitor, batch_id)
    rows = selectors.rows(visitor.workspace_id, batch_id)
    faulty = [row for row in rows if row.verdict == Verdict.FAULTY]
    context = {
        "batch": found,
        "basis": words.BASES.get(found.basis, found.basis),
        "topic": topic_titles(visitor.workspace_id).get(found.topic_id or 0, ""),
        "counts": _counts(found.counts),
        "waits_for": _distinct(sentence(row.reason) for row in rows if row.verdict == Verdict.PENDING),
        "rows": [
            (row, words.VERDICTS[row.verdict], sentence(row.reason))
            for row in faulty[: services.SHOWN_ROWS_MAX]
        ],
        "more": max(0, len(faulty) - services.SHOWN_ROWS_MAX),
        "listed": bool(rows),
    }
    return show(request, visitor, "console/import.html", context, current="imports")


@require_POST
@allowed(Act.READ)
def rows_file(_request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    found = _found(visitor, batch_id)
    rows = selectors.rows(visitor.workspace_id, batch_id)
    taken: dict[str, Value] = {"what": "import", "batch": str(found.batch_id), "rows": len(rows)}
    record(visitor, "admin.exported", taken, clock.now())
    head = [_("Row"), _("Verdict"), _("Code"), _("Why")]
    cells = (
        [str(row.line), str(words.VERDICTS[row.verdict].text), row.reason, sentence(row.reason)]
        for row in rows
    )
    return csv_answer(head, cells, f"import-{found.batch_id}.csv")


def sentence(code: str) -> str:
    kinds = (RowReason, RowCode, RowWarning, AddressFault, NumberFault, NameFault)
    known: dict[str, Any] = {each.value: each for kind in kinds for each in kind}
    found: FaultCode | RowWarning | RowReason | None = known.get(code)
    return code if found is None else sentence_of(found, get_language() or "ja")


def _first_step(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return _asked(request, visitor, ImportForm(topics=_topics(visitor)))
    uploads.sweep(clock.now())
    form = ImportForm(request.POST, request.FILES, topics=_topics(visitor))
    if not form.is_valid():
        return _asked(request, visitor, form, status=422)
    file: UploadedFile[bytes] = form.cleaned_data["list"]
    if (file.size or 0) > uploads.BYTES_MAX:
        return _too_large(request, visitor)
    return _checked(request, visitor, form, file)


def _checked(
    request: HttpRequest, visitor: Visitor, form: ImportForm, file: UploadedFile[bytes]
) -> HttpResponse:
    name = uploads.keep(visitor.workspace_id, file.chunks())
    order = _order(form.cleaned_data, file.name or "")
    try:
        report = _dry_run(visitor, name, order)
    except UnreadableFile as fault:
        uploads.drop(visitor.workspace_id, name)
        form.add_error("list", fault.sentence(get_language() or "ja"))
        return _asked(request, visitor, form, status=422)
    agreed = {**request.POST.dict(), "upload": name, "file_name": order.file_name}
    return _shown(request, visitor, report, order, ImportAgreed(initial=agreed, topics=_topics(visitor)))


def _dry_run(visitor: Visitor, name: str, order: ImportOrder) -> BatchReport:
    file = uploads.reopen(visitor.workspace_id, name)
    if file is None:
        raise FileNotFoundError
    with file:
        return services.bring_in(
            visitor.workspace_id, file, order, dry_run=True, staff_id=visitor.staff_id, now=clock.now()
        )


def _shown(
    request: HttpRequest, visitor: Visitor, report: BatchReport, order: ImportOrder, agreed: ImportAgreed
) -> HttpResponse:
    people = report.counts[Verdict.ACCEPTED] + report.counts[Verdict.PENDING]
    told = [(row, sentence(row.reason)) for row in report.rows]
    context = {
        "report": report,
        "order": order,
        "basis": words.BASES[order.basis],
        "counts": _counts({verdict.value: n for verdict, n in report.counts.items()}),
        "people": people,
        "waits_for": _distinct(why for row, why in told if row.verdict is Verdict.PENDING),
        "rows": [
            (row, words.VERDICTS[row.verdict], why) for row, why in told if row.verdict == Verdict.FAULTY
        ],
        "hidden": agreed,
    }
    return show(request, visitor, "console/import_check.html", context, current="imports")


def _asked(
    request: HttpRequest, visitor: Visitor, form: ImportForm, fault: str = "", *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "fault": fault}
    return show(request, visitor, "console/import_new.html", context, current="imports", status=status)


def _too_large(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    sentence = _("The file is too large. The limit is %(most)s MB; split it and import the parts.")
    told = sentence % {"most": uploads.BYTES_MAX // MEGABYTE}
    return _asked(request, visitor, ImportForm(topics=_topics(visitor)), told, status=ANSWER_TOO_LARGE)


def _bytes_announced(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return row_id(text) or 0


def _order(said: dict[str, Any], file_name: str) -> ImportOrder:
    return ImportOrder(
        file_name=file_name,
        basis=Basis(said["basis"]),
        evidence=said["evidence"],
        wording=said["wording"],
        evidence_on=said["evidence_on"],
        confirmed=said["confirmed"],
        topic_id=said["topic"],
    )


def _line(batch: selectors.Batch) -> Line:
    accepted = batch.counts.get(Verdict.ACCEPTED, 0)
    pending = batch.counts.get(Verdict.PENDING, 0)
    basis = words.BASES.get(batch.basis, batch.basis)
    return Line(batch, basis, accepted, pending, batch.total - accepted - pending)


def _counts(counts: dict[str, int]) -> list[Count]:
    return [Count(badge, counts[verdict]) for verdict, badge in words.VERDICTS.items() if counts.get(verdict)]


def _distinct(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))


def _found(visitor: Visitor, batch_id: int) -> selectors.Batch:
    found = selectors.batch(visitor.workspace_id, batch_id)
    if found is None:
        raise Http404
    return found


def _topics(visitor: Visitor) -> list[tuple[int, str]]:
    return list(topic_titles(visitor.workspace_id).items())
