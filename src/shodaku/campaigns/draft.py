"""What a draft stands for: the content that would leave, its mailing, what keeps it from starting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import (
    Examined,
    NewCampaign,
    Variant,
    fingerprint,
    noticed_product,
    remarks_on,
)
from shodaku.campaigns.finished import first_lack
from shodaku.campaigns.rehearsal import faults, octets_of
from shodaku.campaigns.selectors import Campaign
from shodaku.consent import selectors as consent
from shodaku.consent.selectors import Topic
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.content import services as content
from shodaku.content.domain import Draft, Frozen, KeptFile, Measured
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import runtime
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import MessageClass, Occasion, Reason


class NoCampaign(WrongUse):
    """No such campaign exists here."""

    code = "no_campaign"


class NoTopic(WrongUse):
    """Choose a topic: it says what people agreed to."""

    code = "no_topic"


class TopicPutAway(WrongUse):
    """Choose another topic, or use this one again: it was put away."""

    code = "topic_put_away"


def campaign_of(workspace_id: int, campaign_id: int) -> Campaign:
    campaign = selectors.campaign(workspace_id, campaign_id)
    if campaign is None:
        raise NoCampaign
    return campaign


def frozen(workspace_id: int, campaign: Campaign | NewCampaign) -> Frozen:
    """What exactly would leave now; its digest names the topic and the conditions too.

    Raises NoTopic, TemplateFault.
    """
    ready = frozen_alone(workspace_id, campaign)
    meant = fingerprint(
        ready.content_sha256,
        campaign.topic_id,
        campaign.conditions,
        campaign.starts_at,
        _tried(workspace_id, campaign),
    )
    return replace(ready, content_sha256=meant)


def frozen_alone(workspace_id: int, campaign: Campaign | NewCampaign) -> Frozen:
    """One content, without regard to whom it is for; of a variant too. Raises as `frozen` does."""
    if isinstance(campaign, Campaign) and (lack := first_lack(workspace_id, campaign)) is not None:
        raise lack.fault
    topic = topic_of(workspace_id, campaign.topic_id)
    language = _language(workspace_id)
    return content.freeze(
        Draft(campaign.subject, campaign.text, campaign.html),
        _sender(workspace_id, topic),
        topic.title(language),
        language,
        MessageClass(campaign.message_class),
        bought=_bought(workspace_id, campaign),
        mail_order=_mail_order(workspace_id),
        measured=Measured(campaign.click_links, campaign.open_pixel, runtime.current().public_url),
        files=_files(workspace_id, campaign),
    )


def variants_of(campaign: Campaign, variants: Sequence[Variant]) -> list[Campaign]:
    """The campaign in each of its variants, itself first."""
    return [
        replace(
            campaign,
            subject=each.subject or campaign.subject,
            text=each.text or campaign.text,
            html=each.html or campaign.html,
        )
        for each in variants
    ]


def _tried(workspace_id: int, campaign: Campaign | NewCampaign) -> Sequence[object]:
    """Of the other variants what would leave, and how they are tried; empty: there are none."""
    found = None if isinstance(campaign, NewCampaign) else selectors.trial(workspace_id, campaign.campaign_id)
    if found is None or isinstance(campaign, NewCampaign):
        return ()
    contents = [
        frozen_alone(workspace_id, each).content_sha256 for each in variants_of(campaign, found.variants)[1:]
    ]
    return (found.share_percent, found.judged_by, found.hours, *contents)


def examine(workspace_id: int, campaign: Campaign | NewCampaign) -> Examined:
    """What would leave, saved or not, and what keeps it from starting. Changes nothing.

    Raises NoTopic, TemplateFault.
    """
    ready = frozen(workspace_id, campaign)
    topic = topic_of(workspace_id, campaign.topic_id)
    octets = octets_of(workspace_id, ready, _sender(workspace_id, topic), topic.topic_id)
    return Examined(ready, faults_of(workspace_id, campaign, ready), octets, remarks_on(ready))


def faults_of(
    workspace_id: int, campaign: Campaign | NewCampaign, ready: Frozen, readers: Sequence[int] = ()
) -> tuple[Reason, ...]:
    """Of any of its variants, where there are some."""
    topic = topic_of(workspace_id, campaign.topic_id)
    contents = [ready]
    if not isinstance(campaign, NewCampaign):
        found = selectors.trial(workspace_id, campaign.campaign_id)
        others = variants_of(campaign, found.variants)[1:] if found else []
        contents += [frozen_alone(workspace_id, each) for each in others]
    told = (
        faults(
            workspace_id,
            each,
            _sender(workspace_id, topic),
            topic.topic_id,
            mail_order=_mail_order(workspace_id),
            readers=readers,
        )
        for each in contents
    )
    return next(filter(None, told), ())


def mailing_of(workspace_id: int, campaign: Campaign, ready: Frozen) -> NewMailing:
    """A notice to buyers rests on no topic; whether each may get it the gate says, as of any notice."""
    topic = topic_of(workspace_id, campaign.topic_id)
    if campaign.message_class == MessageClass.TRANSACTIONAL:
        return _notice_of(campaign, topic, ready)
    return NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=MessageClass(campaign.message_class),
        ads=ready.ads,
        promotional=True,
        topic_id=topic.topic_id,
        channel=Channel(campaign.channel),
        sender_id=topic.sender_id,
        subject=ready.subject,
        text=ready.text,
        html=ready.html,
        links=ready.links,
        open_pixel=ready.open_pixel,
        files=ready.files,
        frequency=None if campaign.asks else topic.frequency,
        double_opt_in=topic.double_opt_in,
        starts_at=campaign.starts_at,
    )


def _notice_of(campaign: Campaign, topic: Topic, ready: Frozen) -> NewMailing:
    reduced = ready.without_ads
    return NewMailing(
        kind=MailingKind.CAMPAIGN,  # to many: what somebody waits for goes before it
        message_class=MessageClass.TRANSACTIONAL,
        occasion=Occasion.PRODUCT_UPDATE,
        ads=ready.ads,
        promotional=False,
        topic_id=None,
        channel=Channel(campaign.channel),
        sender_id=topic.sender_id,
        subject=ready.subject,
        text=ready.text,
        html=ready.html,
        links=ready.links,
        open_pixel=ready.open_pixel,
        files=ready.files,
        starts_at=campaign.starts_at,
        subject_without_ads=reduced.subject if reduced else None,
        text_without_ads=reduced.text if reduced else None,
        html_without_ads=(reduced.html or None) if reduced else None,
    )


def _bought(workspace_id: int, campaign: Campaign | NewCampaign) -> str | None:
    """What the people of a notice bought, as it is called today."""
    code = noticed_product(campaign.message_class, campaign.conditions)
    names = {each.code: each.name for each in contacts.products(workspace_id)} if code else {}
    return names.get(code, code) if code else None


def _files(workspace_id: int, campaign: Campaign | NewCampaign) -> Sequence[KeptFile]:
    if isinstance(campaign, NewCampaign):
        return campaign.files
    return selectors.files(workspace_id, campaign.campaign_id)


def topic_of(workspace_id: int, topic_id: int) -> Topic:
    topic = consent.topic(workspace_id, topic_id)
    if topic is None:
        raise NoTopic
    return topic


def offered_topic(workspace_id: int, topic_id: int) -> Topic:
    """Raises NoTopic, TopicPutAway."""
    topic = topic_of(workspace_id, topic_id)
    if topic.archived_at is not None:
        raise TopicPutAway
    return topic


def _sender(workspace_id: int, topic: Topic) -> Sender:
    sender = accounts.sender(workspace_id, topic.sender_id)
    if sender is None:
        raise NoTopic
    return sender


def _language(workspace_id: int) -> str:
    workspace = accounts.workspace(workspace_id)
    return "ja" if workspace is None else workspace.locale


def _mail_order(workspace_id: int) -> bool:
    workspace = accounts.workspace(workspace_id)
    return workspace is not None and workspace.b2c_mail_order
