"""Links that are followed and pixels that are fetched, bare ASGI in front of the pages.

    GET /c/<token>/<n>     302 to target n, as it was stored when its mailing was frozen
    GET /p/<token>.gif     the pixel

One MAC is checked, the target comes from memory, the hit waits for its thread. What is not exactly a link of
ours goes on to the pages, which say so; nothing in an address of ours is an address to be led to.

`at_once` answers without waiting for anything, also to who speaks no ASGI (config/serving.py).
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from shodaku.delivery.hit_book import HitBook
from shodaku.delivery.hit_targets import AWAY, Key, Lane, Targets
from shodaku.delivery.visits import PIXEL_LINK, Hit, actor_of
from shodaku.kit import log, runtime
from shodaku.kit.keys import KeyPurpose, KeyRing, KeyUnavailable
from shodaku.kit.links import LinkKeys, Purpose, Token

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
Receive: TypeAlias = Callable[[], Awaitable[Any]]  # Any: as ASGI has it
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Application: TypeAlias = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

KEYS_SECONDS: Final = 1.0  # after it, link keys are looked at again: 5 us, which not every click need pay
WAIT_SECONDS: Final = 60  # told to who comes while neither memory nor database knows the target

_CLICK: Final = re.compile(r"/c/([A-Za-z0-9_-]{42})/(0|[1-9][0-9]{0,3})")
_PIXEL: Final = re.compile(r"/p/([A-Za-z0-9_-]{42})\.gif")
_READING: Final = frozenset({"GET", "HEAD"})
# one transparent point (GIF89a)
_GIF: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)
_ALWAYS: Final = (
    (b"cache-control", b"no-store"),  # or a second click would never come here
    (b"referrer-policy", b"no-referrer"),  # the address is somebody's own
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"x-content-type-options", b"nosniff"),
)


class Answer(NamedTuple):
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


_LED_ON: Final = (*_ALWAYS, (b"content-length", b"0"))
_SHOWN: Final = Answer(
    200, (*_ALWAYS, (b"content-type", b"image/gif"), (b"content-length", str(len(_GIF)).encode())), _GIF
)
_WORDS: Final = (
    "ただいまリンク先を開けません。1分ほど待って、もう一度メールのリンクを開いてください。\n"
    "The page behind this link cannot be opened at the moment. Please wait a minute and open it from the "
    "mail once more.\n"
).encode()
_LATER: Final = Answer(
    503,
    (
        *_ALWAYS,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_WORDS)).encode()),
        (b"retry-after", str(WAIT_SECONDS).encode()),
    ),
    _WORDS,
)


class Hits:
    """In front of an application; `lane` says whose database connections are taken inside it."""

    def __init__(self, application: Application, lane: Lane) -> None:
        self._application = application
        self._targets, self._book = Targets(lane), HitBook(lane)
        self._ring: KeyRing | None = None
        self._keys: LinkKeys | None = None
        self._keys_at = 0.0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        answer = await self._answer(scope) if scope["type"] == "http" else None
        if answer is None:
            await self._application(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)}
        await send(start)
        await send({"type": "http.response.body", "body": answer.body})

    def at_once(self, method: str, path: str, headers: Headers) -> Answer | None:
        """From memory alone, noted. None: no link of ours, or nobody remembers where it leads."""
        try:
            if path.startswith("/c/"):
                return self._followed(method, path, headers)
            return self._fetched(method, path, headers) if path.startswith("/p/") else None
        except KeyUnavailable as fault:
            log.info("hits.no_key", code=fault.code)
            return _LATER

    async def _answer(self, scope: dict[str, Any]) -> Answer | None:
        """As `at_once`, after a look into the database where it is needed."""
        method, path, headers = scope["method"], scope["path"], scope["headers"]
        answer = self.at_once(method, path, headers)
        key = self._unknown(path) if answer is None and method in _READING else None
        if key is None:
            return answer
        try:
            known = await self._targets.read(key)
        except AWAY as fault:
            log.info("hits.not_led_on", error=type(fault).__name__)
            return _LATER
        return None if known is None else self.at_once(method, path, headers)

    def _followed(self, method: str, path: str, headers: Headers) -> Answer | None:
        found = _CLICK.fullmatch(path)
        token = self._token(found[1]) if found and method in _READING else None
        if found is None or token is None:
            return None
        targets = self._targets.known((token.workspace_id, token.subject_id))
        number = int(found[2])
        if targets is None or number >= len(targets):
            return None
        location = targets[number]
        if location is None:
            return None
        self._note(token, number, method, headers)
        return Answer(302, ((b"location", location), *_LED_ON), b"")

    def _fetched(self, method: str, path: str, headers: Headers) -> Answer | None:
        """Forged or not, the picture is the same."""
        found = _PIXEL.fullmatch(path)
        if found is None or method not in _READING:
            return None
        token = self._token(found[1])
        if token is not None:
            self._note(token, PIXEL_LINK, method, headers)
        return _SHOWN

    def _unknown(self, path: str) -> Key | None:
        """The mailing of a good link, if nobody remembers where its links lead."""
        found = _CLICK.fullmatch(path)
        token = self._token(found[1]) if found else None
        key = (token.workspace_id, token.subject_id) if token else None
        return None if key is None or self._targets.known(key) is not None else key

    def _token(self, text: str) -> Token | None:
        """Of a campaign to somebody; None is forged, or made for something else. Raises KeyUnavailable."""
        now = time.monotonic()
        if self._keys is None or now - self._keys_at > KEYS_SECONDS:
            ring = runtime.current().ring(KeyPurpose.LINK)
            if self._keys is None or ring is not self._ring:
                self._ring, self._keys = ring, LinkKeys(ring.epochs)
            self._keys_at = now
        token = self._keys.read_url(text, Purpose.DELIVERY)
        return token if token is not None and token.subject_id else None

    def _note(self, token: Token, link: int, method: str, headers: Headers) -> None:
        actor = actor_of(method, headers)
        self._book.note(Hit(token.workspace_id, token.subject_id, token.contact_id, link, actor, time.time()))

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        self._book.close()  # nobody is served any more
        await send({"type": "lifespan.shutdown.complete"})
