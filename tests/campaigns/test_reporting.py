"""Figures of a campaign: each is what happened, and none of them gets smaller when somebody is erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.campaigns.test_services import a_draft, launch
from tests.people import a_reader, a_shop
from tests.reported import a_campaign_that_went

from shodaku.campaigns import jobs, selectors, services
from shodaku.campaigns import reporting as figures
from shodaku.campaigns.report_figures import REPORT_DAYS, Report, due_after, merged
from shodaku.delivery import selectors as delivery
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db
from shodaku.kit.queue import JobState

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture(scope="module")
def went(database, shop, tmp_path_factory):
    return a_campaign_that_went(database, shop, tmp_path_factory.mktemp("home"))


def reported(shop, went):
    campaign = selectors.campaign(shop.workspace_id, went.campaign_id)
    return selectors.report(shop.workspace_id, campaign, now=clock.now())


def test_what_became_of_everybody_is_counted(shop, went):
    found = reported(shop, went)
    assert found.ended
    assert found.numbers("people") == {
        "total": 6, "accepted": 4, "refused": 1, "failed": 1, "uncertain": 0, "waiting": 0,
        "stopped_in_time": 1, "returned": 1, "clickers": 2, "opted_out": 1, "complaints": 1,
    }  # fmt: skip
    assert found.rows("bounce") == {"hard": {"userunknown": 1}, "soft": {"mailboxfull": 1}}
    assert found.rows("reason")["refused"] == {"REFUSED_ALL": 1}
    assert found.numbers("refusal") == {"all": 1}
    assert found.rows("receiver") == {
        "gmail": {"failed": 1},
        "other": {"accepted": 4, "returned": 1, "complaints": 1},
    }


def test_what_people_followed_is_counted_by_link_and_by_the_hour(shop, went):
    found = reported(shop, went)
    assert found.rows("link") == {
        "0": {"people": 0, "clicks": 0, "programs": 1},
        "1": {"people": 2, "clicks": 2, "programs": 0},
    }
    assert sum(row["clicks"] for row in found.rows("hour").values()) == 2
    assert sum(row["opens"] for row in found.rows("hour").values()) == 1


def test_who_was_held_at_the_launch_stays_as_it_was_counted(shop, went):
    counted = selectors.launch_preflight(shop.workspace_id, went.campaign_id)
    assert (counted.chosen, counted.sendable, dict(counted.reasons)) == (7, 6, {"CONSENT_EXPIRED": 1})
    assert selectors.members(shop.workspace_id, counted, "CONSENT_EXPIRED") == []


def test_an_erasure_makes_no_figure_smaller(shop, went):
    before = services.refresh_report(shop.workspace_id, went.campaign_id, now=clock.now())
    erasure_id = erasure.request(
        shop.workspace_id, went.complained, rule="erase", receipt="S-1", now=clock.now()
    )
    erasure.forget(shop.workspace_id, erasure_id, now=clock.now() + timedelta(minutes=5), event_id=uuid4())
    live = delivery.came_back(shop.workspace_id, went.mailing_id)
    assert live.complaints == 0
    after = services.refresh_report(shop.workspace_id, went.campaign_id, now=clock.now())
    assert dict(after.counts) == dict(before.counts)


def test_the_clock_asks_once_for_each_report_that_is_due(shop, went):
    now = clock.now()
    services.refresh_report(shop.workspace_id, went.campaign_id, now=now)
    assert services.ask_due_reports(shop.workspace_id, now=now + 9 * HOUR / 60) == 0
    assert services.ask_due_reports(shop.workspace_id, now=now + 11 * HOUR / 60) == 1
    assert selectors.report_asked(shop.workspace_id, went.campaign_id) is JobState.WAITING
    with db.transaction(shop.workspace_id) as connection:
        jobs_waiting = connection.execute(
            "select count(*) from procrastinate_jobs where task_name = 'campaigns.report'"
            " and args ->> 'campaign_id' = %s and args ->> 'workspace_id' = %s and status = 'todo'",
            [str(went.campaign_id), str(shop.workspace_id)],
        ).fetchone()
    assert jobs_waiting == (1,)
    jobs.report(shop.workspace_id, went.campaign_id)
    late = now + timedelta(days=REPORT_DAYS)
    services.refresh_report(shop.workspace_id, went.campaign_id, now=late)
    assert services.ask_due_reports(shop.workspace_id, now=late + timedelta(days=400)) == 0


def test_a_large_one_is_never_counted_while_somebody_waits(shop, monkeypatch):
    other = a_shop()
    a_reader(other, at=NOW - 24 * HOUR)
    number = a_draft(other)
    launch(other, number)
    monkeypatch.setattr(figures, "AT_ONCE_PEOPLE_MAX", 0)
    campaign = selectors.campaign(other.workspace_id, number)
    assert selectors.report(other.workspace_id, campaign, now=NOW) is None
    services.refresh_report(other.workspace_id, number, now=NOW)
    kept = selectors.report(other.workspace_id, campaign, now=NOW + HOUR)
    assert (kept.at, kept.number("people", "waiting"), kept.ended) == (NOW, 1, False)


def test_a_campaign_is_seen_beside_the_earlier_ones_of_its_topic(shop, went):
    services.refresh_report(shop.workspace_id, went.campaign_id, now=clock.now())
    number = a_draft(shop)
    counted = services.count(shop.workspace_id, number, now=clock.now())
    services.launch(shop.workspace_id, number, counted.preflight_id, staff_id=None, now=clock.now())
    later = selectors.campaign(shop.workspace_id, number)
    (before,) = selectors.earlier(shop.workspace_id, later)
    assert (before.campaign_id, before.report.number("people", "accepted")) == (went.campaign_id, 4)
    first = selectors.campaign(shop.workspace_id, went.campaign_id)
    assert selectors.earlier(shop.workspace_id, first) == []


@pytest.mark.parametrize(
    ("age", "ended", "pause"),
    [
        (timedelta(0), False, timedelta(minutes=1)),
        (timedelta(days=30), False, timedelta(minutes=1)),  # it still runs: a day's amount each day
        (timedelta(hours=23), True, timedelta(minutes=10)),
        (timedelta(days=1), True, HOUR),
        (timedelta(days=7), True, timedelta(days=1)),
        (timedelta(days=REPORT_DAYS) - HOUR, True, timedelta(days=1)),
        (timedelta(days=REPORT_DAYS), True, None),
        (timedelta(days=REPORT_DAYS), False, None),
    ],
)
def test_the_older_it_is_the_seldomer_it_is_counted(age, ended, pause):
    assert due_after(age, timedelta(0), ended=ended) == pause


def test_counting_takes_at_most_a_twentieth_of_the_time():
    assert due_after(timedelta(0), timedelta(seconds=30), ended=False) == timedelta(minutes=10)


def test_of_two_counts_each_figure_is_the_larger_one_but_for_who_still_waits():
    before = Report(
        {"people/accepted": 5, "people/waiting": 9, "reason/refused/REFUSED_ALL": 2}, NOW, ended=False
    )
    now = Report({"people/accepted": 8, "people/waiting": 0}, NOW + HOUR, ended=True)
    both = merged(before, now)
    assert both.counts == {"people/accepted": 8, "people/waiting": 0, "reason/refused/REFUSED_ALL": 2}
    assert (both.at, both.ended) == (NOW + HOUR, True)
    assert merged(None, now) is now
