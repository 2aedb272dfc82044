"""One ordinary reader at one ordinary moment; a test changes what it is about."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from shodaku.consent.domain import Consent, ConsentState
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import Ads, CampaignState, Facts, MessageClass, MessageFacts, PersonFacts

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)

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
        display_missing=(),
        gate_closed=False,
        campaign_state=CampaignState.RUNNING,
        complaint_rate_stop=False,
        open_pixel=False,
    ),
    PersonFacts(
        contact_id=1,
        address_invalid=False,
        erased_at=None,
        refusals=(),
        consent=CONSENT,
        other_consent=None,
        last_sent_at=None,
        sent_in_window=0,
        sent_in_window_max=4,
        asked_at=None,
        reconfirm_asked_at=None,
        quiet_until=None,
    ),
)

_OF_THE_MESSAGE = {field.name for field in fields(MessageFacts)}


def changed(facts: Facts = READER, **changes: object) -> Facts:
    """The same facts but for these; a name says itself whether it is of the message or of the person."""
    message = {name: value for name, value in changes.items() if name in _OF_THE_MESSAGE}
    person = {name: value for name, value in changes.items() if name not in _OF_THE_MESSAGE}
    return Facts(replace(facts.message, **message), replace(facts.person, **person))
