"""A procrastinate job per chunk, in a process without Django: gates, sends, settles, recovers."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import procrastinate
import psycopg

from shodaku.content.render import Compiled, self_test
from shodaku.delivery import drawing, recovery, store
from shodaku.delivery.chunks import TASK, ChunkKey, chunk_job, queue_of
from shodaku.delivery.dkim import Signer
from shodaku.delivery.domain import (
    CHUNK_CONTACTS_MAX,
    Carries,
    MailingKind,
    choose_route,
    chunk_size,
    is_aligned,
)
from shodaku.delivery.drawing import Source
from shodaku.delivery.facts import MailingRow
from shodaku.delivery.hints import Hints
from shodaku.delivery.journal_faults import JournalFull
from shodaku.delivery.lane import Carried, Lane, Turn
from shodaku.delivery.outside import REAL, Outside
from shodaku.delivery.relays import (
    Offer,
    Relays,
    Target,
    from_environment,
    from_route,
    place_of,
    seconds_to_wait,
)
from shodaku.delivery.signers import Signers
from shodaku.delivery.signing import SigningKeyClosed
from shodaku.delivery.stopping import SENT_MIN, StopReason, Weighed, stop_for
from shodaku.delivery.store import Connection, Kept, Pool, RouteRow
from shodaku.delivery.transports.job import Transport
from shodaku.delivery.watch import DatabaseBehind
from shodaku.kit import log
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys
from shodaku.kit.queue import Queue
from shodaku.kit.runtime import Runtime
from shodaku.suppression import layers

LANES: Final = 2  # while one chunk's last replies come, the next is already being gated
RECOVERY_SECONDS: Final = 5.0
SWEEP_SECONDS: Final = 60.0
WATCH_SECONDS: Final = 10.0
STOP_SECONDS: Final = 2.5  # of the 5 that a process has: chunks settle, then connections close
_ROUTE_KEPT_SECONDS: Final = 5.0
_TOLD_AGAIN_SECONDS: Final = 60.0  # that a route cannot be used: each waiting chunk asks
MAILINGS_KEPT: Final = 64
MAILINGS_OCTETS_KEPT: Final = 32 * 1024 * 1024  # of compiled messages; one alone may have half of that
_TROUBLE_PAUSE_SECONDS: Final = 2.0
_HELD_PAUSE_SECONDS: Final = 15.0  # of a domain whose key cannot be opened: somebody has to mend that


class Worker:
    """Everything of one send process. `runtime` says where; nothing is read from Django.

    `host`: the number of the volume that the journals lie on; None: it is read there, or made.
    """

    def __init__(self, runtime: Runtime, outside: Outside = REAL, host: str | None = None) -> None:
        self.runtime, self._outside = runtime, outside
        self.folder = runtime.home / "journals"
        self.host = host or host_of(self.folder)
        self.pool = Pool(runtime.database_url, outside.connect)
        self.relays = Relays(outside.manner, outside.monotonic)
        self.turns: dict[Turn, None] = {}  # in the order in which they began
        self.hints = Hints(runtime.database_url, outside.boottime, self._on_hint, outside.ear)
        self.stopping = False
        self.watch = outside.watch(runtime.home)
        self._lane = Lane(self.folder, self.host, self.hints, self.turns, self.watch, outside)
        self._signers = Signers(runtime, outside.monotonic)
        self._links = LinkKeys(runtime.ring(KeyPurpose.LINK).epochs)
        self._mailings: dict[tuple[int, int], tuple[MailingRow, Compiled]] = {}
        self._offers: dict[int, tuple[float, list[Offer]]] = {}
        self._named: dict[int, frozenset[int]] = {}  # routes of a shop, those that cannot be used too
        self._told: dict[tuple[int, int], float] = {}  # when the log said that a shop's route cannot be used
        self._health: dict[int, tuple[str | None, bool]] = {}
        self._seen = recovery.Seen()

    async def send_chunk(self, key: ChunkKey) -> None:
        """The job. What is not ready is put off; a chunk that is not planned any more is nobody's job."""
        if self.stopping:
            return
        await self.hints.heard.wait()
        async with self.pool.connection() as connection:
            async with store.transaction(connection, key.workspace_id):
                found = await self._mailing(connection, key)
                if found is None:
                    return
                mailing, compiled = found
                urgent = queue_of(MailingKind(mailing.kind)) is Queue.URGENT
                offers = await self._offered(connection, key.workspace_id, urgent=urgent)
                # asked only where it matters: with one route and no limit there is nothing to know
                several = len(self._named.get(key.workspace_id, ())) > 1
                asks = several or any(each.paced or each.warms for each in offers)
                kept = await store.kept(connection, key) if asks else Kept()
                if kept is None or not kept.due:
                    return
            if self.watch.received():  # a no that the database does not know comes before everything else
                await self._put_off(connection, key, mailing, _TROUBLE_PAUSE_SECONDS)
                return
            if self._is_held(key, offers, kept):
                await self._put_off(connection, key, mailing, _HELD_PAUSE_SECONDS)
                return
            offer = await self._chosen(connection, key, mailing, offers, kept)
            if offer is None:
                await self._put_off(connection, key, mailing, self._wait(offers, urgent=urgent))
                return
            relay = self.relays.get(offer.target, urgent=urgent)
            with self.relays.trial(relay):
                await self._carry(connection, key, mailing, compiled, relay, offer, kept)

    async def _carry(
        self,
        connection: Connection,
        key: ChunkKey,
        mailing: MailingRow,
        compiled: Compiled,
        relay: Transport,
        offer: Offer,
        kept: Kept,
    ) -> None:
        if (pause := seconds_to_wait(relay)) > 0:
            await self._put_off(connection, key, mailing, max(pause, _TROUBLE_PAUSE_SECONDS))
            return
        try:
            signer = await self._signer(connection, key, mailing, offer.target)
        except SigningKeyClosed:  # never unsigned instead: receivers would take it for forged
            await self._put_off(connection, key, mailing, _HELD_PAUSE_SECONDS)
            return
        target, most = offer.target, CHUNK_CONTACTS_MAX
        source = Source(key.workspace_id, target.route_id, kept.domain_group, offer.paced, offer.warms)
        if offer.paced or offer.warms:
            most = await self._draw(connection, key, mailing, source, offer, kept)
            if not most:
                return
        try:
            carried = await self._lane.run(connection, key, mailing, compiled, relay, target, signer, most)
        except JournalFull:  # without it nobody could tell after a crash what left: it waits for room
            log.info("journal.no_room", mailing=key.mailing_id, no=key.no)
            await self._put_off(connection, key, mailing, _HELD_PAUSE_SECONDS)
            carried = Carried()
        if offer.paced or offer.warms:
            await drawing.settle(
                connection, source, most - carried.touched, carried.deferrals, touched=carried.touched
            )
        await self._tell(connection, key.workspace_id, target, relay)

    async def _signer(
        self, connection: Connection, key: ChunkKey, mailing: MailingRow, target: Target
    ) -> Signer | None:
        """None: whoever carries the mail signs it. Raises SigningKeyClosed."""
        if target.by_provider:
            return None
        return await self._signers.of(connection, key.workspace_id, mailing.mail_domain)

    async def _draw(
        self,
        connection: Connection,
        key: ChunkKey,
        mailing: MailingRow,
        source: Source,
        offer: Offer,
        kept: Kept,
    ) -> int:
        """How many may leave now; 0: the chunk has its turn later."""
        queue = queue_of(MailingKind(mailing.kind))
        wanted = max(1, min(kept.people, chunk_size(offer.target.rate)))
        done = await drawing.drawn(
            connection, source, wanted, queued=kept.queued, urgent=queue is Queue.URGENT
        )
        if done.granted:
            return done.granted
        async with store.transaction(connection, key.workspace_id):
            turn = await store.queue(connection, key, done.wait_seconds, source.route_id)
            if turn is not None:
                await store.defer(connection, [chunk_job(key, queue, turn)])
        return 0

    def stop(self) -> None:
        """No further message begins; what has an envelope goes, the rest goes back into its chunk."""
        self.stopping = True
        for turn in list(self.turns):
            turn.stop()

    async def listen(self) -> None:
        await self.hints.listen(self._on_silence)

    async def recover(self) -> recovery.Report:
        async with self.pool.connection() as connection:
            return await recovery.recover(connection, self.folder, self.host, self._outside.disk)

    async def take_over(self) -> recovery.Report:
        """Chunks of machines that were lost, once it is certain that nobody is sending them."""
        async with self.pool.connection() as connection:
            rows = await (await store.run(connection, "list_workspaces", {})).fetchall()
            standing = [
                each
                for (workspace_id,) in rows
                for each in await recovery.open_elsewhere(connection, workspace_id, self.host)
            ]
            return await recovery.give_up(connection, self._seen.lost(standing, self._outside.monotonic()))

    async def look(self) -> None:
        """Also while there is nothing to send: whoever restores a database should see the gate shut."""
        async with self.pool.connection() as connection:
            rows = await (await store.run(connection, "list_workspaces", {})).fetchall()
            try:
                for (workspace_id,) in rows:
                    async with store.transaction(connection, workspace_id):
                        await self.watch.look(connection, workspace_id, await store.now(connection))
            except DatabaseBehind:
                await self.watch.shut(connection)

    async def sweep(self) -> int:
        """Planned chunks without a job get one; mailings whose end nobody saw are ended. How many jobs."""
        made = 0
        async with self.pool.connection() as connection:
            rows = await (await store.run(connection, "list_workspaces", {})).fetchall()
            for (workspace_id,) in rows:
                async with store.transaction(connection, workspace_id):
                    made += await _sweep(connection, workspace_id)
        return made

    async def weigh(self) -> int:
        """Advertisements that come back too often, or are reported, stop by themselves. How many."""
        stopped = 0
        async with self.pool.connection() as connection:
            rows = await (await store.run(connection, "list_workspaces", {})).fetchall()
            for (workspace_id,) in rows:
                async with store.transaction(connection, workspace_id):
                    stopped += await _weigh(connection, workspace_id)
        return stopped

    async def close(self) -> None:
        await self.relays.close()
        await self.pool.close()

    def _on_hint(self, contact_id: int) -> None:
        for turn in list(self.turns):
            turn.hint(contact_id)

    def _on_silence(self) -> None:
        for turn in list(self.turns):
            turn.stop()

    async def _mailing(self, connection: Connection, key: ChunkKey) -> tuple[MailingRow, Compiled] | None:
        """Frozen since its launch, so it is compiled once and kept."""
        name = (key.workspace_id, key.mailing_id)
        if name not in self._mailings:
            mailing = await store.mailing(connection, key)
            if mailing is None:
                return None
            compiled = self._outside.compile(
                mailing,
                key.workspace_id,
                self._links,
                self.runtime.public_url,
                eight_bit=True,
                files=await store.files(connection, key),
            )
            make_room(self._mailings, compiled.octets_min)
            self._mailings[name] = (mailing, compiled)
        return self._mailings[name]

    async def _offered(self, connection: Connection, workspace_id: int, *, urgent: bool) -> list[Offer]:
        """The shop's routes for this, in order; it has none: the one of the environment."""
        read_at, offers = self._offers.get(workspace_id, (-_ROUTE_KEPT_SECONDS, []))
        now = self._outside.boottime()
        if not offers or now - read_at >= _ROUTE_KEPT_SECONDS:
            rows = await store.routes(connection, workspace_id)
            if rows is None:
                target = await self._target(connection, workspace_id, None)
                paced = await store.paced(connection, workspace_id)
                offers = [] if target is None else [Offer(target, paced=paced)]
            else:
                offers = [await self._offer(connection, workspace_id, row) for row in rows if row.enabled]
            self._offers[workspace_id] = (now, offers)
            self._named[workspace_id] = frozenset(row.route_id for row in rows or ())
        return [each for each in offers if each.carries.takes(urgent=urgent)]

    async def _offer(self, connection: Connection, workspace_id: int, row: RouteRow) -> Offer:
        target = await self._target(connection, workspace_id, row)
        carries, usable = Carries(row.carries), target is not None
        return Offer(target or place_of(row), row.share, carries, row.paced, row.warms, usable=usable)

    async def _target(self, connection: Connection, workspace_id: int, row: RouteRow | None) -> Target | None:
        """None while it cannot be used, which the console tells of a route of the shop."""
        try:
            return from_environment() if row is None else from_route(self.runtime.keys, workspace_id, row)
        except ShodakuError as error:
            self._log_unusable(workspace_id, 0 if row is None else row.route_id, error.code)
            if row is not None:
                await self._note_health(connection, workspace_id, row.route_id, error.message, set_aside=True)
            return None

    def _log_unusable(self, workspace_id: int, route_id: int, code: str) -> None:
        now, name = self._outside.boottime(), (workspace_id, route_id)
        if now - self._told.get(name, -_TOLD_AGAIN_SECONDS) >= _TOLD_AGAIN_SECONDS:
            self._told[name] = now
            log.info("route.unusable", workspace=workspace_id, route=route_id, code=code)

    def _is_held(self, key: ChunkKey, offers: Sequence[Offer], kept: Kept) -> bool:
        """Somebody in it may have the message already, by a route that is there and not meant for it now."""
        route_id = kept.route_id
        if not kept.fixed or any(each.target.route_id == route_id for each in offers):
            return False
        held = route_id in self._named.get(key.workspace_id, ())
        if held:
            log.info("chunk.held", mailing=key.mailing_id, no=key.no, route=route_id)
        return held

    async def _chosen(
        self,
        connection: Connection,
        key: ChunkKey,
        mailing: MailingRow,
        offers: Sequence[Offer],
        kept: Kept,
    ) -> Offer | None:
        urgent = queue_of(MailingKind(mailing.kind)) is Queue.URGENT
        aligned = await self._aligned(connection, key, mailing, offers, urgent=urgent)
        carriers = [
            self.relays.carrier(each, urgent=urgent, aligned=fits)
            for each, fits in zip(offers, aligned, strict=True)
        ]
        number = choose_route(carriers, key.no, kept=kept.route_id, fixed=kept.fixed)
        return next((each for each in offers if (each.target.route_id or 0) == number), None)

    async def _aligned(
        self,
        connection: Connection,
        key: ChunkKey,
        mailing: MailingRow,
        offers: Sequence[Offer],
        *,
        urgent: bool,
    ) -> list[bool]:
        """Which may take over from another one; asked only while one is set aside (docs/adr/0033)."""
        if not any(self._is_aside(each, urgent=urgent) for each in offers):
            return [True] * len(offers)
        domain = mailing.mail_domain
        try:
            here = await self._signers.of(connection, key.workspace_id, domain) is not None
        except SigningKeyClosed:  # it would be signed, and waits until the key opens
            here = True
        return [
            is_aligned(domain, each.target.signs_for) or (here and not each.target.by_provider)
            for each in offers
        ]

    def _is_aside(self, offer: Offer, *, urgent: bool) -> bool:
        return not offer.usable or self.relays.get(offer.target, urgent=urgent).circuit_open

    def _wait(self, offers: Sequence[Offer], *, urgent: bool) -> float:
        """Seconds until one of them may be tried again."""
        relays = [self.relays.get(each.target, urgent=urgent) for each in offers if each.usable]
        waits = [seconds_to_wait(each) for each in relays if each.circuit_open]
        return max(min(waits, default=0.0), _TROUBLE_PAUSE_SECONDS)

    async def _put_off(
        self, connection: Connection, key: ChunkKey, mailing: MailingRow, pause: float
    ) -> None:
        async with store.transaction(connection, key.workspace_id):
            not_before = await store.now(connection) + timedelta(seconds=pause)
            await store.defer(connection, [chunk_job(key, queue_of(MailingKind(mailing.kind)), not_before)])

    async def _tell(
        self, connection: Connection, workspace_id: int, target: Target, relay: Transport
    ) -> None:
        """The console shows what the relay last said; written when it changes."""
        if target.route_id is None:
            return
        error = relay.unreachable.text if relay.unreachable else None
        if error is None and self._health.get(target.route_id) == (None, False):
            return
        async with store.transaction(connection, workspace_id):
            await self._note_health(
                connection, workspace_id, target.route_id, error, set_aside=relay.circuit_open
            )

    async def _note_health(
        self, connection: Connection, workspace_id: int, route_id: int, error: str | None, *, set_aside: bool
    ) -> None:
        """In the open transaction. A fault is written each time, for the row may have been changed since."""
        values = {"workspace_id": workspace_id, "route_id": route_id, "error": error, "set_aside": set_aside}
        await store.run(connection, "update_route_health", values)
        self._health[route_id] = (error, set_aside)


def make_room(kept: dict[tuple[int, int], tuple[MailingRow, Compiled]], octets: int) -> None:
    """The oldest go: a mailing with files takes as much memory as hundreds without."""
    octets += sum(compiled.octets_min for _, compiled in kept.values())
    while kept and (len(kept) >= MAILINGS_KEPT or octets > MAILINGS_OCTETS_KEPT):
        _, oldest = kept.pop(next(iter(kept)))
        octets -= oldest.octets_min


def host_of(folder: Path) -> str:
    """The number of the volume these journals lie on: who has it can tell what became of their chunks."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "host"
    if not file.exists():
        mine = folder / f"host.{os.getpid()}"
        mine.write_text(uuid.uuid4().hex, encoding="ascii")
        with suppress(FileExistsError):
            os.link(mine, file)  # whole or not at all, also when two workers start at once
        mine.unlink()
    return file.read_text(encoding="ascii")


async def _weigh(connection: Connection, workspace_id: int) -> int:
    values = {"workspace_id": workspace_id, "sent_min": SENT_MIN}
    stopped = 0
    for mailing_id, *figures in await (await store.run(connection, "list_weighed", values)).fetchall():
        weighed = Weighed(*figures)
        reason = stop_for(weighed)
        if reason is None:
            continue
        bad = weighed.hard if reason is StopReason.BOUNCES else weighed.complaints
        told = {"stopped_for": reason, "sent": weighed.sent, "bad": bad}
        await store.run(connection, "hold_mailing", {"workspace_id": workspace_id, "mailing_id": mailing_id})
        await store.run(
            connection, "stop_mailing", {"workspace_id": workspace_id, "mailing_id": mailing_id, **told}
        )
        await store.run(connection, "forget_promises", {"workspace_id": workspace_id})
        log.info("mailing.stopped", workspace=workspace_id, mailing=mailing_id, reason=reason.value)
        stopped += 1
    return stopped


async def _sweep(connection: Connection, workspace_id: int) -> int:
    values = {"workspace_id": workspace_id}
    await store.run(connection, "end_cancelled", values)
    for (mailing_id,) in await (await store.run(connection, "list_unfinished", values)).fetchall():
        await store.end_mailing(connection, ChunkKey(workspace_id, mailing_id, 0))
    rows = await (await store.run(connection, "list_forsaken", values)).fetchall()
    jobs, places = [], Counter[int]()
    for mailing_id, no, kind, not_before in rows:
        key, queue = ChunkKey(workspace_id, mailing_id, no), queue_of(MailingKind(kind))
        jobs.append(chunk_job(key, queue, not_before, place=places[mailing_id]))
        places[mailing_id] += 1
    await store.defer(connection, jobs)
    return len(jobs)


def app_tasks(app: procrastinate.App, worker: Worker) -> None:
    """Register the jobs of the data plane under the names by which the control plane writes them."""

    async def send_chunk(workspace_id: int, mailing_id: int, no: int) -> None:
        await worker.send_chunk(ChunkKey(workspace_id, mailing_id, no))

    app.task(name=TASK)(send_chunk)


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Until `stop` is set; ends within 5 seconds. Raises HeaderInjectionPossible, KeyMissing, KeyExposed,
    WrongPepper, DatabaseAway before anything is sent.
    """
    self_test()
    for purpose in (KeyPurpose.LINK, KeyPurpose.PEPPER, KeyPurpose.KEK):
        runtime.ring(purpose)
    await asyncio.to_thread(layers.check)  # under another pepper nobody who opted out would be recognised
    worker = Worker(runtime)
    connector = procrastinate.PsycopgConnector(conninfo=runtime.database_url, min_size=1, max_size=6)
    app = procrastinate.App(connector=connector)
    app_tasks(app, worker)
    await worker.recover()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(worker.close)
        await stack.enter_async_context(app.open_async())
        background = [
            worker.listen(),
            every(RECOVERY_SECONDS, worker.recover),
            every(WATCH_SECONDS, worker.look),
            every(WATCH_SECONDS, worker.weigh),
            every(SWEEP_SECONDS, partial(_rescue, app, worker)),
            every(SWEEP_SECONDS, worker.take_over),
        ]
        for each in background:
            await stack.enter_async_context(_task(each))
        queues = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue.value],
                    name=f"send.{queue.value}",
                    concurrency=LANES,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS + 1,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="successful",
                )
            )
            for queue in (Queue.URGENT, Queue.SEND)
        ]
        log.info("worker.started", plane="send")
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait([stopped, *queues], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await _end(worker, queues)
    log.info("worker.stopped", plane="send")


async def _end(worker: Worker, queues: Sequence[asyncio.Task[None]]) -> None:
    worker.stop()
    for queue in queues:
        queue.cancel()
    _, waiting = await asyncio.wait(queues, timeout=STOP_SECONDS)
    await worker.relays.close()  # replies that are still missing become uncertain, and are recorded
    if waiting:
        await asyncio.wait(waiting)
    for queue in queues:
        if not queue.cancelled() and (error := queue.exception()) is not None:
            raise error


async def _rescue(app: procrastinate.App, worker: Worker) -> None:
    await worker.sweep()
    for job in await app.job_manager.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=30):
        await app.job_manager.retry_job(job)


async def every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except (psycopg.Error, procrastinate.exceptions.ProcrastinateException, ShodakuError) as error:
            log.info("worker.background_failed", error=type(error).__name__)
        await asyncio.sleep(seconds)


@asynccontextmanager
async def _task(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
