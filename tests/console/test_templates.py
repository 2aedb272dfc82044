"""Templates at the desk: begun with, copied, kept from a campaign, put away."""

from __future__ import annotations

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import draft
from tests.console.test_pictures import in_library, kinds
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors as campaigns
from shodaku.content import selectors, services
from shodaku.content.document import Document, Image
from shodaku.content.kept_templates import TEMPLATES_MAX
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_reader(shop)
    return shop


def begun(desk, shop, key, name="秋の催し"):
    desk.post(url(shop, "template", key), {"topic": shop.topic_id, "name": name})
    return campaigns.campaigns(shop.workspace_id)[0]


def document_of(shop, campaign):
    return campaigns.document(shop.workspace_id, campaign.campaign_id, campaign.revision)


def test_a_campaign_begins_with_one_of_ours_and_cannot_leave_before_it_is_written(shop):
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "templates")))
    assert page.index("Event invitation") < page.index("イベントのご案内")  # one's own language first
    answer = desk.post(url(shop, "template", "event-ja"), {"topic": shop.topic_id, "name": "秋の催し"})
    campaign = campaigns.campaigns(shop.workspace_id)[0]
    assert answer["Location"] == url(shop, "blocks", campaign.campaign_id)
    assert (campaign.name, campaign.subject, campaign.text) == ("秋の催し", "イベントのご案内", "")
    assert document_of(shop, campaign) == selectors.our_templates()["event-ja"].document
    assert desk.get(answer["Location"]).status_code == 200


def test_without_a_topic_or_a_name_nothing_begins(shop):
    desk = at_desk(shop)
    for wrong in (
        {"topic": shop.topic_id, "name": ""},
        {"topic": "x", "name": "秋"},
        {"topic": 1_000_000, "name": "秋"},
    ):
        assert desk.post(url(shop, "template", "event-ja"), wrong).status_code == 422
    assert campaigns.campaigns(shop.workspace_id) == []


def test_a_campaign_in_blocks_becomes_a_template_that_the_next_one_begins_with(shop):
    desk = at_desk(shop)
    campaign = begun(desk, shop, "coupon-ja")
    page = text_of(desk.post(url(shop, "template_keep", campaign.campaign_id), follow=True))
    assert "Kept as a template." in page
    (own,) = selectors.templates(shop.workspace_id)
    assert (own.name, own.subject) == ("秋の催し", "クーポンをお届けします")
    again = begun(desk, shop, own.template_id, name="冬の催し")
    assert document_of(shop, again) == document_of(shop, campaign)
    assert "admin.template.saved" in kinds(shop)


def test_a_text_that_was_typed_is_no_template(shop):
    desk = at_desk(shop)
    page = text_of(desk.post(url(shop, "template_keep", draft(desk, shop)), follow=True))
    assert "Only a campaign in blocks or in code can be kept as a template." in page
    assert selectors.templates(shop.workspace_id) == []


def test_a_template_is_copied_and_put_away(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "template_copy", "notice-en"))
    (own,) = selectors.templates(shop.workspace_id)
    assert own.name == "Copy of Plain notice"
    desk.post(url(shop, "template_copy", own.template_id))
    assert len(selectors.templates(shop.workspace_id)) == 2
    assert desk.post(url(shop, "template_archive", own.template_id)).status_code == 302
    (left,) = selectors.templates(shop.workspace_id)
    assert left.name == "Copy of Copy of Plain notice"
    assert desk.get(url(shop, "template", own.template_id)).status_code == 404
    assert desk.post(url(shop, "template_archive", "notice-en")).status_code == 404  # ours stay
    assert "admin.template.archived" in kinds(shop)


def test_a_template_is_looked_at_in_a_sandbox(shop):
    desk = at_desk(shop)
    assert 'sandbox src="' in text_of(desk.get(url(shop, "template", "event-ja")))
    answer = desk.get(url(shop, "template_preview", "event-ja"))
    assert answer["Content-Security-Policy"].endswith("sandbox")
    page = text_of(answer)
    assert "山田 花子 様" in page
    assert "○月○日" in page
    assert "{{" not in page


def test_a_picture_of_a_template_or_of_an_unfinished_draft_is_put_away_and_not_deleted(shop):
    desk = at_desk(shop)
    templated, drafted = in_library(shop), in_library(shop)
    for name, kept in (("ひな形", templated), ("下書き", drafted)):
        document = Document((Image("i", kept.image_id, ""),))  # not described: it cannot leave
        number = services.keep_template(shop.workspace_id, name, "", document, by="staff:1", now=clock.now())
    begun(desk, shop, number)
    services.archive_template(shop.workspace_id, number, by="staff:1", now=clock.now())
    for kept in (templated, drafted):
        desk.post(url(shop, "picture_remove", kept.image_id))
        assert selectors.picture(shop.workspace_id, kept.image_id).put_away_at is not None


def test_templates_of_another_shop_are_not_there(shop):
    other = a_shop()
    document = selectors.our_templates()["notice-ja"].document
    number = services.keep_template(other.workspace_id, "冬", "冬", document, by="staff:1", now=clock.now())
    assert (
        selectors.template(shop.workspace_id, number) is None or selectors.templates(shop.workspace_id) == []
    )
    for key in ("none", "999999999", "-1"):
        assert at_desk(shop).get(f"{url(shop, 'templates')}{key}/").status_code == 404


def test_there_are_at_most_two_hundred(shop):
    document = selectors.our_templates()["notice-ja"].document
    for number in range(TEMPLATES_MAX):
        services.keep_template(shop.workspace_id, f"{number}", "冬", document, by="staff:1", now=clock.now())
    page = text_of(at_desk(shop).post(url(shop, "template_copy", "notice-en"), follow=True))
    assert "at most 200 templates" in page
    assert len(selectors.templates(shop.workspace_id)) == TEMPLATES_MAX


def test_who_may_not_write_looks_and_changes_nothing(shop):
    desk = at_desk(shop, Role.COMPLIANCE)
    assert "Write a campaign from it" not in text_of(desk.get(url(shop, "template", "event-en")))
    said = {"topic": shop.topic_id, "name": "x"}
    assert desk.post(url(shop, "template", "event-en"), said).status_code == 403
    assert desk.post(url(shop, "template_copy", "event-en")).status_code == 403
    assert campaigns.campaigns(shop.workspace_id) == []


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound(shop, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    client.post(url(shop, "template_copy", "coupon-ja"))
    (own,) = selectors.templates(shop.workspace_id)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, address in (
        ("templates", url(shop, "templates")),
        ("template", url(shop, "template", own.template_id)),
    ):
        page.goto(base + address)
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.context.close()
