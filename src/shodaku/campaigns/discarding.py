"""A draft that was never launched is thrown away, with all that was written for it. Door: `services`.

What was launched is never removed: people got it, and may ask why. That there was a draft stays known.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Final

from shodaku.campaigns import selectors
from shodaku.campaigns.draft import NoCampaign
from shodaku.campaigns.files import change_files
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

_sql = db.Statements("shodaku.campaigns")
_BEHIND: Final = (  # what names another one stands before it
    "discard_members",
    "discard_approvals",
    "discard_counts",
    "discard_sent_again",
    "delete_trial",
    "discard_campaign",
)


class OnlyDrafts(ShodakuError):
    """It was launched: people got it, so it stays. Only a draft can be thrown away."""

    code = "only_drafts"


def discard(
    workspace_id: int, campaign_id: int, *, staff_id: int | None, now: datetime, program: str | None = None
) -> None:
    """For good; its files and states go with it. `program`: the key that asks for it, as `api:3`.

    Raises NoCampaign, OnlyDrafts.
    """
    with db.transaction(workspace_id):
        state = _sql.scalar("lock_campaign", campaign_id=campaign_id)
        if state is None:
            raise NoCampaign
        if state != selectors.DRAFT:
            raise OnlyDrafts
        names = [each.name for each in selectors.files(workspace_id, campaign_id)]
        change_files(workspace_id, campaign_id, (), names, now=now)  # what no other campaign carries goes too
        for statement in _BEHIND:
            _sql.run(statement, campaign_id=campaign_id)
        by = program or ("command line" if staff_id is None else f"staff:{staff_id}")
        said: dict[str, Value] = {"campaign": campaign_id, "by": by}
        event_id = uuid7(now, os.urandom(10))
        ledger.record_act_even_without_vault(
            workspace_id, "admin.campaign.discarded", said, event_id=event_id, now=now
        )
