"""Whoever comes to say no finds the door open, however many others stand before it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Final

from shodaku.config import reserved
from shodaku.config.body_limit import Application, Receive, Send

REQUESTS_MAX: Final = 200  # of all others under way; beyond it 503
NOS_MAX: Final = 40  # under way at one time; the next ones wait, and none is sent away
PATHS: Final = ("/o/", "/p/", "/w/")  # pages behind a link of a mail

_FULL: Final = (
    "ただいま混み合っています。1分ほど待って、もう一度お試しください。\n"
    "Too many requests are under way; please try again in a minute.\n"
).encode()


class Doors:
    """In front of an application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._nos = asyncio.Semaphore(NOS_MAX)
        self._others = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PATHS):
            async with self._nos:
                with reserved.lane(reserved.PAGES):
                    await self._application(scope, receive, send)
        elif self._others >= REQUESTS_MAX and scope["type"] == "http":
            await _send_away(send)
        else:
            self._others += 1
            try:
                await self._application(scope, receive, send)
            finally:
                self._others -= 1


async def _send_away(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_FULL)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", b"60"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    status = HTTPStatus.SERVICE_UNAVAILABLE.value
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _FULL})
