"""The network drops while somebody saves: what was typed stays, and the press works when it is back."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, url
from tests.console.test_blocks_in_chromium import open_page
from tests.console.test_campaigns import draft
from tests.people import a_shop

from shodaku.campaigns import selectors

pytestmark = pytest.mark.browser


def test_a_press_without_a_connection_keeps_the_page_and_saves_once_it_is_back(database, browser, base):
    shop = a_shop()
    campaign_id = draft(at_desk(shop), shop, subject="秋の便り", text="はじめ")
    page, _troubles = open_page(browser, base, shop, url(shop, "campaign", campaign_id))
    text = page.get_by_label("本文", exact=False).first
    text.fill("電車の中で書いた本文")
    button = page.get_by_role("button", name="下書きを保存")
    page.context.set_offline(True)
    button.click()
    page.get_by_text("つながりません。入力は残っています。").wait_for(timeout=20_000)
    assert text.input_value() == "電車の中で書いた本文"
    assert selectors.campaign(shop.workspace_id, campaign_id).text == "はじめ"
    page.context.set_offline(False)
    with page.expect_navigation():
        button.click()
    assert selectors.campaign(shop.workspace_id, campaign_id).text == "電車の中で書いた本文"
    page.context.close()


def test_the_button_that_was_pressed_is_the_one_that_acts(database, browser, base):
    shop = a_shop()
    campaign_id = draft(at_desk(shop), shop, subject="秋の便り", text="はじめ")
    page, troubles = open_page(browser, base, shop, url(shop, "campaign", campaign_id))
    page.get_by_role("button", name="次へ（宛先）").dblclick()  # and twice is once
    page.wait_for_url("**/preflight/")
    assert troubles == []
    page.context.close()
