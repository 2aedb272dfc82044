"""A campaign once more, under another subject, to those who did not open it. Door: `services`.

Nothing is known of who does not allow measuring, so they get nothing twice. It is a draft like any other: who
gets it is counted, the gate asks about each, the promised frequency holds.
"""

from __future__ import annotations

import os
from datetime import datetime

from psycopg.types.json import Jsonb

from shodaku.campaigns import selectors
from shodaku.campaigns.domain import NAME_CHARACTERS_MAX
from shodaku.campaigns.draft import NoCampaign, campaign_of
from shodaku.campaigns.files import copy_files
from shodaku.campaigns.selectors import Campaign
from shodaku.campaigns.trials import SUBJECT_CHARACTERS_MAX, mailings_of, most_got
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.policy.domain import MessageClass
from shodaku.segments.domain import DidNotOpen, dump

_sql = db.Statements("shodaku.campaigns")


class OpensNotCounted(ShodakuError):
    """Nobody knows who opened it: the counting of opens was off when it was sent."""

    code = "opens_not_counted"


class NotYetSent(ShodakuError):
    """It goes once more when the first one has left for everybody."""

    code = "not_yet_sent"


class AlreadyAgain(ShodakuError):
    """A campaign goes once more only once."""

    code = "already_again"


class NotForNotices(WrongUse):
    """Advertising alone goes once more; notices and the request for permission do not."""

    code = "not_for_notices"


class SameSubject(WrongUse):
    """Write another subject than that of the first mail."""

    code = "same_subject"


def send_again(
    workspace_id: int, campaign_id: int, subject: str, *, staff_id: int | None, now: datetime
) -> int:
    """A draft with the same content for those who did not open it; its id.

    Raises NoCampaign, NotForNotices, NotYetSent, OpensNotCounted, AlreadyAgain, SameSubject.
    """
    subject = subject.strip()
    with db.transaction(workspace_id):
        if _sql.scalar("lock_campaign", campaign_id=campaign_id) is None:
            raise NoCampaign
        campaign = campaign_of(workspace_id, campaign_id)
        check_again(workspace_id, campaign)
        mailings = mailings_of(workspace_id, campaign_id)
        _check_subject(workspace_id, campaign, subject)
        again_id: int = _sql.scalar("copy_campaign", campaign_id=campaign_id, staff_id=staff_id, now=now)
        copy_files(campaign_id, again_id)
        sent = most_got(workspace_id, campaign)
        in_blocks = (sent.text, sent.html) == (campaign.text, campaign.html)
        if in_blocks:
            _sql.run("copy_revision", campaign_id=campaign_id, copied=again_id, staff_id=staff_id, now=now)
        _sql.run(
            "update_again",
            campaign_id=again_id,
            subject=subject,
            text=sent.text,
            html=sent.html,
            in_blocks=in_blocks,
            conditions=Jsonb(dump([DidNotOpen(tuple(mailings))])),
        )
        _sql.run("insert_sent_again", campaign_id=campaign_id, again_id=again_id)
        who = "command line" if staff_id is None else f"staff:{staff_id}"
        said: dict[str, Value] = {"campaign": again_id, "again_of": campaign_id, "by": who}
        ledger.record_act_even_without_vault(
            workspace_id, "admin.campaign.created", said, event_id=uuid7(now, os.urandom(10)), now=now
        )
        return again_id


def check_again(workspace_id: int, campaign: Campaign) -> None:
    """May it go once more? Raises NotForNotices, NotYetSent, OpensNotCounted, AlreadyAgain."""
    if campaign.message_class != MessageClass.ADVERTISING:
        raise NotForNotices
    if selectors.again_of(workspace_id, campaign.campaign_id) is not None:
        raise AlreadyAgain
    if selectors.first_of(workspace_id, campaign.campaign_id) is not None:
        raise AlreadyAgain
    found = selectors.trial(workspace_id, campaign.campaign_id)
    if campaign.mailing_id is None or (found is not None and found.undecided):
        raise NotYetSent
    for mailing_id in mailings_of(workspace_id, campaign.campaign_id):
        progress = delivery.progress(workspace_id, mailing_id)
        mailing = delivery.mailing(workspace_id, mailing_id)
        if progress is None or mailing is None or progress.waiting:
            raise NotYetSent
        if not mailing.open_pixel:
            raise OpensNotCounted


def _check_subject(workspace_id: int, campaign: Campaign, subject: str) -> None:
    found = selectors.trial(workspace_id, campaign.campaign_id)
    used = {campaign.subject, *(each.subject for each in (found.variants if found else ()))}
    if not subject or len(subject) > min(SUBJECT_CHARACTERS_MAX, NAME_CHARACTERS_MAX) or subject in used:
        raise SameSubject
