"""Announced opt-outs: who is left out for a while, and whether we can hear announcements at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import psycopg
from psycopg import sql

from shodaku.kit import log

CHANNEL: Final = "shodaku_opt_out"
HINTED_SECONDS: Final = 10.0  # longer than any chunk that may have read its facts before the opt-out
_RECONNECT_SECONDS: Final = 1.0

Ear = psycopg.AsyncConnection[tuple[Any, ...]]


async def ear(url: str) -> Ear:
    """A connection that only listens. Raises psycopg.OperationalError."""
    return await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=10)


class Hints:
    """A hint delays and never decides. While `heard` is not set, nothing may begin."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], float],
        on_hint: Callable[[int], None],
        connect: Callable[[str], Awaitable[Ear]] = ear,
    ) -> None:
        self._url, self._clock, self._on_hint, self._connect = url, clock, on_hint, connect
        self._at: dict[int, float] = {}
        self.heard = asyncio.Event()

    def __contains__(self, contact_id: object, /) -> bool:
        at = self._at.get(contact_id) if isinstance(contact_id, int) else None
        return at is not None and self._clock() - at <= HINTED_SECONDS

    def note(self, payload: str) -> None:
        now = self._clock()
        for contact_id in _ids(payload):
            self._at[contact_id] = now
            self._on_hint(contact_id)
        for contact_id in [each for each, at in self._at.items() if now - at > HINTED_SECONDS]:
            del self._at[contact_id]

    async def listen(self, on_silence: Callable[[], None]) -> None:
        """For ever; `on_silence` is called whenever we can hear nothing any more."""
        while True:
            try:
                await self._listen()
            except psycopg.OperationalError:
                log.info("hints.silent")
            finally:
                self.heard.clear()
                on_silence()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await self._connect(self._url)
        async with connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self.heard.set()
            async for notice in connection.notifies():
                self.note(notice.payload)


def _ids(payload: str) -> Iterator[int]:
    for part in payload.split(","):
        if part.isdecimal():
            yield int(part)
