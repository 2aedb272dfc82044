"""Routes of segments: read and save them, count their people, fetch the numbers of those."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from shodaku.api.calling import caller_with, invalid
from shodaku.api.domain import Scope
from shodaku.api.problems import Problem
from shodaku.consent import selectors as consents
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.segments import selectors, services
from shodaku.segments.domain import (
    NAME_CHARACTERS_MAX,
    ConditionFault,
    Expression,
    compile_expression,
    describe_expression,
    parse_expression,
)

PAGE_PEOPLE: Final = 1_000
_LAST_ID: Final = 2**63 - 1

router = Router()


class SegmentBody(Schema):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX)]
    expression: dict[str, Any]  # Any: JSON, which segments.domain reads
    seen: int | None = None  # of a change: the version that was looked at


class SegmentAnswer(Schema):
    id: int
    name: str
    version: int
    expression: dict[str, Any]  # Any: JSON
    sentence: str  # the same in words
    saved_by: str
    saved_at: datetime


class CountAnswer(Schema):
    """`sendable` is an estimate unless `exact`; counting ends at 100,000 people, then `more`."""

    named: int
    more: bool
    sendable: int
    exact: bool
    looked_at: int


class PeopleAnswer(Schema):
    contacts: list[int]
    after: int | None  # ask on with it; null: that was all


@router.get("", response=list[SegmentAnswer], summary="Segments that are offered")
def segments(request: HttpRequest) -> list[SegmentAnswer]:
    caller = caller_with(request, Scope.SEGMENTS_READ)
    return [_answer(each) for each in selectors.segments(caller.workspace_id)]


@router.post("", response={201: SegmentAnswer}, summary="Save a new segment")
def create(request: HttpRequest, body: SegmentBody) -> Status[SegmentAnswer]:
    caller = caller_with(request, Scope.SEGMENTS_WRITE)
    segment_id = services.create(
        caller.workspace_id, body.name, _expression(body), by=caller.name, now=clock.now()
    )
    return Status(201, _answer(_found(caller.workspace_id, segment_id)))


@router.get("/{int:segment_id}", response=SegmentAnswer, summary="One segment")
def segment(request: HttpRequest, segment_id: int, version: int | None = None) -> SegmentAnswer:
    caller = caller_with(request, Scope.SEGMENTS_READ)
    return _answer(_found(caller.workspace_id, segment_id, version))


@router.put("/{int:segment_id}", response=SegmentAnswer, summary="Save a new version of a segment")
def change(request: HttpRequest, segment_id: int, body: SegmentBody) -> SegmentAnswer:
    """Drafts that use it mean the new version from now on; what was launched does not change."""
    caller = caller_with(request, Scope.SEGMENTS_WRITE)
    _found(caller.workspace_id, segment_id)
    services.change(
        caller.workspace_id, segment_id, body.name, _expression(body),
        by=caller.name, now=clock.now(), seen=body.seen,
    )  # fmt: skip
    return _answer(_found(caller.workspace_id, segment_id))


@router.get(
    "/{int:segment_id}/count", response=CountAnswer, summary="How many, and who may be written to now"
)
def count(request: HttpRequest, segment_id: int, topic: Annotated[str, Query(max_length=80)]) -> CountAnswer:
    caller = caller_with(request, Scope.SEGMENTS_READ)
    found = _found(caller.workspace_id, segment_id)
    topics = {each.slug: each.topic_id for each in consents.topics(caller.workspace_id)}
    if topic not in topics:
        raise invalid("topic", _("There is no such topic: %(known)s.") % {"known": ", ".join(topics)})
    question = delivery.question_of_topic(caller.workspace_id, topics[topic])
    where = compile_expression(found.expression)
    seen = delivery.glance(caller.workspace_id, question, where, now=clock.now())
    return CountAnswer(
        named=seen.named,
        more=seen.more,
        sendable=seen.about_sendable,
        exact=seen.exact,
        looked_at=seen.looked_at,
    )


@router.get(
    "/{int:segment_id}/people", response=PeopleAnswer, summary="Numbers of its contacts, page by page"
)
def people(
    request: HttpRequest, segment_id: int, after: Annotated[int, Query(ge=0, le=_LAST_ID)] = 0
) -> PeopleAnswer:
    """Whether somebody may be written to is decided when a message is to leave, not here."""
    caller = caller_with(request, Scope.SEGMENTS_READ, Scope.CONTACTS_READ)
    where = compile_expression(_found(caller.workspace_id, segment_id).expression)
    page = delivery.named(caller.workspace_id, Channel.EMAIL, where, after=after, rows_max=PAGE_PEOPLE)
    return PeopleAnswer(contacts=page, after=page[-1] if len(page) == PAGE_PEOPLE else None)


def _found(workspace_id: int, segment_id: int, version: int | None = None) -> selectors.Segment:
    """Raises Problem."""
    small = segment_id < 2**31 and (version is None or 0 < version < 2**31)
    found = selectors.segment(workspace_id, segment_id, version) if small else None
    if found is None:
        raise Problem(404, services.NoSegment.code, _("There is no such segment."))
    return found


def _expression(body: SegmentBody) -> Expression:
    """Raises Problem."""
    try:
        return parse_expression(body.expression)
    except ConditionFault as fault:
        raise invalid("expression", fault.sentence(get_language() or "ja")) from fault


def _answer(found: selectors.Segment) -> SegmentAnswer:
    return SegmentAnswer(
        id=found.segment_id,
        name=found.name,
        version=found.version,
        expression=found.expression_json,
        sentence=describe_expression(found.expression, get_language() or "ja"),
        saved_by=found.saved_by,
        saved_at=found.saved_at,
    )
