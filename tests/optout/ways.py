"""What several tests of the ways in need: tokens of readers, and mails as people and programs write them."""

from __future__ import annotations

import uuid

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression


def an_address():
    return f"writer-{uuid.uuid4().hex[:10]}@example.jp"


def token(shop, contact_id, subject=0, purpose=Purpose.DELIVERY):
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return keys.make(Token(shop.workspace_id, subject, contact_id, purpose)).hex()


def scopes(shop, contact_id):
    return [each.scope.value for each in suppressions.refusals(shop.workspace_id, contact_id)]


def never(shop, address, channel=Channel.EMAIL):
    pair = suppression.tokens(shop.workspace_id, channel, address)
    found = suppressions.suppressed(shop.workspace_id, [pair]).get(pair.strict)
    return found and found.reason


def is_invalid(shop, contact_id):
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    return address.invalid_at is not None


def desk(shop):
    return deliveries.inbound_messages(shop.workspace_id)


def a_letter(text="", *, sender="stranger@example.jp", to="support@aoi.example", head=()):
    lines = [f"From: {sender}", f"To: {to}", "Content-Type: text/plain; charset=utf-8", *head]
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


def a_bounce(address="a@example.jp", status="5.1.1", *, to="bounces@aoi.example"):
    return (
        f"From: mailer-daemon@mx.example\r\nTo: {to}\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n\r\n--b--\r\n"
    ).encode()
