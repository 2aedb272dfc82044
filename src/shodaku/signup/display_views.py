"""Who sends, as each mail says it, with what it said before (特定電子メール法4条, 特定商取引法11条)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.content.selectors import page_brand
from shodaku.kit.ui import csp
from shodaku.signup.legal_display import legal_display


@require_safe
def display(request: HttpRequest, workspace: str) -> HttpResponse:
    found = accounts.workspace_by_slug(workspace)
    senders = accounts.every_sender(found.workspace_id) if found else []
    if found is None or not senders:
        raise Http404
    context = {
        "rows": [
            (each, legal_display(found.workspace_id, each.sender_id, request.LANGUAGE_CODE))
            for each in senders
        ],
        "sender": senders[0],
        "brand": page_brand(found.workspace_id),
    }
    response = render(request, "signup/display.html", context)
    response.headers[csp.ROBOTS] = "noindex"
    return response
