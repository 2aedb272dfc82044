"""The send worker's own look at the journal beside the database, in the transaction of the gate.

A database that was restored into place behind a running worker knows fewer no's than were said: the worker
has seen more lines than it finds, or finds lines in the journal of its host that nobody applied. It shuts
the gate of the whole installation then, and hands nothing over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shodaku.delivery.store import Connection
from shodaku.kit import db, erasure_journal, log, place
from shodaku.kit.erasure_journal import Line
from shodaku.kit.errors import OutOfReach
from shodaku.suppression.fence import MISSING_MAX, FenceReason, Position, furthest, overdue, short, went_back
from shodaku.suppression.seen import read as read_seen
from shodaku.suppression.seen import signed_head

_ROOM = "shodaku.suppression"
_NUMBERS_MAX = 1_000  # lines on their way at once; more of them are a restored database


class DatabaseBehind(OutOfReach):
    """The database is older than the erasure journal; nothing is sent until the journal is replayed."""

    code = "database_behind"


@dataclass(slots=True)
class Watch:
    """Of one worker, for as long as it lives. Blocks for a few file system calls at most."""

    home: Path
    _seen: dict[str, Position] = field(default_factory=dict)
    _lasts: dict[Path, tuple[int, int, int]] = field(default_factory=dict)  # inode, size, number

    def received(self) -> bool:
        """Does a no wait beside the database that could not be written into it?"""
        return any(each.stat().st_size > 0 for each in (self.home / place.FOLDER).glob("*.received.jsonl"))

    async def look(self, connection: Connection, workspace_id: int, now: datetime) -> frozenset[int]:
        """Contacts about whom a line is just being applied, or waits for it: they opted out as far as we
        know.

        Raises DatabaseBehind.
        """
        before = self._seen  # another lane may have seen more by the time this answer is here
        cursor = await connection.execute(db.sql(_ROOM, "get_positions"))
        found = {row[0]: Position(*row) for row in await cursor.fetchall()}
        if went_back(before, found):
            raise DatabaseBehind
        self._seen = furthest(self._seen, found)
        await self._compare_heads(connection, workspace_id)
        files = erasure_journal.files(self.home / place.FOLDER)
        lacking = short({host: self._last(file) for host, file in files.items()}, found)
        lines: list[Line] = []
        for host, last in lacking.items():
            lines += await self._missing(connection, host, last, files[host])
        if overdue(lines, now):
            raise DatabaseBehind
        return frozenset(line.contact_id for line in lines if line.contact_id is not None)

    async def shut(self, connection: Connection) -> None:
        """In a transaction of its own. Every worker reads it at its gate."""
        async with connection.transaction():
            await connection.execute(db.sql(_ROOM, "close_fence"), {"reason": FenceReason.BEHIND.value})
        log.info("fence.closed", reason=FenceReason.BEHIND.value)

    async def _compare_heads(self, connection: Connection, workspace_id: int) -> None:
        """The ledger may tell of a restore that lost no opt-out. Raises DatabaseBehind."""
        signed = signed_head(self.home, workspace_id)  # before the question: it is written after the commit
        values = {"workspace_id": workspace_id}
        row = await (await connection.execute(db.sql(_ROOM, "get_head_size"), values)).fetchone()
        if signed.size > (row[0] if row else 0) and read_seen(self.home).settled.get(workspace_id) != signed:
            raise DatabaseBehind

    async def _missing(self, connection: Connection, host: str, last: int, file: Path) -> list[Line]:
        """Raises DatabaseBehind when more lack than can be on their way."""
        values = {"host": host, "last": last, "after": 0, "most": min(MISSING_MAX, _NUMBERS_MAX + 1)}
        cursor = await connection.execute(db.sql(_ROOM, "list_missing"), values)
        numbers = [row[0] for row in await cursor.fetchall()]
        if len(numbers) > _NUMBERS_MAX:
            raise DatabaseBehind
        return erasure_journal.read_numbers(file, numbers)

    def _last(self, file: Path) -> int:
        """Read again only when the file has grown."""
        status = file.stat()
        known = self._lasts.get(file)
        if known is None or known[:2] != (status.st_ino, status.st_size):
            known = (status.st_ino, status.st_size, erasure_journal.last(file))
            self._lasts[file] = known
        return known[2]
