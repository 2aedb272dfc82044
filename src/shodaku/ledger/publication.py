"""The log, read-only, for anybody: checkpoint, keys and tiles hold no personal data (C2SP tlog-tiles).

Hashes tell nothing but how many entries there are, which the checkpoint says anyway. Entries tell what kind
of act fell into which hour, so the sender decides whether they are published.
"""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.ledger import selectors
from shodaku.ledger.merkle import HASH_BYTES
from shodaku.ledger.tiles import NoTile, TilePlace, entry_bundle, parse_place

LEVEL_MAX: Final = 7
FOR_EVER: Final = "public, max-age=31536000, immutable"  # a full tile never changes
FRESH: Final = "public, max-age=1"


@require_safe
def checkpoint(_request: HttpRequest, slug: str) -> HttpResponse:
    workspace_id = _workspace_id(slug)
    head = selectors.head(workspace_id)
    if head is None:
        raise Http404
    note = selectors.cosigned(workspace_id, head.size, head.note)
    return _answer(note.encode(), "text/plain; charset=utf-8", FRESH)


@require_safe
def keys(_request: HttpRequest, slug: str) -> HttpResponse:
    """One verifier key a line, the newest first; old ones stay, so that old proofs can be checked."""
    vkeys = selectors.verifier_keys(_workspace_id(slug))
    if not vkeys:
        raise Http404
    return _answer("".join(f"{each}\n" for each in vkeys).encode(), "text/plain; charset=utf-8", FRESH)


@require_safe
def tile(_request: HttpRequest, slug: str, level: int, place: str) -> HttpResponse:
    wanted = _place(place)
    if level > LEVEL_MAX:
        raise Http404
    hashes = selectors.tile(_workspace_id(slug), level, wanted.number)
    if len(hashes) < wanted.width * HASH_BYTES:
        raise Http404
    return _binary(hashes[: wanted.width * HASH_BYTES], wanted)


@require_safe
def entries(_request: HttpRequest, slug: str, place: str) -> HttpResponse:
    wanted = _place(place)
    workspace_id = _workspace_id(slug)
    log = selectors.log(workspace_id)
    if log is None or not log.publishes_entries:
        raise Http404
    found = selectors.entries_at(workspace_id, wanted.first, wanted.first + wanted.width)
    texts = [each.entry.encode() for each in found if each.entry is not None]
    if len(texts) < wanted.width:
        raise Http404
    return _binary(entry_bundle(texts), wanted)


def _workspace_id(slug: str) -> int:
    found = accounts.workspace_by_slug(slug)
    if found is None:
        raise Http404
    return found.workspace_id


def _place(text: str) -> TilePlace:
    try:
        return parse_place(text)
    except NoTile as error:
        raise Http404 from error


def _binary(body: bytes, wanted: TilePlace) -> HttpResponse:
    return _answer(body, "application/octet-stream", FOR_EVER if wanted.full else FRESH)


def _answer(body: bytes, content_type: str, caching: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response.headers["Cache-Control"] = caching
    return response
