"""Who calls, and whether its key may do this."""

from __future__ import annotations

from django.http import HttpRequest

from shodaku.api import problems
from shodaku.api.domain import Scope
from shodaku.api.problems import Problem
from shodaku.api.selectors import Caller


def caller_with(request: HttpRequest, *scopes: Scope) -> Caller:
    """Raises Problem: the key lacks one of these rights."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja from `authenticate`
    for scope in scopes:
        if scope not in caller.scopes:
            raise problems.no_right(scope.value)
    return caller


def invalid(field: str, sentence: str) -> Problem:
    return problems.invalid([{"field": field, "detail": sentence}])
