"""Who types an address into a page learns nothing about it from how soon the page answers.

A stranger's request makes a key, an entry of the ledger and a mail; a reader's makes nothing at all. Both are
done before the answer, for what was answered is kept; so the answer waits for the next step of a clock that
began when the whole request was here.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.http import Http404
from django.urls import resolve

from shodaku.config.body_limit import Application, Message, Receive, Send

# a request of somebody unknown takes some 60 ms, and 300 on a machine with ten times its work
STEP_SECONDS: Final = 0.5
# names of the pages that are sent an address, or the name of an account
NAMES: Final = frozenset(
    {
        "signup_form", "signup_frame", "signup_poster", "signup_again", "signup_desk", "new_address",
        "account_login",
    }
)  # fmt: skip


class EvenAnswers:
    """In front of an application. While an answer waits it holds no thread, connection or place at a door."""

    def __init__(
        self,
        application: Application,
        *,
        now: Callable[[], float] = time.monotonic,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._application = application
        self._now, self._rest = now, rest

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not tells(scope["path"]):
            await self._application(scope, receive, send)
            return
        since, answer = self._now(), list[Message]()

        async def received() -> Message:
            nonlocal since
            message = await receive()
            if message["type"] == "http.request":  # how slowly it comes in is the sender's doing
                since = self._now()
            return message

        async def kept(message: Message) -> None:
            answer.append(message)

        await self._application(scope, received, kept)
        await self._rest(until_next_step(self._now() - since))
        for message in answer:
            await send(message)


def tells(path: str) -> bool:
    """Would the time of its answer tell who is known here?"""
    try:
        return resolve(path).url_name in NAMES
    except Http404:
        return False


def until_next_step(seconds: float) -> float:
    """How long an answer that took so many seconds still waits; at least one step has passed then."""
    steps = max(1, math.ceil(seconds / STEP_SECONDS))
    return max(0.0, steps * STEP_SECONDS - seconds)
