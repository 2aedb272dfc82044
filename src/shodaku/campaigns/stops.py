"""What a campaign did by itself goes into the ledger as what somebody does. Door: `services`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shodaku.delivery import services as delivery
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

STOPPED: Final = "admin.campaign.stopped"

_sql = db.Statements("shodaku.campaigns")


def record_stops(workspace_id: int, *, now: datetime) -> int:
    """How many entries were written; each stop has one, however often this runs. Raises VaultAway.

    The send plane has neither vault nor Django, so it leaves a row that is taken up here.
    """
    with db.transaction(workspace_id):
        stops = delivery.unrecorded_stops()
        for stop in stops:
            campaign_id = _sql.scalar("get_campaign_of_mailing", mailing_id=stop.mailing_id)
            said: dict[str, Value] = {
                "campaign": campaign_id,
                "mailing": stop.mailing_id,
                "why": stop.reason,
                "sent": stop.sent,
                "bad": stop.bad,
                "stopped_at": stop.at.isoformat(timespec="seconds"),
                "by": "itself",
            }
            entry_id = ledger.record_act(workspace_id, STOPPED, said, event_id=stop.event_id, now=now)
            delivery.note_recorded(stop.stop_no, entry_id)
        return len(stops)
