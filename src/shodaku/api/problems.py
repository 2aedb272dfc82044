"""What went wrong, as RFC 9457 says it: one sentence in the language that was asked for, and a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse

MEDIA_TYPE = "application/problem+json"
UNAVAILABLE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    status: int
    code: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)
    errors: tuple[dict[str, str], ...] = ()


def no_key() -> Problem:
    """The same for no key, a wrong one, an ended one and one used from elsewhere."""
    detail = _("Show a live key: Authorization: Bearer shodaku_…")
    return Problem(401, "no_key", detail, {"WWW-Authenticate": 'Bearer realm="shodaku"'})


def no_right(scope: str) -> Problem:
    return Problem(403, "no_right", _("This key may not do this; it needs “%(scope)s”.") % {"scope": scope})


def too_many(seconds: float) -> Problem:
    wait = str(max(1, round(seconds)))
    detail = _("Too many calls; the next one is taken in %(seconds)s seconds.") % {"seconds": wait}
    return Problem(429, "too_many_calls", detail, {"Retry-After": wait})


def invalid(errors: Sequence[dict[str, str]]) -> Problem:
    detail = _("The request cannot be understood; nothing was changed. See “errors”.")
    return Problem(422, "invalid", detail, errors=tuple(errors))


def of_error(error: ShodakuError) -> Problem:
    if isinstance(error, OutOfReach):
        wait = {"Retry-After": str(UNAVAILABLE_SECONDS)}
        return Problem(503, error.code, _("This cannot be recorded now; send it again in a minute."), wait)
    return Problem(422 if isinstance(error, WrongUse) else 409, error.code, error.message)


def answer(_request: HttpRequest, problem: Problem) -> JsonResponse:
    body: dict[str, object] = {
        "type": "about:blank",
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    ascii_kept = {"ensure_ascii": False}
    return JsonResponse(
        body,
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
        json_dumps_params=ascii_kept,
    )
