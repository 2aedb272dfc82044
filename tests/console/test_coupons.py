"""Coupons at the desk and in the report: noted by hand or from a list, counted by code, taken back."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.campaigns.test_writing import in_blocks_now, save
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.content.test_document import in_blocks, paragraph, prose, text
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.contacts import selectors as contacts
from shodaku.content.domain import parse_document
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")
CODE = "AOI-10"


def today():
    """On the clock of the shop."""
    return clock.now().astimezone(ZoneInfo("Asia/Tokyo")).date()


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_reader(shop)
    return shop


@pytest.fixture(scope="module")
def went(shop):
    """Launched, with one coupon in it."""
    return a_campaign_with_coupons(shop, "aoi-10")


def a_campaign_with_coupons(shop, *codes):
    campaign_id = in_blocks_now(shop)
    coupons = [{"type": "coupon", "title": "10%引き", "code": code, "until": ""} for code in codes]
    words = {"type": "text", "doc": prose(paragraph(text("冬の品がそろいました。")))}
    save(shop, campaign_id, parse_document(in_blocks(words, *coupons)), 1, now=clock.now())
    counted = services.count(shop.workspace_id, campaign_id, now=clock.now())
    answer = services.launch(
        shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=clock.now()
    )
    assert isinstance(answer, services.Launched), answer
    return campaign_id


def note(desk, shop, **said):
    usual = {"code": CODE, "used_on": f"{today()}", "times": "2"}
    return desk.post(url(shop, "coupon_note"), {**usual, **said}, follow=True)


def a_list(words):
    return SimpleUploadedFile("uses.csv", words.encode(), "text/csv")


def test_a_use_that_is_noted_stands_in_the_report_of_the_campaign(shop, went):
    desk = at_desk(shop, Role.MARKETER)
    before = selectors.times_used(shop.workspace_id, went)[CODE]
    assert "Noted." in text_of(note(desk, shop, code="ａｏｉ-10"))
    assert selectors.times_used(shop.workspace_id, went) == {CODE: before + 2}
    page = text_of(desk.get(url(shop, "campaign_report", went)))
    assert "Times used" in page
    assert f"<code>{CODE}</code>" in page
    lines = desk.post(url(shop, "campaign_report_file", went)).content.decode("utf-8-sig").splitlines()
    assert f"Coupons that were used,{CODE},{before + 2}" in lines
    campaign = selectors.campaign(shop.workspace_id, went)
    told = selectors.report_document(shop.workspace_id, campaign, now=clock.now())
    assert told["coupons"] == [{"code": CODE, "times": before + 2}]


def test_what_was_used_before_it_was_sent_is_not_its(shop, went):
    before = selectors.times_used(shop.workspace_id, went)
    note(at_desk(shop, Role.MARKETER), shop, used_on="2026-01-05")
    assert selectors.times_used(shop.workspace_id, went) == before


def test_a_campaign_without_coupons_says_nothing_of_them(shop):
    campaign_id = a_campaign_with_coupons(shop)
    page = text_of(at_desk(shop).get(url(shop, "campaign_report", campaign_id)))
    assert "Times used" not in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"used_on": f"{today() + timedelta(days=2)}"}, "The day is still to come"),
        ({"used_on": "soon"}, "The day cannot be read"),
        ({"times": "0"}, "greater than or equal to 1"),
        ({"code": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_noted_comes_back_with_a_sentence_and_all_that_was_typed(shop, said, sentence):
    before = len(contacts.coupon_uses(shop.workspace_id))
    answer = note(at_desk(shop, Role.MARKETER), shop, **said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert len(contacts.coupon_uses(shop.workspace_id)) == before


def test_a_list_is_first_looked_at_and_then_recorded(shop, went):
    desk = at_desk(shop, Role.MARKETER)
    rows = f"code,date,receipt\n{CODE},{today()},R-77\n,x,\n"
    before = selectors.times_used(shop.workspace_id, went)[CODE]
    page = text_of(desk.post(url(shop, "coupon_list"), {"file": a_list(rows), "do": "check"}))
    assert "1 of 2 rows would be recorded." in page
    assert selectors.times_used(shop.workspace_id, went)[CODE] == before
    page = text_of(desk.post(url(shop, "coupon_list"), {"file": a_list(rows), "do": "record"}))
    assert "1 of 2 rows were recorded." in page
    assert selectors.times_used(shop.workspace_id, went)[CODE] == before + 1
    page = text_of(desk.post(url(shop, "coupon_list"), {"file": a_list("a,b\n1,2\n"), "do": "record"}))
    assert "Columns are missing" in page


def test_a_mistake_is_taken_back(shop):
    desk = at_desk(shop, Role.MARKETER)
    note(desk, shop, code="WRONG-1")
    use = contacts.coupon_uses(shop.workspace_id)[0]
    page = text_of(desk.post(url(shop, "coupon_take_back", use.use_no), follow=True))
    assert "Taken back." in page
    assert "WRONG-1" not in page


def test_who_may_not_bring_lists_sees_and_changes_nothing(shop):
    desk = at_desk(shop, Role.DEVELOPER)
    page = text_of(desk.get(url(shop, "coupons")))
    assert "Note a use" not in page
    assert note(desk, shop).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, went, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, place in (
        ("coupons", url(shop, "coupons")),
        ("report", url(shop, "campaign_report", went)),
    ):
        page.goto(f"{base}{place}?lang={language}")
        assert looked_at(page, f"{name}_coupons_{language}_{width}_{scheme}", troubles) == [], name
    page.context.close()
