"""Campaigns, what was counted for them, and the gate's answer for each chosen person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shodaku.campaigns.domain import Preflight
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.policy.domain import AnyReason, Group, Operational, Reason, explain
from shodaku.segments.domain import Condition, compile_conditions, parse

__all__ = [
    "Campaign",
    "Preflight",
    "campaign",
    "campaigns",
    "funnel",
    "latest_preflight",
    "preflight",
    "question",
    "verdicts",
    "verdicts_of",
]

_sql = db.Statements("shodaku.campaigns")


@dataclass(frozen=True, slots=True)
class Campaign:
    campaign_id: int
    name: str
    topic_id: int
    sender_id: int
    channel: str
    subject: str
    text: str
    html: str
    conditions_json: list[dict[str, object]]
    state: str  # draft, running, paused, cancelled; how far it is stands with its mailing
    mailing_id: int | None
    planned_count: int | None
    created_at: datetime
    launched_at: datetime | None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return parse(self.conditions_json)


def campaigns(workspace_id: int) -> list[Campaign]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_campaigns", Campaign)


def campaign(workspace_id: int, campaign_id: int) -> Campaign | None:
    with db.transaction(workspace_id):
        return _sql.row("get_campaign", Campaign, campaign_id=campaign_id)


def latest_preflight(workspace_id: int, campaign_id: int) -> Preflight | None:
    with db.transaction(workspace_id):
        return _sql.row("get_latest_preflight", Preflight, campaign_id=campaign_id)


def preflight(workspace_id: int, campaign_id: int, preflight_id: int) -> Preflight | None:
    with db.transaction(workspace_id):
        return _sql.row("get_preflight", Preflight, campaign_id=campaign_id, preflight_id=preflight_id)


def question(workspace_id: int, campaign: Campaign) -> Question:
    """What the gate will be asked about it. Raises TopicUnknown."""
    return delivery.question_of_topic(workspace_id, campaign.topic_id, Channel(campaign.channel))


def verdicts(workspace_id: int, campaign_id: int, *, now: datetime) -> delivery.Verdicts:
    """The gate's own decision on everybody the conditions name, by the rules of this moment."""
    found = campaign(workspace_id, campaign_id)
    if found is None:
        raise LookupError(campaign_id)
    return verdicts_of(workspace_id, found, now=now)


def verdicts_of(workspace_id: int, campaign: Campaign, *, now: datetime) -> delivery.Verdicts:
    chosen = compile_conditions(campaign.conditions)
    return delivery.verdicts(workspace_id, question(workspace_id, campaign), chosen, now=now)


def funnel(counted: Preflight) -> Mapping[Group, list[tuple[AnyReason, int]]]:
    """The held, by what can be done about it, the largest number first."""
    groups: dict[Group, list[tuple[AnyReason, int]]] = defaultdict(list)
    for code, people in sorted(counted.reasons.items(), key=lambda each: -each[1]):
        reason = _reason(code)
        groups[explain(reason).group].append((reason, people))
    return groups


def _reason(code: str) -> AnyReason:
    return Reason(code) if code in Reason.__members__ else Operational(code)
