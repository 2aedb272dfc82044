"""What is late is counted by topic, told once, and gone when it is no more; nobody is in it by name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.clocks import A_DAY, LONG_AGO, NOW, a_silent_reader
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery.domain import MailingKind
from shodaku.journeys import selectors, services
from shodaku.journeys.domain import Late
from shodaku.kit import db
from shodaku.policy.domain import Ads, MessageClass

pytestmark = pytest.mark.usefixtures("database")
A_SECOND = timedelta(seconds=1)
WELCOME = {
    "kind": MailingKind.WELCOME,
    "message_class": MessageClass.TRANSACTIONAL,
    "ads": Ads.NONE,
    "promotional": False,
}


@pytest.fixture
def shop():
    return a_shop(LONG_AGO)


def found(shop):
    return [(each.kind, each.topic_id, each.people) for each in selectors.warnings(shop.workspace_id)]


def test_a_welcome_is_late_after_a_day_and_not_a_second_before(shop):
    a_reader(shop, at=NOW - A_DAY + A_SECOND)
    assert services.note_welcomes(shop.workspace_id, now=NOW) == 0
    assert services.note_welcomes(shop.workspace_id, now=NOW + A_SECOND) == 1
    assert found(shop) == [(Late.WELCOME_LATE, shop.topic_id, 1)]


def test_a_welcome_that_left_is_not_late_and_one_that_failed_is(shop):
    welcomed, failed = (a_reader(shop, at=NOW - 2 * A_DAY) for _ in range(2))
    sent(shop, welcomed, NOW - 2 * A_DAY, **WELCOME)
    sent(shop, failed, NOW - 2 * A_DAY, outcome="failed", **WELCOME)
    assert services.note_welcomes(shop.workspace_id, now=NOW) == 1


def test_looking_twice_is_one_warning_with_its_first_time(shop):
    a_reader(shop, at=NOW - 2 * A_DAY)
    for hours in (0, 1):
        services.note_welcomes(shop.workspace_id, now=NOW + timedelta(hours=hours))
    (warned,) = selectors.warnings(shop.workspace_id)
    assert (warned.noted_at, warned.oldest_at) == (NOW, NOW - 2 * A_DAY)


def test_a_warning_goes_when_the_welcome_has_left(shop):
    reader = a_reader(shop, at=NOW - 2 * A_DAY)
    services.note_welcomes(shop.workspace_id, now=NOW)
    sent(shop, reader, NOW, **WELCOME)
    assert services.note_welcomes(shop.workspace_id, now=NOW) == 0
    assert found(shop) == []


def test_a_first_issue_is_due_within_a_week_of_each_yes(shop):
    for days in (6, 8, 9):
        a_reader(shop, at=NOW - days * A_DAY)
    served = a_reader(shop, at=NOW - 8 * A_DAY)
    sent(shop, served, NOW - A_DAY)
    other = a_reader(shop, topic_id=shop.other_topic_id, at=NOW - 8 * A_DAY)
    sent(shop, other, NOW - A_DAY)  # of another topic than the one agreed to
    assert services.note_late(shop.workspace_id, now=NOW) == 3
    assert found(shop) == [
        (Late.FIRST_MAIL_LATE, shop.topic_id, 2),
        (Late.FIRST_MAIL_LATE, shop.other_topic_id, 1),
    ]


def test_an_issue_from_before_a_new_yes_is_not_its_first(shop):
    reader = a_reader(shop, at=NOW - 8 * A_DAY)
    sent(shop, reader, NOW - 20 * A_DAY)
    assert services.note_late(shop.workspace_id, now=NOW) == 1


def test_the_silent_are_counted_whether_or_not_anybody_may_ask_them(shop):
    a_silent_reader(shop)
    services.note_late(shop.workspace_id, now=NOW)
    assert found(shop) == [(Late.SILENT, shop.topic_id, 1)]


def test_an_ended_consent_is_late_in_nothing(shop):
    a_reader(shop, at=NOW - 8 * A_DAY, expires_at=NOW - A_DAY)
    a_silent_reader(shop, expires_at=NOW - A_DAY)
    assert services.note_late(shop.workspace_id, now=NOW) == 0


def test_a_warning_names_nobody(shop):
    with db.transaction(shop.workspace_id) as connection:
        columns = connection.execute(
            "select column_name from information_schema.columns where table_name = 'clock_warning'"
        ).fetchall()
    assert {name for (name,) in columns} == {
        *("workspace_id", "kind", "topic_id", "people", "oldest_at", "noted_at", "looked_at")
    }
