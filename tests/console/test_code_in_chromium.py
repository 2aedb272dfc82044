"""Writing as code with a Japanese input method, the keyboard, without scripts, in every colour and width."""

from __future__ import annotations

import pytest
from tests.chromium import SOUND, looked_at
from tests.console.desk import at_desk, url
from tests.console.test_blocks_in_chromium import composes, open_page
from tests.console.test_code import GOOD, a_mail, newest, press
from tests.content.files import a_picture
from tests.people import a_reader, a_shop

from shodaku.console.code_form import STARTERS
from shodaku.content import services as content
from shodaku.content.source import Language
from shodaku.kit import clock

pytestmark = pytest.mark.browser
WRONG = "<p>\n一行目</p>\n<a href='http://aoi.example/'>見る</a>"


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_reader(shop, "yoko.tanaka@example.jp", name="田中 陽子")
    (image_id,) = content.add_pictures(
        shop.workspace_id, [content.redraw("bag.png", a_picture())], by="staff:1", now=clock.now()
    )
    content.describe_picture(shop.workspace_id, image_id, "帆布の袋", by="staff:1", now=clock.now())
    shop_picture[shop.workspace_id] = image_id
    return shop


shop_picture = {}


def code(page):
    return page.get_by_role("textbox", name="コード", exact=True)


def saved_as(page, shop, campaign_id, words):
    """What was kept is asked, not the line: an earlier save may be told while one types on."""
    for _ in range(150):
        if words in newest(shop, campaign_id).code:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{words} was not saved in 30 s: {newest(shop, campaign_id).code}")


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(shop, browser, base, language, width, scheme):
    whole, wrong = a_mail(shop, STARTERS["ja"], Language.MJML, name="秋のお便り"), a_mail(shop, WRONG)
    both = a_mail(shop, "# 見出し\n\n**太字** [店](https://aoi.example/)", Language.MARKDOWN)
    press(shop, whole, code=STARTERS["ja"].replace("見出し", "秋のごあいさつ"))
    pages = {
        "code": url(shop, "code", whole),
        "code_wrong": url(shop, "code", wrong),
        "code_markdown": url(shop, "code", both) + "?people=1&look=dark",
        "code_states": url(shop, "blocks_states", whole) + "?state=2",
        "campaign_as_code": url(shop, "campaign", whole),
        "campaign_new": url(shop, "campaign_new"),
    }
    for name, address in pages.items():
        page, troubles = open_page(
            browser, base, shop, address, language=language, width=width, scheme=scheme
        )
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
        page.context.close()


def test_a_composition_is_never_saved_half_and_what_it_becomes_is(shop, browser, base):
    campaign_id = a_mail(shop)
    page, troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    sent = []
    page.on("request", lambda each: sent.append(each.post_data) if "autosave" in each.url else None)
    cdp = page.context.new_cdp_session(page)
    code(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("<p>")
    cdp.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(4_000)  # longer than a save waits
    assert all("%E3%81%AB%E3%81%BB%E3%82%93" not in (each or "") for each in sent)
    composes(page, cdp, "にほんご", "日本語")
    saved_as(page, shop, campaign_id, "<p>日本語")
    assert newest(shop, campaign_id).code.startswith(GOOD)
    assert troubles == []
    page.context.close()


def test_fields_and_pictures_are_put_in_and_the_keyboard_gets_out_again(shop, browser, base):
    campaign_id = a_mail(shop, "", Language.MARKDOWN)
    page, troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    page.get_by_label("分からないときの言葉").fill("読者")
    page.get_by_label("1人ずつ差し込む").select_option("{{ family_name }}")
    page.keyboard.type(" さま")
    page.get_by_text("画像を入れる").click()
    page.get_by_role("button", name="入れる 帆布の袋").click()
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.shadowRoot")
    page.get_by_label("書き方").select_option("HTML")
    page.get_by_role("button", name="入れる 帆布の袋").click()
    image = f"picture:{shop_picture[shop.workspace_id]}"
    saved_as(page, shop, campaign_id, f'<img src="{image}" alt="帆布の袋"')
    assert newest(shop, campaign_id).code.startswith(
        f"{{{{ family_name|読者 }}}} さま![帆布の袋]({image})<img"
    )
    assert newest(shop, campaign_id).language is Language.HTML
    assert troubles == []
    page.context.close()


def test_a_fault_leads_to_its_line_and_goes_when_it_is_mended(shop, browser, base):
    campaign_id = a_mail(shop, WRONG)
    page, troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    page.get_by_role("link", name="3行目: リンク").click()
    page.keyboard.press("Shift+End")
    page.keyboard.type("<a href='https://aoi.example/'>見る</a>")  # no letter of it is a shortcut
    page.frame_locator("#look").get_by_role("link", name="見る").wait_for(timeout=20_000)
    assert newest(shop, campaign_id).code == WRONG.replace("http:", "https:")
    page.get_by_role("button", name="次へ").click()
    page.wait_for_url("**/preflight/")
    assert troubles == []
    page.context.close()


def test_two_windows_compare_and_choose_and_nothing_is_lost(shop, browser, base):
    campaign_id = a_mail(shop, "<p>はじめ</p>")
    page, _troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    press(shop, campaign_id, code="<p>ほかの人</p>")
    code(page).fill("<p>わたし</p>")
    page.get_by_text("ほかの人が先に保存しました。違いを見て、選んでください。").wait_for(timeout=20_000)
    page.get_by_role("button", name="比べて選ぶ").click()
    page.get_by_role("heading", name="違うところ").wait_for()
    looked_at(page, "code_conflict", [])
    page.get_by_role("button", name="自分の内容で続ける").click()
    code(page).wait_for()
    assert newest(shop, campaign_id).code == "<p>わたし</p>"
    page.context.close()


def test_code_is_written_without_any_script(shop, browser, base):
    campaign_id = a_mail(shop)
    client = at_desk(shop, language="ja")
    context = browser.new_context(java_script_enabled=False, locale="ja")
    context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in client.cookies.values()]
    )
    page = context.new_page()
    page.goto(base + url(shop, "code", campaign_id))
    page.get_by_label("書き方").select_option("Markdown")
    page.locator("#id_code").fill("# 春\n\n{{ name }}")
    page.get_by_role("button", name="次へ").click()
    page.wait_for_url("**/preflight/")
    assert newest(shop, campaign_id).code == "# 春\n\n{{ name }}"
    context.close()


def test_the_code_is_searched_by_the_keyboard_and_what_is_found_is_replaced(shop, browser, base):
    campaign_id = a_mail(shop, "<p>ＳＡＬＥ 春</p>\n<p>sale 夏</p>\n<p>秋</p>")
    page, troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    code(page).click()
    page.keyboard.press("Control+f")
    sought = page.get_by_label("探す", exact=True)
    assert sought.evaluate("field => field === document.activeElement")
    page.keyboard.type("sale")
    page.get_by_text("2か所", exact=True).wait_for()  # capitals and width do not matter
    page.get_by_label("大文字と小文字を区別する").check()
    page.get_by_text("1か所", exact=True).wait_for()
    assert looked_at(page, "code_search_ja_1366_light", troubles) == []
    sought.fill("冬")
    page.get_by_text("コードの中にありません。").wait_for()
    sought.fill("<p>")
    page.get_by_label("置き換える文字").fill("<p class='a'>")
    page.get_by_role("button", name="すべて置き換える").click()
    saved_as(page, shop, campaign_id, "<p class='a'>秋")
    page.keyboard.press("Escape")
    assert not sought.is_visible()
    assert page.evaluate("!!document.activeElement.shadowRoot")  # back in the code
    assert troubles == []
    page.context.close()


def test_enter_in_the_search_sends_no_form_and_a_composition_is_not_searched_half(shop, browser, base):
    campaign_id = a_mail(shop, "<p>日本語</p>\n<p>二本</p>")
    page, troubles = open_page(browser, base, shop, url(shop, "code", campaign_id))
    page.get_by_role("button", name="探す Ctrl+F").click()
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    assert page.locator("[data-told]").inner_text() == ""
    composes(page, cdp, "にほん", "日本")
    page.get_by_text("1か所", exact=True).wait_for()
    page.keyboard.press("Enter")
    assert page.url.endswith(url(shop, "code", campaign_id))
    spoken = "[...document.querySelectorAll('div')].map(each => each.shadowRoot?.textContent || '').join()"
    assert "見つかった箇所" in page.evaluate(spoken)
    assert "current match" not in page.evaluate(spoken)
    assert troubles == []
    page.context.close()
