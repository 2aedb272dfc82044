"""What supervisors, load balancers and monitoring systems ask the web server."""

from __future__ import annotations

import hmac
import os
import shutil
from collections.abc import Callable, Mapping
from typing import Final

import psycopg
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shodaku.config import metrics as figures
from shodaku.kit import clock, db, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.suppression import services as suppression

FREE_BYTES_MIN: Final = 10_000_000  # below it nobody's no could be written down for long
_NEEDED: Final = (KeyPurpose.LINK, KeyPurpose.PEPPER, KeyPurpose.COOKIE)
_AWAY: Final = (Error, psycopg.Error, OSError, ShodakuError)


@never_cache
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """For the supervisor and load balancers: the web server answers and reaches its database."""
    _database()
    return _text("ok")


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Can pages be given, and a no be written down? 503 names what is missing. A shut gate is ready:
    whoever says no then is heard.
    """
    missing = [name for name, look in _LOOKS.items() if not _is_well(look)]
    return _text("\n".join(missing) or "ready", status=503 if missing else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of all workspaces, for who has the token; without one, and where none is set, no such page."""
    token = os.environ.get("SHODAKU_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    return HttpResponse(figures.text(clock.now()), content_type=figures.CONTENT_TYPE)


def _is_well(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except _AWAY:
        return False


def _database() -> bool:
    with db.transaction(None) as connection:
        connection.execute("select 1")
    return True


def _keys() -> bool:
    return all(runtime.current().ring(purpose).epochs for purpose in _NEEDED)


def _journal() -> bool:
    folder = suppression.journal().folder
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > FREE_BYTES_MIN


_LOOKS: Final[Mapping[str, Callable[[], bool]]] = {
    "database": _database,
    "keys": _keys,
    "journal": _journal,
}


def _text(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
