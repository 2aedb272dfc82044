"""How a mail looks: on a telephone, at a desk, dark, without pictures, as text, as one person gets it."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.console import people
from shodaku.console.campaign import found
from shodaku.console.display import report
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.content import selectors as content_known
from shodaku.content import services as content
from shodaku.content.domain import Frozen, images_named_in, with_addresses
from shodaku.kit import clock, runtime
from shodaku.kit.ui import csp
from shodaku.kit.ui.templatetags.ui import mask

# key -> part of the mail; the class of its frame
LOOKS: Final = {
    "phone": ("html", "preview preview-phone"),
    "desk": ("html", "preview preview-desk"),
    "dark": ("dark", "preview preview-phone"),
    "bare": ("bare", "preview preview-phone"),
    "text": ("text", "preview preview-phone"),
}
PARTS: Final = ("html", "dark", "bare", "text")
# as the programs do that turn every colour over; pictures keep theirs
_DARK: Final = (
    "<style>html{background:#fff;filter:invert(1) hue-rotate(180deg)}"
    "img{filter:invert(1) hue-rotate(180deg)}</style>"
)
_PAGE: Final = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<style>body{margin:0}</style>"
)
_SOURCE: Final = re.compile(r'(<img\b(?:[^">]|"[^"]*")*?)\ssrc="[^"]*"', re.IGNORECASE)


@require_safe
@allowed(Act.READ)
def preview(
    request: HttpRequest, visitor: Visitor, campaign_id: int, part: str, contact_id: int | None = None
) -> HttpResponse:
    """A page of its own inside a sandboxed frame: what the mail brings can reach nothing of ours."""
    frozen = report(visitor, found(visitor, campaign_id)).frozen
    if frozen is None or part not in PARTS:
        raise Http404
    shown = content.preview(frozen, None if contact_id is None else _values(visitor, contact_id))
    if part != "text" and shown.html:
        html = with_addresses(shown.html, _pictures(visitor, frozen))
        html = html.replace(
            f'src="{runtime.current().public_url}/', 'src="/'
        )  # the library, by this very host
        if part == "bare":
            html = _SOURCE.sub(r"\1", html)
        return csp.preview(HttpResponse(f"{_PAGE}{_DARK if part == 'dark' else ''}{html}"))
    return csp.preview(render(request, "console/mail_text.html", {"text": shown.text}))


def looks(request: HttpRequest, visitor: Visitor, campaign_id: int) -> dict[str, Any]:
    """The choice of looks and the one that is chosen, `?look=`; `?person=` is who gets it."""
    names = {
        "phone": _("Smartphone"),
        "desk": _("Computer"),
        "dark": _("Dark screen"),
        "bare": _("Without pictures"),
        "text": _("Text part"),
    }
    chosen = request.GET.get("look", "")
    chosen = chosen if chosen in LOOKS else "phone"
    contact_id = row_id(request.GET.get("person", ""))

    def source(key: str) -> str:
        part = LOOKS[key][0]
        if contact_id is None:
            return place(visitor, "campaign_preview", campaign_id, part)
        return place(visitor, "campaign_preview_as", campaign_id, part, contact_id)

    return {
        "looks": [
            {"key": key, "name": names[key], "src": source(key), "frame": frame, "chosen": key == chosen}
            for key, (_part, frame) in LOOKS.items()
        ],
        "look_now": chosen,
        "look_src": source(chosen),
        "frame": LOOKS[chosen][1],
        "chosen_person": contact_id,
    }


def people_to_look_as(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, *, finished: bool
) -> dict[str, Any]:
    """The first who would get it, addresses to be masked; asked for, as it looks at many people."""
    if not finished or ("people" not in request.GET and row_id(request.GET.get("person", "")) is None):
        return {"people": []}
    ready = report(visitor, campaign).frozen
    if ready is None:
        return {"people": []}
    readers = services.first_readers(visitor.workspace_id, campaign, ready, now=clock.now())
    return {"people": list(people.lines(visitor.workspace_id, readers).values())}


def _values(visitor: Visitor, contact_id: int) -> dict[str, str]:
    """The address stays masked for who may not see one. Raises Http404."""
    values = services.values_of(visitor.workspace_id, contact_id)
    if values is None:
        raise Http404
    if not may(visitor.role, Act.REVEAL):
        values["address"] = mask(values["address"])
    return values


def _pictures(visitor: Visitor, frozen: Frozen) -> dict[str, str]:
    """The pictures that the HTML shows, as addresses that hold them: no mail program is there to look."""
    named = images_named_in(frozen.html or "")
    shown = [each for each in frozen.files if each.is_image and each.reference in named]
    bodies = [content_known.file_body(visitor.workspace_id, each.sha256) or b"" for each in shown]
    return {
        each.reference: f"data:{each.media_type};base64,{b64encode(body).decode()}"
        for each, body in zip(shown, bodies, strict=True)
    }
