"""Background work: a job is a row written by the transaction that makes it necessary. Imports no Django.

procrastinate's own SQL function is called on the open connection, so that job and rows commit together or
not at all. Arguments are ids: never an address, a name or a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from shodaku.kit import db

JOBS_MAX = 5_000  # per call; a plan of 1 M recipients makes 2,000


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    AGAIN = "again"  # an attempt failed, and the next one waits for its time


class Queue(StrEnum):
    URGENT = "urgent"  # codes, notices, consent requests
    SEND = "send"  # campaigns, journeys
    CHORE = "chore"  # imports, erasure, exports
    CLOCK = "clock"  # periodic jobs alone: behind a backlog ticks are lost
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Job:
    task: str  # "room.verb", as registered by the worker of its plane
    queue: Queue
    arguments: dict[str, int | str]  # ids
    lock: str | None = None  # at most one job with this lock runs at a time
    only_once: str | None = None  # at most one job with this key waits
    not_before: datetime | None = None
    priority: int = field(default=0)


def defer(*jobs: Job) -> None:
    """Write jobs in the open transaction. A job whose `only_once` key already waits is left out."""
    defer_on(db.connection(), jobs)


def defer_on(connection: psycopg.Connection[Any], jobs: Sequence[Job]) -> None:
    """As `defer`, on a given connection."""
    if not jobs:
        return
    if len(jobs) > JOBS_MAX:
        raise ValueError(f"at most {JOBS_MAX} jobs in one call")
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(DEFER, parameters(jobs))


def job_state(key: str) -> JobState | None:
    """How far the job is whose `lock` and `only_once` are both this key; None: it is done, or never was.

    In the open transaction.
    """
    found: str | None = _sql.scalar("get_job_state", key=key)
    return None if found is None else JobState(found)


@dataclass(frozen=True, slots=True)
class QueueLoad:
    queue: str
    state: str  # "todo" (procrastinate's word), "doing" or "failed"
    jobs: int
    late_seconds: float  # since the oldest of them was due; 0 where none is late


def loads() -> list[QueueLoad]:
    """In the open transaction."""
    return _sql.rows("list_queues", QueueLoad)


def workers() -> int:
    """How many live. In the open transaction."""
    count: int = _sql.scalar("count_workers")
    return count


def parameters(jobs: Sequence[Job]) -> dict[str, object]:
    """The parameters of `DEFER`; the data plane runs it on its own, asynchronous connection."""
    return {
        "queues": [job.queue.value for job in jobs],
        "tasks": [job.task for job in jobs],
        "priorities": [job.priority for job in jobs],
        "locks": [job.lock for job in jobs],
        "keys": [job.only_once for job in jobs],
        "arguments": [Jsonb(job.arguments) for job in jobs],
        "times": [job.not_before for job in jobs],
    }


DEFER = db.sql("shodaku.kit", "defer_jobs")
_sql = db.Statements("shodaku.kit")
