"""Everything that could be true of a message and of a person, for the laws."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, Terms
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    DISPLAY_ORDER,
    PACK_VERSIONS,
    About,
    Ads,
    Bases,
    CampaignState,
    DisplayReport,
    Facts,
    HeldConsent,
    MessageClass,
    MessageFacts,
    PersonFacts,
    Published,
    Reach,
    Reason,
    Switches,
    ThirdParty,
    pack,
    tighten,
)
from shodaku.suppression.domain import Refusal, Scope

# few instants, so that "at the same moment" is drawn often; wide, so that twelve months pass
moments = st.sampled_from(
    [
        datetime(y, m, d, h, tzinfo=UTC)
        for y in (2025, 2026, 2027)
        for m in (1, 2)
        for d, h in ((1, 0), (2, 13))
    ]
)
maybe_moment = st.none() | moments
seldom = st.sampled_from([False, False, False, True])
topics = st.integers(1, 3)
refusals = st.one_of(
    st.builds(Refusal, st.just(Scope.ALL), moments),
    st.builds(Refusal, st.just(Scope.TOPIC), moments, topics),
    st.builds(Refusal, st.just(Scope.UNTIL), moments, st.none(), moments),
)
limits = st.builds(
    Limit,
    st.integers(0, 3),
    months=st.integers(0, 12),
    days=st.sampled_from([timedelta(0), timedelta(days=1), timedelta(weeks=1)]),
)
terms = st.builds(
    Terms,
    purposes=st.none() | st.frozensets(st.sampled_from(["marketing", "support"])),
    limit=st.none() | limits,
    written=st.booleans(),
    night=st.booleans(),
    guardian=st.booleans(),
)
consents = st.builds(
    Consent,
    st.sampled_from(ConsentState) | st.just(ConsentState.ACTIVE),
    maybe_moment,
    confirmed=st.booleans(),
    expires_at=maybe_moment,
    last_contact_at=maybe_moment,
    entry_id=st.just(7) | st.none() | st.just(7),
    terms=st.none() | terms,
    flaw=st.none() | st.sampled_from(Flaw) | st.none(),
)
held_consents = st.builds(HeldConsent, consents, st.just(Reach.COVERS) | st.sampled_from(Reach))
bases = st.builds(
    Bases,
    member=st.booleans(),
    card_at=maybe_moment,
    card_refuses=st.booleans(),
    oral_notice_at=maybe_moment,
    third_party=st.none() | st.sampled_from(ThirdParty),
    published=st.none() | st.sampled_from(Published),
    relationship_active=st.none() | st.booleans(),
    free_signup=st.booleans(),
    purchase_at=maybe_moment,
    refusal_offered=st.booleans(),
    enquiry_at=maybe_moment,
    contract_open=st.booleans(),
)
countries = st.none() | st.sampled_from(
    ["JP", "EU", "DE", "GB", "UK", "US", "CA", "AU", "KR", "SG", "TW", "ZZ", "BR"]
)
zones = st.sampled_from(
    [UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York"), timezone(timedelta(hours=-11, minutes=-30))]
)

# each value is stricter than the one in force anywhere, so any choice of them can be taken
STRICTER = {
    "stale_months": [1, 6],
    "first_issue_days": [1],
    "complaint_rate_max": [0, 0.001],
    "*.reconfirm_months": [1, 12],
    "CA.purchase_months": [1, 12],
    "CA.enquiry_months": [1],
    "JP.relationship_months": [1, 6],
    "*.minor_age": [16, 18],
    "*.sms_needs_written": [True],
    "*.address_in_message": [True],
    "*.exemptions": [[]],
    "CA.exemptions": [["implied_enquiry"], ["implied_purchase"]],
    "JP.exemptions": [["card"], ["relationship"], ["published_address", "card"]],
    "*.quiet_sms": ["20:00-09:00", "13:30-13:00"],
    "*.quiet_email": ["20:00-09:00"],
}
changes = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in STRICTER.items()}
).filter(lambda some: "*.exemptions" not in some or not {"CA.exemptions", "JP.exemptions"} & set(some))


@cache
def _tightened(version, items):
    return tighten(pack(version), {key: list(v) if isinstance(v, tuple) else v for key, v in items})


def tightened(standing, some):
    return _tightened(
        standing.version, tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in some.items())
    )


plain_packs = st.sampled_from(PACK_VERSIONS).map(pack)
packs = plain_packs | st.builds(tightened, plain_packs, changes)

displays = st.builds(
    DisplayReport,
    missing=st.just(()) | st.lists(st.sampled_from(DISPLAY_ORDER), max_size=2).map(tuple),
    address_linked=seldom,
    labels=st.just(()) | st.just(("(광고)",)),
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
    display=displays,
    gate_closed=seldom,
    campaign_state=st.just(CampaignState.RUNNING) | st.sampled_from(CampaignState),
    complaint_rate=st.sampled_from([0.0, 0.001, 0.003, 0.0031, 1.0]),
    complaint_rate_released=st.booleans(),
    open_pixel=st.booleans(),
    click_links=st.booleans(),
    pack=packs,
    limit=st.none() | limits,
    purpose=st.sampled_from([None, "marketing"]),
    about=st.sampled_from(About),
    first_issue=st.booleans(),
    sender_is_npo=st.booleans(),
    switches=st.builds(
        Switches,
        card_advertising=st.booleans(),
        relationship=st.booleans(),
        published_address=st.booleans(),
        soft_optin=st.booleans(),
        implied_consent=st.booleans(),
        incidental_ads=st.booleans(),
    ),
)
people = st.builds(
    PersonFacts,
    contact_id=st.integers(1),
    address_invalid=seldom,
    erased_at=st.none() | maybe_moment,
    refusals=st.lists(refusals, max_size=3).map(tuple),
    consents=st.lists(held_consents, max_size=3).map(tuple),
    last_sent_at=maybe_moment,
    sent_ats=st.lists(moments, max_size=3).map(lambda ats: tuple(sorted(ats, reverse=True))),
    asked_at=maybe_moment,
    reconfirm_asked_at=maybe_moment,
    country=countries,
    age_years=st.none() | st.sampled_from([0, 12, 13, 14, 15, 16, 17, 18, 99]),
    zone=zones,
    form_entry_at=maybe_moment,
    tracking_consent=st.booleans(),
    sms_stop_at=maybe_moment,
    is_person=st.booleans(),
    address_generated=seldom,
    bases=bases,
)
all_facts = st.builds(Facts, messages, people)
