"""The first page is calm: what needs somebody, and what is under way."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role

pytestmark = pytest.mark.usefixtures("database")


def test_an_empty_shop_is_told_what_comes_next():
    shop = a_shop()
    page = text_of(at_desk(shop).get(url(shop, "home")))
    assert "Nothing sent yet" in page
    assert url(shop, "campaign_new") in page


def test_what_is_on_its_way_is_shown_with_its_bar():
    shop = a_shop()
    a_reader(shop)
    desk = at_desk(shop)
    desk.post(url(shop, "campaign_new"), {"topic": shop.topic_id, "subject": "秋", "text": "秋です。"})
    from shodaku.campaigns import selectors

    campaign_id = selectors.campaigns(shop.workspace_id)[0].campaign_id
    desk.post(url(shop, "recount", campaign_id))
    preflight = selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id
    desk.post(url(shop, "launch", campaign_id), {"preflight": preflight, "confirmed": "1"})
    page = text_of(desk.get(url(shop, "home")))
    assert '<progress class="progress" max="1" value="0"' in page
    assert "On its way" in page


def test_a_person_is_found_by_a_part_of_the_name_and_an_erased_one_by_nothing():
    shop = a_shop()
    a_contact(shop, name="髙﨑 さくら")
    desk = at_desk(shop, Role.CLERK)
    assert "髙﨑 さくら" in text_of(desk.post(url(shop, "contacts"), {"q": "さくら"}))
    nobody = text_of(desk.post(url(shop, "contacts"), {"q": "だれもいない"}))
    assert "An erased person cannot be found by anything." in nobody
