"""Which segments are saved, and what each means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shodaku.kit import db
from shodaku.segments.domain import (
    Condition,
    Expression,
    InSegment,
    KnownSince,
    Narrowing,
    Where,
    compile_conditions,
    of_standing,
    parse_expression,
    together,
)

SEGMENTS_MAX: Final = 200  # live ones of a workspace
VERSIONS_SHOWN_MAX: Final = 100

_sql = db.Statements("shodaku.segments")


@dataclass(frozen=True, slots=True)
class Segment:
    segment_id: int
    name: str
    version: int
    expression_json: dict[str, Any]  # Any: JSON
    saved_by: str  # of this version: staff:12, api:3, command line
    saved_at: datetime
    archived_at: datetime | None

    @property
    def expression(self) -> Expression:
        return parse_expression(self.expression_json)


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    expression_json: dict[str, Any]  # Any: JSON
    saved_by: str
    saved_at: datetime

    @property
    def expression(self) -> Expression:
        return parse_expression(self.expression_json)


def segments(workspace_id: int) -> list[Segment]:
    """Live ones by name, each as it was saved last."""
    with db.transaction(workspace_id):
        return _sql.rows("list_segments", Segment, rows_max=SEGMENTS_MAX)


def segment(workspace_id: int, segment_id: int, version: int | None = None) -> Segment | None:
    """As it was saved last, or in this version; an archived one too."""
    with db.transaction(workspace_id):
        return _sql.row("get_segment", Segment, segment_id=segment_id, version=version)


def versions(workspace_id: int, segment_id: int) -> list[Version]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_versions", Version, segment_id=segment_id, rows_max=VERSIONS_SHOWN_MAX)


def filled_in(workspace_id: int, condition: Condition) -> Condition:
    """A saved segment as it means today; one that is not there names nobody. Others as they are."""
    if not isinstance(condition, InSegment):
        return condition
    found = segment(workspace_id, condition.segment_id)
    if found is None:
        return InSegment(condition.segment_id)
    return InSegment(found.segment_id, found.version, found.expression)


def condition_of(workspace_id: int, narrowing: Narrowing) -> Where | None:
    """None: everybody. A segment as it means today; one that is not there names nobody."""
    some: list[InSegment | KnownSince] = []
    if narrowing.since is not None:
        some.append(KnownSince(narrowing.since))
    if narrowing.segment_id is not None:
        filled = filled_in(workspace_id, InSegment(narrowing.segment_id))
        some.append(filled if isinstance(filled, InSegment) else InSegment(narrowing.segment_id))
    return together(
        [
            of_standing(narrowing.standing, narrowing.topic_id),
            compile_conditions(some) if some else None,
        ]
    )
