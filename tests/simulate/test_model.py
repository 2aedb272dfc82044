"""The model of PostgreSQL answers as PostgreSQL does: the same short histories of statements on both.

The statements are those of the send path, run by the send path's own functions; what the model must get
right besides is who waits for whom, and what is seen afterwards.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.delivery.mailings import many_readers, newsletter, now
from tests.people import a_shop

from shodaku.config.simulate import house, server, statements
from shodaku.config.simulate.connection import Connection, Weather
from shodaku.config.simulate.loop import Loop, Process
from shodaku.delivery import recovery, store
from shodaku.delivery import services as delivery
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.domain import Known, MailingKind, Outcome, Postponed, Result
from shodaku.delivery.facts import facts_parameters
from shodaku.delivery.store import FenceLost, Opening
from shodaku.kit import db
from shodaku.kit.queue import Queue
from shodaku.policy.domain import Ads, MessageClass, Reason

PEOPLE = 3
HOST = "0f" * 16


@dataclass
class Side:
    """A database, real or modelled: how to connect, and by what numbers its rows are known."""

    connect: object
    workspace_id: int
    people: list
    mailings: list  # an advertisement, and a notice
    chunks: list
    topic_id: int
    entries: dict
    waits: object  # until a connection waits for a lock
    lock_person: object
    refuse: object


def modelled():
    loop = Loop(network=None)
    there = server.Server(loop, statements.TABLES)
    house.fill(there, [0] * len(house.ROUTES))
    process = Process("history")

    async def connect():
        return Connection(there, Weather(), process, lambda _: None)

    for key in [key for key in there.tables["chunk"] if key[1] % 2 == 0]:
        del there.tables["chunk"][key]  # it has as many people as the real one
    firsts = [min(no for mailing, no in there.tables["chunk"] if mailing == each) for each in (1, 3)]
    people = list(range(1, PEOPLE + 1))
    entries = {each: house.entry_of(each) for each in people}

    async def waits(connection):
        while not any(each.statement and each.statement.lock for each in there.sessions):  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    async def lock_person(connection, contact_id):
        return await connection.ask("lock_contact", statements.lock_person, {"contact_id": contact_id})

    async def refuse(connection, contact_id):
        await connection.ask("refuse", statements.refuse, {"contact_id": contact_id})

    return loop, Side(connect, 1, people, [1, 3], firsts, house.TOPIC, entries, waits, lock_person, refuse)


def real(database):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    launched_at = now()
    notice = {
        "kind": MailingKind.NOTICE, "message_class": MessageClass.TRANSACTIONAL, "ads": Ads.NONE,
        "promotional": False, "topic_id": None, "frequency": None,
    }  # fmt: skip
    mailings, chunks = [], []
    with db.transaction(shop.workspace_id) as connection:
        for changes in ({}, notice):
            planned = delivery.plan_list(newsletter(shop, **changes), people, now=launched_at)
            mailings.append(planned.mailing_id)
            row = connection.execute("select no from chunk where mailing_id = %s", [planned.mailing_id])
            chunks.append(row.fetchone()[0])

    async def connect():
        return await store.connect(database.application)

    entries = {each: each for each in people}

    async def waits(connection):
        pid = connection.info.backend_pid
        asked = "select from pg_locks where pid = %s and not granted"
        async with await psycopg.AsyncConnection.connect(database.owner, autocommit=True) as watching:
            async with asyncio.timeout(30):
                while await (await watching.execute(asked, [pid])).fetchone() is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

    async def lock_person(connection, contact_id):
        values = {"workspace_id": shop.workspace_id, "contact_id": contact_id}
        return await (await connection.execute(db.sql("shodaku.contacts", "lock_contact"), values)).fetchall()

    async def refuse(connection, contact_id):
        where = {"workspace": shop.workspace_id, "contact": contact_id}
        await connection.execute(
            """insert into refusal (workspace_id, contact_id, scope, at, via, event_id)
               values (%(workspace)s, %(contact)s, 'all', clock_timestamp(), 'page', gen_random_uuid())""",
            where,
        )
        await connection.execute(
            """update consent set state = 'withdrawn'
               where workspace_id = %(workspace)s and contact_id = %(contact)s""",
            where,
        )

    return Side(
        connect,
        shop.workspace_id,
        people,
        mailings,
        chunks,
        shop.topic_id,
        entries,
        waits,
        lock_person,
        refuse,
    )


class Told:
    """What a history was answered, with numbers that are the same on both sides."""

    def __init__(self, side):
        self.side = side
        self.names = {}
        for place, each in enumerate(side.people):
            self.names[each] = f"person {place}"

    def person(self, contact_id):
        return self.names[contact_id]

    def people(self, ids):
        return [self.person(each) for each in ids]


async def opened(side, connection, which):
    key = ChunkKey(side.workspace_id, side.mailings[which], side.chunks[which])
    async with store.transaction(connection, side.workspace_id):
        return await store.open_chunk(connection, key, HOST)


async def facts_of(side, connection, which, told, *, now):
    """Lock and read, as the gate does; of each person all that is not a time of the machine."""
    key = ChunkKey(side.workspace_id, side.mailings[which], side.chunks[which])
    mailing = await store.mailing(connection, key)
    held = await store.lock(connection, key, side.people)
    state = await store.gate_state(connection, key, mailing)
    rows = await store.read(connection, key, held, facts_parameters(mailing.question, now, 12))
    found = []
    for row in rows:
        sent = None if row.sent_ats is None else len(row.sent_ats)
        others = row.others is not None
        entry = row.entry_id == side.entries[row.contact_id]
        consent = (row.state, row.confirmed, entry, row.flaw, others)
        no = (row.scopes, row.topic_ids and [each and "topic" for each in row.topic_ids], row.untils)
        erased = (row.invalid, row.generated, row.erased_at is not None, row.last_sent_at is not None)
        found.append(
            (told.person(row.contact_id), consent, no, erased, sent, row.kinds, row.kind, row.country)
        )
    existing = await store.existing(connection, key, side.people)
    return (
        told.people(held),
        (state.state, state.fence, state.pack, state.released),
        found,
        sorted(told.people(existing)),
    )


def opening_of(side, which, fence, attempt, week):
    key = ChunkKey(side.workspace_id, side.mailings[which], side.chunks[which])
    topic_id = None if which else side.topic_id
    return Opening(key, fence, attempt, week, topic_id, "email", Queue.URGENT if which else Queue.SEND)


RESULTS = st.sampled_from(
    ["accepted", "failed", "uncertain", "refused", "retry", "unsure", "postponed", "back", "doubt", "late"]
)


def known_of(side, results):
    known, late = Known(), set()
    for contact_id, result in zip(side.people, results, strict=True):
        match result:
            case "back":
                known.back.add(contact_id)
            case "doubt":
                known.back.add(contact_id)
                known.unsure = True
            case "unsure":
                known.retry.append(Outcome(contact_id, Result.UNCERTAIN, "unanswered", None, 4, 0, ""))
            case "late":
                late.add(contact_id)
            case "retry":
                known.retry.append(Outcome(contact_id, Result.FAILED, "expired", None, 4, 451, "later"))
            case "postponed":
                known.postponed.append(Postponed(contact_id, datetime(2031, 1, 1, tzinfo=UTC)))
            case "refused":
                known.outcomes.append(Outcome(contact_id, Result.REFUSED, Reason.REFUSED_ALL))
            case "accepted":
                known.outcomes.append(Outcome(contact_id, Result.ACCEPTED, Reason.OK_CONSENT, 7, 4, 250, ""))
            case _:
                known.outcomes.append(Outcome(contact_id, Result(result), "x", 7, 4, 550, "no"))
    return known, frozenset(late)


async def history(side, steps, now):
    """One connection; each step is answered with plain values."""
    told, answers, fences = Told(side), [], {}
    connection = await side.connect()
    for name, which, results in steps:
        key = ChunkKey(side.workspace_id, side.mailings[which], side.chunks[which])
        if name == "open":
            found = await opened(side, connection, which)
            if found is not None:
                fences[which] = found
            answers.append(
                None if found is None else (found.fence, found.attempt, told.people(found.contact_ids))
            )
        elif name == "gate":
            async with store.transaction(connection, side.workspace_id):
                answers.append(await facts_of(side, connection, which, told, now=now()))
        elif name == "settle" and which in fences:
            known, late = known_of(side, results)
            async with store.transaction(connection, side.workspace_id):
                week = (await store.mailing(connection, key)).week
            opening = opening_of(side, which, fences[which].fence, fences[which].attempt, week)
            try:
                async with store.transaction(connection, side.workspace_id):
                    await store.settle(connection, opening, known, late)
                answers.append("settled")
            except FenceLost:
                answers.append("fence lost")
        elif name == "look":
            answers.append(await looked(side, connection, told))
    answers.append(await looked(side, connection, told))
    await connection.close()
    return answers


async def looked(side, connection, told):
    """What recovery, the sweep, the routes and those who look for lost machines ask for."""
    values = {"workspace_id": side.workspace_id}
    async with connection.transaction():
        await connection.execute(
            psycopg.sql.SQL("SET LOCAL shodaku.host = {}").format(psycopg.sql.Literal(HOST))
        )
        rows = await (await store.run(connection, "list_open_of_host", {"host": HOST})).fetchall()
        open_ones = [(side.mailings.index(row[1]), row[3]) for row in rows if row[0] == side.workspace_id]
    found = []
    async with store.transaction(connection, side.workspace_id):
        unfinished = await (await store.run(connection, "list_unfinished", values)).fetchall()
        forsaken = await (await store.run(connection, "list_forsaken", values)).fetchall()
        for which, fence in open_ones:
            key = ChunkKey(side.workspace_id, side.mailings[which], side.chunks[which])
            row = await (
                await store.run(
                    connection,
                    "get_open_chunk",
                    {**values, "mailing_id": key.mailing_id, "no": key.no, "fence": fence},
                )
            ).fetchone()
            found.append(None if row is None else (told.people(row[0]), row[1], row[3], row[5], *row[7:]))
        firsts = zip(side.mailings, side.chunks, strict=True)
        keys = [ChunkKey(side.workspace_id, *each) for each in firsts]
        kept = [await store.kept(connection, key) for key in keys]
        ways = [
            each and (each.route_id, each.fixed, each.people, each.domain_group, each.queued) for each in kept
        ]
    elsewhere = [
        (side.mailings.index(each.key.mailing_id), each.fence, each.host, each.people)
        for each in await recovery.open_elsewhere(connection, side.workspace_id, "another")
    ]
    mine = [row for row in unfinished if row[0] in side.mailings]
    waiting = [row for row in forsaken if row[0] in side.mailings]
    ends = (len(mine), [side.mailings.index(row[0]) for row in waiting])
    return (open_ones, found, *ends, ways, elsewhere)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "gate", "settle", "settle", "look"]),
        st.sampled_from([0, 1]),
        st.tuples(*[RESULTS] * PEOPLE),
    ),
    min_size=1,
    max_size=8,
)


def on_model(work):
    """Run on the model's own loop, until it ends."""
    loop, side = modelled()
    found = []

    async def main():
        found.append(await work(side, lambda: server.EPOCH + timedelta(seconds=loop.now)))

    task = []

    async def started():
        task.append(loop.create_task(main()))

    loop.spawn(None, started())
    loop.run(lambda: bool(task) and task[0].done(), 1e6, 100_000)
    error = task[0].exception()
    loop.put_away()
    if error is not None:
        raise error
    return found[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_history_of_statements_is_answered_alike_by_the_model_and_by_postgresql(database, steps):
    side = real(database)
    by_postgresql = asyncio.run(history(side, steps, now))
    assert on_model(lambda model, now: history(model, steps, now)) == by_postgresql


async def closing(work, side, now):
    """Whatever it comes to, its connections are closed."""
    made, connect = [], side.connect

    async def connected():
        made.append(await connect())
        return made[-1]

    side.connect = connected
    try:
        return await work(side, now)
    finally:
        for connection in made:
            await connection.close()


async def two_openers(side, now):
    """The second waits for the first, and finds the chunk opened."""
    one, other = await side.connect(), await side.connect()
    key = ChunkKey(side.workspace_id, side.mailings[0], side.chunks[0])
    async with store.transaction(one, side.workspace_id):
        first = await store.open_chunk(one, key, HOST)
        second = asyncio.ensure_future(opened(side, other, 0))
        await side.waits(other)
    return first.fence, await second


async def recovered_while_settling(side, now):
    """Who settles waits for who recovers, and loses."""
    one, other = await side.connect(), await side.connect()
    key = ChunkKey(side.workspace_id, side.mailings[0], side.chunks[0])
    found = await opened(side, one, 0)
    async with store.transaction(one, side.workspace_id):
        week = (await store.mailing(one, key)).week
    opening = opening_of(side, 0, found.fence, found.attempt, week)
    values = {
        "workspace_id": key.workspace_id,
        "mailing_id": key.mailing_id,
        "no": key.no,
        "fence": found.fence,
    }

    async def settling():
        try:
            async with store.transaction(other, side.workspace_id):
                await store.settle(other, opening, Known(back=set(side.people)))
        except FenceLost:
            return "fence lost"
        return "settled"

    async with store.transaction(one, side.workspace_id):
        await store.run(one, "get_open_chunk", values)
        task = asyncio.ensure_future(settling())
        await side.waits(other)
        await store.settle(one, opening, Known(back=set(side.people)))
    return await task, await looked(side, one, Told(side))


async def a_no_waits_for_a_gate(side, now):
    """And a gate that comes meanwhile passes it; one that comes when it holds the person goes without."""
    gate, other, no = [await side.connect() for _ in range(3)]
    told, person = Told(side), side.people[0]

    async def saying_no():
        async with store.transaction(no, side.workspace_id):
            await side.lock_person(no, person)
            await side.refuse(no, person)
            async with store.transaction(other, side.workspace_id):
                return await facts_of(side, other, 0, told, now=now())

    async with store.transaction(gate, side.workspace_id):
        before = await facts_of(side, gate, 0, told, now=now())
        task = asyncio.ensure_future(saying_no())
        await side.waits(no)
        async with store.transaction(other, side.workspace_id):
            meanwhile = await facts_of(side, other, 1, told, now=now())
    without = await task
    async with store.transaction(gate, side.workspace_id):
        after = await facts_of(side, gate, 0, told, now=now())
    return before, meanwhile, without, after


async def locked_then_read(side, now):
    """The second statement sees what was committed after the first."""
    gate, no = await side.connect(), await side.connect()
    told, (held, other, _) = Told(side), side.people
    key = ChunkKey(side.workspace_id, side.mailings[0], side.chunks[0])
    async with store.transaction(gate, side.workspace_id):
        mailing = await store.mailing(gate, key)
        await store.lock(gate, key, [held])
        async with store.transaction(no, side.workspace_id):
            await side.lock_person(no, other)
            await side.refuse(no, other)
        rows = await store.read(gate, key, side.people, facts_parameters(mailing.question, now(), 12))
        return [(told.person(row.contact_id), row.state, row.scopes) for row in rows]


async def two_ends(side, now):
    """Of two chunks that end at once the second sees the first, and ends the mailing."""
    one, other = await side.connect(), await side.connect()
    key = ChunkKey(side.workspace_id, side.mailings[1], side.chunks[1])
    found = await opened(side, one, 1)
    async with store.transaction(one, side.workspace_id):
        week = (await store.mailing(one, key)).week
    opening = opening_of(side, 1, found.fence, found.attempt, week)
    known = Known(outcomes=[Outcome(each, Result.FAILED, "x") for each in side.people])

    async def ending():
        async with store.transaction(other, side.workspace_id):
            await store.end_mailing(other, key)

    async with store.transaction(one, side.workspace_id):
        await store.settle(one, opening, known)
        task = asyncio.ensure_future(ending())
        await side.waits(other)
    await task
    async with store.transaction(one, side.workspace_id):
        mailing = await store.mailing(one, key)
        return (await store.gate_state(one, key, mailing)).state


@pytest.mark.parametrize(
    "work", [two_openers, recovered_while_settling, a_no_waits_for_a_gate, locked_then_read, two_ends]
)
def test_who_waits_for_whom_is_the_same_in_the_model_and_in_postgresql(database, work):
    side = real(database)
    by_postgresql = asyncio.run(closing(work, side, now))
    assert on_model(partial(closing, work)) == by_postgresql


def test_the_limits_of_the_model_are_those_that_the_send_path_sets():
    limits = dict(re.findall(r"(\w+)=(\d+)s", store.BACKSTOP))
    assert float(limits["idle_in_transaction_session_timeout"]) == server.IDLE_SECONDS
    assert float(limits["lock_timeout"]) == server.LOCK_SECONDS
