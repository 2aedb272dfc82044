"""A clerk fills in a template, four fields at most; nothing leaves until somebody who may send sends it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from tests.campaigns.test_services import a_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.content.files import a_picture
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.content import selectors as content_known
from shodaku.content import services as content
from shodaku.content.document import Button, Coupon, Document, Heading, Image
from shodaku.content.source import Language, Source
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")
COUPON = {
    "subject": "冬のクーポン",
    "gap-b3-title": "全品1割引",
    "gap-b3-code": "FUYU-26",
    "gap-b5-href": "https://aoi.example/",
}


@pytest.fixture
def shop(database):
    return a_shop()


def fields_shown(page):
    return re.findall(r'<(?:input|textarea|select)[^>]* name="(?!csrf|lang|q")([^"]+)"', page)


def fill_in(shop, key="coupon-ja", role=Role.CLERK, **changes):
    said = {"topic": shop.topic_id} | COUPON | changes
    return at_desk(shop, role, language="ja").post(url(shop, "template", key), said)


def campaign_in(answer):
    return int(re.search(r"campaigns/(\d+)/blocks/$", answer["Location"])[1])


def newest(shop, campaign_id):
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    return selectors.document(shop.workspace_id, campaign_id, campaign.revision)


@pytest.mark.parametrize("key", content_known.our_templates())
def test_each_ready_made_template_is_at_most_four_fields_to_a_clerk(shop, key):
    page = text_of(at_desk(shop, Role.CLERK).get(url(shop, "template", key)))
    shown = [each for each in fields_shown(page) if each.startswith(("gap-", "subject"))]
    assert 1 < len(shown) <= 4


def test_what_a_clerk_filled_in_is_a_whole_draft_and_nothing_is_sent(shop):
    campaign_id = campaign_in(fill_in(shop))
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    assert (campaign.state, campaign.name, campaign.subject) == ("draft", "冬のクーポン", "冬のクーポン")
    document = newest(shop, campaign_id)
    assert services.lacks(shop.workspace_id, document) == []
    (coupon,) = [each for each in document.blocks if isinstance(each, Coupon)]
    assert (coupon.title, coupon.code) == ("全品1割引", "FUYU-26")
    assert [each.href for each in document.blocks if isinstance(each, Button)] == ["https://aoi.example/"]
    assert services.frozen(shop.workspace_id, campaign).display.missing == ()


def test_whoever_sends_finds_it_on_their_first_page_until_it_is_sent(shop):
    a_reader(shop)
    campaign_id = campaign_in(fill_in(shop))
    a_draft(shop, name="自分で書いた便り")
    home = unescape(text_of(at_desk(shop, Role.MARKETER, language="ja").get(url(shop, "home"))))
    assert "「冬のクーポン」を森 美咲さんが準備しました" in home
    assert "「自分で書いた便り」を" not in home
    for role in (Role.CLERK, Role.COMPLIANCE):
        assert "準備しました" not in text_of(at_desk(shop, role, language="ja").get(url(shop, "home")))
    now = clock.now()
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)
    home = text_of(at_desk(shop, Role.MARKETER, language="ja").get(url(shop, "home")))
    assert "準備しました" not in home


def test_a_clerk_sees_how_it_looks_and_may_neither_write_nor_send(shop):
    campaign_id = campaign_in(fill_in(shop))
    clerk = at_desk(shop, Role.CLERK)
    page = text_of(clerk.get(url(shop, "blocks", campaign_id)))
    assert "preview/html/" in page
    assert "data-autosave" not in page
    for name in ("blocks", "code", "launch", "blocks_autosave", "campaign_copy", "campaign_test"):
        assert clerk.post(url(shop, name, campaign_id), {}).status_code in (302, 403), name
    assert clerk.post(url(shop, "launch", campaign_id), {}).status_code == 403
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"gap-b5-href": "http://aoi.example/"}, "リンク先は https:// か mailto: か tel: で始めてください。"),
        ({"gap-b3-code": " "}, "必須"),
        ({"subject": ""}, "必須"),
        ({"topic": "99999"}, "選択"),
    ],
)
def test_what_cannot_stand_there_is_said_and_nothing_typed_is_lost(shop, said, words):
    answer = fill_in(shop, **{"gap-b3-title": "消えない言葉", **said})
    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page
    assert 'value="消えない言葉"' in page
    assert selectors.campaigns(shop.workspace_id) == []


def test_a_gap_for_a_picture_is_filled_from_the_library_with_its_words(shop):
    now = clock.now()
    (image_id,) = content.add_pictures(
        shop.workspace_id, [content.redraw("bag.png", a_picture())], by="staff:1", now=now
    )
    content.describe_picture(shop.workspace_id, image_id, "帆布の袋", by="staff:1", now=now)
    document = Document((Heading("a"), Image("b")))
    number = content.keep_template(shop.workspace_id, "新作", "新作です", document, by="staff:1", now=now)
    said = {"gap-a-text": "{{ name }}へ **新作**", "gap-b-image": str(image_id)}
    written = newest(shop, campaign_in(fill_in(shop, number, **said)))
    assert written.blocks[1] == Image("b", image_id, "帆布の袋")
    assert [type(each).__name__ for each in written.blocks[0].text] == ["Merge", "Run"]


def test_what_four_fields_cannot_finish_is_not_offered_to_a_clerk(shop):
    now = clock.now()
    wide = Document(tuple(Heading(f"h{number}") for number in range(4)))
    coded = Source(Language.HTML, "<p>本文</p>")
    for written in (wide, coded, Document()):
        number = content.keep_template(shop.workspace_id, "大きい", "件名", written, by="staff:1", now=now)
        page = text_of(at_desk(shop, Role.CLERK).get(url(shop, "template", number)))
        assert "More than four things are open" in page
        assert fill_in(shop, number).status_code == 404


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.DEVELOPER])
def test_who_may_not_prepare_mails_looks_at_templates_and_nothing_more(shop, role):
    page = text_of(at_desk(shop, role).get(url(shop, "template", "coupon-ja")))
    assert "gap-b3-title" not in page
    assert fill_in(shop, role=role).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_a_clerk_prepares_a_mail_on_one_page_by_keyboard(shop, browser, base, language, width, scheme):
    client = at_desk(shop, Role.CLERK, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    look = f"{language}_{width}_{scheme}"
    for name in ("campaigns", "templates"):
        page.goto(base + url(shop, name))
        assert looked_at(page, f"prepare_{name}_{look}", troubles) == []
    page.goto(base + url(shop, "template", "coupon-ja"))
    assert looked_at(page, f"prepare_{look}", troubles) == []
    page.locator("#id_subject").focus()
    for words in ("冬のクーポン", "全品1割引", "FUYU-26", "https://aoi.example/"):
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/blocks/")
    assert looked_at(page, f"prepared_{look}", troubles) == []
    page.context.close()
    (campaign,) = selectors.campaigns(shop.workspace_id)
    assert campaign.subject == "冬のクーポン"
