"""One chunk from open to settled: binds `engine` to PostgreSQL, the relay and the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from shodaku.content.render import Compiled
from shodaku.delivery import store
from shodaku.delivery.chunks import ChunkKey, queue_of
from shodaku.delivery.dkim import Signer
from shodaku.delivery.domain import CLOSING_SECONDS, Exemption, Known, MailingKind, chunk_size
from shodaku.delivery.engine import Batch, Gated, Ports, gate
from shodaku.delivery.facts import GateRow, Home, MailingRow, facts_parameters, message_facts
from shodaku.delivery.hints import Hints
from shodaku.delivery.journal import Journal
from shodaku.delivery.journal_faults import JournalFull
from shodaku.delivery.letters import RelayWire, builder, candidates
from shodaku.delivery.outside import Outside
from shodaku.delivery.relays import Target, seconds_to_wait
from shodaku.delivery.store import Connection, Opened, Opening
from shodaku.delivery.transports.job import Transport
from shodaku.delivery.watch import DatabaseBehind, Watch
from shodaku.kit import log
from shodaku.policy.domain import DisplayReport

_REPORTS_KEPT = 256
_DECIDED_AT_ONCE = 32  # half a millisecond


@dataclass(frozen=True, slots=True)
class Carried:
    """What a relay heard of one opening of a chunk."""

    touched: int = 0  # messages it gave an answer to, or was to take
    deferrals: tuple[tuple[int, str], ...] = ()  # code and text of each 4xx


class Turn:
    """A batch while it is on its way; the worker can end it early."""

    def __init__(self, relay: Transport, boottime: Callable[[], float]) -> None:
        self.relay, self._boottime = relay, boottime
        self.ended, self.hurried = asyncio.Event(), asyncio.Event()
        self.batch: Batch | None = None

    @property
    def carried(self) -> Carried:
        return Carried() if self.batch is None else Carried(self.batch.touched, tuple(self.batch.deferrals))

    def hint(self, contact_id: int) -> None:
        """An opt-out waits for the lock that this chunk holds."""
        if self.batch is not None and self.batch.holds(contact_id):
            self.stop()

    def stop(self) -> None:
        if self.batch is not None:
            self.batch.stop_beginning()
        self.hurried.set()

    def cut(self) -> None:
        if self.batch is not None:
            self.batch.cut()
        self.hurried.set()

    async def send(
        self, connection: Connection, batch: Batch, compiled: Compiled, signer: Signer | None
    ) -> None:
        """While we send the server has nothing to say: readable means that the locks are going."""
        loop = asyncio.get_running_loop()
        loop.add_reader(connection.fileno(), self.cut)
        try:
            batch.go(RelayWire(self.relay, batch, compiled, eight_bit=signer is None))
            await self._first(batch.sending_until, self.ended, self.hurried)
            self.relay.withdraw(batch)
            await self._first(batch.closing_at, self.ended)
        finally:
            batch.cut()
            loop.remove_reader(connection.fileno())

    async def give_up(self) -> None:
        """The transaction is lost: let the replies of what has begun come into the journal."""
        if self.batch is not None:
            self.batch.cut()
            self.relay.withdraw(self.batch)
            await self._first(self._boottime() + CLOSING_SECONDS, self.ended)

    async def _first(self, until: float, *events: asyncio.Event) -> None:
        """Until one of the events is set, or the moment (of `boottime`) has come."""
        if any(event.is_set() for event in events):
            return
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        seconds = max(0.0, until - self._boottime())
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()


class Lane:
    """What all chunks of a worker have in common."""

    def __init__(
        self, folder: Path, host: str, hints: Hints, turns: dict[Turn, None], watch: Watch, outside: Outside
    ) -> None:
        self._folder, self._host, self._hints, self._turns = folder, host, hints, turns
        self._watch, self._outside = watch, outside
        self._reports: dict[tuple[object, ...], DisplayReport] = {}

    async def run(
        self,
        connection: Connection,
        key: ChunkKey,
        mailing: MailingRow,
        compiled: Compiled,
        relay: Transport,
        target: Target,
        signer: Signer | None,
        most: int,
    ) -> Carried:
        """Without a signer the relay signs. Of the chunk `most` people are chosen, the others go back.

        Nothing happens when the chunk is not planned any more, or may not be opened now. Raises JournalFull
        before anything has begun.
        """
        opened, journal = await self._open(connection, key, target.route_id)
        if opened is None or journal is None:
            return Carried()
        opening = Opening(
            key,
            opened.fence,
            opened.attempt,
            mailing.week,
            mailing.topic_id,
            mailing.channel,
            queue_of(MailingKind(mailing.kind)),
            target.route_id,
            opened.domain_group,
        )
        turn = Turn(relay, self._outside.boottime)
        self._turns[turn] = None
        try:
            with journal:
                chosen = opened.contact_ids[: min(chunk_size(target.rate), most)]
                left = set(opened.contact_ids[len(chosen) :])
                chunk = _Chunk(opening, mailing, compiled, signer, journal, chosen, left)
                chunk.careful = opened.crashes > 0
                await self._transact(connection, chunk, turn)
                journal.forget()
        except (psycopg.Error, OSError, store.FenceLost, JournalFull) as error:
            # the journal stays: recovery, in a few seconds, reads from it what is true
            log.info("chunk.lost", mailing=key.mailing_id, no=key.no, error=type(error).__name__)
        except DatabaseBehind:
            await self._watch.shut(connection)
        finally:
            self._turns.pop(turn, None)
        return turn.carried

    async def _open(
        self, connection: Connection, key: ChunkKey, route_id: int | None
    ) -> tuple[Opened | None, Journal | None]:
        """The journal of this opening exists, and is ours, before the opening is committed. Raises
        JournalFull, and then nothing was opened.
        """
        journal = None
        try:
            async with store.transaction(connection, key.workspace_id):
                opened = await store.open_chunk(connection, key, self._host, route_id)
                if opened is not None:
                    file = Journal.path(self._folder, key.workspace_id, key.mailing_id, key.no, opened.fence)
                    # of an opening that was rolled back: it had begun nothing
                    self._outside.disk.remove(file)
                    try:
                        journal = Journal(file, disk=self._outside.disk)
                    except OSError as error:
                        raise JournalFull from error
        except BaseException:
            if journal is not None:
                journal.close()  # not forgotten: the commit may have come through
            raise
        return opened, journal

    async def _transact(self, connection: Connection, chunk: _Chunk, turn: Turn) -> None:
        try:
            late = await self._first_part(connection, chunk, turn)
            if late and turn.batch is not None:
                await turn.ended.wait()  # the relay's own time limit ends this
                async with store.transaction(connection, chunk.opening.key.workspace_id):
                    await store.settle(connection, chunk.opening, turn.batch.drain(), read=chunk.read)
        except BaseException:
            await turn.give_up()
            raise

    async def _first_part(self, connection: Connection, chunk: _Chunk, turn: Turn) -> frozenset[int]:
        """The one transaction, 2 seconds at most; who has begun and is not answered yet."""
        async with store.transaction(connection, chunk.opening.key.workspace_id):
            started = self._outside.boottime()
            gated = await self._gate(connection, chunk)
            build = builder(chunk.compiled, chunk.signer, chunk.now)
            clock, promotional = self._outside.boottime, chunk.mailing.promotional
            ports = Ports(chunk.journal, self._hints, clock, build, chunk.careful, promotional)
            turn.batch = Batch(gated, ports, started, turn.ended.set)
            if not self._hints.heard.is_set():
                turn.stop()
            await turn.send(connection, turn.batch, chunk.compiled, chunk.signer)
            late = turn.batch.late
            known = turn.batch.drain()
            await store.settle(
                connection,
                chunk.opening,
                known,
                late,
                pause=_pause(known, chunk, seconds_to_wait(turn.relay)),
                read=chunk.read,
            )
        return late

    async def _gate(self, connection: Connection, chunk: _Chunk) -> Gated:
        """Hold, then read: in this order, in two statements."""
        key, mailing = chunk.opening.key, chunk.mailing
        question = mailing.question
        held = await store.lock(connection, key, chunk.chosen)
        state = await store.gate_state(connection, key, mailing)
        chunk.now = now = state.now
        rules, home = state.rules, Home.of(state)
        unapplied = await self._watch.look(connection, key.workspace_id, now)
        asked = facts_parameters(question, now, rules.stale_months, digested=True)
        rows = await store.read(connection, key, held, asked)
        chunk.read = store.Read(rules.name, {row.contact_id: row.digest for row in rows})
        missing = [contact_id for contact_id in chunk.chosen if contact_id not in held]
        there = await store.existing(connection, key, missing)
        message = message_facts(question, mailing, state, self._display(chunk, state))
        hinted = {contact_id for contact_id in held if contact_id in self._hints} | (unapplied & held.keys())
        if self._watch.received():  # since the chunk was taken; nobody knows yet whose no it is
            hinted |= held.keys()
        gated = Gated()
        for start in range(0, len(rows), _DECIDED_AT_ONCE):
            some = rows[start : start + _DECIDED_AT_ONCE]
            gated = gate(message, candidates(some, held, hinted, home, now), now, gated)
            await asyncio.sleep(0)  # the letters of the other chunk go on meanwhile
        gated.known.back |= hinted | there | chunk.left
        return gated

    def _display(self, chunk: _Chunk, state: GateRow) -> DisplayReport:
        """Linted once for each form of the rules: a mailing never changes after its launch."""
        key = chunk.opening.key
        switches = (state.b2c_mail_order, state.dmarc, Exemption.REPLIES_READ in state.exemptions)
        name = (key.workspace_id, key.mailing_id, state.rules.name, *switches)
        if name not in self._reports:
            while len(self._reports) >= _REPORTS_KEPT:
                self._reports.pop(next(iter(self._reports)))
            self._reports[name] = self._outside.display(chunk.mailing, chunk.compiled, state, state.rules)
        return self._reports[name]


class _Chunk:
    __slots__ = (
        "careful",
        "chosen",
        "compiled",
        "journal",
        "left",
        "mailing",
        "now",
        "opening",
        "read",
        "signer",
    )

    now: datetime  # of the gate

    def __init__(
        self,
        opening: Opening,
        mailing: MailingRow,
        compiled: Compiled,
        signer: Signer | None,
        journal: Journal,
        chosen: list[int],
        left: set[int],
    ) -> None:
        self.opening, self.mailing, self.compiled, self.journal = opening, mailing, compiled, journal
        self.signer = signer
        self.chosen, self.left = chosen, left
        self.read = store.UNREAD
        self.careful = False  # did a worker end with it before?


def _pause(known: Known, chunk: _Chunk, backing_off: float) -> float:
    return backing_off if known.back - chunk.left else 0.0
