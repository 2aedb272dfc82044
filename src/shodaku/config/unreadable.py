"""What is answered to a request that nothing could be made of: what was wrong with it, and what to do."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from shodaku.config.body_limit import MEGABYTE


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; or 413 where there was too much of it, which Django counts when a view first reads it."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return defaults.bad_request(request, exception)
    context = {"megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE}
    return render(request, "413.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
