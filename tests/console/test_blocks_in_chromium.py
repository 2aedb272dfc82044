"""Writing in blocks with a Japanese input method, the keyboard, two windows and a net that goes away."""

from __future__ import annotations

import json

import pytest
from tests.campaigns.test_services import a_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.console.test_blocks import newest, press
from tests.content.test_document import in_blocks, paragraph, prose, text
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.content.document import Button, Heading, Text, parse_document
from shodaku.content.rich_text import Merge, Run
from shodaku.kit import clock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_reader(shop, "yoko.tanaka@example.jp", name="田中 陽子")
    return shop


def a_mail(shop, *blocks, name="秋のお便り", **whole):
    campaign_id = a_draft(shop, name=name, subject=name, text="{{ name }}\n\n秋の品がそろいました。")
    services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=clock.now())
    if blocks:
        document = parse_document(in_blocks(*blocks, **whole))
        services.save_document(
            shop.workspace_id, campaign_id, document, base=1, staff_id=None, now=clock.now()
        )
    return campaign_id


def a_whole_mail(shop):
    greeting = prose(
        paragraph({"type": "merge", "attrs": {"key": "name"}}),
        paragraph(text("涼しくなりました。"), text("新茶", {"type": "bold"}), text("が届いています。")),
        {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(text("静岡"))]}]},
    )
    return a_mail(
        shop,
        {"type": "heading", "text": "秋のごあいさつ"},
        {"type": "text", "doc": greeting},
        {"type": "button", "label": "新しい品を見る", "href": "https://aoi.example/new"},
        {"type": "coupon", "title": "全品1割引", "code": "AKI-2026", "until": "11月30日まで"},
        {"type": "event", "title": "新茶の試飲会", "when": "12月5日 10時から", "place": "銀座店"},
        {"type": "product", "title": "煎茶 100g", "price": "1,080円", "text": "静岡の茶です。"},
        {"type": "divider"},
        {"type": "spacer", "height_px": 24},
        preheader="新茶が届きました",
    )


def an_unfinished_mail(shop):
    return a_mail(shop, {"type": "button", "label": "見る"}, {"type": "image"}, name="書きかけの便り")


def open_page(browser, base, shop, address, *, language="ja", width=1366, scheme="light"):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + address)
    return page, troubles


def composes(page, cdp, kana, words):
    """What an input method does: kana are underlined while they are typed, then they become words."""
    for end in range(1, len(kana) + 1):
        cdp.send("Input.imeSetComposition", {"text": kana[:end], "selectionStart": end, "selectionEnd": end})
    cdp.send("Input.insertText", {"text": words})
    page.wait_for_timeout(50)


def saved(page):
    page.locator("[data-autosave-status]", has_text="保存しました").wait_for(timeout=20_000)


def saved_with(page, shop, campaign_id, words, sent):
    """An earlier save may be told while a composition begins: what was kept is asked, not the line."""
    for _ in range(100):
        saved(page)
        (block,) = newest(shop, campaign_id).blocks
        if any(isinstance(run, Run) and words in run.text for each in block.prose for run in each.content):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{words} was not saved in 20 s; sent were {sent}")


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(shop, browser, base, language, width, scheme):
    whole, unfinished = a_whole_mail(shop), an_unfinished_mail(shop)
    press(shop, whole, "add:heading", b__b0__text="もう一つの見出し")
    press(shop, whole, "delete:n1")
    pages = {
        "blocks": url(shop, "blocks", whole),
        "blocks_as_a_reader": url(shop, "blocks", whole) + "?people=1&look=dark",
        "blocks_deleted": url(shop, "blocks", whole) + "?deleted=3:n1&look=desk",
        "blocks_unfinished": url(shop, "blocks", unfinished),
        "blocks_states": url(shop, "blocks_states", whole) + "?state=2",
        "campaign_in_blocks": url(shop, "campaign", whole),
    }
    for name, address in pages.items():
        page, troubles = open_page(
            browser, base, shop, address, language=language, width=width, scheme=scheme
        )
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
        page.context.close()


def test_a_composition_is_never_saved_half_and_what_it_becomes_is(shop, browser, base):
    campaign_id = a_mail(shop)
    page, troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    sent = []
    page.on("request", lambda each: sent.append(each.post_data) if "autosave" in each.url else None)
    cdp = page.context.new_cdp_session(page)
    page.get_by_role("textbox", name="文章").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    cdp.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(4_000)  # longer than a save waits
    assert all("%E3%81%AB%E3%81%BB%E3%82%93" not in (each or "") for each in sent)
    composes(page, cdp, "にほんご", "日本語")
    saved_with(page, shop, campaign_id, "日本語", sent)
    (block,) = newest(shop, campaign_id).blocks
    assert Run("日本語") in block.prose[-1].content
    assert Merge("name") in block.prose[0].content
    assert troubles == []
    page.context.close()


def test_styles_links_and_merge_fields_are_set_by_the_keyboard_alone(shop, browser, base):
    campaign_id = a_mail(shop, {"type": "text", "doc": prose(paragraph(text("茶")))})
    page, troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.get_by_role("textbox", name="文章").focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+B")
    page.get_by_role("button", name="リンク").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert page.get_by_text("https:// か mailto: か tel: で始めてください。").is_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("https://aoi.example/tea")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.closest('.prose-text')")  # it comes back a frame later
    page.keyboard.press("Control+End")
    page.wait_for_timeout(300)  # the editor hears of a moved caret by an event of its own
    page.get_by_label("分からないときの言葉").fill("読者<b>の")
    page.get_by_label("1人ずつ差し込む").select_option("family_name")
    page.get_by_role("textbox", name="文章").focus()
    page.keyboard.press("Tab")  # it leaves the editor: no trap
    assert page.evaluate("!document.activeElement.closest('[data-prose]')")
    saved(page)
    (block,) = newest(shop, campaign_id).blocks
    first, *rest = block.prose[0].content
    assert first == Run("茶", bold=True, href="https://aoi.example/tea")
    assert [each.slot for each in rest if isinstance(each, Merge)] == ["family_name|読者 b の"]
    assert troubles == []
    page.context.close()


def test_words_of_a_field_that_stands_in_the_text_are_changed_by_choosing_it(shop, browser, base):
    field = {"type": "merge", "attrs": {"key": "name", "fallback": "読者さま"}}
    campaign_id = a_mail(shop, {"type": "text", "doc": prose(paragraph(field))})
    page, troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.locator(".chip", has_text="読者さま").click()
    words = page.get_by_label("分からないときの言葉")
    assert words.input_value() == "読者さま"
    words.fill("みなさま")
    page.locator(".chip", has_text="みなさま").wait_for()
    saved(page)
    (block,) = newest(shop, campaign_id).blocks
    assert block.prose[0].content == (Merge("name", fallback="みなさま"),)
    assert troubles == []
    page.context.close()


def test_two_windows_compare_and_choose_and_nothing_is_lost(shop, browser, base):
    campaign_id = a_mail(shop, {"type": "heading", "text": "はじめ"})
    page, _troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    press(shop, campaign_id, b__b0__text="ほかの人の見出し")
    page.get_by_label("見出しの文字").fill("わたしの見出し")
    page.get_by_text("ほかの人が先に保存しました。違いを見て、選んでください。").wait_for(timeout=20_000)
    page.get_by_role("button", name="比べて選ぶ").click()
    page.get_by_role("heading", name="違うところ").wait_for()
    looked_at(page, "blocks_conflict", [])
    assert page.get_by_text("ほかの人の見出し").is_visible()
    page.get_by_role("button", name="自分の内容で続ける").click()
    page.get_by_label("見出しの文字").wait_for()
    assert newest(shop, campaign_id).blocks == (Heading("b0", (Run("わたしの見出し"),)),)
    page.context.close()


def test_without_a_net_the_text_is_kept_and_saved_when_it_is_back(shop, browser, base):
    campaign_id = a_mail(shop, {"type": "heading", "text": "はじめ"})
    page, _troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.context.set_offline(True)
    page.get_by_label("見出しの文字").fill("電車の中で")
    page.get_by_text("つながりません。入力は残っています。").wait_for(timeout=20_000)
    page.context.set_offline(False)
    saved(page)
    assert newest(shop, campaign_id).blocks == (Heading("b0", (Run("電車の中で"),)),)
    page.context.close()


def test_who_was_signed_out_signs_in_elsewhere_and_goes_on(shop, browser, base):
    campaign_id = a_mail(shop, {"type": "heading", "text": "はじめ"})
    page, _troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.context.clear_cookies()
    page.get_by_label("見出しの文字").fill("書きつづける")
    page.get_by_text("ログインが切れました。").wait_for(timeout=20_000)
    again = at_desk(shop, language="ja")
    page.context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in again.cookies.values()]
    )
    saved(page)
    assert newest(shop, campaign_id).blocks == (Heading("b0", (Run("書きつづける"),)),)
    page.context.close()


def test_a_press_right_after_typing_is_no_quarrel_with_oneself(shop, browser, base):
    campaign_id = a_mail(shop, {"type": "heading", "text": "はじめ"})
    page, _troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.get_by_label("見出しの文字").fill("保存の最中に")
    with page.expect_request("**/autosave/"):
        pass
    page.get_by_role("button", name="ボタン", exact=True).click()
    page.wait_for_url("**/blocks/#b-n1")
    assert newest(shop, campaign_id).blocks == (Heading("b0", (Run("保存の最中に"),)), Button("n1"))
    page.context.close()


def test_looks_change_the_frame_alone_and_what_is_missing_follows_the_typing(shop, browser, base):
    campaign_id = an_unfinished_mail(shop)
    press(shop, campaign_id, "delete:b1")
    page, troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    assert page.get_by_role("heading", name="足りないもの").is_visible()
    page.get_by_label("リンク").fill("https://aoi.example/")
    saved(page)
    page.get_by_role("button", name="暗い画面").click(timeout=20_000)
    assert page.locator("#look").get_attribute("src").endswith("/preview/dark/")
    page.frame_locator("#look").get_by_text("見る", exact=True).wait_for()
    assert troubles == []
    page.context.close()


def test_what_the_editor_writes_is_a_document_of_ours(shop, browser, base):
    """Pasted pages bring no more than the list allows."""
    campaign_id = a_mail(shop, {"type": "text", "doc": prose(paragraph())})
    page, _troubles = open_page(browser, base, shop, url(shop, "blocks", campaign_id))
    page.get_by_role("textbox", name="文章").click()
    page.evaluate(
        """html => { const data = new DataTransfer(); data.setData('text/html', html);
        document.activeElement.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""",
        '<h1 style="color:red">題</h1><script>x</script><img src=x onerror=x>'
        '<ul><li>一<ul><li>二</li></ul></li></ul><a href="javascript:x">悪</a><b>太</b>',
    )
    saved(page)
    (block,) = newest(shop, campaign_id).blocks
    words = json.dumps([str(each) for each in block.prose], ensure_ascii=False)
    assert all(each in words for each in ("題", "一", "二", "悪", "太"))
    assert "javascript" not in words
    page.context.close()


def test_blocks_are_written_without_any_script(shop, browser, base):
    campaign_id = a_mail(shop)
    client = at_desk(shop, language="ja")
    context = browser.new_context(java_script_enabled=False, locale="ja")
    context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in client.cookies.values()]
    )
    page = context.new_page()
    page.goto(base + url(shop, "blocks", campaign_id))
    page.get_by_role("textbox", name="文章").fill("**春**の品です。")
    page.get_by_role("button", name="見出し", exact=True).click()
    page.get_by_label("見出しの文字").fill("春のごあいさつ")
    page.get_by_role("button", name="ブロック2を上へ").click()
    page.get_by_role("button", name="次へ").click()
    page.wait_for_url("**/preflight/")
    first, second = newest(shop, campaign_id).blocks
    assert isinstance(first, Heading)
    assert isinstance(second, Text)
    assert selectors.campaign(shop.workspace_id, campaign_id).text.startswith("■ 春のごあいさつ")
    context.close()
