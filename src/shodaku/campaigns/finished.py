"""What a campaign in blocks or in code lacks before it can leave, and what is made of it when it is whole."""

from __future__ import annotations

from shodaku.accounts import selectors as accounts
from shodaku.campaigns import selectors
from shodaku.campaigns.selectors import Campaign
from shodaku.content import selectors as content
from shodaku.content.domain import (
    Document,
    Source,
    TemplateFault,
    Unfinished,
    Written,
    images_in_written,
    unfinished,
)
from shodaku.content.services import Composed, as_code, compose_written


def composed(workspace_id: int, written: Written) -> Composed:
    """Raises TemplateFault with the first thing that it lacks."""
    pictures = content.pictures(workspace_id, images_in_written(written))
    workspace = accounts.workspace(workspace_id)
    language = "ja" if workspace is None else workspace.locale
    return compose_written(written, pictures, content.brand(workspace_id), language)


def turned_into_code(workspace_id: int, document: Document) -> Source:
    """In the look that the workspace has today. Raises TemplateFault where the code would be too long."""
    pictures = content.pictures(workspace_id, images_in_written(document))
    return as_code(document, pictures, content.brand(workspace_id))


def lacks(workspace_id: int, written: Written) -> list[Unfinished]:
    """In the order of the blocks; of code the first thing that is wrong."""
    if not isinstance(written, Source):
        return unfinished(written, content.pictures(workspace_id, images_in_written(written)).keys())
    try:
        composed(workspace_id, written)
    except TemplateFault as fault:
        return [Unfinished(None, "code", fault.sentence("ja"), fault.sentence("en"), line=fault.line)]
    return []


def first_lack(workspace_id: int, campaign: Campaign) -> Unfinished | None:
    """Of a campaign in blocks or in code that is empty as it is not finished; None of every other."""
    if campaign.revision is None or campaign.text or campaign.html:
        return None
    written = selectors.document(workspace_id, campaign.campaign_id, campaign.revision)
    return None if written is None else next(iter(lacks(workspace_id, written)), None)
