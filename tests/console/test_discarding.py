"""A draft is thrown away at the desk after a question; what was sent is not."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
THROW_AWAY = "Throw the draft away"


@pytest.fixture
def shop():
    shop = a_shop()
    a_reader(shop)
    return shop


def test_the_first_press_asks_and_the_second_one_does_it(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    assert THROW_AWAY in text_of(desk.get(url(shop, "campaign", campaign_id)))
    here = url(shop, "campaign_discard", campaign_id)
    assert "Throw the draft away?" in text_of(desk.post(here))
    assert selectors.campaign(shop.workspace_id, campaign_id) is not None
    page = text_of(desk.post(here, {"confirmed": "1"}, follow=True))
    assert "was thrown away." in page
    assert desk.get(url(shop, "campaign", campaign_id)).status_code == 404
    kinds = [each.kind for each in ledger.history(shop.workspace_id, 0)]
    assert kinds[-1] == "admin.campaign.discarded"


def test_whoever_only_reads_is_offered_nothing_and_may_not(shop):
    campaign_id = draft(at_desk(shop, Role.MARKETER), shop)
    desk = at_desk(shop, Role.COMPLIANCE)
    assert THROW_AWAY not in text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert desk.post(url(shop, "campaign_discard", campaign_id), {"confirmed": "1"}).status_code == 403
    assert selectors.campaign(shop.workspace_id, campaign_id) is not None


def test_what_was_sent_meanwhile_stays_and_a_sentence_says_so(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    page = text_of(desk.post(url(shop, "campaign_discard", campaign_id), {"confirmed": "1"}, follow=True))
    assert "It was sent meanwhile, so it stays." in page
    assert selectors.campaign(shop.workspace_id, campaign_id) is not None
