"""A notice to the buyers of a product needs no consent and is no advertising; the gate asks about each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.campaigns.test_services import a_draft, launch
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop
from tests.signup.forms import link

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EndedNotice, OptOutRule
from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import Launched, NoBuyers, NotSendable
from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel, parse_product
from shodaku.delivery import selectors as delivery
from shodaku.imports import services as imports
from shodaku.imports.domain import PurchaseVerdict, WrittenPurchase
from shodaku.kit.links import Purpose, Token
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import MessageClass, Reason
from shodaku.segments.domain import BoughtProduct, LanguageIs

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
NOTICE = {
    "message_class": MessageClass.TRANSACTIONAL,
    "conditions": (BoughtProduct("course-1"),),
    "subject": "「はじめての器」の教材を更新しました",
    "text": "{{ name }}\n\nご購入の講座の教材に、焼成の章を加えました。受講ページからご覧いただけます。",
}


@pytest.fixture
def shop():
    shop = a_shop(NOW)
    product = parse_product("course-1", "はじめての器", "", "course")
    imports.save_product(shop.workspace_id, product, by="staff:1", now=NOW)
    return shop


def a_buyer(shop, name, *, reads=False):
    address = f"{name}-{shop.slug}@mail.example"
    contact_id = a_reader(shop, address, at=NOW - A_DAY) if reads else a_contact(shop, address, now=NOW)
    written = WrittenPurchase(address=address, product="course-1", bought="2026-11-01", amount="19800")
    (verdict,) = imports.record_purchases(shop.workspace_id, [written], by="staff:1", now=NOW)
    assert verdict is PurchaseVerdict.RECORDED
    return contact_id


def refuse(shop, contact_id):
    no = OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE)
    optout.opt_out(no, NOW)


def test_buyers_get_it_whether_or_not_they_agreed_to_advertising_and_nobody_else_does(shop):
    a_buyer(shop, "one")
    a_buyer(shop, "other", reads=True)
    a_reader(shop, at=NOW - A_DAY)
    draft = a_draft(shop, **NOTICE)
    counted = services.count(shop.workspace_id, draft, now=NOW)
    assert (counted.chosen, counted.sendable, dict(counted.allowed)) == (
        2,
        2,
        {Reason.OK_TRANSACTIONAL.value: 2},
    )
    answer = launch(shop, draft, counted)
    assert isinstance(answer, Launched)
    assert answer.people == 2
    mailing = delivery.mailing(shop.workspace_id, answer.mailing_id)
    assert (mailing.message_class, mailing.occasion, mailing.promotional, mailing.topic_id) == (
        "transactional", "product_update", False, None,
    )  # fmt: skip
    assert "このメールは、「はじめての器」を購入された方へのお知らせです。" in mailing.text


def test_a_total_no_ends_it_where_the_sender_said_so_before_the_press(shop):
    refused = a_buyer(shop, "one")
    a_buyer(shop, "other")
    refuse(shop, refused)
    draft = a_draft(shop, **NOTICE)
    assert services.count(shop.workspace_id, draft, now=NOW).sendable == 2
    ends = [EndedNotice.PRODUCT_UPDATE]
    accounts.change_opt_out_rule(
        shop.workspace_id, OptOutRule.STOP_ALL, "講座の更新のお知らせも終わります。", ends=ends
    )
    counted = services.count(shop.workspace_id, draft, now=NOW)
    assert (counted.sendable, dict(counted.reasons)) == (1, {Reason.REFUSED_ALL.value: 1})


def test_who_is_never_to_be_contacted_gets_none(shop):
    a_buyer(shop, "one")
    address = f"one-{shop.slug}@mail.example"
    optout.suppress_address(shop.workspace_id, Channel.EMAIL, address, "staff:1", NOW)
    assert isinstance(launch(shop, a_draft(shop, **NOTICE)), NotSendable)


def test_what_mainly_advertises_is_no_notice(shop):
    a_buyer(shop, "one")
    draft = a_draft(shop, **{**NOTICE, "subject": "[ad] 全品50%OFFのセールを開催中"})
    counted = services.count(shop.workspace_id, draft, now=NOW)
    assert (counted.sendable, dict(counted.reasons)) == (0, {Reason.CLASS_MISLABELLED.value: 1})


def test_a_notice_names_a_product_of_the_catalogue(shop):
    for conditions in ((), (LanguageIs("ja"),), (BoughtProduct("none"),)):
        with pytest.raises(NoBuyers):
            a_draft(shop, **{**NOTICE, "conditions": conditions})


def test_it_is_written_counted_and_sent_off_at_the_desk(shop):
    a_buyer(shop, "one")
    desk = at_desk(shop)
    letter = {
        "topic": shop.topic_id,
        "subject": NOTICE["subject"],
        "text": NOTICE["text"],
        "notice_to": "course-1",
    }
    assert desk.post(url(shop, "campaign_new"), letter | {"next": "preflight"}).status_code == 302
    (draft,) = selectors.campaigns(shop.workspace_id)
    page = text_of(desk.get(url(shop, "campaign", draft.campaign_id)))
    assert '<option value="course-1" selected>はじめての器' in page
    desk.get(url(shop, "preflight", draft.campaign_id))
    counted = services.count(shop.workspace_id, draft.campaign_id, now=datetime.now(UTC))  # noqa: TID251 - an edge
    said = {"preflight": counted.preflight_id, "confirmed": "1"}
    assert desk.post(url(shop, "launch", draft.campaign_id), said).status_code == 302
    launched = selectors.campaign(shop.workspace_id, draft.campaign_id)
    assert (launched.state, launched.planned_count) == ("running", 1)


def test_a_copy_of_a_notice_is_a_notice(shop):
    a_buyer(shop, "one")
    draft = a_draft(shop, **NOTICE)
    again = services.copy(shop.workspace_id, draft, staff_id=None, now=NOW)
    assert selectors.campaign(shop.workspace_id, again).message_class == "transactional"


def test_who_asks_why_it_came_is_told_that_it_is_a_notice(shop):
    buyer = a_buyer(shop, "one")
    answer = launch(shop, a_draft(shop, **NOTICE))
    token = link(Token(shop.workspace_id, answer.mailing_id, buyer, Purpose.DELIVERY))
    page = Client().get(f"/w/{token}?lang=en")
    assert "This mail is a notice about an order or a contract." in text_of(page)
