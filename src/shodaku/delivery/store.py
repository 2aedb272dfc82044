"""The worker's own PostgreSQL connections and the statements it runs on them: plans pinned, backstops set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import psycopg

from shodaku.content.render import MailFile
from shodaku.delivery.chunks import ChunkKey, chunk_job
from shodaku.delivery.domain import CRASHES_MAX, Known, Outcome, Result, retry_pause
from shodaku.delivery.facts import FactsRow, GateRow, MailingRow, NameRow
from shodaku.delivery.stopping import count_hard
from shodaku.kit import db
from shodaku.kit.errors import OutOfReach, ShodakuError
from shodaku.kit.queue import DEFER, Job, Queue, parameters

# A hash anti-join planned for one chunk hashes all suppressions each time: 42 us a message, not 4-6. Facts
# are a few hundred key look-ups: nothing but nested loops is ever right, and planning once is enough.
PINNED: Final = (
    "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c jit=off"
    " -c plan_cache_mode=force_generic_plan"
)
# Backstops on the server, longer than a chunk's last moment: a stopped or unreachable worker keeps no opt-out
# waiting (SENDING.md section 2).
BACKSTOP: Final = (
    "-c idle_in_transaction_session_timeout=5s -c lock_timeout=5s -c statement_timeout=60s -c TimeZone=UTC"
)
_SETTLE_PAUSE_SECONDS: Final = 1.0  # nothing moved: do not spin

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class FenceLost(ShodakuError):
    """Another worker recovered this chunk; its results are its own."""

    code = "fence_lost"


class GateGone(ShodakuError):
    """What this chunk belongs to does not exist any more."""

    code = "gate_gone"


class DatabaseAway(OutOfReach):
    """The database cannot be reached."""

    code = "database_away"


class Opened(NamedTuple):
    fence: int
    attempt: int
    contact_ids: list[int]
    domain_group: str | None
    crashes: int


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a chunk, and what its results have in common."""

    key: ChunkKey
    fence: int
    attempt: int
    week: date
    topic_id: int | None
    channel: str
    queue: Queue
    route_id: int | None = None  # None: of the environment
    domain_group: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What the gate decided by: name of the rule pack, and a digest of the facts of each person."""

    pack: str | None = None
    facts: Mapping[int, int | None] = field(default_factory=dict)


UNREAD: Final = Read()  # the process that decided is gone


class RouteRow(NamedTuple):
    route_id: int
    kind: str
    host: str
    port: int
    tls: str
    username: str
    messages_per_second: float | None
    connections: int
    depth: int
    share: int
    carries: str
    signs_for: list[str]
    paced: bool
    warms: bool
    enabled: bool = True


class Kept(NamedTuple):
    """What a planned chunk brings with it, where there are several routes or a limit."""

    route_id: int | None = None  # that it was given before
    fixed: bool = False  # it may go nowhere else
    people: int = 0
    domain_group: str | None = None
    queued: bool = False  # it has had to wait, and its turn has come
    due: bool = True


def array(values: Iterable[object]) -> str:
    """An array of numbers or codes as PostgreSQL reads it, never of texts.

    psycopg's encoding of a list takes 1.8 us an element, this 0.1.
    """
    return "{" + ",".join(map(str, values)).replace("None", "null") + "}"


async def connect(url: str) -> Connection:
    """Raises DatabaseAway, without address or password."""
    try:
        return await psycopg.AsyncConnection.connect(
            url, autocommit=True, options=f"{PINNED} {BACKSTOP}", prepare_threshold=1, connect_timeout=10
        )
    except psycopg.OperationalError as error:
        raise DatabaseAway from error


class Pool:
    """Connections for as many chunks as run at once; a broken one is never handed out again."""

    def __init__(self, url: str, connect: Callable[[str], Awaitable[Connection]] = connect) -> None:
        self._url, self._connect = url, connect
        self._free: list[Connection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        connection = self._free.pop() if self._free else await self._connect(self._url)
        try:
            yield connection
        finally:
            idle = psycopg.pq.TransactionStatus.IDLE
            if not connection.closed and connection.info.transaction_status == idle:
                self._free.append(connection)
            else:
                await connection.close()

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self._free))
        self._free.clear()


@asynccontextmanager
async def transaction(connection: Connection, workspace_id: int) -> AsyncIterator[None]:
    """Row-level security sees the shop, in this transaction alone."""
    async with connection.transaction():
        await connection.execute(db.set_local(db.Setting.WORKSPACE, workspace_id))
        yield


async def run(connection: Connection, name: str, values: Mapping[str, object]) -> psycopg.AsyncCursor[Any]:
    return await connection.execute(db.sql("shodaku.delivery", name), values)


async def now(connection: Connection) -> datetime:
    """By the database's clock."""
    row = await (await connection.execute(db.sql("shodaku.kit", "get_now"))).fetchone()
    if row is None:
        raise psycopg.OperationalError
    moment: datetime = row[0]
    return moment


async def open_chunk(
    connection: Connection, key: ChunkKey, host: str, route_id: int | None = None
) -> Opened | None:
    values = {**asdict(key), "host": host, "route_id": route_id}
    row = await (await run(connection, "open_chunk", values)).fetchone()
    return None if row is None else Opened(*row)


async def mailing(connection: Connection, key: ChunkKey) -> MailingRow | None:
    cursor = connection.cursor(row_factory=psycopg.rows.class_row(MailingRow))
    await cursor.execute(db.sql("shodaku.delivery", "get_mailing"), asdict(key))
    return await cursor.fetchone()


async def files(connection: Connection, key: ChunkKey) -> list[MailFile]:
    """What the mailing carries; the bodies are read once and compiled with it."""
    cursor = connection.cursor(row_factory=psycopg.rows.class_row(MailFile))
    await cursor.execute(db.sql("shodaku.content", "list_mailing_files"), asdict(key))
    return await cursor.fetchall()


async def gate_state(connection: Connection, key: ChunkKey, mailing: MailingRow) -> GateRow:
    """Raises GateGone when the workspace or the mailing does not exist any more."""
    values = {**asdict(key), "topic_id": mailing.topic_id, "sender_id": mailing.sender_id}
    row = await (await run(connection, "get_gate_state", values)).fetchone()
    if row is None or row[0] is None:
        raise GateGone
    return GateRow._make(row)


async def routes(connection: Connection, workspace_id: int) -> list[RouteRow] | None:
    """All of them, in their order; None: the shop has no route of its own."""
    rows = await (await run(connection, "list_carriers", {"workspace_id": workspace_id})).fetchall()
    return [RouteRow(*row) for row in rows] or None


async def paced(connection: Connection, workspace_id: int) -> bool:
    """Is there a limit whatever carries the mails?"""
    row = await (await run(connection, "is_paced", {"workspace_id": workspace_id})).fetchone()
    return row is not None and bool(row[0])


async def kept(connection: Connection, key: ChunkKey) -> Kept | None:
    """None: the chunk is not planned any more."""
    row = await (await run(connection, "get_chunk_route", asdict(key))).fetchone()
    return None if row is None else Kept(*row)


async def queue(
    connection: Connection, key: ChunkKey, wait_seconds: float, route_id: int | None
) -> datetime | None:
    """When its turn is; None: the chunk is not planned any more."""
    values = {**asdict(key), "wait": wait_seconds, "route_id": route_id}
    row = await (await run(connection, "queue_chunk", values)).fetchone()
    return None if row is None else row[0]


async def lock(connection: Connection, key: ChunkKey, contact_ids: Iterable[int]) -> dict[int, NameRow]:
    """Those we hold FOR SHARE now; a statement of its own, for one that waits reads from before the wait."""
    values = {"workspace_id": key.workspace_id, "contact_ids": array(contact_ids)}
    cursor = connection.cursor(binary=True)
    await cursor.execute(db.sql("shodaku.delivery", "lock_contacts"), values)
    return {row[0]: NameRow._make(row) for row in await cursor.fetchall()}


async def existing(connection: Connection, key: ChunkKey, contact_ids: list[int]) -> set[int]:
    if not contact_ids:
        return set()
    values = {"workspace_id": key.workspace_id, "contact_ids": array(contact_ids)}
    return {row[0] for row in await (await run(connection, "list_existing", values)).fetchall()}


async def read(
    connection: Connection, key: ChunkKey, contact_ids: Iterable[int], question: Mapping[str, object]
) -> list[FactsRow]:
    values = {**question, "workspace_id": key.workspace_id, "contact_ids": array(contact_ids)}
    cursor = connection.cursor(binary=True)
    await cursor.execute(db.sql("shodaku.delivery", "read_facts"), values)
    return [FactsRow._make(row) for row in await cursor.fetchall()]


async def settle(
    connection: Connection,
    opening: Opening,
    known: Known,
    late: frozenset[int] = frozenset(),
    *,
    pause: float = 0.0,
    read: Read = UNREAD,
    crashed: bool = False,
) -> None:
    """Results, retries and the chunk's state, in the open transaction. Raises FenceLost.

    While `late` replies are missing the chunk stays open and keeps those contacts. `crashed`: as the journal
    of a worker that ended says.
    """
    again = retry_pause(opening.attempt)
    outcomes = known.outcomes if again else known.outcomes + known.retry
    await _record(connection, opening, outcomes, read)
    jobs = []
    if known.retry and again:
        jobs += await _retry(connection, opening, known.retry, again.total_seconds())
    for until in sorted({postponed.until for postponed in known.postponed}):
        ids = [postponed.contact_id for postponed in known.postponed if postponed.until == until]
        jobs.append(await _later(connection, opening, ids, opening.attempt, 0.0, until))
    if known.apart is not None:
        crashes = CRASHES_MAX - 1
        jobs.append(
            await _later(connection, opening, [known.apart], opening.attempt, pause, None, crashes=crashes)
        )
    if not known.moved:
        pause = max(pause, _SETTLE_PAUSE_SECONDS)
    rest = sorted(late or known.back)
    if (
        late and known.back
    ):  # an open chunk waits for replies alone; who has not begun need not wait with them
        jobs.append(await _later(connection, opening, sorted(known.back), opening.attempt, pause, None))
    jobs += await _close(
        connection,
        opening,
        outcomes,
        rest,
        pause,
        state=_state(rest, late),
        fixed=known.unsure,
        crashed=crashed,
    )
    if jobs:
        await connection.execute(DEFER, parameters(jobs))


async def defer(connection: Connection, jobs: list[Job]) -> None:
    if jobs:
        await connection.execute(DEFER, parameters(jobs))


async def _close(
    connection: Connection,
    opening: Opening,
    outcomes: list[Outcome],
    rest: list[int],
    pause: float,
    *,
    state: str,
    fixed: bool,
    crashed: bool,
) -> list[Job]:
    counts = dict.fromkeys((result.value for result in Result), 0)
    for outcome in outcomes:
        counts[outcome.result.value] += 1
    counts["hard"] = count_hard(outcomes)
    values = {
        **_columns(opening),
        **counts,
        "state": state,
        "rest": array(rest),
        "pause": pause,
        "fixed": fixed,
        "crashed": int(crashed),
    }
    row = await (await run(connection, "settle_chunk", values)).fetchone()
    if row is None:
        raise FenceLost
    if state == "done":
        await end_mailing(connection, opening.key)
    return [chunk_job(opening.key, opening.queue, row[0])] if state == "planned" else []


def _state(rest: list[int], late: frozenset[int]) -> str:
    return "open" if late else "planned" if rest else "done"


async def end_mailing(connection: Connection, key: ChunkKey) -> None:
    await run(connection, "lock_mailing", asdict(key))
    await run(connection, "end_mailing", asdict(key))


async def _record(connection: Connection, opening: Opening, outcomes: list[Outcome], read: Read) -> None:
    by = {"pack": read.pack}
    accepted = [outcome for outcome in outcomes if outcome.result is Result.ACCEPTED]
    others = [outcome for outcome in outcomes if outcome.result is not Result.ACCEPTED]
    if accepted:
        ids, _, reasons, evidence, stages, codes, _ = zip(*accepted, strict=True)
        columns = {"reasons": reasons, "evidence": evidence, "stages": stages, "codes": codes}
        columns["facts"] = tuple(map(read.facts.get, ids))
        values = {"contact_ids": array(ids), **{name: array(column) for name, column in columns.items()}}
        await run(connection, "insert_accepted", {**_columns(opening), **values, **by})
    if others:
        ids, results, reasons, evidence, stages, codes, replies = zip(*others, strict=True)
        columns = {
            "outcomes": results,
            "reasons": reasons,
            "evidence": evidence,
            "stages": stages,
            "codes": codes,
            "facts": tuple(map(read.facts.get, ids)),
        }
        values = {"contact_ids": array(ids), **{name: array(column) for name, column in columns.items()}}
        texts = [reply or None for reply in replies]
        await run(connection, "insert_outcomes", {**_columns(opening), **values, **by, "replies": texts})


async def _retry(
    connection: Connection, opening: Opening, outcomes: list[Outcome], pause: float
) -> list[Job]:
    """Over the same route; who may have the message already waits for that one alone."""
    jobs = []
    for fixed in (False, True):
        ids = [each.contact_id for each in outcomes if (each.result is Result.UNCERTAIN) == fixed]
        if ids:
            attempt = opening.attempt + 1
            jobs.append(await _later(connection, opening, ids, attempt, pause, None, fixed=fixed))
    return jobs


async def _later(
    connection: Connection,
    opening: Opening,
    contact_ids: list[int],
    attempt: int,
    pause: float,
    not_before: datetime | None,
    *,
    fixed: bool = False,
    crashes: int = 0,
) -> Job:
    values = {
        **asdict(opening.key),
        "contact_ids": array(sorted(contact_ids)),
        "attempt": attempt,
        "pause": pause,
        "not_before": not_before,
        "route_id": opening.route_id,
        "fixed": fixed,
        "domain_group": opening.domain_group,
        "crashes": crashes,
    }
    row = await (await run(connection, "insert_chunk", values)).fetchone()
    if row is None:
        raise FenceLost
    return chunk_job(
        ChunkKey(opening.key.workspace_id, opening.key.mailing_id, row[0]), opening.queue, row[1]
    )


def _columns(opening: Opening) -> dict[str, object]:
    return {
        **asdict(opening.key),
        "fence": opening.fence,
        "attempt": opening.attempt,
        "week": opening.week,
        "topic_id": opening.topic_id,
        "channel": opening.channel,
    }
