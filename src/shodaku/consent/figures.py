"""Figures about all consents of a workspace: few are counted on the spot, many by a chore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from shodaku.kit import db

FIGURE_DAYS: Final = 30
AT_ONCE_EVENTS_MAX: Final = 5_000  # so many are counted while somebody waits
ENDING_ROWS_MAX: Final = 20_000  # ends of consents that one page reads

_sql = db.Statements("shodaku.consent")


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many read a topic, by mail, and how many have not confirmed yet."""

    topic_id: int
    active: int
    pending: int
    counted_at: datetime | None  # None: just now


@dataclass(frozen=True, slots=True)
class Day:
    on_day: date
    agreed: int
    ended: int


@dataclass(frozen=True, slots=True)
class Figures:
    live: int
    waiting: int  # for confirmation
    days: tuple[Day, ...]  # FIGURE_DAYS of them, today last; a day without anything too
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """How many consents end on a day."""

    on_day: date
    consents: int


def consent_figures(workspace_id: int, zone: ZoneInfo, *, now: datetime) -> Figures | None:
    """None: there are many, and they were not counted yet."""
    with db.transaction(workspace_id):
        if _sql.scalar("is_small", rows_max=AT_ONCE_EVENTS_MAX):
            return _figures(*_counted(zone, now), zone, now, now)
        kept = _sql.row("get_figures", _Kept)
    return None if kept is None else _figures(kept.topics, kept.days, zone, now, kept.at)


def kept_topics() -> list[TopicCount] | None:
    """In the open transaction. None: so few are counted on the spot, or nobody counted them yet."""
    if _sql.scalar("is_small", rows_max=AT_ONCE_EVENTS_MAX):
        return None
    kept = _sql.row("get_figures", _Kept)
    if kept is None:
        return None
    return [
        TopicCount(int(name), active, waiting, kept.at) for name, (active, waiting) in kept.topics.items()
    ]


def refresh_figures(workspace_id: int, zone: ZoneInfo, *, now: datetime) -> bool:
    """Count and keep them. False: a page counts so few by itself."""
    with db.transaction(workspace_id):
        if _sql.scalar("is_small", rows_max=AT_ONCE_EVENTS_MAX):
            return False
        topics, days = _counted(zone, now)
        _sql.run("upsert_figures", topics=Jsonb(topics), days=Jsonb(days), at=now)
        return True


def ending(
    workspace_id: int, zone: ZoneInfo, from_at: datetime, until_at: datetime
) -> tuple[list[Ending], bool]:
    """Of each day on which a consent ends in the span; whether there are more than were read."""
    with db.transaction(workspace_id):
        found = _sql.rows(
            "count_ending",
            Ending,
            zone=zone.key,
            from_at=from_at,
            until_at=until_at,
            rows_max=ENDING_ROWS_MAX,
        )
    return found, sum(each.consents for each in found) == ENDING_ROWS_MAX


def _counted(zone: ZoneInfo, now: datetime) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    found = _sql.rows("count_by_topic", TopicCount)
    topics = {str(each.topic_id): [each.active, each.pending] for each in found}
    since = _first_day(zone, now)
    days = _sql.rows(
        "count_by_day", Day, zone=zone.key, since=datetime.combine(since, datetime.min.time(), zone)
    )
    return topics, {each.on_day.isoformat(): [each.agreed, each.ended] for each in days}


def _first_day(zone: ZoneInfo, now: datetime) -> date:
    return now.astimezone(zone).date() - timedelta(days=FIGURE_DAYS - 1)


def _figures(
    topics: Mapping[str, list[int]],
    days: Mapping[str, list[int]],
    zone: ZoneInfo,
    now: datetime,
    at: datetime,
) -> Figures:
    first = _first_day(zone, now)
    dates = [first + timedelta(days=number) for number in range(FIGURE_DAYS)]
    return Figures(
        sum(active for active, _ in topics.values()),
        sum(pending for _, pending in topics.values()),
        tuple(Day(each, *days.get(each.isoformat(), (0, 0))) for each in dates),
        at,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    topics: dict[str, list[int]]
    days: dict[str, list[int]]
    at: datetime
