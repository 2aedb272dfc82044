"""A sent campaign is shown to everybody, when its author says so, and taken off again."""

from __future__ import annotations

from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.campaigns.draft import campaign_of
from shodaku.campaigns.selectors import Campaign
from shodaku.campaigns.trials import mailings_of, most_got
from shodaku.content import services as content
from shodaku.content.domain import Draft
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import MessageClass


class NotForEverybody(WrongUse):
    """Only a newsletter that was sent is shown to everybody."""

    code = "not_for_everybody"


def may_be_shown(campaign: Campaign, now: datetime) -> bool:
    """What was sent to who agreed to a topic; no notice to buyers, no request for permission, no draft."""
    sent = campaign.launched_at is not None and (campaign.starts_at is None or campaign.starts_at <= now)
    return sent and campaign.message_class == MessageClass.ADVERTISING


def show_to_everybody(workspace_id: int, campaign_id: int, *, staff_id: int, now: datetime) -> bool:
    """A copy without anything of a recipient. False: it is shown already.

    Raises NoCampaign, NotForEverybody, TemplateFault for what cannot be shown outside of a mail.
    """
    campaign = campaign_of(workspace_id, campaign_id)
    if (
        not may_be_shown(campaign, now)
        or campaign.launched_at is None
        or not _arrived(workspace_id, campaign)
    ):
        raise NotForEverybody
    sent = most_got(workspace_id, campaign)
    workspace = accounts.workspace(workspace_id)
    language = "ja" if workspace is None else workspace.locale
    shown = content.public_copy(Draft(sent.subject, sent.text, sent.html), language)
    number = content.NewBackNumber(
        campaign_id=campaign_id,
        topic_id=campaign.topic_id,
        shown=shown,
        sent_at=campaign.starts_at or campaign.launched_at,
    )
    return content.publish_back_number(workspace_id, number, by=f"staff:{staff_id}", now=now)


def _arrived(workspace_id: int, campaign: Campaign) -> bool:
    """One that was launched for later and stopped before was sent to nobody."""
    mailings = mailings_of(workspace_id, campaign.campaign_id)
    found = [delivery.progress(workspace_id, each) for each in mailings]
    return any(
        each is not None and (each.accepted or each.state is not MailingState.CANCELLED) for each in found
    )


def hide_from_everybody(workspace_id: int, campaign_id: int, *, staff_id: int, now: datetime) -> bool:
    """False: it was not shown."""
    return content.withdraw_back_number(workspace_id, campaign_id, by=f"staff:{staff_id}", now=now)
