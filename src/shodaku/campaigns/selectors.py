"""Campaigns, what was counted for them, and who is behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shodaku.campaigns.domain import Preflight
from shodaku.content.domain import KeptFile
from shodaku.kit import db
from shodaku.policy.domain import AnyReason, Group, MessageClass, Operational, Reason, explain
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Condition, InSegment, dump, parse

__all__ = [
    "COMING_MAX",
    "PAGE_ROWS",
    "Campaign",
    "Preflight",
    "Showing",
    "campaign",
    "campaigns",
    "coming",
    "files",
    "funnel",
    "latest_preflight",
    "members",
    "preflight",
    "showing",
]

PAGE_ROWS: Final = 50
COMING_MAX: Final = 20
DRAFT: Final = "draft"

_sql = db.Statements("shodaku.campaigns")


@dataclass(frozen=True, slots=True)
class Campaign:
    campaign_id: int
    name: str
    topic_id: int
    sender_id: int
    channel: str
    message_class: str
    subject: str
    text: str
    html: str
    conditions_json: list[dict[str, object]]
    starts_at: datetime | None  # None: as soon as somebody sends it
    state: str  # draft, running, paused, cancelled; how far it is stands with its mailing
    mailing_id: int | None
    planned_count: int | None
    created_at: datetime
    launched_at: datetime | None
    click_links: bool
    open_pixel: bool

    @property
    def asks(self) -> bool:
        """Is it the one mail that asks for permission, and no advertising?"""
        return self.message_class == MessageClass.CONSENT_REQUEST

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return parse(self.conditions_json)


@dataclass(frozen=True, slots=True)
class Showing:
    """A campaign that shows a picture."""

    campaign_id: int
    name: str
    subject: str
    state: str

    @property
    def is_draft(self) -> bool:
        return self.state == DRAFT


def campaigns(workspace_id: int) -> list[Campaign]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_campaigns", Campaign)


def coming(workspace_id: int, *, now: datetime) -> list[Campaign]:
    """The next COMING_MAX that are meant to start later, by their time; drafts too."""
    with db.transaction(workspace_id):
        return _sql.rows("list_coming", Campaign, now=now, rows_max=COMING_MAX)


def campaign(workspace_id: int, campaign_id: int) -> Campaign | None:
    """A draft with its saved segments as they mean today; once launched, as they meant then."""
    with db.transaction(workspace_id):
        found = _sql.row("get_campaign", Campaign, campaign_id=campaign_id)
        return None if found is None else _as_meant(workspace_id, found)


def _as_meant(workspace_id: int, found: Campaign) -> Campaign:
    conditions = found.conditions
    if found.state != DRAFT or not any(isinstance(each, InSegment) for each in conditions):
        return found
    filled_in = [segments.filled_in(workspace_id, each) for each in conditions]
    return replace(found, conditions_json=dump(filled_in))


def files(workspace_id: int, campaign_id: int) -> list[KeptFile]:
    """In the order in which they were added."""
    with db.transaction(workspace_id):
        return _sql.rows("list_files", KeptFile, campaign_id=campaign_id)


def showing(workspace_id: int, token: str, mailing_ids: Sequence[int], *, most: int) -> list[Showing]:
    """Where a picture stands: drafts by its public token, sent ones by their mailing; the newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_showing", Showing, token=token, mailing_ids=list(mailing_ids), most=most)


def latest_preflight(workspace_id: int, campaign_id: int) -> Preflight | None:
    with db.transaction(workspace_id):
        return _sql.row("get_latest_preflight", Preflight, campaign_id=campaign_id)


def preflight(workspace_id: int, campaign_id: int, preflight_id: int) -> Preflight | None:
    with db.transaction(workspace_id):
        return _sql.row("get_preflight", Preflight, campaign_id=campaign_id, preflight_id=preflight_id)


def members(workspace_id: int, counted: Preflight, reason: str, *, after: int | None = None) -> list[int]:
    """A page of those behind a number, by ascending contact; `after` is the last one of the page before.

    Who was erased since is left out, and so are lists of a count that is not the newest.
    """
    with db.transaction(workspace_id):
        return _sql.scalars(
            "list_members",
            campaign_id=counted.campaign_id,
            preflight_id=counted.preflight_id,
            reason=reason,
            after=after or 0,
            rows_max=PAGE_ROWS,
        )


def funnel(counted: Preflight) -> Mapping[Group, list[tuple[AnyReason, int]]]:
    """The held, by what can be done about it, the largest number first."""
    groups: dict[Group, list[tuple[AnyReason, int]]] = defaultdict(list)
    for code, people in sorted(counted.reasons.items(), key=lambda each: -each[1]):
        reason = _reason(code)
        groups[explain(reason).group].append((reason, people))
    return groups


def _reason(code: str) -> AnyReason:
    return Reason(code) if code in Reason.__members__ else Operational(code)
