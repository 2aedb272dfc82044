"""The first page is calm: what needs somebody, and what is under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.console.test_cases import said
from tests.console.test_desk import UNCLEAR, writes
from tests.console.test_requests import asks
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import services as campaigns
from shodaku.complaints.domain import Identified, RequestKind
from shodaku.consent import figures
from shodaku.consent import services as consent
from shodaku.delivery import link_watch
from shodaku.delivery import services as delivery
from shodaku.journeys import services as clocks
from shodaku.journeys.domain import Counted, Late
from shodaku.kit import clock
from shodaku.ledger import services as ledger

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


def test_what_is_planned_is_listed_by_its_time_and_a_draft_says_that_it_waits_for_somebody():
    shop, now = a_shop(), clock.now()
    a_reader(shop, at=now - timedelta(days=1))
    numbers = [a_draft(shop, name=name) for name in ("later", "sooner", "only written", "at once")]
    for number, days in zip(numbers, (3, 2, 4), strict=False):
        starts_at = now + timedelta(days=days)
        campaigns.schedule(shop.workspace_id, number, starts_at, staff_id=None, now=now)
    for number in numbers[:2]:
        counted = campaigns.count(shop.workspace_id, number, now=now)
        campaigns.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=now)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    planned = page[page.index('id="h-coming"') : page.index('id="h-running"')]
    places = [planned.index(f">{name}</a>") for name in ("sooner", "later", "only written")]
    assert places == sorted(places)
    assert "at once" not in planned
    assert planned.count("Will start by itself") == 2
    assert planned.count("Starts only when somebody sends it off before.") == 1
    campaigns.start_now(shop.workspace_id, numbers[1], now=now)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    assert ">sooner</a>" not in page[page.index('id="h-coming"') : page.index('id="h-running"')]


def test_without_a_plan_nothing_is_said_of_it():
    shop = a_shop()
    a_draft(shop)
    assert 'id="h-coming"' not in text_of(at_desk(shop).get(url(shop, "home")))


def test_a_domain_that_fails_and_links_that_nobody_answers_are_told_first():
    shop, now = a_shop(), clock.now()
    a_reader(shop, at=now - timedelta(days=1))
    number = a_draft(shop)
    counted = campaigns.count(shop.workspace_id, number, now=now)
    campaigns.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=now)
    desk = at_desk(shop)
    assert "Advertising from it rests" not in text_of(desk.get(url(shop, "home")))
    delivery.check_domain(shop.workspace_id, "aoi.example", lambda _: (), by="test", now=now)
    page = text_of(desk.get(url(shop, "home")))
    assert "The records of the sending domain aoi.example have failed since" in page
    rests = text_of(desk.get(url(shop, "campaign", number)))
    assert "the records of the sending domain fail" in rests
    assert url(shop, "domains") in rests
    for minutes, answered in enumerate((True, False, False, False)):
        at = now + timedelta(minutes=minutes)
        link_watch.note(shop.workspace_id, "https://mail.aoi.example", answered=answered, now=at)
    assert "https://mail.aoi.example has not answered since" in text_of(desk.get(url(shop, "home")))
    link_watch.note(shop.workspace_id, "https://mail.aoi.example", answered=True, now=now)


def test_a_person_is_found_by_a_part_of_the_name_and_an_erased_one_by_nothing():
    shop = a_shop()
    a_contact(shop, name="髙﨑 さくら")
    desk = at_desk(shop, Role.CLERK)
    assert "髙﨑 さくら" in text_of(desk.post(url(shop, "contacts"), {"q": "さくら"}))
    nobody = text_of(desk.post(url(shop, "contacts"), {"q": "だれもいない"}))
    assert "An erased person cannot be found by anything." in nobody


def test_what_is_due_is_told_with_its_count_and_what_to_do():
    shop = a_shop()
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    a_reader(shop, at=now - timedelta(days=8))
    clocks.note_welcomes(shop.workspace_id, now=now)
    clocks.note_late(shop.workspace_id, now=now)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    assert "What needs you today" in page
    assert "“Monthly shop news”: 1 person waits for the welcome mail for more than 24 hours" in page
    assert "“Monthly shop news”: 1 person agreed more than 7 days ago and got nothing yet" in page
    assert "Look whether the mail server takes mails." in page
    assert "「月刊ショップだより」" in text_of(at_desk(shop, language="ja").get(url(shop, "home")))


def test_where_nothing_is_due_the_first_page_stays_calm():
    shop = a_shop()
    assert "Nothing waits for you." in text_of(at_desk(shop).get(url(shop, "home")))


def test_silence_and_a_met_purpose_are_told_with_the_command_that_acts():
    shop = a_shop()
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    clocks.note(shop.workspace_id, Late.SILENT, [Counted(shop.topic_id, 2, now)], now=now)
    clocks.note(shop.workspace_id, Late.PURPOSE_MET, [Counted(0, 1_200, now)], now=now)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    assert "“Monthly shop news”: nothing was sent to 2 people for 12 months" in page
    assert "1,200 people are needed for nothing any more" in page


def test_what_the_last_check_of_the_ledger_found_is_one_line_and_an_alarm_if_it_does_not_agree(database):
    shop = a_shop()
    desk, now = at_desk(shop), datetime.now(UTC)  # noqa: TID251 - a test is an edge
    a_reader(shop)
    ledger.sequence_all(shop.workspace_id, now=now)
    assert "The ledger was not checked yet." in text_of(desk.get(url(shop, "home")))
    consent.audit(shop.workspace_id, now=now)
    page = text_of(desk.get(url(shop, "home")))
    assert "The ledger agrees with what was recorded and signed." in page
    assert 'data-tone="danger"' not in page
    with clock.standing_at(now + timedelta(days=2)):
        assert "more than two days ago" in text_of(desk.get(url(shop, "home")))
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute("update ledger_entry set entry = replace(entry, 'confirmed', 'given')")
    consent.audit(shop.workspace_id, now=now + timedelta(seconds=1))
    page = text_of(desk.get(url(shop, "home")))
    assert "The ledger does not agree with what was recorded." in page
    assert f'href="{url(shop, "ledger")}">See what does not agree</a>' in page


def test_each_kind_of_work_is_told_to_who_may_do_it_with_one_next_step():
    shop, now = a_shop(), clock.now()
    reader = a_reader(
        shop, "a.unclear@example.jp", at=now - timedelta(days=1), expires_at=now + timedelta(days=9)
    )
    writes(shop, "a.unclear@example.jp", UNCLEAR)
    at_desk(shop).post(url(shop, "case_open"), said("a.unclear@example.jp"))
    asks(shop, RequestKind.ACCESS, "a.unclear@example.jp", identity=Identified.DOCUMENT, days_ago=29)
    number = a_draft(shop, name="冬のお便り")
    counted = campaigns.count(shop.workspace_id, number, now=now)
    campaigns.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=now)
    campaigns.pause(shop.workspace_id, number, now=now)
    page = text_of(at_desk(shop).get(url(shop, "home")))
    for words, place in (
        ("1 message or complaint waits for an answer", url(shop, "desk")),
        ("1 complaint has no answer yet", url(shop, "cases")),
        ("1 request about personal data is due or late", url(shop, "requests")),
        ("“冬のお便り” rests", url(shop, "campaign", number)),
        ("1 consent ends within 30 days", url(shop, "calendar")),
    ):
        assert words in page, words
        assert f'href="{place}"' in page
    developer = text_of(at_desk(shop, Role.DEVELOPER).get(url(shop, "home")))
    assert "waits for an answer" not in developer
    assert "no answer yet" not in developer
    assert "rests" not in developer
    assert "1 consent ends within 30 days" in developer
    assert reader


def test_what_was_sent_lately_is_told_with_the_way_to_its_report(database, tmp_path):
    shop = a_shop()
    a_reader(shop)
    number = a_draft(shop, name="秋のお便り")
    counted = campaigns.count(shop.workspace_id, number, now=clock.now())
    campaigns.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=clock.now())
    desk = at_desk(shop)
    assert "h-news" not in text_of(desk.get(url(shop, "home")))
    from shodaku.campaigns import selectors

    mailing_id = selectors.campaign(shop.workspace_id, number).mailing_id
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    page = text_of(desk.get(url(shop, "home")))
    assert "“秋のお便り” was sent" in page
    assert "1 mail was handed over." in page
    assert url(shop, "campaign_report", number) in page


def test_consents_of_thirty_days_are_drawn_with_their_figures_beside():
    shop, now = a_shop(), clock.now()
    a_reader(shop, at=now - timedelta(days=3))
    page = text_of(at_desk(shop).get(url(shop, "home")))
    chart = page[page.index('id="h-consents"') :]
    assert 'aria-label="New consents and ended ones' in chart
    assert '<td data-th="Agreed" class="n num">1</td>' in chart


def test_many_consents_are_never_counted_while_somebody_waits(monkeypatch):
    shop, now, zone = a_shop(), clock.now(), ZoneInfo("Asia/Tokyo")
    a_reader(shop)
    assert not figures.refresh_figures(shop.workspace_id, zone, now=now)  # a page counts so few by itself
    monkeypatch.setattr(figures, "AT_ONCE_EVENTS_MAX", 0)
    desk = at_desk(shop)
    assert "Consents are being counted" in text_of(desk.get(url(shop, "home")))
    assert figures.refresh_figures(shop.workspace_id, zone, now=now)
    a_reader(shop)
    kept = figures.consent_figures(shop.workspace_id, zone, now=now)
    assert (kept.live, kept.at) == (1, now)
    assert "Consents are being counted" not in text_of(desk.get(url(shop, "home")))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The clocks of this server and of its database differ by 60 minutes"),
        ("ja", "このサーバーとデータベースの時計が60分ずれています"),
    ],
)
@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1)])
def test_clocks_that_differ_are_told_to_whoever_can_have_them_set(language, said, ahead):
    shop = a_shop()
    owner, clerk = at_desk(shop, language=language), at_desk(shop, Role.CLERK, language=language)
    assert said not in text_of(owner.get(url(shop, "home")))
    with clock.standing_at(clock.now() + ahead):
        assert said in text_of(owner.get(url(shop, "home")))
        assert said not in text_of(clerk.get(url(shop, "home")))
