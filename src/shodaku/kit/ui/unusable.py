"""One page for a forged, a cut-off, an expired and an erased person's link: it tells nothing more."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from shodaku.kit.ui.csp import public_page


def unusable(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    context = {
        "title": _("This link cannot be used"),
        "text": _("It has expired or was cut off. Please open it from the mail once more."),
        "tone": "wait",
    }
    return public_page(render(request, "ui/message.html", context, status=status))
