"""What the gate costs: the decision itself, and lock and facts on the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shodaku.config.bench import machine, sample
from shodaku.delivery import selectors, store
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.domain import Question
from shodaku.delivery.facts import facts_parameters
from shodaku.kit import clock, db, runtime
from shodaku.policy.domain import Facts, decide

PEOPLE: Final = 20_000
ROUNDS: Final = 5
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Gate:
    microseconds: list[float]
    server_microseconds: list[float]


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: people, rounds, owner_url."""
    people, rounds = int(str(options.get("people", PEOPLE))), int(str(options.get("rounds", ROUNDS)))
    shop = sample.fill(str(options["owner_url"]), people, clock.now())
    yield machine.line("decide", "policy.decide", "us", _decide(shop, people, rounds), people)
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    gate = asyncio.run(_gate(shop, _ids(shop, people), question, rounds))
    yield machine.line("decide", "lock and facts", "us", gate.microseconds, people)
    if gate.server_microseconds:
        yield machine.line("decide", "lock and facts, server CPU", "us", gate.server_microseconds, people)


def _decide(shop: sample.Shop, people: int, rounds: int) -> list[float]:
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    now = clock.now()
    first, *_ = _ids(shop, 1)
    _, facts = selectors.verdict(shop.workspace_id, first, question, now=now)
    return [_each(facts, people) for _ in range(rounds)]


def _each(facts: Facts, times: int) -> float:
    now = clock.now()
    start = time.process_time()
    for _ in range(times):
        decide(facts, now)
    return (time.process_time() - start) / times * 1e6


async def _gate(shop: sample.Shop, ids: list[int], question: Question, rounds: int) -> Gate:
    gate = Gate([], [])
    connection = await store.connect(runtime.current().database_url)
    for _ in range(rounds):
        server, start = machine.postgres_cpu_seconds(), time.perf_counter()
        for at in range(0, len(ids), CHUNK):
            await _one_gate(
                connection, shop, ids[at : at + CHUNK], facts_parameters(question, clock.now(), 12)
            )
        gate.microseconds.append((time.perf_counter() - start) / len(ids) * 1e6)
        after = machine.postgres_cpu_seconds()
        if server is not None and after is not None:
            gate.server_microseconds.append((after - server) / len(ids) * 1e6)
    await connection.close()
    return gate


async def _one_gate(
    connection: store.Connection, shop: sample.Shop, ids: list[int], question: Mapping[str, object]
) -> None:
    key = ChunkKey(shop.workspace_id, 0, 0)
    async with store.transaction(connection, shop.workspace_id):
        held = await store.lock(connection, key, ids)
        await store.read(connection, key, held, question)


def _ids(shop: sample.Shop, count: int) -> list[int]:
    statement = "select contact_id from contact where workspace_id = %s order by contact_id limit %s"
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(statement, [shop.workspace_id, count]).fetchall()
    return [row[0] for row in rows]
