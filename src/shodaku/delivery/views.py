"""The page behind a link that leads nowhere: forged, cut off, or of a mail that is not ours."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shodaku.kit.ui.unusable import unusable


@require_safe
def foreign_link(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - part of the address
    return unusable(request, status=HTTPStatus.NOT_FOUND)
