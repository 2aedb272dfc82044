"""One campaign as the screens show it: its line in a list, its display report, its figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from django.http import Http404
from django.utils.translation import get_language

from shodaku.campaigns import selectors
from shodaku.consent import selectors as consent
from shodaku.console import words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState, Result

DRAFT: Final = "draft"
FIGURES: Final = {
    Result.ACCEPTED: "accepted",
    Result.REFUSED: "refused",
    Result.FAILED: "failed",
    Result.UNCERTAIN: "uncertain",
}


Listed: TypeAlias = selectors.Campaign | selectors.CampaignRow


@dataclass(frozen=True, slots=True)
class CampaignLine:
    campaign: Listed
    badge: words.Badge
    topic: str
    href: str
    progress: delivery.Progress | None
    at: datetime
    accepted: int | None  # None: a draft
    total: int | None

    @property
    def moving(self) -> bool:
        return self.progress is not None and moves(self.progress)

    @property
    def done(self) -> int:
        return self.progress.total - self.progress.waiting if self.progress else 0


@dataclass(frozen=True, slots=True)
class Figure:
    outcome: str
    text: str
    tone: str
    people: int
    href: str


def found(visitor: Visitor, campaign_id: int) -> selectors.Campaign:
    """Raises Http404."""
    campaign = selectors.campaign(visitor.workspace_id, campaign_id)
    if campaign is None:
        raise Http404
    return campaign


def launched(visitor: Visitor, campaign_id: int) -> tuple[selectors.Campaign, list[int]]:
    """With its mailings, which share nobody. Raises Http404 while it is a draft."""
    campaign = found(visitor, campaign_id)
    parts = selectors.parts(visitor.workspace_id, campaign_id)
    if not parts:
        raise Http404
    return campaign, [each.mailing_id for each in parts]


def lines(visitor: Visitor, campaigns: Iterable[Listed]) -> list[CampaignLine]:
    language = get_language() or "ja"
    topics = {topic.topic_id: topic.title(language) for topic in consent.topics(visitor.workspace_id)}
    trying = selectors.undecided_trials(visitor.workspace_id)
    return [
        _line(visitor, campaign, topics.get(campaign.topic_id, ""), trying=campaign.campaign_id in trying)
        for campaign in campaigns
    ]


def _line(visitor: Visitor, campaign: Listed, topic: str, *, trying: bool) -> CampaignLine:
    href = place(visitor, "campaign", campaign.campaign_id)
    if (
        isinstance(campaign, selectors.CampaignRow) and campaign.accepted is not None and not trying
    ):  # it has ended
        state = words.CAMPAIGN_STATES[campaign.state]
        return CampaignLine(
            campaign, state, topic, href, None, campaign.at, campaign.accepted, campaign.total
        )
    progress = None
    if campaign.mailing_id is not None:
        progress = selectors.progress(visitor.workspace_id, campaign.campaign_id)
    return CampaignLine(
        campaign,
        trial_badge(campaign)
        if trying
        else badge(progress)
        if progress
        else words.CAMPAIGN_STATES[campaign.state],
        topic,
        href,
        progress,
        progress.started_at if progress else campaign.starts_at or campaign.created_at,
        progress.accepted if progress else None,
        progress.total if progress else None,
    )


def badge(progress: delivery.Progress) -> words.Badge:
    waits = progress.scheduled and progress.state is MailingState.RUNNING
    return words.CAMPAIGN_STATES["scheduled" if waits else progress.state.value]


def trial_badge(campaign: Listed) -> words.Badge:
    """While its variants are tried: what holds the others never moves."""
    return words.CAMPAIGN_STATES["trying" if campaign.state == "running" else campaign.state]


def moves(progress: delivery.Progress) -> bool:
    return progress.state is MailingState.RUNNING and not progress.scheduled


def figures(visitor: Visitor, campaign_id: int, progress: delivery.Progress) -> list[Figure]:
    """What became of it, each with the list of people behind the number."""
    here = place(visitor, "deliveries", campaign_id)
    return [
        Figure(
            outcome.value,
            str(words.OUTCOMES[outcome].text),
            words.OUTCOMES[outcome].tone if getattr(progress, name) else "never",
            getattr(progress, name),
            f"{here}?outcome={outcome}",
        )
        for outcome, name in FIGURES.items()
    ]
