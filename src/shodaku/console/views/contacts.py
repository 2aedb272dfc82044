"""Find a person."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from shodaku.accounts.domain import Act
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.contacts import selectors


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def contacts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The whole list by its URL; a search is a POST, so that no URL holds a name or an address."""
    asked = request.POST.get("q", "").replace("\0", "").strip()
    before = row_id((request.POST if asked else request.GET).get("before", ""))
    rows = selectors.search(visitor.workspace_id, asked, before=before)
    following = rows[-1].contact_id if len(rows) == selectors.PAGE_ROWS else None
    more = f"{place(visitor, 'contacts')}?{urlencode({'before': following})}" if following else ""
    context = {"rows": rows, "asked": asked, "following": following, "more": more, "before": before}
    response = show(request, visitor, "console/contacts.html", context, current="contacts")
    patch_cache_control(response, private=True)
    return response
