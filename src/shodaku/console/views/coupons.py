"""Coupons that were used: noted by hand or from a list of the till; how often stands in the report."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console import staff_names
from shodaku.console.coupon_forms import (
    COUPON_VERDICTS,
    FILE_BYTES_MAX,
    ROWS_MAX,
    CouponFileForm,
    CouponUseForm,
)
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.contacts import selectors as contacts
from shodaku.imports import services
from shodaku.imports.domain import CouponVerdict, Limits, UnreadableFile, WrittenUse
from shodaku.kit import clock

_FIELD_OF = {
    CouponVerdict.CODE_UNREADABLE: "code",
    CouponVerdict.DATE_UNREADABLE: "used_on",
    CouponVerdict.DATE_TO_COME: "used_on",
    CouponVerdict.TIMES_UNREADABLE: "times",
}


@require_safe
@allowed(Act.READ)
def coupons(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, CouponUseForm(), CouponFileForm())


@require_POST
@allowed(Act.IMPORT)
def note(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = CouponUseForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        written = WrittenUse(code=said["code"], used=said["used_on"], times=str(said["times"]))
        (verdict,) = services.note_coupon_uses(
            visitor.workspace_id, [written], by=_by(visitor), staff_id=visitor.staff_id, now=clock.now()
        )
        if verdict is CouponVerdict.RECORDED:
            messages.success(request, _("Noted. The report of the campaign counts it."))
            return redirect(place(visitor, "coupons"))
        form.add_error(_FIELD_OF.get(verdict), str(COUPON_VERDICTS[verdict]))
    return _page(request, visitor, form, CouponFileForm(), status=422)


@require_POST
@allowed(Act.IMPORT)
def take_back(request: HttpRequest, visitor: Visitor, use_no: int) -> HttpResponse:
    if services.take_back_coupon_use(visitor.workspace_id, use_no, by=_by(visitor), now=clock.now()):
        messages.success(request, _("Taken back. It is counted no more."))
    return redirect(place(visitor, "coupons"))


@require_POST
@allowed(Act.IMPORT)
def bring(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = CouponFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, visitor, CouponUseForm(), form, status=422)
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    dry_run = request.POST.get("do") != "record"
    try:
        report = services.import_coupon_uses(
            visitor.workspace_id,
            io.BytesIO(file.read()),
            by=_by(visitor),
            staff_id=visitor.staff_id,
            now=clock.now(),
            dry_run=dry_run,
            limits=Limits(rows_max=ROWS_MAX, bytes_max=FILE_BYTES_MAX),
        )
    except UnreadableFile as fault:
        form.add_error("file", fault.sentence(get_language() or "ja"))
    except services.NoCouponColumns:
        form.add_error("file", _("Columns are missing: the code and the day are needed."))
    if form.errors:
        return _page(request, visitor, CouponUseForm(), form, status=422)
    told = {
        "dry_run": dry_run,
        "rows": report.rows,
        "recorded": report.counts[CouponVerdict.RECORDED],
        "counts": [(COUPON_VERDICTS[verdict], count) for verdict, count in sorted(report.counts.items())],
        "listed": [(number, COUPON_VERDICTS[verdict]) for number, verdict in report.listed],
    }
    return _page(request, visitor, CouponUseForm(), CouponFileForm(), told)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    use_form: CouponUseForm,
    file_form: CouponFileForm,
    told: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    before = row_id(request.GET.get("before", ""))
    rows = contacts.coupon_uses(visitor.workspace_id, before=before)
    names = staff_names.of(visitor.workspace_id)
    full = len(rows) == contacts.PAGE_ROWS
    context = {
        "lines": [(each, names.told(_staff(each.noted_by)) if each.noted_by else "") for each in rows],
        "more": f"{place(visitor, 'coupons')}?before={rows[-1].use_no}" if full else "",
        "before": before,
        "use_form": use_form,
        "file_form": file_form,
        "told": told,
        "may_import": may(visitor.role, Act.IMPORT),
    }
    return show(request, visitor, "console/coupons.html", context, current="products", status=status)


def _by(visitor: Visitor) -> str:
    return _staff(visitor.staff_id)


def _staff(number: int) -> str:
    return f"{staff_names.PREFIX}{number}"
