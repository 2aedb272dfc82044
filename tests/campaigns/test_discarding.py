"""A draft can be thrown away; what was launched stays, for people got it and may ask why."""

from __future__ import annotations

import pytest
from tests.campaigns.test_approving import a_member
from tests.campaigns.test_services import a_draft
from tests.campaigns.test_trials import LINKED, TWO, launch, save
from tests.delivery.mailings import many_readers, now, rows
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
BEHIND = (
    "campaign",
    "campaign_file",
    "campaign_revision",
    "preflight",
    "preflight_member",
    "launch_approval",
    "trial",
    "trial_variant",
    "sent_again",
)


@pytest.fixture
def shop(database):
    shop = a_shop()
    many_readers(database, shop, 12)
    return shop


def left(database, shop):
    found = {table: len(rows(database, shop, f"select 1 from {table}")) for table in BEHIND}  # noqa: S608 - ours
    return {table: n for table, n in found.items() if n}


def discard(shop, campaign_id):
    services.discard(shop.workspace_id, campaign_id, staff_id=None, now=now())


def test_with_it_goes_all_that_was_written_counted_and_asked_for_it(database, shop):
    campaign_id = a_draft(shop, text=LINKED, click_links=True)
    services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=now())
    save(shop, campaign_id, TWO)
    counted = services.count(shop.workspace_id, campaign_id, now=now()).preflight_id
    author = a_member(shop, Role.MARKETER)
    services.ask_approval(shop.workspace_id, campaign_id, counted, "", staff_id=author, now=now())
    assert {"campaign_revision", "preflight", "launch_approval", "trial"} <= left(database, shop).keys()
    discard(shop, campaign_id)
    assert left(database, shop) == {}
    assert selectors.campaign(shop.workspace_id, campaign_id) is None


def test_that_there_was_one_stays_in_the_ledger(shop):
    campaign_id = a_draft(shop)
    discard(shop, campaign_id)
    entry = ledger.history(shop.workspace_id, 0)[-1]
    assert (entry.kind, entry.fields["campaign"]) == ("admin.campaign.discarded", campaign_id)
    assert entry.fields["by"] == "command line"


def test_what_was_launched_stays(shop):
    campaign_id = a_draft(shop)
    launch(shop, campaign_id)
    with pytest.raises(services.OnlyDrafts):
        discard(shop, campaign_id)
    assert selectors.campaign(shop.workspace_id, campaign_id) is not None


def test_of_another_workspace_nothing_is_thrown_away(shop):
    other = a_shop()
    campaign_id = a_draft(shop)
    with pytest.raises(services.NoCampaign):
        discard(other, campaign_id)
    assert selectors.campaign(shop.workspace_id, campaign_id) is not None


def test_a_count_that_was_asked_for_finds_nothing_to_do(shop):
    campaign_id = a_draft(shop)
    number = services.start_count(shop.workspace_id, campaign_id, now=now())
    discard(shop, campaign_id)
    assert not services.run_count(shop.workspace_id, number, now=now())
