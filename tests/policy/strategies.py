"""Everything that could be true of a message and of a person, for the laws."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from shodaku.consent.domain import Consent, ConsentState, Flaw
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    DISPLAY_ORDER,
    About,
    Ads,
    Bases,
    CampaignState,
    Facts,
    MessageClass,
    MessageFacts,
    OtherConsent,
    PersonFacts,
    Published,
    Reason,
    Switches,
    ThirdParty,
)
from shodaku.suppression.domain import Refusal, Scope

# few instants, so that "at the same moment" is drawn often; wide, so that twelve months pass
moments = st.sampled_from(
    [datetime(y, m, d, tzinfo=UTC) for y in (2025, 2026, 2027) for m in (1, 2) for d in (1, 2)]
)
maybe_moment = st.none() | moments
topics = st.integers(1, 3)
refusals = st.one_of(
    st.builds(Refusal, st.just(Scope.ALL), moments),
    st.builds(Refusal, st.just(Scope.TOPIC), moments, topics),
    st.builds(Refusal, st.just(Scope.UNTIL), moments, st.none(), moments),
)
consents = st.builds(
    Consent,
    st.sampled_from(ConsentState),
    maybe_moment,
    confirmed=st.booleans(),
    expires_at=maybe_moment,
    last_contact_at=maybe_moment,
    entry_id=st.none() | st.just(7),
    purposes=st.frozensets(st.sampled_from(["marketing", "support"])),
    flaw=st.none() | st.sampled_from(Flaw),
)
bases = st.builds(
    Bases,
    member=st.booleans(),
    card_at=maybe_moment,
    card_refuses=st.booleans(),
    oral_notice_at=maybe_moment,
    third_party=st.none() | st.sampled_from(ThirdParty),
    published=st.none() | st.sampled_from(Published),
    relationship_active=st.none() | st.booleans(),
    purchase_at=maybe_moment,
    contract_open=st.booleans(),
)
messages = st.builds(
    MessageFacts,
    channel=st.sampled_from(Channel),
    message_class=st.sampled_from(MessageClass),
    topic_id=st.none() | topics,
    ads=st.sampled_from(Ads),
    double_opt_in=st.booleans(),
    mail_order=st.booleans(),
    head_fault=st.sampled_from([None, None, None, Reason.SENDER_FALSE, Reason.SUBJECT_DECEPTIVE]),
    display_missing=st.just(()) | st.lists(st.sampled_from(DISPLAY_ORDER), max_size=2).map(tuple),
    gate_closed=st.sampled_from([False, False, False, True]),
    campaign_state=st.sampled_from(CampaignState),
    complaint_rate_stop=st.booleans(),
    open_pixel=st.booleans(),
    purpose=st.sampled_from([None, "marketing"]),
    about=st.sampled_from(About),
    first_issue=st.booleans(),
    sender_is_npo=st.booleans(),
    switches=st.builds(
        Switches,
        card_advertising=st.booleans(),
        relationship=st.booleans(),
        published_address=st.booleans(),
        incidental_ads=st.booleans(),
    ),
)
people = st.builds(
    PersonFacts,
    contact_id=st.integers(1),
    address_invalid=st.sampled_from([False, False, False, True]),
    erased_at=maybe_moment,
    refusals=st.lists(refusals, max_size=3).map(tuple),
    consent=consents,
    other_consent=st.none() | st.sampled_from(OtherConsent),
    last_sent_at=maybe_moment,
    sent_in_window=st.integers(0, 3),
    sent_in_window_max=st.none() | st.integers(0, 3),
    asked_at=maybe_moment,
    reconfirm_asked_at=maybe_moment,
    quiet_until=maybe_moment,
    form_entry_at=maybe_moment,
    tracking_consent=st.booleans(),
    sms_stop_at=maybe_moment,
    is_person=st.booleans(),
    address_generated=st.sampled_from([False, False, False, True]),
    bases=bases,
)
all_facts = st.builds(Facts, messages, people)
