"""Find a person."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.contacts import selectors


@require_safe
@allowed(Act.READ)
def contacts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    asked = request.GET.get("q", "")
    before = request.GET.get("before", "")
    page = int(before) if before.isdigit() else None
    rows = selectors.search(visitor.workspace_id, asked, before=page)
    more = ""
    if len(rows) == selectors.PAGE_ROWS:
        query = urlencode({"q": asked, "before": rows[-1].contact_id})
        more = f"{place(visitor, 'contacts')}?{query}"
    context = {"rows": rows, "asked": asked, "more": more, "before": page}
    return show(request, visitor, "console/contacts.html", context, current="contacts")
