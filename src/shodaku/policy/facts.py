"""All that the decision may look at: facts of the message, once per chunk, and facts of each person.

What can only forbid has no default, so that nobody forgets to read it; what can only allow is absent by
default.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from shodaku.consent.domain import Consent, Limit
from shodaku.contacts.domain import Channel
from shodaku.policy.fact import fact
from shodaku.policy.packs import Pack
from shodaku.policy.reasons import Reason
from shodaku.suppression.domain import Refusal


class MessageClass(StrEnum):
    ADVERTISING = "advertising"  # newsletters too: what promotes a business, whatever it is called
    SURVEY = "survey"
    CONSENT_REQUEST = "consent_request"  # the one message that asks (施行規則2条1項2号)
    RECONFIRM = "reconfirm"
    TRANSACTIONAL = "transactional"
    AUTH_CODE = "auth_code"
    REMINDER = "reminder"
    LEGAL = "legal"
    REPLY = "reply"
    OPTOUT_RECEIPT = "optout_receipt"


AD_CLASSES: Final = frozenset(
    (
        MessageClass.ADVERTISING,
        MessageClass.SURVEY,
        MessageClass.CONSENT_REQUEST,
        MessageClass.RECONFIRM,
    )
)


class Ads(StrEnum):
    """How much of the content is advertising, computed from the template whatever its class claims."""

    NONE = "none"
    INCIDENTAL = "incidental"
    MAIN = "main"


class About(StrEnum):
    """Whose business the message promotes."""

    OWN = "own"
    OWN_SIMILAR = "own_similar"  # goods like those the person bought (ePrivacy Directive 13(2))
    OTHER_BUSINESS = "other_business"
    AD_SPACE = "ad_space"  # another's, in a labelled space of a mail the person asked for
    NO_BUSINESS = "no_business"


class Occasion(StrEnum):
    """What a notice is written for, in the words of `message.event` (LAW.md section 8)."""

    BREACH_NOTICE = "breach_notice"  # 個人情報保護法26条2項: never ended by anybody
    PRODUCT_UPDATE = "product_update"
    FOLLOW_UP = "follow_up"  # support after a purchase or a question


class CampaignState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Exemptions the sender has turned on, each with person and reason in the ledger (LAW.md section 3)."""

    card_advertising: bool = False
    relationship: bool = False
    published_address: bool = False
    soft_optin: bool = False
    implied_consent: bool = False
    incidental_ads: bool = False


ALL_OFF: Final = Switches()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayReport:
    """What the linter found in the finished bytes of a message (LAW.md section 5), for every recipient alike.

    Three items depend on who gets it, so they are told apart: the gate asks for them where the law does.
    """

    missing: tuple[Reason, ...] = ()  # DISPLAY_TOKUSHO_MISSING is heeded for consumer mail order alone
    name_unseen: bool = False  # the name is written somewhere, and nobody can read it there
    address_linked: bool = False  # the postal address stands behind a pointer, not in the message itself
    labels: tuple[
        str, ...
    ] = ()  # of the labels the pack knows, those at the very start of subject or SMS text


COMPLETE: Final = DisplayReport()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """The same for everybody in the chunk."""

    channel: Channel
    message_class: MessageClass
    topic_id: int | None
    ads: Ads
    double_opt_in: bool  # the topic asks for the confirmation by mail
    mail_order: bool  # the sender sells to consumers at a distance (特定商取引法)
    head_fault: Reason | None  # see `head_fault`
    display: DisplayReport
    gate_closed: bool
    campaign_state: CampaignState
    complaint_rate: float  # of this topic: reports per delivered mail
    complaint_rate_released: bool  # an operator looked, and lets it go on
    open_pixel: bool
    ends_with_all: bool  # a notice of a kind that a total opt-out ends in this workspace
    pack: Pack
    limit: Limit | None  # how often at most, as the topic promises
    purpose: str | None = None  # only if it is another than the topic's own
    about: About = About.OWN
    first_issue: bool = False
    sender_is_npo: bool = False
    click_links: bool = False  # its links lead through us, and who follows them is noted
    switches: Switches = ALL_OFF


class Reach(StrEnum):
    """Whether a consent of the person reaches this message, and if not, what of it does not."""

    COVERS = "covers"
    SENDER = "sender"
    CHANNEL = "channel"
    TOPIC = "topic"


class HeldConsent(NamedTuple):
    consent: Consent
    reach: Reach = Reach.COVERS


class Published(StrEnum):
    BY_BUSINESS = "by_business"
    BY_PERSON = "by_person"
    REFUSING = "refusing"  # with words beside it that refuse advertising (施行規則3条)


class ThirdParty(StrEnum):
    """What an import says about a consent that somebody else collected."""

    PURCHASED_LIST = "purchased_list"
    SENDER_NOT_NAMED = "sender_not_named"
    UNPROVED = "unproved"  # evidence or provision record is missing (個人情報保護法30条)
    PROVED = "proved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """What may stand in for a consent (LAW.md section 3). Most people have none of it."""

    member: bool = False
    card_at: datetime | None = None
    card_refuses: bool = False  # words on the card refuse advertising (施行規則2条2項)
    oral_notice_at: datetime | None = None
    third_party: ThirdParty | None = None
    published: Published | None = None
    relationship_active: bool | None = None  # None: there never was one
    free_signup: bool = False  # an account without a sale
    purchase_at: datetime | None = None
    refusal_offered: bool = False  # when the address was taken at that purchase (ePrivacy Directive 13(2))
    enquiry_at: datetime | None = None
    contract_open: bool = False  # accepted, paid or shipped, and not yet completed


NOTHING: Final = Bases()


@fact
class PersonFacts:
    """One person, read after the contact row was locked. Absent means absent."""

    contact_id: int
    address_invalid: bool
    erased_at: datetime | None  # of the suppression token, whatever put it there
    refusals: tuple[Refusal, ...]
    consents: tuple[HeldConsent, ...]  # newest first
    last_sent_at: datetime | None  # latest advertising of any kind that left
    sent_ats: tuple[
        datetime, ...
    ]  # advertising of this topic and channel within the limit's window, newest first
    asked_at: datetime | None  # latest consent request that nobody answered
    reconfirm_asked_at: datetime | None  # the same of re-confirmations
    country: str | None  # of residence, the first known of LAW.md section 8; None: unknown
    age_years: int | None  # None: unknown, taken for an adult
    zone: tzinfo  # of the recipient's clock
    form_entry_at: datetime | None = None  # box ticked by the person; never an import or an API call
    tracking_consent: bool = False
    sms_stop_at: datetime | None = None  # the STOP text that a receipt would answer
    is_person: bool = True  # a consumer for 特定商取引法, unless known to be a business
    address_generated: bool = False
    bases: Bases = NOTHING


class Facts(NamedTuple):
    message: MessageFacts
    person: PersonFacts
