"""Where the links of a mailing lead, kept in memory: frozen at its launch, they never change."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

import psycopg

from shodaku.content.domain import location
from shodaku.kit import db

Lane: TypeAlias = Callable[[], AbstractContextManager[None]]  # inside it, whose connections are taken
Key: TypeAlias = tuple[int, int]  # workspace, mailing
Locations: TypeAlias = tuple[bytes | None, ...]  # by the number of the link; None: it leads nowhere

KEPT_BYTES_MAX: Final = 16_000_000
AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
_ENTRY_BYTES: Final = 200  # of an entry without targets, about

_sql = db.Statements("shodaku.delivery")


class Targets:
    """The mailings that were followed last. Belongs to one event loop."""

    def __init__(self, lane: Lane, *, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._lane, self._bytes_max = lane, bytes_max
        self._kept: OrderedDict[Key, Locations] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Key, asyncio.Task[Locations | None]] = {}

    def known(self, key: Key) -> Locations | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    async def read(self, key: Key) -> Locations | None:
        """One question for all who came together; None: there is no such mailing. Raises one of AWAY."""
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(asyncio.to_thread(self._read, key))
            task.add_done_callback(lambda _done: self._asked.pop(key, None))
        found = await asyncio.shield(task)
        if found is not None and key not in self._kept:
            self._keep(key, found)
        return found

    def _keep(self, key: Key, found: Locations) -> None:
        self._kept[key] = found
        self._bytes += _size(found)
        while self._bytes > self._bytes_max and len(self._kept) > 1:
            _oldest, dropped = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)

    def _read(self, key: Key) -> Locations | None:
        workspace_id, mailing_id = key
        with self._lane(), db.transaction(workspace_id):
            links: list[str] | None = _sql.scalar("get_links", mailing_id=mailing_id)
        return None if links is None else tuple(map(location, links))


def _size(found: Locations) -> int:
    return _ENTRY_BYTES + sum(_ENTRY_BYTES + len(each or b"") for each in found)
