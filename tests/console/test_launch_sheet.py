"""The check before sending on paper, with boxes for stamps: what was counted, of which content, by whom."""

from __future__ import annotations

import re

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, said
from tests.ledger.pdf_reading import squeezed
from tests.ledger.pdf_reading import text_of as read
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
LANGUAGES = ("ja", "en")


@pytest.fixture
def shop():
    """Two readers, and somebody who agreed to nothing."""
    shop = a_shop()
    for _ in range(2):
        a_reader(shop)
    a_contact(shop)
    return shop


def press(desk, shop, campaign_id, preflight, language="ja", **more):
    place = url(shop, "preflight_sheet", campaign_id)
    return desk.post(place, {"preflight": preflight, "language": language}, **more)


def printed(answer):
    assert answer["Content-Type"] == "application/pdf"
    return squeezed(read(answer.content))


def lacks(page, *texts):
    return [text for text in texts if squeezed(text) not in page]


WORDS = {
    "ja": (
        "送信前確認シート",
        "担当",
        "確認",
        "承認",
        "名前",
        "日付",
        "印",
        "送信者の名称",
        "あり",
    ),
    "en": (
        "Check sheet before sending",
        "Prepared",
        "Checked",
        "Approved",
        "Name",
        "Date",
        "stamp",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_what_was_counted_and_of_which_content_with_boxes_for_stamps(shop, language):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, name="秋の品")
    _page, number = counted(desk, shop, campaign_id)
    page = printed(press(desk, shop, campaign_id, number, language))
    count = selectors.latest_preflight(shop.workspace_id, campaign_id)
    assert lacks(page, *WORDS[language], count.content_sha256, "秋の品", "秋の新商品") == []
    assert lacks(page, "株式会社あおい雑貨", "東京都中央区銀座2-1-5", "新しい器が届きました。") == []
    figures = {"ja": "選んだ人 3人、送らない人 1人", "en": "Chosen: 3. Held back: 1."}
    assert lacks(page, figures[language], count.pack) == []


def test_that_it_was_made_is_an_entry_of_the_ledger_whose_number_stands_on_it(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    _page, number = counted(desk, shop, campaign_id)
    page = printed(press(desk, shop, campaign_id, number, "en"))
    (entry,) = re.findall(r"Entryoftheledger#([\d,]+)", page)
    leaf = ledger.leaf_of(shop.workspace_id, int(entry.replace(",", "")))
    assert leaf.kind == "admin.exported"
    assert "Check sheet before sending" in text_of(at_desk(shop).get(url(shop, "audit")))


def test_it_says_what_the_law_misses(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, subject="Re: ご注文")
    counted(desk, shop, campaign_id)
    number = selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id
    assert "Missing" in printed(press(desk, shop, campaign_id, number, "en"))


def test_an_approval_stands_on_it_with_name_and_time_and_so_does_one_that_ended(shop):
    author, boss = at_desk(shop, Role.MARKETER), at_desk(shop, Role.COMPLIANCE)
    accounts.need_two_persons(shop.workspace_id, 0)
    campaign_id = draft(author, shop)
    _page, number = counted(author, shop, campaign_id)
    assert "needed" in printed(press(author, shop, campaign_id, number, "en"))
    author.post(url(shop, "approval_ask", campaign_id), {"preflight": number, "words": ""})
    asked = selectors.approval(shop.workspace_id, campaign_id)
    boss.post(url(shop, "approval_decide", campaign_id, asked.approval_id), {"decision": "approve"})
    page = printed(press(boss, shop, campaign_id, number, "en"))
    assert lacks(page, "Asked for by", "Approved by", "at most 2 people") == []
    assert "Askagain" not in page
    a_reader(shop)
    _page, number = counted(author, shop, campaign_id)
    number = number or selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id
    assert "Itdoesnotcoverwhatstandsonthissheet." in printed(press(author, shop, campaign_id, number, "en"))


def test_of_a_content_that_was_changed_after_the_counting_there_is_no_sheet(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    _page, number = counted(desk, shop, campaign_id)
    desk.post(url(shop, "campaign", campaign_id), said(shop, subject="冬の新商品"))
    answer = press(desk, shop, campaign_id, number, "en", follow=True)
    assert "The content was changed after the counting." in text_of(answer)


@pytest.mark.parametrize(
    ("number", "language"), [("", "ja"), ("x", "ja"), ("9" * 18, "ja"), ("1" * 40, "en"), (None, "fr")]
)
def test_of_a_count_or_language_that_is_not_there_the_page_comes_back(shop, number, language):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    _page, known = counted(desk, shop, campaign_id)
    answer = press(desk, shop, campaign_id, known if number is None else number, language)
    assert (answer.status_code, answer["Location"]) == (302, url(shop, "preflight", campaign_id))


def test_it_is_made_by_a_press_alone_and_offered_when_everybody_is_counted(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    place = url(shop, "preflight_sheet", campaign_id)
    assert desk.get(place).status_code == 405
    assert place not in text_of(desk.get(url(shop, "preflight", campaign_id)))
    page, _number = counted(desk, shop, campaign_id)
    assert f'action="{place}"' in page
