"""What a campaign in blocks lacks before it can leave."""

from __future__ import annotations

from shodaku.campaigns import selectors
from shodaku.campaigns.selectors import Campaign
from shodaku.content import selectors as content
from shodaku.content.domain import Document, Unfinished, images_in, unfinished


def lacks(workspace_id: int, document: Document) -> list[Unfinished]:
    """In the order of the blocks."""
    return unfinished(document, content.pictures(workspace_id, images_in(document)).keys())


def first_lack(workspace_id: int, campaign: Campaign) -> Unfinished | None:
    """Of a campaign in blocks that has no text because it is not finished; None of every other."""
    if campaign.revision is None or campaign.text:
        return None
    document = selectors.document(workspace_id, campaign.campaign_id, campaign.revision)
    return None if document is None else next(iter(lacks(workspace_id, document)), None)
