"""Tokens of the workspace's buckets, drawn and given back by a worker, by the database's clock alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from shodaku.delivery import store
from shodaku.delivery.domain_groups import EVERY, OTHER, group_columns
from shodaku.delivery.pacing import Bucket, Drawn, draw, given_back, is_of_all, overruns, slowed
from shodaku.delivery.store import Connection
from shodaku.delivery.warming import WarmUp, day_of, next_day, on

_READ_MAX: Final = 20  # answers of a chunk that are read for signs that mails come too fast
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a chunk draws: all that holds for it."""

    workspace_id: int
    route_id: int | None = None  # None: of the environment
    domain_group: str | None = None  # None: the chunk knows no group
    paced: bool = True  # there are buckets
    warms: bool = False  # there is an amount for the day


async def drawn(connection: Connection, source: Source, wanted: int, *, queued: bool, urgent: bool) -> Drawn:
    """In a transaction of its own: a row is held for a moment, never while mails leave.

    What somebody waits for is counted in the amount of the day, and not held back by it.
    """
    async with store.transaction(connection, source.workspace_id):
        day = await _day(connection, source)
        if day is not None and not urgent:
            if not day.warm.left:
                await _keep_day(connection, source, day.warm)
                return Drawn(0, (next_day(day.now) - day.now).total_seconds(), ())
            wanted = min(wanted, day.warm.left)
        found, now = await _held(connection, source)
        done = draw(found, wanted, now, queued=queued, urgent=urgent)
        await _keep(connection, source, list(done.buckets))
        if day is not None:
            await _keep_day(connection, source, replace(day.warm, sent=day.warm.sent + done.granted))
        return done


async def settle(
    connection: Connection,
    source: Source,
    unused: int,
    deferrals: Sequence[tuple[int, str]],
    *,
    touched: int = 0,
) -> None:
    """What was not needed comes back. Where mails came too fast, the bucket of their receivers slows
    down; without one, that of the route, or of all, unless it was said to few of the `touched`, who wait by
    themselves. `deferrals`: code and text of each 4xx.
    """
    overrun = overruns(deferrals[:_READ_MAX])
    if unused <= 0 and not deferrals:
        return
    async with store.transaction(connection, source.workspace_id):
        day = await _day(connection, source)
        if day is not None:
            sent, deferred = max(0, day.warm.sent - unused), day.warm.deferred + len(deferrals)
            await _keep_day(connection, source, replace(day.warm, sent=sent, deferred=deferred))
        found, now = await _held(connection, source)
        after = [given_back(bucket.at(now), max(unused, 0)) for bucket in found]
        if overrun and after:
            at = max(range(len(after)), key=lambda at: (after[at].domain_group != EVERY, at))
            if after[at].domain_group != EVERY or is_of_all(len(deferrals), touched):
                after[at] = slowed(after[at], now)
        await _keep(connection, source, after)


@dataclass(frozen=True, slots=True)
class _Day:
    warm: WarmUp
    now: datetime


async def _day(connection: Connection, source: Source) -> _Day | None:
    """The amount of today; None: nothing is limited by days. Who knows no group is one of the others."""
    if not source.warms:
        return None
    values = {
        "workspace_id": source.workspace_id,
        "route_id": source.route_id,
        "domain_group": source.domain_group or OTHER,
        **group_columns(),
    }
    row = await (await store.run(connection, "lock_warm_up", values)).fetchone()
    if row is None:
        return None
    route_id, domain_group, amounts, *how, now, complaints = row
    warm = WarmUp(route_id, domain_group, tuple(amounts), *how)
    return _Day(on(warm, day_of(now), complaints), now)


async def _keep_day(connection: Connection, source: Source, warm: WarmUp) -> None:
    values = {
        "workspace_id": source.workspace_id,
        "route_id": warm.route_id,
        "domain_group": warm.domain_group,
        "step": warm.step,
        "on_day": warm.on_day,
        "sent": warm.sent,
        "deferred": warm.deferred,
    }
    await store.run(connection, "update_warm_up", values)


async def _held(connection: Connection, source: Source) -> tuple[list[Bucket], datetime]:
    """Of all, of a group, of a route, of a route's group: those that there are, in this order."""
    if not source.paced:
        return [], _NEVER
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
