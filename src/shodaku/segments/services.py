"""Segments are saved, changed and archived here; each time the ledger says so."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.segments.domain import Expression, dump_expression, is_name
from shodaku.segments.selectors import SEGMENTS_MAX

_sql = db.Statements("shodaku.segments")


class SegmentNameFault(WrongUse):
    """A segment needs a name of 1 to 80 characters."""

    code = "segment_name_fault"


class SegmentExists(WrongUse):
    """There is a segment of this name already; choose another name."""

    code = "segment_exists"


class TooManySegments(WrongUse):
    """A workspace has at most 200 segments; archive one that is not used any more."""

    code = "segments_too_many"


class NoSegment(WrongUse):
    """There is no such segment."""

    code = "segment_unknown"


class SegmentChanged(ShodakuError):
    """Somebody saved this segment meanwhile; look at the newest version and save again."""

    code = "segment_changed"


class SegmentArchived(ShodakuError):
    """An archived segment is not changed any more; make a new one."""

    code = "segment_archived"


def create(workspace_id: int, name: str, expression: Expression, *, by: str, now: datetime) -> int:
    """The segment's id, with its first version. Raises SegmentNameFault, SegmentExists, TooManySegments."""
    said = _name(name)
    with db.transaction(workspace_id):
        if _sql.scalar("count_live") >= SEGMENTS_MAX:
            raise TooManySegments
        segment_id: int | None = _sql.scalar("insert_segment", name=said, by=by, now=now)
        if segment_id is None:
            raise SegmentExists
        _save(workspace_id, segment_id, expression, by, now)
        return segment_id


def change(
    workspace_id: int,
    segment_id: int,
    name: str,
    expression: Expression,
    *,
    by: str,
    now: datetime,
    seen: int | None = None,
) -> int:
    """A new version, and its number; drafts that use the segment mean this one from now on.

    `seen` is the version that was looked at. Raises NoSegment, SegmentArchived, SegmentChanged,
    SegmentNameFault, SegmentExists.
    """
    said = _name(name)
    with db.transaction(workspace_id):
        held = _sql.row("lock_segment", _Held, segment_id=segment_id)
        if held is None:
            raise NoSegment
        if held.archived:
            raise SegmentArchived
        if seen is not None and seen != held.version:
            raise SegmentChanged
        if not _sql.run("rename_segment", segment_id=segment_id, name=said):
            raise SegmentExists
        return _save(workspace_id, segment_id, expression, by, now)


def archive(workspace_id: int, segment_id: int, *, by: str, now: datetime) -> bool:
    """It is not offered any more. False: it was archived before, or is unknown."""
    with db.transaction(workspace_id):
        if not _sql.run("archive_segment", segment_id=segment_id, now=now):
            return False
        _record(workspace_id, "admin.segment.archived", {"segment": segment_id, "by": by}, now)
        return True


@dataclass(frozen=True, slots=True)
class _Held:
    name: str
    archived: bool
    version: int


def _name(text: str) -> str:
    """Raises SegmentNameFault."""
    name = text.strip()
    if not is_name(name):
        raise SegmentNameFault
    return name


def _save(workspace_id: int, segment_id: int, expression: Expression, by: str, now: datetime) -> int:
    version: int = _sql.scalar(
        "insert_version",
        segment_id=segment_id,
        expression=Jsonb(dump_expression(expression)),
        by=by,
        now=now,
    )
    _record(workspace_id, "admin.segment.saved", {"segment": segment_id, "version": version, "by": by}, now)
    return version


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )
