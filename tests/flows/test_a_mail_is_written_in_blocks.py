"""From an empty page to the mailbox: written in blocks with an input method, counted, sent, received."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from tests.chromium import a_browser, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_blocks_in_chromium import composes, saved
from tests.console.test_campaigns import mailing_of
from tests.console.test_pictures import in_library
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.browser,
]


def parts(arrived):
    mail = message_from_bytes(arrived.content, policy=policy.default)
    whole = {
        part.get_content_subtype(): part.get_content() for part in mail.walk() if not part.is_multipart()
    }
    return mail["Subject"], whole["plain"], whole["html"]


def add(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url("**/blocks/#b-n*")


def test_a_mail_is_written_in_blocks_and_arrives_with_them(database, tmp_path, base):
    shop = a_shop()
    a_reader(shop, "yoko.tanaka@example.jp", name="田中 陽子")
    in_library(shop)
    client = at_desk(shop, language="ja")
    with a_browser() as browser:
        page, troubles = signed_in(browser, base, client, language="ja", width=1366, scheme="light")
        page.goto(base + url(shop, "campaign_new"))
        page.get_by_label("件名").fill("新茶のご案内")
        page.get_by_role("button", name="ブロックで書く").click()
        add(page, "見出し")
        page.get_by_label("見出しの文字").fill("{{ name }}へ、新茶のご案内")
        add(page, "文章")
        cdp = page.context.new_cdp_session(page)
        page.get_by_role("textbox", name="文章").click()
        composes(page, cdp, "しんちゃ", "新茶が届きました。")
        add(page, "画像")
        page.get_by_role("button", name="画像一覧から選ぶ").click()
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="この画像を使う").click()
        saved(page)
        add(page, "ボタン")
        page.get_by_label("ボタンの文字").fill("見る")
        page.get_by_label("リンク").last.fill("https://aoi.example/tea")
        page.get_by_role("button", name="保存する", exact=True).last.click()
        page.frame_locator("#look").get_by_text("山田 花子 様へ、新茶のご案内").wait_for()
        page.frame_locator("#look").get_by_text("新茶が届きました。").wait_for()
        page.get_by_role("button", name="次へ").click()
        page.wait_for_url("**/preflight/")
        page.get_by_role("button", name="数える").click()
        page.get_by_role("button", name="1人に送る").first.click()
        page.get_by_role("button", name="送る").last.click()
        page.wait_for_url("**/campaigns/*/")
        number = int(page.url.rstrip("/").rsplit("/", 1)[1])
        assert troubles == []
    with RunningSink() as sink:
        send_now(database, shop, mailing_of(shop, number), sink.port, home=tmp_path)
    ((subject, plain, html),) = map(parts, sink.arrived)
    assert subject == "新茶のご案内"
    for part in (plain, html):
        assert "田中 陽子 様へ、新茶のご案内" in part
        assert "新茶が届きました。" in part
        assert "https://aoi.example/tea" in part
        assert "東京都中央区銀座2-1-5" in part  # the display that nobody wrote
    assert 'alt="' in html
    assert "/media/" in html
