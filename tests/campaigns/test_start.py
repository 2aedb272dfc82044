"""A campaign that is launched before its time: who is chosen, what leaves when, and what one may still do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import SCHEDULE_DAYS_MAX, may_start_at
from shodaku.campaigns.services import ContentChanged, Launched, StartPassed
from shodaku.consent.domain import Method
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

A_DAY = timedelta(days=1)
MOMENTS = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def now():
    return clock.now()


def launched(shop, starts_at, now, **changes):
    campaign_id = a_draft(shop, **changes)
    services.schedule(shop.workspace_id, campaign_id, starts_at, staff_id=None, now=now)
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    answer = services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)
    assert isinstance(answer, Launched)
    return campaign_id, answer.mailing_id


def sent(database, shop, mailing_id, home):
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=home)
    return len(sink.arrived)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=SCHEDULE_DAYS_MAX)))
def test_it_starts_in_the_future_and_within_ninety_days(now, later):
    assert may_start_at(now + later, now)
    assert not may_start_at(now, now)
    assert not may_start_at(now - later, now)
    assert not may_start_at(now + later + timedelta(days=SCHEDULE_DAYS_MAX), now)


def test_nothing_leaves_before_its_time(database, shop, now, tmp_path):
    a_reader(shop, at=now - A_DAY)
    campaign_id, mailing_id = launched(shop, now + A_DAY, now)
    assert sent(database, shop, mailing_id, tmp_path) == 0
    found = delivery.progress(shop.workspace_id, mailing_id)
    assert (found.scheduled, found.waiting, found.started_at) == (True, 1, now + A_DAY)
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "running"
    jobs = rows(
        database,
        shop,
        """select scheduled_at from procrastinate_jobs
           where status = 'todo' and task_name = 'delivery.send_chunk'
             and (args ->> 'workspace_id')::int = %(workspace)s
             and (args ->> 'mailing_id')::int = %(mailing)s""",
        mailing=mailing_id,
    )
    assert jobs == [(now + A_DAY,)]


def test_started_before_its_time_it_leaves_at_once_and_once(database, shop, now, tmp_path):
    a_reader(shop, at=now - A_DAY)
    campaign_id, mailing_id = launched(shop, now + A_DAY, now)
    assert services.start_now(shop.workspace_id, campaign_id, now=clock.now())
    assert not delivery.progress(shop.workspace_id, mailing_id).scheduled
    assert sent(database, shop, mailing_id, tmp_path) == 1
    assert sent(database, shop, mailing_id, tmp_path) == 0
    assert not services.start_now(shop.workspace_id, campaign_id, now=clock.now())
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == [f"admin.campaign.{act}" for act in ("created", "edited", "launched", "started")]


def test_who_says_no_in_between_gets_nothing(database, shop, now, tmp_path):
    stays, leaves = a_reader(shop, at=now - A_DAY), a_reader(shop, at=now - A_DAY)
    campaign_id, mailing_id = launched(shop, now + A_DAY, now)
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=leaves, scope=OptOutScope.ALL, via=Method.PAGE),
        clock.now(),
    )
    services.start_now(shop.workspace_id, campaign_id, now=clock.now())
    assert sent(database, shop, mailing_id, tmp_path) == 1
    outcomes = {row.contact_id: row.outcome for row in delivery.deliveries(shop.workspace_id, [mailing_id])}
    assert outcomes == {stays: "accepted", leaves: "refused"}


def test_people_are_chosen_as_they_stand_when_it_starts(shop, now):
    a_reader(shop, at=now - A_DAY, expires_at=now + A_DAY)
    resting = a_reader(shop, at=now - A_DAY)
    optout.opt_out(
        OptOut(
            workspace_id=shop.workspace_id,
            contact_id=resting,
            scope=OptOutScope.UNTIL,
            until=now + A_DAY,
            via=Method.PAGE,
        ),
        now,
    )
    campaign_id = a_draft(shop)
    today = services.count(shop.workspace_id, campaign_id, now=now)
    assert (today.sendable, dict(today.reasons)) == (1, {"REFUSED_UNTIL": 1})
    services.schedule(shop.workspace_id, campaign_id, now + 2 * A_DAY, staff_id=None, now=now)
    then = services.count(shop.workspace_id, campaign_id, now=now)
    assert (then.sendable, dict(then.reasons)) == (1, {"CONSENT_EXPIRED": 1})
    answer = services.launch(shop.workspace_id, campaign_id, then.preflight_id, staff_id=None, now=now)
    assert answer.people == 1


def test_paused_and_resumed_it_still_waits_for_its_time(database, shop, now, tmp_path):
    a_reader(shop, at=now - A_DAY)
    campaign_id, mailing_id = launched(shop, now + A_DAY, now)
    assert services.pause(shop.workspace_id, campaign_id, now=clock.now())
    assert services.resume(shop.workspace_id, campaign_id, now=clock.now())
    assert sent(database, shop, mailing_id, tmp_path) == 0
    assert delivery.progress(shop.workspace_id, mailing_id).scheduled


def test_cancelled_before_its_time_nobody_gets_it(database, shop, now, tmp_path):
    a_reader(shop, at=now - A_DAY)
    campaign_id, mailing_id = launched(shop, now + A_DAY, now)
    assert services.cancel(shop.workspace_id, campaign_id, now=clock.now())
    assert not services.start_now(shop.workspace_id, campaign_id, now=clock.now())
    assert sent(database, shop, mailing_id, tmp_path) == 0


def test_another_time_than_the_counted_one_is_another_campaign(shop, now):
    a_reader(shop, at=now - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    services.schedule(shop.workspace_id, campaign_id, now + A_DAY, staff_id=None, now=now)
    answer = services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)
    assert answer == ContentChanged()


def test_a_time_that_has_passed_launches_nothing(shop, now):
    a_reader(shop, at=now - A_DAY)
    campaign_id = a_draft(shop)
    services.schedule(shop.workspace_id, campaign_id, now + A_DAY, staff_id=None, now=now)
    counted = services.count(shop.workspace_id, campaign_id, now=now)
    answer = services.launch(
        shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now + A_DAY
    )
    assert answer == StartPassed(now + A_DAY)
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


@pytest.mark.parametrize("days", [-1, 0, SCHEDULE_DAYS_MAX + 1])
def test_a_time_out_of_reach_is_refused_and_the_draft_stays_as_it_was(shop, now, days):
    campaign_id = a_draft(shop)
    with pytest.raises(services.StartOutOfReach):
        services.schedule(shop.workspace_id, campaign_id, now + days * A_DAY, staff_id=None, now=now)
    assert selectors.campaign(shop.workspace_id, campaign_id).starts_at is None


def test_a_copy_has_no_time(shop, now):
    campaign_id = a_draft(shop, starts_at=datetime(2026, 12, 1, tzinfo=UTC))
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=None, now=now)
    assert selectors.campaign(shop.workspace_id, copied).starts_at is None


def test_a_test_of_it_leaves_at_once(database, shop, now, tmp_path):
    from shodaku.accounts import services as accounts
    from shodaku.accounts.domain import Role

    staff_id = accounts.create_staff(f"staff-{shop.slug}@aoi.example", "森", "a long password", now=now)
    accounts.join(shop.workspace_id, staff_id, Role.MARKETER, now=now)
    campaign_id = a_draft(shop)
    services.schedule(shop.workspace_id, campaign_id, now + A_DAY, staff_id=None, now=now)
    mailing_id = services.test_send(shop.workspace_id, campaign_id, staff_id=staff_id, now=now)
    assert sent(database, shop, mailing_id, tmp_path) == 1
