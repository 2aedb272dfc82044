"""What goes when, month by month: campaigns, ends of consents and of times to answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.campaigns.test_services import a_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import services
from shodaku.kit import clock, db

pytestmark = pytest.mark.usefixtures("database")
TOKYO = ZoneInfo("Asia/Tokyo")


def next_month(now):
    """The 10th of the month after this one, at half past one: still the 9th in UTC."""
    first = (now.astimezone(TOKYO).replace(day=1) + timedelta(days=32)).replace(day=10)
    return first.replace(hour=1, minute=30, second=0, microsecond=0)


def asked(shop, contact_id, until):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into reconfirmation"
            " (workspace_id, contact_id, topic_ids, locale, asked_at, answer_until, state)"
            " values (%s, %s, %s, 'ja', now(), %s, 'asked')",
            [shop.workspace_id, contact_id, [shop.topic_id], until],
        )


@pytest.fixture(scope="module")
def planned(database):
    shop, now = a_shop(), clock.now()
    then = next_month(now)
    a_reader(shop, at=now - timedelta(days=2), expires_at=then + timedelta(days=3))
    reader = a_reader(shop, at=now - timedelta(days=2))
    asked(shop, reader, then + timedelta(days=5))
    for name, at in (("冬のごあいさつ", then), ("いつか", None), ("今月のお便り", None)):
        number = a_draft(shop, name=name)
        services.schedule(shop.workspace_id, number, at, staff_id=None, now=now)
    counted = services.count(shop.workspace_id, number, now=now)
    services.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=now)
    return shop, then


def month_page(shop, at, language="en", **client):
    desk = at_desk(shop, language=language, **client)
    return text_of(desk.get(url(shop, "calendar"), {"month": f"{at:%Y-%m}"}))


def cell_of(page, at):
    start = page.index(f'datetime="{at:%Y-%m-%d}"')
    return page[start : page.index("</td>", start)]


def test_each_thing_stands_on_its_day_of_the_workspaces_clock(planned):
    shop, then = planned
    page = month_page(shop, then)
    assert "冬のごあいさつ" in cell_of(page, then)  # 1:30 in Tokyo is the day before in UTC
    assert "1:30" in cell_of(page, then)
    assert "1 consent ends" in cell_of(page, then + timedelta(days=3))
    assert "Last day to answer for 1 person" in cell_of(page, then + timedelta(days=5))
    assert "いつか" not in page


def test_what_was_launched_stands_in_this_month_without_being_asked_for(planned):
    shop, _then = planned
    page = text_of(at_desk(shop).get(url(shop, "calendar")))
    assert "今月のお便り" in cell_of(page, clock.now().astimezone(TOKYO))
    assert 'aria-current="date"' in page


def test_the_months_beside_it_are_links_and_an_empty_one_says_so(planned):
    shop, then = planned
    page = month_page(shop, then)
    after = (then.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert f"?month={after:%Y-%m}" in page
    assert "This month" in page
    far = month_page(shop, datetime(2030, 2, 1, tzinfo=TOKYO))
    assert "Nothing in this month." in far
    nonsense = text_of(at_desk(shop).get(url(shop, "calendar"), {"month": "2026-99"}))
    assert 'aria-current="date"' in nonsense


def test_who_cannot_write_is_not_offered_to(planned):
    shop, then = planned
    clerk = text_of(at_desk(shop, Role.CLERK).get(url(shop, "calendar"), {"month": f"{then:%Y-%m}"}))
    assert "冬のごあいさつ" in clerk
    assert url(shop, "campaign_new") not in clerk


def test_the_month_is_taken_along_as_a_file_that_names_nobody(planned):
    shop, then = planned
    answer = at_desk(shop, language="ja").get(url(shop, "calendar_file"), {"month": f"{then:%Y-%m}"})
    body = text_of(answer).replace("\r\n ", "")
    assert answer["Content-Type"].startswith("text/calendar")
    assert body.count("BEGIN:VEVENT") == 3
    assert "SUMMARY:下書き: 冬のごあいさつ" in body
    assert f"DTSTART:{then.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}" in body
    assert "@example.jp" not in body


def test_another_shops_calendar_shows_nothing_of_it(planned):
    _shop, then = planned
    page = month_page(a_shop(), then)
    assert "冬のごあいさつ" not in page
    assert "Nothing in this month." in page


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(planned, browser, base, language, width, scheme):
    shop, then = planned
    places = {
        "calendar": f"{url(shop, 'calendar')}?month={then:%Y-%m}&",
        "campaigns_narrowed": f"{url(shop, 'campaigns')}?state=draft&",
        "home": f"{url(shop, 'home')}?",
    }
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name, place in places.items():
        page.goto(f"{base}{place}lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(f"{base}{places['calendar']}lang={language}")
    page.locator("a[rel=next]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calendar/?month=*")
    page.context.close()
