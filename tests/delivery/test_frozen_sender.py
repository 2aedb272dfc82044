"""A mailing says of its sender what was said when it was launched, whatever becomes of the sender since."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.policy import default

import pytest
from tests.delivery.mailings import newsletter
from tests.people import SENDER, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.delivery import services as delivery
from shodaku.delivery.sandbox import hand_over
from shodaku.kit import db
from shodaku.policy.domain import Permit, Reason

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop(NOW - timedelta(days=9))


def planned(shop, contact_id):
    with db.transaction(shop.workspace_id):
        return delivery.plan_one(newsletter(shop), contact_id, now=NOW)


def change_sender(shop, **changed):
    changed_sender = replace(SENDER, sender_id=shop.sender_id, **changed)
    accounts.save_sender(shop.workspace_id, changed_sender, now=NOW)


def from_line(left):
    return str(email.message_from_bytes(left.content, policy=default)["From"])


def test_who_sends_is_another_from_the_next_mailing_on_and_not_in_the_one_that_leaves(shop):
    contact_id = a_reader(shop, at=NOW - timedelta(days=2))
    before = planned(shop, contact_id)
    change_sender(
        shop, formal_name="株式会社べつの店", display_name="べつの店", from_address="shop@aoi.example"
    )
    answer = hand_over(shop.workspace_id, before, contact_id, now=NOW)
    # its text names the sender of its launch, and so does what the gate looks for in it
    assert isinstance(answer.verdict, Permit)
    assert from_line(answer.left) == "あおい雑貨 <news@aoi.example>"
    # a new one is asked for what is shown now, and this one's text was not made anew
    after = hand_over(shop.workspace_id, planned(shop, contact_id), contact_id, now=NOW)
    assert after.verdict.reason is Reason.DISPLAY_NAME_MISSING


def test_a_message_that_goes_once_more_comes_from_whom_it_came(shop):
    contact_id = a_reader(shop, at=NOW - timedelta(days=2))
    first = planned(shop, contact_id)
    change_sender(shop, display_name="べつの店")
    with db.transaction(shop.workspace_id):
        again = delivery.repeat(first, [contact_id], now=NOW)
    answer = hand_over(shop.workspace_id, again.mailing_id, contact_id, now=NOW)
    assert from_line(answer.left) == "あおい雑貨 <news@aoi.example>"


def test_a_domain_s_advertising_rests_by_the_domain_it_was_launched_with(shop):
    contact_id = a_reader(shop, at=NOW - timedelta(days=2))
    old = planned(shop, contact_id)
    change_sender(shop, from_address="news@new.example", mail_domain="new.example")
    delivery.note_domain(shop.workspace_id, "aoi.example", dmarc_aligned=False, now=NOW)
    delivery.note_domain(shop.workspace_id, "new.example", dmarc_aligned=True, now=NOW)
    answer = hand_over(shop.workspace_id, old, contact_id, now=NOW)
    assert (answer.verdict.reason, answer.left) == (Reason.AUTH_DMARC_MISSING, None)
