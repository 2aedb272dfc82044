"""Bring a list in: file, columns, basis, check, import. Each step is kept, and may be come back to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import services as campaigns
from shodaku.console import words
from shodaku.console.acts import record
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.import_forms import ImportBasis, ImportColumns, ImportFile
from shodaku.console.paging import row_id
from shodaku.console.views.person import offered_titles, topic_titles
from shodaku.contacts.domain import AddressFault, NameFault, NumberFault
from shodaku.imports import selectors, services
from shodaku.imports.domain import (
    Basis,
    FaultCode,
    Relation,
    RowCode,
    RowReason,
    RowWarning,
    UnreadableFile,
    Verdict,
    sentence_of,
)
from shodaku.imports.selectors import Batch, BatchRow
from shodaku.imports.services import FileGone, ImportOrder, NotNow
from shodaku.kit import clock, runtime
from shodaku.ledger.domain import Value
from shodaku.signup import selectors as signup

MEGABYTE: Final = 1024 * 1024
ANSWER_TOO_LARGE: Final = 413
UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Count:
    badge: words.Badge
    people: int


@dataclass(frozen=True, slots=True)
class OfferedForm:
    form_id: int
    name: str
    topic_id: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    batch: Batch
    basis: object
    state: words.Badge | None  # None: done
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
    """The first step keeps the file and imports nobody."""
    if _bytes_announced(request) > services.FILE_BYTES_MAX + services.FRAME_BYTES_MAX:
        return _too_large(request, visitor)
    answered: HttpResponse = csrf_protect(_handed_in)(request, visitor)
    return answered


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.IMPORT)
def columns(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """The second step: what the headings seem to say, to be corrected."""
    batch = _draft(visitor, batch_id)
    if batch is None:
        return redirect(place(visitor, "import", batch_id))
    try:
        preview = services.preview(visitor.workspace_id, batch)
    except FileGone:
        return _choose_again(request, visitor, batch_id)
    posted = request.POST if request.method == "POST" else None
    form = ImportColumns(posted, preview=preview, chosen=batch.columns)
    if request.method == "POST" and form.is_valid():
        order = _with(batch, columns=form.chosen())
        services.declare(visitor.workspace_id, batch_id, order)
        return redirect(place(visitor, "import_basis", batch_id))
    context = {"batch": batch, "form": form, "preview": preview}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return show(request, visitor, "console/import_columns.html", context, current="imports", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.IMPORT)
def basis(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """The third step: how these people are known; then everything is checked, and nothing written."""
    batch = _draft(visitor, batch_id)
    if batch is None:
        return redirect(place(visitor, "import", batch_id))
    if batch.columns is None:
        return redirect(place(visitor, "import_columns", batch_id))
    form = ImportBasis(
        request.POST if request.method == "POST" else None,
        topics=list(offered_titles(visitor.workspace_id, batch.topic_id).items()),
        dated=not {"exchanged_on", "consented_at"}.isdisjoint(batch.columns),
        initial=_initial(batch),
    )
    if request.method == "POST" and form.is_valid():
        services.declare(visitor.workspace_id, batch_id, _declared(batch, form.cleaned_data))
        try:
            services.ask_for_check(visitor.workspace_id, batch_id)
        except FileGone:
            return _choose_again(request, visitor, batch_id)
        return redirect(place(visitor, "import", batch_id))
    context = {"batch": batch, "form": form, "own_basis": "basis" in batch.columns}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return show(request, visitor, "console/import_basis.html", context, current="imports", status=status)


@require_POST
@allowed(Act.IMPORT)
def run(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """The last step; pressed twice, it is one import."""
    _found(visitor, batch_id)
    try:
        services.start(visitor.workspace_id, batch_id, staff_id=visitor.staff_id, now=clock.now())
    except FileGone:
        return _choose_again(request, visitor, batch_id)
    except NotNow:
        pass  # declared anew in another window: its page says what is to be done
    return redirect(place(visitor, "import", batch_id))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def ask(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """A draft of the one mail that asks these people for permission; sending it is a step of its own."""
    batch = _found(visitor, batch_id)
    offered = {str(each.form_id): each for each in _forms(visitor)}
    form = offered.get(request.POST.get("form", ""))
    if form is None or not _may_be_asked(visitor, batch):
        return redirect(place(visitor, "import", batch_id))
    cards = batch.basis != Basis.THIRD_PARTY
    letter = campaigns.permission_request(
        visitor.workspace_id, batch_id, form.topic_id, form.url, cards=cards
    )
    campaign_id = campaigns.create(visitor.workspace_id, letter, staff_id=visitor.staff_id, now=clock.now())
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.IMPORT)
def pause(_request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    services.pause(visitor.workspace_id, batch_id)
    return redirect(place(visitor, "import", batch_id))


@require_POST
@allowed(Act.IMPORT)
def resume(_request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    services.resume(visitor.workspace_id, batch_id)
    return redirect(place(visitor, "import", batch_id))


@require_POST
@allowed(Act.IMPORT)
def discard(_request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """Of a draft nothing was imported, so nothing is lost but the file."""
    _found(visitor, batch_id)
    try:
        services.throw_away(visitor.workspace_id, batch_id)
    except NotNow:
        return redirect(place(visitor, "import", batch_id))
    return redirect(place(visitor, "imports"))


@require_safe
@allowed(Act.READ)
def progress(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """The bar alone, for the page that asks every two seconds, and at the end the word to show the answer."""
    batch = _found(visitor, batch_id)
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "import", batch_id))
    if batch.state not in {"checking", "running"}:
        return HttpResponseClientRefresh()
    return show(request, visitor, "console/_import_progress.html", _moving(visitor, batch), current="imports")


@require_safe
@allowed(Act.READ)
def batch(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """What is there to see of an import, at whatever step it is."""
    found = _found(visitor, batch_id)
    if found.state == "draft" and found.columns is None:
        return redirect(place(visitor, "import_columns", batch_id))
    context = {
        "batch": found,
        "may_import": may(visitor.role, Act.IMPORT),
        "basis": words.BASES.get(found.basis, found.basis),
        "relation": words.RELATIONS.get(found.relation, ""),
        "topic": topic_titles(visitor.workspace_id).get(found.topic_id or 0, ""),
    }
    if found.state in {"checking", "running", "paused"}:
        context |= _moving(visitor, found)
    if found.state in {"checked", "running", "paused", "done", "failed"}:
        context |= _verdicts(visitor, found)
    if found.state == "done" and may(visitor.role, Act.WRITE_CAMPAIGN):
        context |= {"may_be_asked": _may_be_asked(visitor, found), "forms": _forms(visitor)}
    if found.state == "draft":
        context["fault"] = _fault(found)
    if found.is_draft:
        context["same"] = selectors.same_file(visitor.workspace_id, found)
    template = "console/import_check.html" if found.is_draft else "console/import.html"
    return show(request, visitor, template, context, current="imports")


@require_POST
@allowed(Act.READ)
def rows_file(_request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    """Rows to correct: number and sentence in both languages. Good rows were taken all the same.

    Of a list that is still kept what stands in them comes along, below its headings: corrected, the file is a
    list that may be handed in.
    """
    found = _found(visitor, batch_id)
    rows = _listed(visitor, found)
    inside = _inside(visitor, found, rows)
    taken: dict[str, Value] = {"what": "import", "batch": str(found.batch_id), "rows": len(rows)}
    record(visitor, "admin.exported", taken, clock.now())
    head = [_("Row"), _("Verdict"), _("Code"), "日本語", "English", *inside.header]
    cells = (
        [
            str(row.line),
            str(words.VERDICTS[row.verdict].text),
            *_said(row),
            *inside.rows.get(row.line, ()),
        ]
        for row in rows
    )
    return csv_answer(head, cells, f"import-{found.batch_id}.csv")


def _inside(visitor: Visitor, batch: Batch, rows: list[BatchRow]) -> services.Cells:
    """For those alone who may bring lists in: whoever reads here has no business with a file of people."""
    if not batch.is_draft or not may(visitor.role, Act.IMPORT):
        return services.Cells((), {})
    return services.cells_of(visitor.workspace_id, batch, {row.line for row in rows})


def _may_be_asked(visitor: Visitor, batch: Batch) -> int:
    """How many rows of this import brought somebody in whom the law allows to ask once."""
    asked = {RowReason.CARD_NEEDS_CONFIRMATION.value, RowReason.THIRD_PARTY_CONSENT_CONFIRM.value}
    found = selectors.reasons(visitor.workspace_id, batch)
    return sum(each.rows for each in found if each.reason in asked)


def _forms(visitor: Visitor) -> list[OfferedForm]:
    """Open forms, each with its first topic: where somebody who is asked can say yes."""
    offered = []
    for form in signup.open_forms(visitor.workspace_id):
        version = signup.form_version(visitor.workspace_id, form.form_id, form.version)
        if version is not None and version.published.topics:
            path = reverse("signup_form", args=[visitor.workspace.slug, form.slug])
            topic_id = version.published.topics[0].topic_id
            offered.append(
                OfferedForm(form.form_id, form.name, topic_id, f"{runtime.current().public_url}{path}")
            )
    return offered


def sentence(code: str, lang: str | None = None) -> str:
    kinds = (RowReason, RowCode, RowWarning, AddressFault, NumberFault, NameFault)
    known: dict[str, Any] = {each.value: each for kind in kinds for each in kind}
    found: FaultCode | RowWarning | RowReason | None = known.get(code)
    return code if found is None else sentence_of(found, lang or get_language() or "ja")


def _said(row: BatchRow) -> list[str]:
    codes = _codes(row)
    return [" ".join(codes), *(" ".join(sentence(code, lang) for code in codes) for lang in ("ja", "en"))]


def _codes(row: BatchRow) -> list[str]:
    """Why the row is not what it might be: of one that was taken the warnings alone."""
    taken = row.verdict in {Verdict.ACCEPTED, Verdict.PENDING}
    return [*([] if taken else [row.reason]), *row.warnings]


def _handed_in(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return _asked(request, visitor, ImportFile())
    form = ImportFile(request.POST, request.FILES)
    if not form.is_valid():
        return _asked(request, visitor, form, status=UNPROCESSABLE)
    file: UploadedFile[bytes] = form.cleaned_data["list"]
    if (file.size or 0) > services.FILE_BYTES_MAX:
        return _too_large(request, visitor)
    try:
        batch_id = services.hand_in(
            visitor.workspace_id, file.chunks(), file.name or "", staff_id=visitor.staff_id, now=clock.now()
        )
    except UnreadableFile as fault:
        form.add_error("list", fault.sentence(get_language() or "ja"))
        return _asked(request, visitor, form, status=UNPROCESSABLE)
    return redirect(place(visitor, "import_columns", batch_id))


def _asked(
    request: HttpRequest, visitor: Visitor, form: ImportFile, fault: str = "", *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "fault": fault}
    return show(request, visitor, "console/import_new.html", context, current="imports", status=status)


def _choose_again(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    services.throw_away(visitor.workspace_id, batch_id)
    return _asked(request, visitor, ImportFile(), _file_gone(), status=UNPROCESSABLE)


def _too_large(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    sentence = _("The file is too large. The limit is %(most)s MB; split it and import the parts.")
    told = sentence % {"most": services.FILE_BYTES_MAX // MEGABYTE}
    return _asked(request, visitor, ImportFile(), told, status=ANSWER_TOO_LARGE)


def _bytes_announced(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return row_id(text) or 0


def _moving(visitor: Visitor, batch: Batch) -> dict[str, Any]:
    now, rate = clock.now(), batch.rate(clock.now())
    moves = batch.state in {"checking", "running"}
    return {
        "batch": batch,
        "total": max(1, batch.rows_total or 0, batch.rows_done),
        "rate": round(rate) if rate and batch.state == "running" else None,
        "ends_at": batch.ends_at(now),
        "poll_href": place(visitor, "import_progress", batch.batch_id) if moves else "",
    }


def _verdicts(visitor: Visitor, batch: Batch) -> dict[str, Any]:
    rows = _listed(visitor, batch, most=services.SHOWN_ROWS_MAX + 1)
    reasons = _reasons(visitor, batch)
    return {
        "counts": _counts(batch.counts),
        "people": batch.counts.get(Verdict.ACCEPTED, 0) + batch.counts.get(Verdict.PENDING, 0),
        "reasons": [
            (words.VERDICTS[each.verdict], sentence(each.reason), each.rows)
            for each in reasons
            if each.verdict != Verdict.SUPPRESSED
        ],
        "rows": [
            (row, words.VERDICTS[row.verdict], " ".join(sentence(code) for code in _codes(row)))
            for row in rows[: services.SHOWN_ROWS_MAX]
        ],
        "more": len(rows) > services.SHOWN_ROWS_MAX,
        "named_max": services.FOUND_ROWS_MAX if _named_in_part(batch) else None,
    }


def _named_in_part(batch: Batch) -> bool:
    """A check keeps so many rows of a verdict by number, an import every one."""
    named = (batch.counts.get(verdict, 0) for verdict in (Verdict.FAULTY, Verdict.DUPLICATE))
    return batch.is_draft and max(named) > services.FOUND_ROWS_MAX


def _reasons(visitor: Visitor, batch: Batch) -> list[selectors.ReasonCount]:
    if batch.findings is not None and batch.is_draft:
        return [selectors.ReasonCount(*each) for each in batch.findings.get("reasons", [])]
    return selectors.reasons(visitor.workspace_id, batch)


def _listed(visitor: Visitor, batch: Batch, most: int | None = None) -> list[BatchRow]:
    if batch.is_draft:
        return selectors.found_rows(batch.findings or {})[:most]
    if most is not None:
        return selectors.rows(visitor.workspace_id, batch.batch_id, rows_max=most)
    return list(selectors.all_rows(visitor.workspace_id, batch.batch_id))


def _fault(batch: Batch) -> str:
    """What a check said of the file as a whole."""
    said = (batch.findings or {}).get("said", {})
    if said:
        return str(said["ja" if (get_language() or "ja").startswith("ja") else "en"])
    return _file_gone() if batch.fault else ""


def _file_gone() -> str:
    return _("The file is kept for an hour only. Choose it again; nothing was imported.")


def _initial(batch: Batch) -> dict[str, object]:
    untouched = batch.findings is None and batch.fault is None and not batch.evidence
    return {
        "basis": None if untouched and batch.basis == Basis.NONE else batch.basis,
        "evidence": batch.evidence,
        "evidence_on": batch.evidence_on,
        "wording": batch.wording,
        "topic": batch.topic_id,
        "confirmed": batch.confirmed,
        "relation": batch.relation.value,
        "provision": batch.provision,
        "named_sender": batch.named_sender,
        "purchased": batch.purchased,
        "country": batch.country or "",
    }


def _with(batch: Batch, **changed: Any) -> ImportOrder:  # noqa: ANN401 - fields of an order
    return replace(services.order_of(batch), **changed)


def _declared(batch: Batch, said: dict[str, Any]) -> ImportOrder:
    return _with(
        batch,
        basis=Basis(said["basis"]),
        evidence=said["evidence"],
        wording=said["wording"],
        evidence_on=said["evidence_on"],
        confirmed=said["confirmed"],
        topic_id=said["topic"],
        relation=Relation(said["relation"]),
        provision=said["provision"],
        named_sender=said["named_sender"],
        purchased=said["purchased"],
        country=said["country"] or None,
    )


def _line(batch: Batch) -> Line:
    accepted = batch.counts.get(Verdict.ACCEPTED, 0)
    pending = batch.counts.get(Verdict.PENDING, 0)
    if batch.is_draft:
        accepted = pending = 0
    basis = words.BASES.get(batch.basis, batch.basis)
    left_out = 0 if batch.is_draft else batch.total - accepted - pending
    return Line(batch, basis, words.IMPORT_STATES.get(batch.state), accepted, pending, left_out)


def _counts(counts: dict[str, int]) -> list[Count]:
    return [Count(badge, counts[verdict]) for verdict, badge in words.VERDICTS.items() if counts.get(verdict)]


def _draft(visitor: Visitor, batch_id: int) -> Batch | None:
    found = _found(visitor, batch_id)
    return found if found.is_draft else None


def _found(visitor: Visitor, batch_id: int) -> Batch:
    found = selectors.batch(visitor.workspace_id, batch_id)
    if found is None:
        raise Http404
    return found
