"""Products, and lists of who bought them: first only checked, then recorded, with a verdict for each row."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.product_forms import (
    FILE_BYTES_MAX,
    KINDS,
    ROWS_MAX,
    VERDICTS,
    ProductForm,
    PurchasesForm,
)
from shodaku.contacts import selectors as contacts
from shodaku.imports import services
from shodaku.imports.domain import Limits, PurchaseVerdict, UnreadableFile
from shodaku.kit import clock
from shodaku.kit.ui.uploads import InMemory


@require_safe
@allowed(Act.READ)
def products(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, ProductForm(), PurchasesForm())


@require_POST
@allowed(Act.IMPORT)
def save(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = ProductForm(request.POST)
    if form.is_valid():
        try:
            services.save_product(visitor.workspace_id, form.product, by=_by(visitor), now=clock.now())
        except services.TooManyProducts:
            full = _("A workspace offers at most 1,000 products. Put one away that is not sold any more.")
            form.add_error(None, full)
        else:
            messages.success(request, _("Saved."))
            return redirect(place(visitor, "products"))
    return _page(request, visitor, form, PurchasesForm(), status=422)


@require_POST
@allowed(Act.IMPORT)
def archive(request: HttpRequest, visitor: Visitor, product_id: int) -> HttpResponse:
    found = {each.product_id: each for each in contacts.products(visitor.workspace_id)}.get(product_id)
    if found is not None and found.archived_at is None:
        services.archive_product(visitor.workspace_id, found.code, by=_by(visitor), now=clock.now())
        told = _("“%(name)s” is not offered any more. Its buyers stay known.") % {"name": found.name}
        messages.success(request, told)
    return redirect(place(visitor, "products"))


# The check of the token reads the form out of the body; where its file goes is settled before, so the check
# stands inside.
@csrf_exempt
@require_POST
@allowed(Act.IMPORT)
def purchases(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]  # who bought what never lies on a disk in plain form
    answered: HttpResponse = csrf_protect(_purchases)(request, visitor)
    return answered


def _purchases(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = PurchasesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, visitor, ProductForm(), form, status=422)
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    dry_run = request.POST.get("do") != "record"
    try:
        report = services.import_purchases(
            visitor.workspace_id,
            io.BytesIO(file.read()),
            by=_by(visitor),
            now=clock.now(),
            dry_run=dry_run,
            limits=Limits(rows_max=ROWS_MAX, bytes_max=FILE_BYTES_MAX),
        )
    except UnreadableFile as fault:
        form.add_error("file", fault.sentence(get_language() or "ja"))
    except services.NoPurchaseColumns:
        lacking = _("Columns are missing: e-mail address, code of the product, day and amount are needed.")
        form.add_error("file", lacking)
    if form.errors:
        return _page(request, visitor, ProductForm(), form, status=422)
    told = {
        "dry_run": dry_run,
        "rows": report.rows,
        "recorded": report.counts[PurchaseVerdict.RECORDED],
        "counts": [(VERDICTS[verdict], count) for verdict, count in sorted(report.counts.items())],
        "listed": [(number, VERDICTS[verdict]) for number, verdict in report.listed],
    }
    return _page(request, visitor, ProductForm(), PurchasesForm(), told)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    product_form: ProductForm,
    purchases_form: PurchasesForm,
    told: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "rows": [(each, KINDS[each.kind]) for each in contacts.products(visitor.workspace_id)],
        "product_form": product_form,
        "purchases_form": purchases_form,
        "told": told,
        "may_import": may(visitor.role, Act.IMPORT),
    }
    return show(request, visitor, "console/products.html", context, current="products", status=status)


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
