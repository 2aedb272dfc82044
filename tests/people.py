"""A shop, its topics and its readers, made through the product's own services."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, parse_email, search_key
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.suppression import services as suppression

_number = itertools.count(1)

SENDER = Sender(
    sender_id=0,
    formal_name="株式会社あおい雑貨",
    display_name="あおい雑貨",
    postal_address="東京都中央区銀座2-1-5",
    contact_email="support@aoi.example",
    contact_phone="03-0000-0000",
    contact_url="",
    from_address="news@aoi.example",
    mail_domain="aoi.example",
    privacy_policy_version="1",
    privacy_policy="個人情報は、選ばれた案内を送るためだけに使います。",
)


@dataclass(frozen=True, slots=True)
class Shop:
    workspace_id: int
    slug: str
    sender_id: int
    topic_id: int
    other_topic_id: int


def a_shop(now=None):
    now = now or datetime.now(UTC)  # noqa: TID251 - a test is an edge
    slug = f"shop-{uuid.uuid4().hex[:12]}"
    workspace = accounts.create_workspace(slug, "あおい雑貨", now=now, second_factor_required=False)
    sender_id = accounts.save_sender(workspace.workspace_id, SENDER, now=now)
    topics = [
        consent.create_topic(
            workspace.workspace_id,
            consent.NewTopic(
                slug=short,
                name=name,
                name_en=english,
                content="新商品とセールのご案内",
                purpose="商品の案内",
                frequency=Frequency(4, Period.WEEK),
                sender_id=sender_id,
            ),
            now=now,
        )
        for short, name, english in (
            ("news", "月刊ショップだより", "Monthly shop news"),
            ("sale", "セール速報", "Sale flash"),
        )
    ]
    return Shop(workspace.workspace_id, slug, sender_id, *topics)


def a_contact(shop, address=None, *, name="山田 花子", now=None, source="form"):
    """Somebody whose address is known, and who agreed to nothing."""
    now = now or datetime.now(UTC)  # noqa: TID251 - a test is an edge
    parsed = parse_email(address or f"reader{next(_number)}-{uuid.uuid4().hex[:6]}@example.jp")
    family, _, given = name.partition(" ")
    (contact_id,) = contacts.reserve_ids(1)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, parsed.address)
    ledger.ensure_keys(shop.workspace_id, [contact_id])
    with db.transaction(shop.workspace_id):
        return contacts.remember(
            contacts.NewContact(
                contact_id=contact_id,
                address=contacts.NewAddress(
                    Channel.EMAIL, parsed.address, parsed.key, parsed.wire, pair.strict, pair.broad
                ),
                source=source,
                family_name=family,
                given_name=given,
                search_key=search_key(name),
            ),
            now=now,
        )


def a_reader(shop, address=None, *, topic_id=None, at=None, expires_at=None, **contact):
    """Somebody with a confirmed consent for the topic, its entry in the ledger."""
    at = at or datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - a test is an edge
    contact_id = a_contact(shop, address, now=at, **contact)
    agree(shop, contact_id, topic_id=topic_id, at=at, expires_at=expires_at)
    return contact_id


def agree(shop, contact_id, *, topic_id=None, at=None, expires_at=None):
    """The person asks and confirms at `at`."""
    at = at or datetime.now(UTC)  # noqa: TID251 - a test is an edge
    event_id = uuid.uuid4()
    topic_id = topic_id or shop.topic_id
    with db.transaction(shop.workspace_id):
        contacts.lock(contact_id)
        entry_id = ledger.append(
            ledger.Act(
                contact_id,
                event_id,
                "consent.confirmed",
                at,
                {"topics": [str(topic_id)], "method": "web-double"},
            )
        )
        consent.record(
            [
                consent.NewEvent(
                    contact_id=contact_id,
                    topic_id=topic_id,
                    channel=Channel.EMAIL,
                    kind=kind,
                    method=Method.WEB_DOUBLE,
                    at=at,
                    event_id=event_id,
                    entry_id=entry_id,
                    expires_at=expires_at if kind is consent.EventKind.CONFIRMED else None,
                )
                for kind in (consent.EventKind.REQUESTED, consent.EventKind.CONFIRMED)
            ]
        )
    return entry_id
