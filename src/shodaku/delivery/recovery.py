"""After a crash: what the journals of this host say about the chunks it had opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from shodaku.delivery import store
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.domain import Result, resolve
from shodaku.delivery.journal import Journal, JournalDamaged, OwnerAlive, Recovered
from shodaku.delivery.store import Connection, Opening
from shodaku.kit import log
from shodaku.kit.queue import Queue


@dataclass(slots=True)
class Report:
    chunks: int = 0
    recorded: int = 0
    uncertain: int = 0
    again: int = 0


async def recover(connection: Connection, folder: Path, host: str) -> Report:
    """At the start of a worker and every few seconds; safe beside living ones, which hold their journals."""
    report = Report()
    for key, fence in await _open_chunks(connection, host):
        file = Journal.path(folder, key.workspace_id, key.mailing_id, key.no, fence)
        try:
            journal: Journal | None = Journal(file, create=False)
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
    if report.chunks:
        log.info(
            "chunks.recovered",
            chunks=report.chunks,
            recorded=report.recorded,
            uncertain=report.uncertain,
            again=report.again,
        )
    return report


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
        contact_ids, attempt, opened_at, promotional, topic_id, channel, week = row
        evidence = await _evidence(
            connection,
            {**values, "topic_id": topic_id, "channel": channel, "opened_at": opened_at},
            contact_ids,
        )
        found = _read(journal, contact_ids)
        known = resolve(contact_ids, found.begun, found.answered, evidence, promotional=promotional)
        opening = Opening(
            key, fence, attempt, week, topic_id, channel, Queue.SEND if promotional else Queue.URGENT
        )
        await store.settle(connection, opening, known)
    report.chunks += 1
    report.recorded += len(known.outcomes)
    report.uncertain += sum(outcome.result is Result.UNCERTAIN for outcome in known.outcomes)
    report.again += len(known.back)


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
