"""A campaign in blocks or in code: saved, compared when two wrote at once, taken back.

Each save composes its mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from psycopg.types.json import Jsonb

from shodaku.campaigns import selectors
from shodaku.campaigns.counting import end_counts
from shodaku.campaigns.finished import composed, lacks
from shodaku.campaigns.selectors import Campaign
from shodaku.content.domain import (
    EMPTY,
    Document,
    Language,
    Source,
    Text,
    Written,
    dump_written,
    read_prose,
)
from shodaku.content.services import Composed
from shodaku.kit import db
from shodaku.kit.errors import WrongUse

WHOLE_REVISIONS: Final = 50  # of these none is thinned out: what one takes back step by step
REACH_REVISIONS: Final = 5_000  # older ones go; at one in three seconds that is four hours of typing
SITTING: Final = timedelta(hours=1)  # one entry in the ledger says that somebody is at work on it

_sql = db.Statements("shodaku.campaigns")


class NoRevision(WrongUse):
    """The campaign is not kept in this state any more."""

    code = "no_revision"


@dataclass(frozen=True, slots=True)
class Saved:
    revision: int
    new_sitting: bool = False  # whoever it was had not saved it within the hour before


@dataclass(frozen=True, slots=True)
class SomebodyElseSaved:
    """What was written rests on an older state; nothing was saved."""

    newest: int


SaveAnswer: TypeAlias = Saved | SomebodyElseSaved


def begin(workspace_id: int, campaign: Campaign, *, staff_id: int | None, now: datetime) -> Saved:
    """In the open transaction, of a draft whose row is held: its text becomes the first block.

    HTML that somebody typed is not taken apart: it goes, and the text stays.
    """
    if campaign.revision is not None:
        return Saved(campaign.revision)
    prose = read_prose(campaign.text)
    document = Document((Text("t1", prose),)) if prose else EMPTY
    return _put(workspace_id, campaign, document, staff_id=staff_id, now=now)


def begin_code(
    workspace_id: int, campaign: Campaign, *, starter: str, staff_id: int | None, now: datetime
) -> Saved:
    """In the open transaction, of a draft whose row is held: what was typed is the code, or `starter`.

    A text alone is Markdown; beside HTML it stays the text part.
    """
    if campaign.revision is not None:
        return Saved(campaign.revision)
    if campaign.html.strip():
        source = Source(Language.HTML, campaign.html, campaign.text if campaign.text.strip() else None)
    elif campaign.text.strip():
        source = Source(Language.MARKDOWN, campaign.text)
    else:
        source = Source(Language.MJML, starter)
    return _put(workspace_id, campaign, source, staff_id=staff_id, now=now)


def save(
    workspace_id: int,
    campaign: Campaign,
    document: Written,
    *,
    base: int,
    staff_id: int | None,
    now: datetime,
) -> SaveAnswer:
    """In the open transaction, of a draft whose row is held. `base` is the state that somebody wrote on.

    What is there already is not saved again.
    """
    newest = campaign.revision or 0
    if base != newest:
        same = newest and selectors.document(workspace_id, campaign.campaign_id, newest) == document
        return Saved(newest) if same else SomebodyElseSaved(newest)
    if newest and selectors.document(workspace_id, campaign.campaign_id, newest) == document:
        _compose(workspace_id, campaign, document, newest)  # a picture or the brand may be another one by now
        return Saved(newest)
    return _put(workspace_id, campaign, document, staff_id=staff_id, now=now)


def _put(
    workspace_id: int, campaign: Campaign, document: Written, *, staff_id: int | None, now: datetime
) -> Saved:
    revision = (campaign.revision or 0) + 1
    before = selectors.revisions(workspace_id, campaign.campaign_id, rows_max=1)
    _sql.run(
        "insert_revision",
        campaign_id=campaign.campaign_id,
        revision=revision,
        document=Jsonb(dump_written(document)),
        staff_id=staff_id,
        now=now,
    )
    _sql.run(
        "thin_revisions",
        campaign_id=campaign.campaign_id,
        newest=revision,
        whole=WHOLE_REVISIONS,
        reach=REACH_REVISIONS,
    )
    _compose(workspace_id, campaign, document, revision)
    sits = any(each.saved_by == staff_id and each.saved_at > now - SITTING for each in before)
    return Saved(revision, new_sitting=not sits)


def _compose(workspace_id: int, campaign: Campaign, document: Written, revision: int) -> None:
    made = _composed(workspace_id, document)
    _sql.run(
        "update_composed",
        campaign_id=campaign.campaign_id,
        html=made.html,
        text=made.text,
        revision=revision,
    )
    if (made.html, made.text) != (campaign.html, campaign.text):
        end_counts(workspace_id, campaign.campaign_id)


def _composed(workspace_id: int, document: Written) -> Composed:
    """Nothing at all while it is unfinished, so that it cannot leave."""
    return Composed("", "") if lacks(workspace_id, document) else composed(workspace_id, document)
