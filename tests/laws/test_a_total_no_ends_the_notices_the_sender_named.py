"""A workspace may say that a total no ends news about products and support mails too: then none leaves."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from tests.people import a_reader, a_shop, agree

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Occasion

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    shop = a_shop()
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.STOP, "", ends=["product_update", "follow_up"])
    return shop


def notice_to(shop, contact_id, occasion, message_class=MessageClass.TRANSACTIONAL):
    question = Question(
        message_class=message_class,
        ads=Ads.NONE,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        occasion=occasion,
    )
    return delivery.verdict(shop.workspace_id, contact_id, question, now=NOW)[0].reason.value


def stop(shop, contact_id, scope, topic_id=None):
    no = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, topic_id=topic_id, via=Method.PAGE
    )
    optout.opt_out(no, NOW)


@pytest.mark.parametrize("occasion", [Occasion.PRODUCT_UPDATE, Occasion.FOLLOW_UP])
def test_notices_of_the_kinds_that_were_named_end_with_everything(shop, occasion):
    reader = a_reader(shop)
    assert notice_to(shop, reader, occasion) == "OK_TRANSACTIONAL"
    stop(shop, reader, OptOutScope.ALL)
    assert notice_to(shop, reader, occasion) == "REFUSED_ALL"


def test_who_comes_back_for_one_topic_has_not_asked_for_those_notices(shop):
    reader = a_reader(shop)
    stop(shop, reader, OptOutScope.ALL)
    agree(shop, reader)
    assert notice_to(shop, reader, Occasion.PRODUCT_UPDATE) == "REFUSED_ALL"


@pytest.mark.parametrize("occasion", [None, Occasion.BREACH_NOTICE])
def test_notices_of_an_order_and_of_a_breach_still_reach_everybody(shop, occasion):
    reader = a_reader(shop)
    stop(shop, reader, OptOutScope.ALL)
    assert notice_to(shop, reader, occasion) == "OK_TRANSACTIONAL"
    assert notice_to(shop, reader, Occasion.PRODUCT_UPDATE, MessageClass.LEGAL) == "OK_LEGAL"


def test_to_leave_one_topic_is_not_to_leave(shop):
    reader = a_reader(shop)
    stop(shop, reader, OptOutScope.TOPIC, shop.topic_id)
    assert notice_to(shop, reader, Occasion.PRODUCT_UPDATE) == "OK_TRANSACTIONAL"


def test_a_workspace_that_promised_nothing_of_it_goes_on(shop):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.STOP, "")
    reader = a_reader(shop)
    stop(shop, reader, OptOutScope.ALL)
    assert notice_to(shop, reader, Occasion.PRODUCT_UPDATE) == "OK_TRANSACTIONAL"


def test_no_workspace_can_keep_a_breach_from_people(shop):
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update workspace set opt_out_ends = '{breach_notice}' where workspace_id = %s",
            [shop.workspace_id],
        )
