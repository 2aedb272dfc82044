"""Which coupons a campaign carries, and how often each was used. Door: `selectors`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import UnfitCouponCode, parse_coupon_code
from shodaku.content.domain import Coupon, Document, parse_document
from shodaku.kit import db

_sql = db.Statements("shodaku.campaigns")


def times_used(workspace_id: int, campaign_id: int) -> dict[str, int]:
    """How often each code of a campaign was used since the day on which it was launched; empty: it has none.

    A code that stands in several campaigns counts in each: at the till nobody knows which mail was read.
    """
    with db.transaction(workspace_id):
        sent = _sql.row("get_sent_document", _Sent, campaign_id=campaign_id)
        codes = codes_of(parse_document(sent.document_json)) if sent else ()
        if sent is None or not codes:
            return {}
        workspace = accounts.workspace(workspace_id)
        zone = ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
        return contacts.coupon_times(workspace_id, codes, sent.launched_at.astimezone(zone).date())


def codes_of(document: Document) -> tuple[str, ...]:
    """Of the coupons of a mail in blocks, in their order; what no code can be is left out."""
    found: dict[str, None] = {}
    for each in document.blocks:
        if isinstance(each, Coupon):
            try:
                found[parse_coupon_code(each.code)] = None
            except UnfitCouponCode:
                continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Sent:
    document_json: dict[str, object]
    launched_at: datetime
