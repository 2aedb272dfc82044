"""Promise 2, whichever way a no comes: advertising is refused on every channel after it (PP-07)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.optout import services, webhook
from shodaku.suppression import services as suppression

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
CHANNELS = (Channel.EMAIL, Channel.SMS)


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


class Reader:
    """Somebody with an address and a number, and a link of a mail that they got."""

    def __init__(self, shop):
        self.shop, self.address = shop, f"reader-{uuid.uuid4().hex[:10]}@example.jp"
        self.number = f"+8180{1 + uuid.uuid4().int % 9}{uuid.uuid4().int % 10**7:07}"
        self.contact_id = a_reader(shop, self.address)
        keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
        self.token = keys.make(Token(shop.workspace_id, 0, self.contact_id, Purpose.DELIVERY))
        pair = suppression.tokens(shop.workspace_id, Channel.SMS, self.number)
        with db.transaction(shop.workspace_id) as connection:
            connection.execute(
                "insert into address (workspace_id, contact_id, channel, value, key, wire, token,"
                " broad_token, created_at) values (%s, %s, 'sms', %s, %s, %s, %s, %s, %s)",
                [shop.workspace_id, self.contact_id, *[self.number] * 3, pair.strict, pair.broad, NOW],
            )
            connection.execute(
                "insert into address_claim (workspace_id, channel, token, contact_id)"
                " values (%s, 'sms', %s, %s)",
                [shop.workspace_id, pair.strict, self.contact_id],
            )

    def reasons(self):
        asked = [
            delivery.question_of_topic(self.shop.workspace_id, topic_id, channel)
            for topic_id in (self.shop.topic_id, self.shop.other_topic_id)
            for channel in CHANNELS
        ]
        verdicts = [
            delivery.verdict(self.shop.workspace_id, self.contact_id, question, now=NOW)[0]
            for question in asked
        ]
        return {str(verdict.reason) for verdict in verdicts}

    def mail(self, text, *head):
        raw = "\r\n".join([*head, "", text]).encode()
        return services.receive_mail(self.shop.workspace_id, raw, NOW)


def by_reply(reader):
    reader.mail("配信停止してください", f"From: {reader.address}")


def by_signed_mail(reader):
    reader.mail("", "From: x@example.net", f"To: o+{reader.token.hex()}@aoi.example")


def by_answer_from_elsewhere(reader):
    reader.mail("stop", "From: x@example.net", f"In-Reply-To: <{reader.token.hex()}@aoi.example>")


def by_text(reader):
    services.receive_sms(reader.shop.workspace_id, reader.number, "ＳＴＯＰ", NOW)


def by_wrong_person(reader):
    services.receive_sms(reader.shop.workspace_id, reader.number, "人違いです", NOW)


def by_provider(reader):
    secret = webhook.new_secret(reader.shop.workspace_id)
    said = {"From": reader.number, "Body": "停止"}
    Client().post(f"/inbound/sms/{reader.shop.slug}/{secret}", said)


def by_spam_button(reader):
    reader.mail(
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: <{reader.token.hex()}@aoi.example>\r\n\r\n--b--",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    )


def by_telephone(reader):
    services.record_call(reader.shop.workspace_id, reader.number, by="staff:1", now=NOW)


def by_paper(reader):
    services.stop_for(reader.shop.workspace_id, reader.address, Method.PAPER, by="staff:1", now=NOW)


def by_client(reader):
    services.receive_for_client(reader.shop.workspace_id, reader.address, "株式会社みどり", NOW, NOW)


def by_one_click(reader):
    Client().post(f"/o/{url_form(reader.token)}", {"List-Unsubscribe": "One-Click"})


WAYS = [
    by_reply, by_signed_mail, by_answer_from_elsewhere, by_text, by_wrong_person, by_provider, by_spam_button,
    by_telephone, by_paper, by_client, by_one_click,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_after_a_no_by_any_way_every_channel_and_topic_is_refused(shop, way):
    reader = Reader(shop)
    assert "OK_CONSENT" in reader.reasons()
    way(reader)
    assert reader.reasons() <= {"REFUSED_ALL", "ERASED_NEVER_CONTACT"}
