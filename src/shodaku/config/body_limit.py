"""No more of a request is taken in than its page can use.

Django's handler reads a body to its end before any view is asked: into memory, and what is more than
FILE_UPLOAD_MAX_MEMORY_SIZE into a temporary file without a name. Only in front of it can anybody say no.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _

from shodaku.console import coupon_forms, paper_forms, product_forms, suppression_forms
from shodaku.content.domain import FILES_BYTES_MAX
from shodaku.content.selectors import AT_ONCE_BYTES_MAX
from shodaku.imports import files
from shodaku.kit.ui import csp
from shodaku.kit.ui.language import asked
from shodaku.ledger import images
from shodaku.ledger.verify import BUNDLE_BYTES_MAX

Message = Mapping[str, Any]  # Any: as ASGI has it
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

MEGABYTE: Final = 1024 * 1024
FRAME_BYTES_MAX: Final = 256 * 1024  # the other fields of a form and its boundaries
# more than Django takes of fields (DATA_UPLOAD_MAX_MEMORY_SIZE), so a form without a file never meets this
ORDINARY_BYTES_MAX: Final = MEGABYTE + FRAME_BYTES_MAX
# of all bodies at one time, what each has beyond an ordinary one; whoever sends it need not be signed in
HELD_BYTES_MAX: Final = 512 * MEGABYTE
# a browser reads an answer only when it has sent everything, so the server throws away what still comes
DISCARDED_BYTES_MAX: Final = 256 * MEGABYTE
WAIT_SECONDS: Final = 60
_DIGITS_MAX: Final = 18

# where a draft is written; its button to check sends the whole form, too
CAMPAIGN_PAGES: Final = (
    "console_campaign", "console_campaign_new", "console_campaign_check", "console_campaign_new_check",
)  # fmt: skip
# names of addresses where files are handed in
_UPLOADS: Final[Mapping[str, int]] = {
    "ledger_verify": BUNDLE_BYTES_MAX + FRAME_BYTES_MAX,
    "console_paper_new": paper_forms.SCANS_BYTES_MAX + FRAME_BYTES_MAX,
    "console_paper_add": paper_forms.SCANS_BYTES_MAX + FRAME_BYTES_MAX,
    "console_record_consent": images.BYTES_MAX + FRAME_BYTES_MAX,
    **dict.fromkeys(
        CAMPAIGN_PAGES, 2 * FILES_BYTES_MAX + ORDINARY_BYTES_MAX
    ),  # twice: the page says it itself
    "console_picture_add": AT_ONCE_BYTES_MAX + FRAME_BYTES_MAX,
    "console_import_new": files.BYTES_MAX + FRAME_BYTES_MAX,
    "console_purchases": product_forms.FILE_BYTES_MAX + FRAME_BYTES_MAX,
    "console_coupon_list": coupon_forms.FILE_BYTES_MAX + FRAME_BYTES_MAX,
    "console_suppression_import": suppression_forms.FILE_BYTES_MAX + FRAME_BYTES_MAX,
}
_GONE: Final[Message] = {"type": "http.disconnect"}


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: HTTPStatus
    ja: str
    en: str
    megabytes: int = 0  # that could have been sent; 0 where the hour is at fault


_BUSY: Final = _Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "ただいま多くのファイルを受け取っています。1分ほど待って、もう一度お送りください。",
    "Many files are being received right now; please wait a minute and send yours once more.",
)


@dataclass(slots=True)
class _Room:
    """What bodies hold at one time; all of them live in one event loop."""

    bytes_held: int = 0


@dataclass(slots=True)
class _Intake:
    """The body of one request, counted while it comes in."""

    path: str
    source: Receive
    room: _Room
    bytes_taken: int = 0
    bytes_held: int = 0
    refusal: _Refusal | None = None

    async def receive(self) -> Message:
        """Once too much has come, as if the sender had left: the application lets go and says nothing."""
        if self.refusal is None:
            message = await self.source()
            self._count(len(message.get("body", b"")))
        return message if self.refusal is None else _GONE

    def _count(self, size: int) -> None:
        self.bytes_taken += size
        more = max(0, self.bytes_taken - ORDINARY_BYTES_MAX) - self.bytes_held
        if more <= 0:
            return
        if self.bytes_taken > (most := bytes_max(self.path)):
            self.refusal = _too_large(most)
        elif self.room.bytes_held + more > HELD_BYTES_MAX:
            self.refusal = _BUSY
        else:
            self.bytes_held += more
            self.room.bytes_held += more

    def leave(self) -> None:
        self.room.bytes_held -= self.bytes_held


class BodyLimit:
    """In front of an application: 413 for what is too large, 503 while too much is held at one time."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._room = _Room()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        announced = _bytes_announced(scope)
        if announced is not None and announced > ORDINARY_BYTES_MAX:
            most = bytes_max(scope["path"])
            if announced > most:
                await _answer(scope, send, _too_large(most), closing=announced > DISCARDED_BYTES_MAX)
                return
        intake = _Intake(scope["path"], receive, self._room)
        try:
            await self._application(scope, intake.receive, send)
        finally:
            intake.leave()
        if intake.refusal is not None:  # without a length there may be no end to what still comes
            await _answer(scope, send, intake.refusal, closing=announced is None)


def bytes_max(path: str) -> int:
    """What the body of a request for this path may hold."""
    try:
        return _UPLOADS.get(resolve(path).url_name or "", ORDINARY_BYTES_MAX)
    except Http404:
        return ORDINARY_BYTES_MAX


def _bytes_announced(scope: Mapping[str, Any]) -> int | None:
    """None: nothing that is a number."""
    text = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"")
    return int(text[:_DIGITS_MAX]) if text.isdigit() else None  # cut off, it is still far too large


def _too_large(most: int) -> _Refusal:
    limit = most // MEGABYTE
    return _Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"送られた内容が大きすぎます。ここで受け取れるのは{limit} MBまでです。",
        f"What was sent is too large; the limit here is {limit} MB.",
        limit,
    )


async def _answer(scope: dict[str, Any], send: Send, refusal: _Refusal, *, closing: bool) -> None:
    page = _for_people(scope)
    body = (_page(scope, refusal) if page else f"{refusal.ja}\n{refusal.en}\n").encode()
    headers = {
        b"content-type": b"text/html; charset=utf-8" if page else b"text/plain; charset=utf-8",
        b"content-length": str(len(body)).encode(),
        b"cache-control": b"no-store",
        b"content-security-policy": csp.policy({}).encode(),
        b"referrer-policy": b"no-referrer",  # the path may be somebody's link
        b"x-content-type-options": b"nosniff",
    }
    if refusal.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers[b"retry-after"] = str(WAIT_SECONDS).encode()
    if closing:
        headers[b"connection"] = b"close"
    start = {"type": "http.response.start", "status": refusal.status.value, "headers": list(headers.items())}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _for_people(scope: Mapping[str, Any]) -> bool:
    """Browsers name pages first; programs get two lines."""
    return any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _page(scope: dict[str, Any], refusal: _Refusal) -> str:
    """As the other pages of faults; it asks neither the session nor the database."""
    request = ASGIRequest(scope, io.BytesIO())
    with translation.override(asked(request) or translation.get_language_from_request(request)):
        if refusal.megabytes:
            title = _("What was sent is too large.")
            text = _(
                "Nothing of it was taken in. %(megabytes)s MB can be sent here at once. "
                "Go back, and send less at a time, or smaller files."
            ) % {"megabytes": refusal.megabytes}
        else:
            title = _("Many files are coming in at the moment.")
            text = _("Nothing of yours was taken in. Wait a minute, go back, and send it once more.")
        return render_to_string("ui/message.html", {"title": title, "text": text, "tone": "wait"})
