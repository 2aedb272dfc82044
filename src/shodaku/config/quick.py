"""RFC 8058 one-click before Django, for mailbox providers press thousands of times a minute.

What is not exactly their press goes on to Django unread: the opt-out page, and every other form in which a
body may say the same.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils import translation

from shodaku.config.body_limit import Application, Message, Receive, Send
from shodaku.config.desk import Became, Desk, Outcome
from shodaku.consent.domain import Method
from shodaku.kit import log, runtime
from shodaku.kit.keys import KeyUnavailable
from shodaku.kit.links import Token
from shodaku.kit.ui import csp
from shodaku.optout import services
from shodaku.optout.domain import OptOut, OptOutScope

BODY_BYTES_MAX: Final = 1_024  # a press has 26, as multipart with its boundaries some 200
BROWSER_CHARS_MAX: Final = 300
PAGES_KEPT_MAX: Final = 64
AGAIN_SECONDS: Final = 5.0  # after Django could not make the page

_PATH: Final = re.compile(r"/o/([A-Za-z0-9_-]{1,100})")
_NO_LINK: Final = "A" * 42  # of the length of one; its MAC is nobody's
_TYPE: Final = b"application/x-www-form-urlencoded"
_PRESS: Final = b"List-Unsubscribe=One-Click"
_URLENCODED: Final = re.compile(_TYPE + rb"(?: ?; ?charset=utf-8)?", re.IGNORECASE)
_MULTIPART: Final = re.compile(
    rb'multipart/form-data ?; ?boundary=(?:"([A-Za-z0-9\'()+_,./:=?-]{1,70})"|([A-Za-z0-9\'+_.-]{1,70}))',
    re.IGNORECASE,
)
_PART: Final = re.compile(
    rb'Content-Disposition: form-data; name="List-Unsubscribe"\r\n'
    rb"(?:Content-Type: text/plain(?:; ?charset=utf-8)?\r\n)?\r\nOne-Click",
    re.IGNORECASE,
)
_PLAIN: Final = {
    Became.RECEIVED: (
        HTTPStatus.ACCEPTED,
        "ご希望を受け付けました。まもなく配信が止まります。受付番号: {number}",
        "Your wish was received; sending stops shortly. Number: {number}",
    ),
    Became.LOST: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "ただいま受け付けられません。しばらくしてから、もう一度お試しください。",
        "This cannot be taken at the moment; please try again in a minute.",
    ),
    Became.DONE: (
        HTTPStatus.OK,
        "ご希望を受け付けました。このリンクの宛先には、もうお送りしません。",
        "Your wish was received. Nothing more is sent to the address of this link.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Posted:
    """A request that may be a press, by its head."""

    token: str
    scheme: str
    host: bytes
    content_type: bytes
    languages: bytes  # as the program prefers them
    browser: bytes
    ip: str

    def is_press(self, body: bytes) -> bool:
        """As strict as Django's reading of the form; the fields of RFC 8058 section 3.1 and nothing else."""
        if _URLENCODED.fullmatch(self.content_type):
            return body == _PRESS
        boundary = _MULTIPART.fullmatch(self.content_type)
        if boundary is None:
            return False
        mark = b"--" + (boundary[1] or boundary[2])
        inside = body.removesuffix(b"\r\n").removesuffix(b"\r\n" + mark + b"--")
        part = inside.removeprefix(mark + b"\r\n")
        return len(part) < len(inside) < len(body) and _PART.fullmatch(part) is not None


@dataclass(frozen=True, slots=True)
class _Page:
    """Django's own answer, cut where it repeats the link."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    pieces: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    page: asyncio.Task[_Page | None]
    at: float  # on the monotonic clock

    def is_old(self) -> bool:
        return time.monotonic() - self.at > AGAIN_SECONDS


class OneClick:
    """In front of an application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._desk: Desk | None = None
        self._asked: dict[tuple[str, bytes, str], _Asked] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        posted = _posted(scope)
        if posted is None:
            await self._application(scope, receive, send)
            return
        messages, body = await _taken(receive)
        if body is None or not posted.is_press(body):
            await self._application(scope, _again(messages, receive), send)
            return
        await self._answer(scope, posted, await self._obey(posted), send)

    async def _obey(self, posted: _Posted) -> Outcome:
        try:
            link = services.read_token(posted.token)
        except KeyUnavailable:
            return Outcome(Became.LOST)
        if link is None:
            return Outcome(Became.DONE)
        if self._desk is None:
            self._desk = Desk()
        return await self._desk.press(_no(posted, link))

    async def _answer(self, scope: dict[str, Any], posted: _Posted, outcome: Outcome, send: Send) -> None:
        page = await self._page(scope, posted) if outcome.became is Became.DONE else None
        if page is None:
            status, headers, body = _plain(outcome)
        else:
            status, body = page.status, posted.token.encode().join(page.pieces)
            headers = [*page.headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _page(self, scope: dict[str, Any], posted: _Posted) -> _Page | None:
        """The bytes that a forged link gets: a good one, and an erased person's, get them too."""
        key = (posted.scheme, posted.host, _language(posted.languages))
        asked = self._asked.get(key)
        if asked is None or (asked.page.done() and asked.page.result() is None and asked.is_old()):
            if len(self._asked) >= PAGES_KEPT_MAX:
                self._asked.clear()
            asked = _Asked(asyncio.create_task(_ask(self._application, scope)), time.monotonic())
            self._asked[key] = asked
        return await asked.page  # one question for all who came together


def _posted(scope: dict[str, Any]) -> _Posted | None:
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
        return None
    path = _PATH.fullmatch(scope["path"])
    if path is None:
        return None
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in found or name == b"cookie":  # programs have none; what has is somebody's browser
            return None
        found[name] = value
    host = found.get(b"host", b"")
    if b"content-encoding" in found or not _is_ours(host):
        return None
    return _Posted(
        token=path[1],
        scheme=scope["scheme"],
        host=host,
        content_type=found.get(b"content-type", b""),
        languages=found.get(b"accept-language", b""),
        browser=found.get(b"user-agent", b""),
        ip=(scope.get("client") or ("",))[0],
    )


@lru_cache(maxsize=256)
def _is_ours(host: bytes) -> bool:
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


@lru_cache(maxsize=256)
def _language(languages: bytes) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = languages.decode("latin-1")
    return translation.get_language_from_request(request)


async def _taken(receive: Receive) -> tuple[list[Message], bytes | None]:
    """What has come, and the body if it ended within what a press needs."""
    messages: list[Message] = []
    body = b""
    while len(body) <= BODY_BYTES_MAX:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request":
            return messages, None
        if not message.get("more_body", False):
            return messages, body if len(body) <= BODY_BYTES_MAX else None
    return messages, None


def _again(messages: Sequence[Message], receive: Receive) -> Receive:
    """What was read already comes once more, then the rest."""
    left = list(messages)

    async def once_more() -> Message:
        return left.pop(0) if left else await receive()

    return once_more


def _no(posted: _Posted, link: Token) -> OptOut:
    return OptOut(
        workspace_id=link.workspace_id,
        contact_id=link.contact_id,
        scope=OptOutScope.ALL,
        via=Method.ONE_CLICK,
        mailing_id=link.subject_id or None,
        url=f"{runtime.current().public_url}/o",  # without the token: it is a capability
        ip=posted.ip,
        browser=posted.browser.decode("latin-1")[:BROWSER_CHARS_MAX],
    )


async def _ask(application: Application, scope: dict[str, Any]) -> _Page | None:
    """The same request with a link that is none, answered by Django; None: it has other troubles."""
    path = f"/o/{_NO_LINK}"
    kept = [(name, value) for name, value in scope["headers"] if name in (b"host", b"accept-language")]
    length = (b"content-length", str(len(_PRESS)).encode())
    asked = {
        **scope,
        "path": path,
        "raw_path": path.encode(),
        "headers": [*kept, (b"content-type", _TYPE), length],
    }
    came: list[Message] = [{"type": "http.request", "body": _PRESS, "more_body": False}]
    answered: list[Message] = []

    async def receive() -> Message:
        if not came:
            await asyncio.Event().wait()  # nobody leaves before the answer
        return came.pop()

    async def send(message: Message) -> None:
        answered.append(message)

    try:
        await application(asked, receive, send)
    except Exception as fault:  # noqa: BLE001 - the press was obeyed: a plain answer says so
        log.info("optout.no_page", error=type(fault).__name__)
        return None
    start = next((each for each in answered if each["type"] == "http.response.start"), None)
    if start is None or start["status"] != HTTPStatus.OK:
        return None
    body = b"".join(each.get("body", b"") for each in answered)
    headers = tuple((name, value) for name, value in start["headers"] if name.lower() != b"content-length")
    return _Page(start["status"], headers, tuple(body.split(_NO_LINK.encode())))


def _plain(outcome: Outcome) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    status, ja, en = _PLAIN[outcome.became]
    body = f"{ja}\n{en}\n".format(number=outcome.number).encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store, private"),
        (b"content-security-policy", csp.policy({}).encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    ]
    if outcome.became is Became.LOST:
        headers.append((b"retry-after", b"60"))
    return status.value, headers, body
