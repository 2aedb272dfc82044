"""Nobody who was erased since is shown by a restored database; whoever says no is heard all the same."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.optout.journals import a_home
from tests.people import a_reader, a_shop

from shodaku.kit import clock
from shodaku.optout import replaying
from shodaku.suppression import selectors, services
from shodaku.suppression.services import FenceReason


@pytest.fixture
def shop(database, tmp_path):
    with a_home(tmp_path):
        yield a_shop()


@pytest.mark.parametrize("reason", [FenceReason.RESTORED, FenceReason.BEHIND])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_of_people_says_so_until_the_journal_was_replayed(shop, reason, language):
    reader = a_reader(shop, name="山田 花子")
    browser = at_desk(shop, language=language)
    services.close_fence(reason)
    for page in (url(shop, "contacts"), url(shop, "contact", reader)):
        answer = browser.get(page)
        assert answer.status_code == 503
        assert "花子" not in text_of(answer)
    services.open_fence(reason)
    assert browser.get(url(shop, "contact", reader)).status_code == 200


def test_a_gate_that_is_shut_for_another_reason_hides_nobody(shop):
    reader = a_reader(shop)
    services.close_fence(FenceReason.COPIED)
    assert at_desk(shop).get(url(shop, "contact", reader)).status_code == 200


def test_a_no_is_written_down_while_people_are_not_shown(shop):
    reader = a_reader(shop)
    browser = at_desk(shop)
    services.close_fence(FenceReason.BEHIND)
    browser.post(url(shop, "refuse", reader), {"via": "telephone", "scope": "all"})
    assert selectors.refusals(shop.workspace_id, reader)


def test_a_page_about_no_person_works(shop):
    services.close_fence(FenceReason.BEHIND)
    assert at_desk(shop).get(url(shop, "home")).status_code == 200


def test_a_campaign_that_rests_since_a_restore_says_why_until_it_goes_on(shop):
    a_reader(shop)
    browser = at_desk(shop)
    campaign_id = draft(browser, shop)
    launch(browser, shop, campaign_id, counted(browser, shop, campaign_id)[1])
    page = url(shop, "campaign", campaign_id)
    assert "was restored" not in text_of(browser.get(page))
    replaying.finish(clock.now())
    assert "Paused because the database was restored" in text_of(browser.get(page))
    browser.post(url(shop, "campaign_resume", campaign_id))
    assert "was restored" not in text_of(browser.get(page))
