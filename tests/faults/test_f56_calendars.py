"""Mails that start by themselves know leap days, the ends of months and years in Japan, and leave once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import rows
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import Launched
from shodaku.console.campaign_form import CampaignForm

TYPED = [
    ("2028-02-29T00:00", datetime(2028, 2, 28, 15, tzinfo=UTC)),  # a leap day there, the day before here
    ("2028-03-01T08:59", datetime(2028, 2, 29, 23, 59, tzinfo=UTC)),
    ("2027-01-01T00:00", datetime(2026, 12, 31, 15, tzinfo=UTC)),
    ("2026-12-31T23:59", datetime(2026, 12, 31, 14, 59, tzinfo=UTC)),
    ("2027-03-28T02:30", datetime(2027, 3, 27, 17, 30, tzinfo=UTC)),  # no such hour in Europe, and one here
]


@pytest.mark.parametrize(("typed", "meant"), TYPED)
def test_f56_a_start_is_the_minute_that_the_clock_in_japan_will_show(typed, meant):
    assert CampaignForm.base_fields["starts_at"].clean(typed) == meant


@pytest.mark.parametrize(("_typed", "meant"), TYPED)
def test_f56_a_campaign_that_is_launched_for_such_a_minute_has_one_job_then_however_often_it_is_pressed(
    database, _typed, meant
):
    shop = a_shop()
    now = meant - timedelta(days=40)
    a_reader(shop, at=now - timedelta(days=1))
    campaign_id = a_draft(shop)
    services.schedule(shop.workspace_id, campaign_id, meant, staff_id=None, now=now)
    preflight_id = services.count(shop.workspace_id, campaign_id, now=now).preflight_id
    answers = [
        services.launch(shop.workspace_id, campaign_id, preflight_id, staff_id=None, now=now)
        for _ in range(2)
    ]
    assert isinstance(answers[0], Launched)
    jobs = rows(
        database,
        shop,
        """select scheduled_at from procrastinate_jobs
           where task_name = 'delivery.send_chunk' and (args ->> 'workspace_id')::int = %(workspace)s""",
    )
    assert jobs == [(meant,)]
    assert selectors.campaign(shop.workspace_id, campaign_id).starts_at == meant
