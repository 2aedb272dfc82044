"""Campaigns, what was counted for them, and who is behind each number."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from shodaku.campaigns import reporting
from shodaku.campaigns.coupons import times_used
from shodaku.campaigns.domain import Approval, OpenApproval, Preflight, Trial, Variant
from shodaku.campaigns.parts import (
    Followed,
    Part,
    came_back,
    followed,
    measuring,
    parts,
    progress,
    stopped_in_time,
)
from shodaku.campaigns.report_figures import OTHERS, Report
from shodaku.campaigns.report_figures import document as figures_document
from shodaku.campaigns.reporting import report_asked
from shodaku.campaigns.simulating import SimulatedTopic, Simulation, simulation
from shodaku.content.domain import KeptFile, Written, parse_written
from shodaku.kit import db
from shodaku.policy.domain import AnyReason, Group, MessageClass, Operational, Reason, explain
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Condition, InSegment, dump, parse

__all__ = [
    "BETWEEN_MAX",
    "COMING_MAX",
    "EARLIER_MAX",
    "OPEN_APPROVALS_MAX",
    "OTHERS",
    "PAGE_ROWS",
    "Campaign",
    "CampaignRow",
    "Earlier",
    "Filter",
    "Followed",
    "Part",
    "Planned",
    "Preflight",
    "Report",
    "Revision",
    "Showing",
    "SimulatedTopic",
    "Simulation",
    "again_of",
    "approval",
    "between",
    "came_back",
    "campaign",
    "campaigns",
    "coming",
    "document",
    "earlier",
    "files",
    "first_of",
    "followed",
    "funnel",
    "last_blocks",
    "latest_preflight",
    "launch_preflight",
    "measuring",
    "members",
    "page",
    "parts",
    "planned_with",
    "preflight",
    "prepared",
    "progress",
    "report",
    "report_asked",
    "report_document",
    "returned_approvals",
    "revisions",
    "showing",
    "simulation",
    "stopped_in_time",
    "tags",
    "times_used",
    "trial",
    "undecided_trials",
    "waiting_approvals",
]

PAGE_ROWS: Final = 50
COMING_MAX: Final = 20
EARLIER_MAX: Final = 5
PLANNED_MAX: Final = 20
BETWEEN_MAX: Final = 300  # of one month in a calendar
OPEN_APPROVALS_MAX: Final = 20
TAGGED_MAX: Final = 2_000
TAGS_SHOWN_MAX: Final = 200
DRAFT: Final = "draft"
_AFTER_ALL: Final = 2_147_483_647

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
    revision: int | None  # newest state of a campaign in blocks; None: its text and HTML were typed
    tags: list[str]

    @property
    def asks(self) -> bool:
        """Is it the one mail that asks for permission, and no advertising?"""
        return self.message_class == MessageClass.CONSENT_REQUEST

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return parse(self.conditions_json)

    @property
    def mark(self) -> str:
        """Of all that is typed on the page of a draft: another one, when somebody saved something else.

        What is written on a page of its own has states of its own.
        """
        elsewhere = self.revision is not None
        typed = [
            self.name, self.topic_id, self.message_class, self.subject, elsewhere or [self.text, self.html],
            self.conditions_json, self.starts_at and self.starts_at.timestamp(), self.click_links,
            self.open_pixel, self.tags,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()[:32]


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


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One of a list: nothing of what it says."""

    campaign_id: int
    name: str
    subject: str
    topic_id: int
    state: str  # of its mailing too: also scheduled, done
    starts_at: datetime | None
    mailing_id: int | None
    created_at: datetime
    at: datetime  # when it started or is meant to; of a draft without a time, when it was begun
    tags: list[str]
    accepted: int | None  # of one that has ended and was counted since; None: its mailing tells
    total: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the campaigns; None: any."""

    text: str = ""  # a part of name or subject
    topic_id: int | None = None
    state: str | None = None
    span: tuple[datetime, datetime] | None = None  # of their time, the end excluded
    tag: str | None = None


class CampaignOrder(StrEnum):
    NEWEST = "newest"  # as they were begun
    LATEST = "latest"  # by when they start or started
    EARLIEST = "earliest"
    NAME = "name"
    NAME_BACK = "name-back"


_AFTER: Final = "(select y.{0}, y.campaign_id from listed y where y.campaign_id = %(before)s)"
# behind the last one of the page before, and the order; a few thousand campaigns need no index
_ORDERS: Final = {
    CampaignOrder.NEWEST: ("x.campaign_id < %(before)s", "x.campaign_id desc"),
    CampaignOrder.LATEST: (f"(x.at, x.campaign_id) < {_AFTER.format('at')}", "x.at desc, x.campaign_id desc"),
    CampaignOrder.EARLIEST: (f"(x.at, x.campaign_id) > {_AFTER.format('at')}", "x.at, x.campaign_id"),
    CampaignOrder.NAME: (f"(x.called, x.campaign_id) > {_AFTER.format('called')}", "x.called, x.campaign_id"),
    CampaignOrder.NAME_BACK: (
        f"(x.called, x.campaign_id) < {_AFTER.format('called')}",
        "x.called desc, x.campaign_id desc",
    ),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A campaign of the same topic before this one, and what was counted of it."""

    campaign_id: int
    name: str
    launched_at: datetime
    report: Report | None


def campaigns(workspace_id: int) -> list[Campaign]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_campaigns", Campaign)


def page(
    workspace_id: int,
    chosen: Filter,
    *,
    now: datetime,
    order: CampaignOrder = CampaignOrder.NEWEST,
    before: int | None = None,
    rows_max: int,
) -> list[CampaignRow]:
    """`before` is the last one of the page before, in this order."""
    from_at, until_at = chosen.span or (None, None)
    behind, by = _ORDERS[order]
    with db.transaction(workspace_id):
        return _sql.rows_marked(
            "list_campaign_page",
            {"/*behind*/": "true" if before is None else behind, "/*order*/": by},
            CampaignRow,
            name=_pattern(chosen.text) if chosen.text else None,
            topic_id=chosen.topic_id,
            state=chosen.state,
            tag=chosen.tag,
            from_at=from_at,
            until_at=until_at,
            before=before,
            now=now,
            rows_max=rows_max,
        )


def tags(workspace_id: int) -> list[str]:
    """By which campaigns can be found again; TAGS_SHOWN_MAX at most, of the newest TAGGED_MAX campaigns."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_tags", campaigns_max=TAGGED_MAX, rows_max=TAGS_SHOWN_MAX)


def _pattern(text: str) -> str:
    """What is typed means itself."""
    for each in "\\%_":
        text = text.replace(each, f"\\{each}")
    return f"%{text}%"


def between(workspace_id: int, from_at: datetime, until_at: datetime, *, now: datetime) -> list[CampaignRow]:
    """The first BETWEEN_MAX whose time lies in the span, by that; `total` is people at the launch."""
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_between", CampaignRow, from_at=from_at, until_at=until_at, now=now, rows_max=BETWEEN_MAX
        )


def coming(workspace_id: int, *, now: datetime) -> list[Campaign]:
    """The next COMING_MAX that are meant to start later, by their time; drafts too."""
    with db.transaction(workspace_id):
        return _sql.rows("list_coming", Campaign, now=now, rows_max=COMING_MAX)


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign that is to send, or sends."""

    campaign_id: int
    name: str


def planned_with(workspace_id: int, topic_id: int, *, now: datetime) -> list[Planned]:
    """Under way, with a time to come, or asked of a second person; the newest PLANNED_MAX."""
    with db.transaction(workspace_id):
        return _sql.rows("list_planned_with", Planned, topic_id=topic_id, now=now, rows_max=PLANNED_MAX)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft, and who made it."""

    campaign_id: int
    name: str
    staff_id: int
    created_at: datetime


def prepared(
    workspace_id: int, staff_ids: Sequence[int], *, since: datetime, rows_max: int
) -> list[Prepared]:
    """Drafts of these people that were made since then, newest first."""
    if not staff_ids:
        return []
    with db.transaction(workspace_id):
        return _sql.rows("list_prepared", Prepared, staff_ids=list(staff_ids), since=since, rows_max=rows_max)


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


def showing(
    workspace_id: int, image_id: UUID, token: str, mailing_ids: Sequence[int], *, most: int
) -> list[Showing]:
    """Where a picture stands: drafts by what is written in them, sent ones by their mailing; newest first."""
    asked = {"image_id": image_id, "token": token, "mailing_ids": list(mailing_ids)}
    with db.transaction(workspace_id):
        return _sql.rows("list_showing", Showing, **asked, most=most)


@dataclass(frozen=True, slots=True)
class Revision:
    """A state in which a campaign in blocks was saved."""

    revision: int
    saved_by: int | None  # staff; None: by a program
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class _KeptRevision(Revision):
    document_json: dict[str, object]


def document(workspace_id: int, campaign_id: int, revision: int) -> Written | None:
    """As it was saved then; None: no such state is kept."""
    with db.transaction(workspace_id):
        kept = _sql.row("get_revision", _KeptRevision, campaign_id=campaign_id, revision=revision)
    return None if kept is None else parse_written(kept.document_json)


def last_blocks(workspace_id: int, campaign_id: int) -> int | None:
    """The newest state in blocks, which stays when they are turned into code; None: there was none."""
    with db.transaction(workspace_id):
        revision: int | None = _sql.scalar("last_blocks", campaign_id=campaign_id)
        return revision


def revisions(
    workspace_id: int, campaign_id: int, *, before: int | None = None, rows_max: int = PAGE_ROWS
) -> list[Revision]:
    """Newest first, from the one before `before`."""
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_revisions",
            Revision,
            campaign_id=campaign_id,
            before=before or _AFTER_ALL,
            rows_max=rows_max,
        )


def latest_preflight(workspace_id: int, campaign_id: int) -> Preflight | None:
    with db.transaction(workspace_id):
        return _sql.row("get_latest_preflight", Preflight, campaign_id=campaign_id)


def launch_preflight(workspace_id: int, campaign_id: int) -> Preflight | None:
    """What was counted when it was launched; None: a draft, or launched before that was remembered."""
    with db.transaction(workspace_id):
        return _sql.row("get_launch_preflight", Preflight, campaign_id=campaign_id)


def report(workspace_id: int, campaign: Campaign, *, now: datetime) -> Report | None:
    """What became of it. None: a draft, or a large one that was not counted yet."""
    if campaign.mailing_id is None:
        return None
    people = campaign.planned_count or 0
    return reporting.report(workspace_id, campaign.campaign_id, people, now=now)


def report_document(workspace_id: int, campaign: Campaign, *, now: datetime) -> dict[str, Any] | None:
    """The report as programs get it. None: as of `report`."""
    found = report(workspace_id, campaign, now=now)
    if found is None or campaign.mailing_id is None:
        return None
    targets, _opens = measuring(workspace_id, campaign.campaign_id)
    tried = trial(workspace_id, campaign.campaign_id)
    counted = launch_preflight(workspace_id, campaign.campaign_id)
    held = counted.reasons if counted else {}
    return {
        "campaign": campaign.campaign_id,
        "name": campaign.name,
        **figures_document(found, targets, held),
        "coupons": [
            {"code": code, "times": times}
            for code, times in times_used(workspace_id, campaign.campaign_id).items()
        ],
        "trial": None if tried is None or tried.held_id is None else _decision(tried),
    }


def _decision(tried: Trial) -> dict[str, Any]:
    """How it was or is to be decided which variant the others get."""
    return {
        "judged_by": tried.judged_by,
        "winner": tried.winner,
        "decided_at": tried.decided_at,
        "decided_by_rule": tried.by_rule,
    }


def earlier(workspace_id: int, campaign: Campaign) -> list[Earlier]:
    """The newest EARLIER_MAX of its topic and class that were launched before it."""
    with db.transaction(workspace_id):
        rows = _sql.rows(
            "list_earlier",
            _EarlierRow,
            topic_id=campaign.topic_id,
            message_class=campaign.message_class,
            launched_at=campaign.launched_at,
            rows_max=EARLIER_MAX,
        )
    return [Earlier(each.campaign_id, each.name, each.launched_at, each.report) for each in rows]


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


def approval(workspace_id: int, campaign_id: int) -> Approval | None:
    """What was asked of a second person last."""
    with db.transaction(workspace_id):
        return _sql.row("get_approval", Approval, campaign_id=campaign_id)


def trial(workspace_id: int, campaign_id: int) -> Trial | None:
    """The variants of a campaign, and how they are tried."""
    with db.transaction(workspace_id):
        found = _sql.row("get_trial", Trial, campaign_id=campaign_id)
        if found is None:
            return None
        return replace(found, variants=tuple(_sql.rows("list_variants", Variant, campaign_id=campaign_id)))


def again_of(workspace_id: int, campaign_id: int) -> int | None:
    """The campaign by which this one goes once more."""
    with db.transaction(workspace_id):
        again_id: int | None = _sql.scalar("get_again", campaign_id=campaign_id)
        return again_id


def first_of(workspace_id: int, campaign_id: int) -> int | None:
    """The campaign that goes once more by this one."""
    with db.transaction(workspace_id):
        first_id: int | None = _sql.scalar("get_first", campaign_id=campaign_id)
        return first_id


def undecided_trials(workspace_id: int) -> frozenset[int]:
    """Campaigns whose variants are being tried, so that most of their people wait."""
    with db.transaction(workspace_id):
        return frozenset(_sql.scalars("list_undecided_trials"))


def waiting_approvals(workspace_id: int) -> list[OpenApproval]:
    """What waits for a second person, the oldest first; OPEN_APPROVALS_MAX at most."""
    with db.transaction(workspace_id):
        return _sql.rows("list_waiting_approvals", OpenApproval, rows_max=OPEN_APPROVALS_MAX)


def returned_approvals(workspace_id: int, staff_id: int) -> list[OpenApproval]:
    """What was sent back to this person and not asked for again; OPEN_APPROVALS_MAX at most."""
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_returned_approvals", OpenApproval, staff_id=staff_id, rows_max=OPEN_APPROVALS_MAX
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


@dataclass(frozen=True, slots=True)
class _EarlierRow:
    campaign_id: int
    name: str
    launched_at: datetime
    counts: dict[str, int] | None
    at: datetime | None
    ended: bool

    @property
    def report(self) -> Report | None:
        return None if self.counts is None or self.at is None else Report(self.counts, self.at, self.ended)
