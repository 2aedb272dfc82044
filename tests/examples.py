"""One ordinary reader at one ordinary moment; a test changes what it is about."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

from shodaku.consent.domain import Consent, ConsentState, Limit
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    COMPLETE,
    NEWEST_IN_FORCE,
    Ads,
    CampaignState,
    Facts,
    HeldConsent,
    MessageClass,
    MessageFacts,
    PersonFacts,
    pack,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
JST = timezone(timedelta(hours=9))

CONSENT = Consent(
    ConsentState.ACTIVE,
    NOW - A_DAY,
    confirmed=True,
    expires_at=NOW + A_DAY,
    last_contact_at=NOW - A_DAY,
    entry_id=7,
)

READER = Facts(
    MessageFacts(
        channel=Channel.EMAIL,
        message_class=MessageClass.ADVERTISING,
        topic_id=1,
        ads=Ads.MAIN,
        double_opt_in=True,
        mail_order=False,
        head_fault=None,
        display=COMPLETE,
        gate_closed=False,
        campaign_state=CampaignState.RUNNING,
        complaint_rate=0.0,
        complaint_rate_released=False,
        open_pixel=False,
        ends_with_all=False,
        pack=pack(NEWEST_IN_FORCE),
        limit=Limit(4, days=timedelta(weeks=1)),
    ),
    PersonFacts(
        contact_id=1,
        address_invalid=False,
        erased_at=None,
        refusals=(),
        consents=(HeldConsent(CONSENT),),
        last_sent_at=None,
        sent_ats=(),
        asked_at=None,
        reconfirm_asked_at=None,
        country="JP",
        age_years=None,
        zone=JST,
    ),
)

_OF_THE_MESSAGE = {field.name for field in fields(MessageFacts)}


def changed(facts: Facts = READER, **changes: object) -> Facts:
    """The same facts but for these; a name says itself whether it is of the message or of the person.

    `consent` stands for the one consent that covers the message; None: the person never agreed to anything.
    """
    if "consent" in changes:
        consent = changes.pop("consent")
        changes["consents"] = () if consent is None else (HeldConsent(consent),)
    message = {name: value for name, value in changes.items() if name in _OF_THE_MESSAGE}
    person = {name: value for name, value in changes.items() if name not in _OF_THE_MESSAGE}
    return Facts(replace(facts.message, **message), replace(facts.person, **person))
