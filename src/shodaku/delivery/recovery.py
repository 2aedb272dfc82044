"""After a crash: what the journals of this host say about the chunks it had opened; and what becomes of the
chunks of a machine that is lost with its journals.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from psycopg import sql

from shodaku.delivery import store
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.disk import OWN_DISK, Disk
from shodaku.delivery.domain import Result, resolve, set_apart
from shodaku.delivery.journal import Journal, Recovered
from shodaku.delivery.journal_faults import JournalDamaged, OwnerAlive
from shodaku.delivery.store import Connection, Opening
from shodaku.kit import log
from shodaku.kit.queue import Queue

# The last reply to a chunk is waited for 600 s (RFC 5321 section 4.5.3.2.6): after that nobody is sending it.
LOST_SECONDS: Final = 900.0
OPEN_CHUNKS_MAX: Final = 1_000  # of one workspace, looked at in one round


@dataclass(slots=True)
class Report:
    chunks: int = 0
    recorded: int = 0
    uncertain: int = 0
    again: int = 0


class OpenElsewhere(NamedTuple):
    """An opening by another volume; whether its machine lives nobody can see from here."""

    key: ChunkKey
    fence: int
    host: str
    people: int


class Seen:
    """Since when this process has seen openings of others stand.

    By its own monotonic clock: no clock that somebody sets makes a living machine look lost, and neither does
    a sleep of all machines at once.
    """

    def __init__(self) -> None:
        self._since: dict[OpenElsewhere, float] = {}

    def lost(self, standing: Sequence[OpenElsewhere], now: float) -> list[OpenElsewhere]:
        """Those that have stood for LOST_SECONDS; `now` in seconds of the monotonic clock."""
        self._since = {each: self._since.get(each, now) for each in standing}
        return [each for each, since in self._since.items() if now - since >= LOST_SECONDS]


async def recover(connection: Connection, folder: Path, host: str, disk: Disk = OWN_DISK) -> Report:
    """At the start of a worker and every few seconds; safe beside living ones, which hold their journals."""
    report = Report()
    for key, fence in await _open_chunks(connection, host):
        file = Journal.path(folder, key.workspace_id, key.mailing_id, key.no, fence)
        try:
            journal: Journal | None = Journal(file, create=False, disk=disk)
        except OwnerAlive:
            continue
        except FileNotFoundError:
            journal = None  # lost, or settled since we looked
        try:
            await _recover_chunk(connection, key, fence, journal, report)
        except BaseException:
            if journal is not None:
                journal.close()
            raise
        if journal is not None:
            journal.forget()
    _tell("chunks.recovered", report)
    return report


async def open_elsewhere(connection: Connection, workspace_id: int, host: str = "") -> list[OpenElsewhere]:
    """What others than `host` hold open; by itself, what anybody does."""
    async with store.transaction(connection, workspace_id):
        values = {"workspace_id": workspace_id, "host": host, "rows_max": OPEN_CHUNKS_MAX}
        rows = await (await store.run(connection, "list_open_elsewhere", values)).fetchall()
    return [OpenElsewhere(ChunkKey(workspace_id, row[0], row[1]), *row[2:]) for row in rows]


async def give_up(connection: Connection, lost: Collection[OpenElsewhere]) -> Report:
    """Their journals will not be read any more: everybody in them counts as begun (TRUST.md section 5).

    An advertisement becomes uncertain and never leaves again, a notice leaves again. If the machine lives
    after all, it loses its results, for the fence has moved on, and no advertisement leaves twice.
    """
    report = Report()
    for each in lost:
        await _recover_chunk(connection, each.key, each.fence, None, report)
    _tell("chunks.given_up", report)
    return report


def _tell(event: str, report: Report) -> None:
    if report.chunks:
        log.info(
            event,
            chunks=report.chunks,
            recorded=report.recorded,
            uncertain=report.uncertain,
            again=report.again,
        )


async def _open_chunks(connection: Connection, host: str) -> list[tuple[ChunkKey, int]]:
    async with connection.transaction():
        # a host is a hexadecimal number of our own making, so it carries no syntax
        await connection.execute(sql.SQL("SET LOCAL shodaku.host = {}").format(sql.Literal(host)))
        cursor = await store.run(connection, "list_open_of_host", {"host": host})
        return [(ChunkKey(*row[:3]), row[3]) for row in await cursor.fetchall()]


async def _recover_chunk(
    connection: Connection, key: ChunkKey, fence: int, journal: Journal | None, report: Report
) -> None:
    async with store.transaction(connection, key.workspace_id):
        values = {
            "workspace_id": key.workspace_id,
            "mailing_id": key.mailing_id,
            "no": key.no,
            "fence": fence,
        }
        row = await (await store.run(connection, "get_open_chunk", values)).fetchone()
        if row is None:
            return
        contact_ids, attempt, opened_at, promotional, topic_id, channel, week, *way, crashes = row
        evidence = await _evidence(
            connection,
            {**values, "topic_id": topic_id, "channel": channel, "opened_at": opened_at},
            contact_ids,
        )
        found = _read(journal, contact_ids)
        known = resolve(contact_ids, found.begun, found.answered, evidence, promotional=promotional)
        set_apart(known, found.building, len(contact_ids), crashes, evidence.get(found.building or 0))
        queue = Queue.SEND if promotional else Queue.URGENT
        opening = Opening(key, fence, attempt, week, topic_id, channel, queue, *way)
        await store.settle(connection, opening, known, crashed=journal is not None)
    report.chunks += 1
    report.recorded += len(known.outcomes)
    report.uncertain += sum(outcome.result is Result.UNCERTAIN for outcome in known.outcomes)
    report.again += len(known.back) + (known.apart is not None)


def _read(journal: Journal | None, contact_ids: list[int]) -> Recovered:
    if journal is None:
        return Recovered.without_journal(contact_ids)
    try:
        return journal.read()
    except JournalDamaged:
        return Recovered.without_journal(contact_ids)


async def _evidence(
    connection: Connection, values: dict[str, object], contact_ids: list[int]
) -> dict[int, int | None]:
    cursor = await store.run(connection, "list_evidence", {**values, "contact_ids": store.array(contact_ids)})
    return {row[0]: row[1] for row in await cursor.fetchall()}
