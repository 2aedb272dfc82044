"""Tokens of the workspace's buckets, drawn and given back by a worker, by the database's clock alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from shodaku.delivery import store
from shodaku.delivery.domain_groups import EVERY
from shodaku.delivery.pacing import Bucket, Drawn, draw, given_back, slowed
from shodaku.delivery.store import Connection

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a chunk draws: all buckets that hold for it."""

    workspace_id: int
    route_id: int | None  # None: of the environment
    domain_group: str | None  # None: the chunk knows no group


async def drawn(connection: Connection, source: Source, wanted: int, *, queued: bool, urgent: bool) -> Drawn:
    """In a transaction of its own: a bucket is held for a moment, never while mails leave."""
    async with store.transaction(connection, source.workspace_id):
        found, now = await _held(connection, source)
        done = draw(found, wanted, now, queued=queued, urgent=urgent)
        await _keep(connection, source, list(done.buckets))
        return done


async def settle(connection: Connection, source: Source, unused: int, *, overrun: bool) -> None:
    """What was not needed comes back. Where mails came too fast, the bucket of their receivers slows
    down; without one, that of the route, or of all.
    """
    if unused <= 0 and not overrun:
        return
    async with store.transaction(connection, source.workspace_id):
        found, now = await _held(connection, source)
        after = [given_back(bucket.at(now), max(unused, 0)) for bucket in found]
        if overrun and after:
            at = max(range(len(after)), key=lambda at: (after[at].domain_group != EVERY, at))
            after[at] = slowed(after[at], now)
        await _keep(connection, source, after)


async def _held(connection: Connection, source: Source) -> tuple[list[Bucket], datetime]:
    """Of all, of a group, of a route, of a route's group: those that there are, in this order."""
    values = {
        "workspace_id": source.workspace_id,
        "route_id": source.route_id or 0,
        "domain_group": source.domain_group,
    }
    rows = await (await store.run(connection, "lock_pace", values)).fetchall()
    if not rows:
        return [], _NEVER  # a limit that was lifted a moment ago
    return [Bucket(*row[:-1]) for row in rows], max(row[-1] for row in rows)


async def _keep(connection: Connection, source: Source, buckets: list[Bucket]) -> None:
    def column(read: Callable[[Bucket], object]) -> list[object]:
        return [read(bucket) for bucket in buckets]

    if not buckets:
        return
    values = {
        "workspace_id": source.workspace_id,
        "route_ids": column(lambda each: each.route_id),
        "domain_groups": column(lambda each: each.domain_group),
        "rates": column(lambda each: each.rate),
        "tokens": column(lambda each: each.tokens),
        "refilled": column(lambda each: each.refilled_at),
        "promised": column(lambda each: each.promised_until),
        "changed": column(lambda each: each.changed_at),
    }
    await store.run(connection, "update_pace", values)
