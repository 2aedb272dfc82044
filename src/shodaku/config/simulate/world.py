"""One history: workers of the product on a simulated database, disks and mail server, under faults.

The workers are the product's own (`delivery.worker.Worker`, and all that it calls), with what lies outside of
them put in its place. Simulated is what drives them: the queue in place of procrastinate, the supervisor,
readers who say no, staff who pause and cancel, and everything that goes wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import psycopg

from shodaku.config.simulate import house, statements
from shodaku.config.simulate.chance import Chance
from shodaku.config.simulate.connection import Connection, Weather
from shodaku.config.simulate.files import Happenings, MemoryDisk, Volume
from shodaku.config.simulate.loop import WORLD, Killed, Loop, Process
from shodaku.config.simulate.mail import Handed, MailServer
from shodaku.config.simulate.server import EPOCH, Handler, Rows, Server, Session, keys_of
from shodaku.delivery import store
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.hints import Ear
from shodaku.delivery.outside import Outside
from shodaku.delivery.transports.dialogue import Manner
from shodaku.delivery.worker import (
    LANES,
    RECOVERY_SECONDS,
    SWEEP_SECONDS,
    WATCH_SECONDS,
    Worker,
    every,
)
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.kit.queue import Queue

STEPS_MAX: Final = 60_000
SECONDS_MAX: Final = 3_000_000.0
HOSTS: Final = ("a", "a", "b")  # three workers, two of them on one machine
_MANNER: Final = Manner(reply_seconds_max=10.0, dot_seconds_max=20.0, tick_seconds=1.0)
_POLL_SECONDS: Final = 2.0
_SILENT_SECONDS: Final = 30.0  # after that the jobs of a dead worker are taken up
_CHAOS_SECONDS: Final = 1.0
_HEARD_SECONDS: Final = 0.01
_ACTS_MAX: Final = 8  # of staff
_RECORD: Final = struct.Struct("<cBHQ")  # of the journal
_EXPECTED: Final = (psycopg.Error, ShodakuError, OSError)
_JUMPS: Final = (-86_400.0, -3_600.0, -60.0, 60.0, 3_600.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class No:
    """What somebody says: no to everything, to the topic, or to be forgotten."""

    contact_id: int
    scope: str  # "all", "topic" or "erase"


class World:
    """`answered`: when the page said "done"; `stopped`: when staff were told that a mailing is cancelled."""

    def __init__(self, seed: int, say: Callable[[str], None] | None = None, *, doubled: bool = False) -> None:
        self.chance = Chance(seed)
        self._say = say
        self.mail = MailServer(self.chance, self.say)
        self.loop = Loop(self.mail)  # type: ignore[abstract]  # the send path asks for no more of it
        self.mail.loop, self.mail.strike, self.mail.on_handed = self.loop, self._strike_wire, self._handed
        self.server = Server(self.loop, statements.TABLES)
        house.fill(self.server, [self.chance.depth() for _ in house.ROUTES], doubled=doubled)
        self.answered: dict[int, tuple[float, No]] = {}
        self.purged: set[int] = set()
        self.stopped: dict[int, float] = {}
        # worker, mailing, person: when the gate last asked about them, and on which connection
        self.gates: dict[tuple[str, int, int], tuple[float, Session]] = {}
        self.shut: list[tuple[float, float]] = []  # the gate: from its answer until it is opened again
        self.lines: Counter[tuple[int, int]] = Counter()  # B lines of a mailing and a person
        self.unforeseen: list[str] = []
        self.journals_lost = False
        self.finished = False
        self._volumes = {host: Volume(host) for host in HOSTS}
        self._workers: dict[Process, Worker] = {}
        self._places: dict[Process, int] = {}
        self._connections: dict[Process, list[Connection]] = {}
        self._skew: dict[Process, float] = {}
        self._died: dict[str, float] = {}
        self._appointments: dict[str, float] = {}  # of everybody who waits for a moment and does nothing
        self._racing: dict[int, No] = {}  # begin when a gate holds their person
        self._locked: dict[Session, list[int]] = {}
        self._under_way = 0  # acts of readers and staff that have begun
        self._incarnations: Counter[int] = Counter()
        self._people = Process("people")

    # --- the history

    def run(self) -> None:
        for place in range(len(HOSTS)):
            self._spawn_later(f"worker {place}", self.chance.between(0, 1), partial(self._start, place))
        for no, at in self._nos():
            if at is None:
                self._racing[no.contact_id] = no
            else:
                self._spawn_later(f"no {no.contact_id}", at, partial(self._say_no, no))
        self.loop.spawn(None, self._staff())
        self.loop.spawn(None, self._chaos())
        self.loop.run(lambda: self.finished, SECONDS_MAX, STEPS_MAX)

    def put_away(self) -> None:
        self._say = None
        for process in [*self._workers, self._people]:
            process.alive = False
        self.loop.put_away()

    def say(self, text: str) -> None:
        if self._say is not None:
            self._say(f"{self.loop.now:10.3f}  {text}")

    def fault(self, kind: str) -> bool:
        return self.chance.fault(kind, self.loop.awake)

    # --- workers

    async def _start(self, place: int) -> None:
        self._incarnations[place] += 1
        process = Process(f"w{place}.{self._incarnations[place]}")
        volume = self._volumes[HOSTS[place]]
        outside = Outside(
            connect=self._connecting(process),
            ear=self._hearing(process),
            boottime=self.loop.time,
            monotonic=self.loop.time,
            disk=MemoryDisk(volume, process, self._happenings(process)),
            manner=_MANNER,
            compile=house.compile_once,
            display=house.display,
        )
        self._places[process], self._connections[process], self._skew[process] = place, [], 0.0
        process.context.run(clock.follow, lambda: self._wall_clock(process))
        worker = process.context.run(Worker, house.runtime(), outside, volume.host)
        self._workers[process] = worker
        self.say(f"{process} starts")
        self.loop.spawn(process, self._live(process, worker))

    async def _live(self, process: Process, worker: Worker) -> None:
        """As `worker.run`, with a queue of our own."""
        try:
            await worker.recover()
        except _EXPECTED as error:
            self.say(f"{process} cannot start: {type(error).__name__}")
            self._die(process, self.chance.between(0.5, 5))
            return
        self.loop.spawn(process, self._watched(worker.listen))
        self.loop.spawn(process, self._watched(partial(every, RECOVERY_SECONDS, worker.recover)))
        self.loop.spawn(process, self._watched(partial(every, WATCH_SECONDS, worker.look)))
        self.loop.spawn(process, self._watched(partial(every, SWEEP_SECONDS, worker.take_over)))
        rescue = partial(self._rescue, process, worker)
        self.loop.spawn(process, self._watched(partial(every, SWEEP_SECONDS, rescue)))
        for queue in (Queue.URGENT, Queue.SEND):
            for _ in range(LANES):
                self.loop.spawn(process, self._watched(partial(self._serve, process, worker, queue)))

    async def _serve(self, process: Process, worker: Worker, queue: Queue) -> None:
        """One after the other, the jobs of a queue: what procrastinate does with them."""
        connection: Connection | None = None
        while True:
            if worker.stopping or not self._due(queue):
                await asyncio.sleep(_POLL_SECONDS)
                continue
            try:
                if connection is None or connection.lost:
                    connection = await self._connect(process)
                values = {"queue": queue.value, "worker": process.name}
                rows = await connection.ask("fetch_job", statements.fetch_job, values)
            except psycopg.Error:
                connection = None
                await asyncio.sleep(_POLL_SECONDS)
                continue
            for job_id, mailing_id, no in rows:
                well = await self._send(process, worker, ChunkKey(statements.WORKSPACE, mailing_id, no))
                with contextlib.suppress(psycopg.Error):
                    await connection.ask(
                        "finish_job", statements.finish_job, {"job_id": job_id, "well": well}
                    )

    async def _send(self, process: Process, worker: Worker, key: ChunkKey) -> bool:
        try:
            await worker.send_chunk(key)
        except _EXPECTED as error:
            self.say(f"{process}: the job of {key.mailing_id}.{key.no} failed: {type(error).__name__}")
            return False
        return True

    async def _rescue(self, process: Process, worker: Worker) -> None:
        await worker.sweep()
        silent = [name for name, at in self._died.items() if self.loop.now - at > _SILENT_SECONDS]
        connection = await self._connect(process)
        try:
            await connection.ask("rescue_jobs", statements.rescue_jobs, {"silent": silent})
        finally:
            await connection.close()

    async def _watched(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What nobody was ready for is a fault of the product, and not of the weather."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.unforeseen.append(type(error).__name__)
            self.say(f"unforeseen: {error!r}")

    def _wall_clock(self, process: Process) -> datetime:
        return EPOCH + timedelta(seconds=self.loop.now + self._skew[process])

    # --- what is outside of a worker

    def _connecting(self, process: Process) -> Callable[[str], Coroutine[Any, Any, store.Connection]]:
        async def connect(_url: str) -> store.Connection:
            try:
                return cast(
                    "store.Connection", await self._connect(process)
                )  # it has all that is asked of it
            except psycopg.OperationalError as error:
                raise store.DatabaseAway from error

        return connect

    def _hearing(self, process: Process) -> Callable[[str], Coroutine[Any, Any, Ear]]:
        async def connect(_url: str) -> Ear:
            return cast("Ear", await self._connect(process))  # as above

        return connect

    async def _connect(self, process: Process) -> Connection:
        await asyncio.sleep(self.chance.between(0.001, 0.01))
        if not process.alive:
            raise Killed
        if not self.server.up:
            raise psycopg.OperationalError
        connection = Connection(self.server, _Weather(self), process, self.say)
        self._connections.setdefault(process, []).append(connection)
        return connection

    def _happenings(self, process: Process) -> Happenings:
        def strike() -> None:
            if self.fault("kill_at_disk"):
                self._kill(process, "at a line of its journal")
                raise Killed

        return Happenings(strike, lambda: self.fault("disk_full"), self._noted)

    def _noted(self, file: Path, content: bytes) -> None:
        mailing_id = int(file.name.split(".")[1])
        for kind, _, _, contact_id in _RECORD.iter_unpack(content):
            if kind == b"B":
                self.lines[mailing_id, contact_id] += 1

    def _handed(self, handed: Handed) -> None:
        message = (handed.mailing_id, handed.contact_id)
        gate = self.gates.get((handed.by.name, *message))
        if gate is None:
            handed.gate_at = handed.at  # by one that held nobody: what it let pass is judged all the same
        else:
            handed.gate_at, held_by = gate
            ran_since = handed.by.stopped_until <= held_by.told_at  # who stood still hears of both at once
            if ran_since and handed.at > held_by.told_at + _HEARD_SECONDS:
                self.unforeseen.append("handed over without the connection that holds the person")
        self.say(f"{handed.by} hands over news {handed.mailing_id} to {handed.contact_id}")
        if self.lines[message] < sum(
            (each.mailing_id, each.contact_id) == message for each in self.mail.handed
        ):
            self.unforeseen.append("handed over before its line stood in the journal")

    def _strike_wire(self, process: Process) -> None:
        if self.fault("kill_at_wire"):
            self._kill(process, "at a write to the relay")
            raise Killed
        if self.fault("stop_at_wire"):
            self._stop(process)

    def strike_database(self, process: Process) -> None:
        if process is self._people:
            return
        if self.fault("kill_at_database"):
            self._kill(process, "at a question to the database")
            raise Killed
        if self.fault("stop_at_database"):
            self._stop(process)

    # --- deaths

    def _kill(self, process: Process, where: str) -> None:
        lost = self.fault("host_lost")
        renamed = lost and self.fault("name_lost")
        journals = f", its journals are lost{' and its number' if renamed else ''}" if lost else ""
        self.say(f"kill -9 {process} {where}{journals}")
        self._die(process, self.chance.pick((0.1, self.chance.between(0, 20))))
        if lost:
            host = HOSTS[self._places[process]]
            for other in list(self._workers):
                if other.alive and HOSTS[self._places[other]] == host:
                    self._die(other, self.chance.between(0, 20))
            self._volumes[host].lose(renamed=renamed)
            self.journals_lost = True

    def _die(self, process: Process, seconds: float) -> None:
        if not process.alive:
            return
        process.alive = False
        self._died[process.name] = self.loop.now
        for connection in self._connections[process]:
            connection.vanish()
        place = self._places[process]
        self._spawn_later(f"worker {place}", seconds, partial(self._start, place))

    def _stop(self, process: Process) -> None:
        seconds = self.chance.pick((self.chance.between(0.5, 5), self.chance.between(10, 60)))
        self.say(f"{process} stands still for {seconds:.1f} s")
        self.loop.freeze(process, seconds)
        if self.fault("clock"):
            self._set_clock(process)

    def _set_clock(self, process: Process) -> None:
        self._skew[process] = self.chance.pick(_JUMPS)
        self.say(f"the clock of {process} is {self._skew[process]:+.0f} s off")

    async def _end(self, process: Process, worker: Worker) -> None:
        """As `worker._end`: what is under way ends, then the connections."""
        worker.stop()
        await asyncio.sleep(2.5)
        with contextlib.suppress(*_EXPECTED):
            await worker.close()
        self._die(process, self.chance.between(0.1, 3))

    # --- people

    def _nos(self) -> Iterator[tuple[No, float | None]]:
        """Each with its time; None: while the person's chunk is being opened or sent."""
        people = self.chance.some(list(range(1, house.PEOPLE + 1)), self.chance.pick((0, 1, 3, house.PEOPLE)))
        latest = self.chance.pick((None, None, 2.0, 5.0, 60.0))
        for contact_id in people:
            scope = self.chance.pick(("all", "all", "topic", "erase"))
            yield No(contact_id, scope), None if latest is None else self.chance.between(0, latest)

    async def _say_no(self, no: No) -> None:
        """As `optout.stopping.opt_out`: the hint first, on a commit of its own, then lock, write, commit."""
        await self._act(("announce", statements.announce, {"contact_id": no.contact_id}), again=False)
        if self.fault("walks_away"):
            return
        person = {"contact_id": no.contact_id}
        topic_id = house.TOPIC if no.scope == "topic" else None
        acts: list[tuple[str, Handler, Mapping[str, object]]] = [
            ("lock_contact", statements.lock_person, person),
            ("refuse", statements.refuse, {**person, "topic_id": topic_id}),
        ]
        if no.scope == "erase":
            acts.append(("suppress", statements.suppress, person))
        await self._act(*acts)
        self.answered[no.contact_id] = (self.loop.now, no)
        self.say(f"the no of {no.contact_id} to {no.scope} is answered")
        if no.scope == "erase":
            await asyncio.sleep(self.chance.between(0.1, 20))
            await self._act(
                ("lock_contact", statements.lock_person, person), ("purge", statements.purge, person)
            )
            self.purged.add(no.contact_id)
            self.say(f"{no.contact_id} is forgotten")

    async def _staff(self) -> None:
        """Pauses are ended, the gate is opened again; a cancelled mailing stays cancelled."""
        for _ in range(_ACTS_MAX):
            await self._wait("staff", self.chance.between(0, 5))
            mailing_id = self.chance.pick(house.MAILINGS)
            if self.fault("pause"):
                await self._pause(mailing_id)
            if mailing_id != house.NOTICE and mailing_id not in self.stopped and self.fault("cancel"):
                await self._cancel(mailing_id)
            if self.fault("fence"):
                await self._shut_for_a_while()
        self._appointments.pop("staff", None)

    async def _pause(self, mailing_id: int) -> None:
        values = {"mailing_id": mailing_id}
        await self._act(("pause_mailing", statements.pause, values))
        self.say(f"news {mailing_id} is paused")
        await self._wait("staff", self.chance.between(0, 10))
        queue = (Queue.URGENT if mailing_id == house.NOTICE else Queue.SEND).value
        await self._act(("resume_mailing", statements.resume, {**values, "queue": queue}))
        self.say(f"news {mailing_id} goes on")

    async def _shut_for_a_while(self) -> None:
        await self._act(("set_fence", statements.set_fence, {"state": "closed"}))
        shut_at = self.loop.now
        self.say("the gate is shut")
        await self._wait("staff", self.chance.between(0, 20))
        self.shut.append((shut_at, self.loop.now))
        await self._act(("set_fence", statements.set_fence, {"state": "open"}))
        self.say("the gate is open")

    def arrived(self, session: Session, name: str, values: Mapping[str, Any]) -> None:
        """What begins just when a chunk is opened, or its people are held."""
        now = self.loop.now
        if name == "open_chunk":
            chunk = self.server.tables["chunk"].get((values["mailing_id"], values["no"]))
            self._race([] if chunk is None else chunk["contact_ids"])
            if values["mailing_id"] != house.NOTICE and self.fault("cancel"):
                cancel = partial(self._cancel, values["mailing_id"])
                self._spawn_later("cancel", self.chance.between(0, 0.03), cancel)
        elif name == "lock_contacts":
            self._locked[session] = list(keys_of(values["contact_ids"]))
            if self.fault("ended"):
                at = now + self.chance.between(0, 1.5)
                self.loop.call_at(at, self.server.end, session, context=WORLD)
        elif name == "get_gate_state":
            for contact_id in self._locked.get(session, ()):
                self.gates[session.owner, values["mailing_id"], contact_id] = (now, session)

    def _race(self, contact_ids: list[int]) -> None:
        for contact_id in contact_ids:
            if contact_id in self._racing and self.chance.below(2):
                no = self._racing.pop(contact_id)
                seconds = self.chance.pick((self.chance.between(0, 0.03), self.chance.between(0, 2)))
                self._spawn_later(f"no {contact_id}", seconds, partial(self._say_no, no))

    async def _cancel(self, mailing_id: int) -> None:
        await self._act(
            ("cancel_mailing", statements.cancel, {"mailing_id": mailing_id}),
            ("end_cancelled", statements.end_cancelled, {}),
        )
        cancelled = self.server.tables["mailing"][mailing_id,]["state"] == "cancelled"
        if cancelled and mailing_id not in self.stopped:  # who hears "it had ended" was answered too
            self.stopped[mailing_id] = self.loop.now
            self.say(f"news {mailing_id} is cancelled")

    async def _act(self, *acts: tuple[str, Handler, Mapping[str, Any]], again: bool = True) -> Rows:
        """In one transaction, until its commit was answered; the rows of the first statement."""
        self._under_way += 1
        try:
            while True:
                try:
                    return await self._transaction(acts)
                except psycopg.Error:
                    if not again:
                        return []
                    await asyncio.sleep(0.1)
        finally:
            self._under_way -= 1

    async def _transaction(self, acts: tuple[tuple[str, Handler, Mapping[str, Any]], ...]) -> Rows:
        connection = await self._connect(self._people)
        connection.unlimited()
        found: list[Rows] = []
        async with connection.transaction():
            for name, handler, values in acts:
                found.append(await connection.ask(name, handler, values))
                if name == "lock_contact" and not found[-1]:
                    break  # nobody is left to stop anything for
        await connection.close()
        return found[0]

    # --- what goes wrong, and whether all is over

    async def _chaos(self) -> None:
        while True:
            await asyncio.sleep(self.chance.between(0, _CHAOS_SECONDS))
            living = [process for process in self._workers if process.alive]
            if self.loop.awake > self.chance.until:
                self._skew.update(dict.fromkeys(self._skew, 0.0))
            elif self.fault("restart"):
                seconds = self.chance.pick((self.chance.between(0.05, 0.5), self.chance.between(1, 10)))
                self.say(f"the database is down for {seconds:.1f} s")
                self.server.restart(seconds)
            elif living and self.fault("kill"):
                self._kill(self.chance.pick(living), "")
            elif living and self.fault("stop"):
                self._stop(self.chance.pick(living))
            elif living and self.fault("ends"):
                process = self.chance.pick(living)
                if not self._workers[process].stopping:
                    self.say(f"{process} is asked to end")
                    self.loop.spawn(process, self._end(process, self._workers[process]))
            elif living and self.fault("clock"):
                self._set_clock(self.chance.pick(living))
            elif self.fault("database_clock"):
                self.server.skew = self.chance.pick((-3_600.0, 0.0, 3_600.0))
                self.say(f"the clock of the database is {self.server.skew:+.0f} s off")
            self._look_around(living)

    def _look_around(self, living: list[Process]) -> None:
        """Has everything ended? If nothing is to be done for a while, all machines sleep through it."""
        tables = self.server.tables
        if self._busy(living):
            return
        if all(row["state"] in ("done", "cancelled") for row in tables["mailing"].values()) and all(
            row["state"] == "done" for row in tables["chunk"].values()
        ):
            self.finished = True
            return
        jobs = [row for row in tables["job"].values() if row["status"] == "todo"]
        waiting = {(row["mailing_id"], row["no"]): row["time"] for row in jobs}
        planned = [
            key for key, row in tables["chunk"].items()
            if row["state"] == "planned" and tables["mailing"][key[0],]["state"] == "running"
        ]  # fmt: skip
        if all(key in waiting for key in planned):
            self._sleep([(time - self.server.clock()).total_seconds() for time in waiting.values() if time])

    def _sleep(self, seconds: list[float]) -> None:
        due = [self.loop.now + each for each in seconds] + list(self._appointments.values())
        if due and min(due) > self.loop.now + 2:
            self.loop.sleep_until(min(due) - 0.5)

    def _busy(self, living: list[Process]) -> bool:
        if self._under_way or len(living) < len(HOSTS) or not self.server.up:
            return True
        if any(process.stopped_until > self.loop.now or self._workers[process].turns for process in living):
            return True
        if any(session.transaction is not None for session in self.server.sessions):
            return True
        if any(row["state"] == "open" for row in self.server.tables["chunk"].values()):
            return True
        return any(self._due(queue) for queue in (Queue.URGENT, Queue.SEND))

    def _due(self, queue: Queue) -> bool:
        now = self.server.clock()
        return any(
            row["status"] == "todo" and row["queue"] == queue and (row["time"] is None or row["time"] <= now)
            for row in self.server.tables["job"].values()
        )

    def _spawn_later(self, name: str, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def later() -> None:
            await self._wait(name, seconds)
            self._appointments.pop(name, None)
            await self._watched(work)

        self._appointments[name] = self.loop.now + seconds
        self.loop.spawn(self._people, later())

    async def _wait(self, name: str, seconds: float) -> None:
        self._appointments[name] = self.loop.now + seconds
        await asyncio.sleep(seconds)


class _Weather(Weather):
    """Of a world in which everything fails."""

    def __init__(self, world: World) -> None:
        self._world = world

    def seconds(self) -> float:
        between = self._world.chance.between
        return between(0.02, 1.5) if self._world.fault("slow") else between(0.0002, 0.003)

    def loses_statement(self) -> bool:
        return self._world.fault("statement")

    def loses_answer(self) -> bool:
        return self._world.fault("answer_lost")

    def cuts_off(self) -> float | None:
        return self._world.chance.between(5, 60) if self._world.fault("cut_off") else None

    def hint_seconds(self) -> float | None:
        world = self._world
        if world.fault("hint_lost"):
            return None
        return world.chance.between(0.1, 5) if world.fault("hint_late") else self.seconds()

    def arrived(self, session: Session, name: str, values: Mapping[str, Any]) -> None:
        self._world.arrived(session, name, values)

    def strike(self, process: Process) -> None:
        self._world.strike_database(process)
