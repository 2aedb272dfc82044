"""Wordings that an app of the sender's own may name: versions with their differences, and a new one."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.consent import selectors as consents
from shodaku.console.acts import record
from shodaku.console.app_wordings import AppWordingForm, example
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.versions import versions
from shodaku.kit import clock, db
from shodaku.ledger.domain import Value
from shodaku.signup import services

PAGE_ROWS: Final = 20
UNPROCESSABLE: Final = 422


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def app_wordings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Saved, an app may name it. What was shown once stays as it was."""
    if request.method != "POST":
        newest = services.app_wordings(visitor.workspace_id, rows_max=1)
        return _page(request, visitor, AppWordingForm(initial={"text": newest[0].text if newest else ""}))
    forbid(visitor, Act.EDIT_FORMS)
    form = AppWordingForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, form, status=UNPROCESSABLE)
    try:
        version, new = _keep(visitor, form.cleaned_data["text"])
    except services.UnfitWording as fault:
        form.refuse(fault.reasons)
        return _page(request, visitor, form, status=UNPROCESSABLE)
    told = (
        _("Version %(n)s. Your app can name it now.") if new else _("Version %(n)s has these words already.")
    )
    messages.success(request, told % {"n": version})
    return redirect(place(visitor, "app_wordings"))


def _keep(visitor: Visitor, text: str) -> tuple[int, bool]:
    """Its version, and whether it is a new one, which is an act. Raises UnfitWording, VaultAway."""
    whose, now = visitor.workspace_id, clock.now()
    with db.transaction(whose):
        newest = services.app_wordings(whose, rows_max=1)
        kept = services.keep_app_wording(whose, text, staff_id=visitor.staff_id, now=now)
        new = not newest or kept.version > newest[0].version
        if new:
            fields: dict[str, Value] = {"version": kept.version, "sha256": kept.sha256}
            record(visitor, "admin.app_wording.kept", fields, now)
    return kept.version, new


def _page(request: HttpRequest, visitor: Visitor, form: AppWordingForm, *, status: int = 200) -> HttpResponse:
    whose, before = visitor.workspace_id, row_id(request.GET.get("before", ""))
    found = services.app_wordings(whose, before=before, rows_max=PAGE_ROWS + 1)
    newest = services.app_wordings(whose, rows_max=1)
    here = place(visitor, "app_wordings")
    context = {
        "form": form if may(visitor.role, Act.EDIT_FORMS) else None,
        "senders": [each.display_name for each in accounts.senders(whose)],
        "versions": versions(found)[:PAGE_ROWS],
        "before": before,
        "newest_href": here if before else "",
        "more": f"{here}?before={found[PAGE_ROWS - 1].version}" if len(found) > PAGE_ROWS else "",
        "newest": newest[0].version if newest else None,
        "example": example(newest[0].version, consents.topics(whose)) if newest else "",
    }
    return show(request, visitor, "console/app_wordings.html", context, current="keys", status=status)
