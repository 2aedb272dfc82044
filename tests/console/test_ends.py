"""What ends when: months count what ends in them, by the calendar of the workspace, as far as their limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from tests.console.desk import at_desk, text_of, url
from tests.erasure.test_sealing import erase, sent
from tests.people import a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EvidenceRetention, Role
from shodaku.consent import selectors as consents
from shodaku.console.views import ends
from shodaku.erasure import selectors as erasures
from shodaku.journeys import selectors as journeys
from shodaku.kit import db

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


def spans():
    with timezone.override("Asia/Tokyo"):
        return ends._spans(NOW)


def midnight(year, month):
    """The first moment of a month in Tokyo."""
    return datetime(year, month, 1, tzinfo=UTC) - timedelta(hours=9)


def asked(shop, person, until):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into reconfirmation (workspace_id, contact_id, topic_ids, locale, asked_at, answer_until,"
            " state) values (%s, %s, %s, 'ja', %s, %s, 'asked')",
            [shop.workspace_id, person, [shop.topic_id], NOW, until],
        )


def test_twelve_months_follow_one_another_without_a_gap_over_the_turn_of_the_year():
    found = spans()
    assert found[0] == (NOW, midnight(2026, 12))
    assert found[1] == (midnight(2026, 12), midnight(2027, 1))
    assert found[-1] == (midnight(2027, 10), midnight(2027, 11))
    assert [until for _, until in found[:-1]] == [since for since, _ in found[1:]]
    assert len(found) == 12


def test_each_consent_is_counted_in_the_month_in_which_it_ends(shop):
    moment = timedelta(microseconds=1)
    for end in (midnight(2026, 12) - moment, midnight(2026, 12), midnight(2027, 11) - moment):
        a_reader(shop, expires_at=end)
    a_reader(shop, expires_at=midnight(2027, 11))  # after the last month
    a_reader(shop)  # without a day
    counts = consents.endings(shop.workspace_id, spans(), most=10)
    assert counts == [1, 1, *[0] * 9, 1]


def test_a_month_is_counted_as_far_as_its_limit(shop):
    for _ in range(4):
        a_reader(shop, expires_at=midnight(2026, 12))
    assert consents.endings(shop.workspace_id, spans(), most=3)[1] == 3


def test_questions_and_seals_are_counted_too_and_another_workspace_sees_none(shop):
    asked(shop, a_reader(shop), NOW + timedelta(days=30))
    gone = a_reader(shop, at=NOW - timedelta(days=1_000))
    sent(shop, gone, NOW - timedelta(days=3 * 365 - 40))
    erase(shop, gone, NOW)
    assert sum(journeys.unanswered(shop.workspace_id, spans(), most=10)) == 1
    assert sum(erasures.sealed_ending(shop.workspace_id, spans(), most=10)) == 1
    other = a_shop().workspace_id
    assert sum(journeys.unanswered(other, spans(), most=10)) == 0
    assert sum(erasures.sealed_ending(other, spans(), most=10)) == 0


def test_the_page_says_what_ends_and_what_the_clocks_do(shop, monkeypatch):
    clerk = at_desk(shop, Role.CLERK)
    assert "Nothing ends in the next 12 months" in text_of(clerk.get(url(shop, "ends")))
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    for _ in range(2):
        a_reader(shop, expires_at=now + timedelta(days=40))
    monkeypatch.setattr(ends, "COUNTED_MAX", 2)
    page = text_of(clerk.get(url(shop, "ends")))
    assert "2 or more" in page
    assert "kept for 3 years after the last advertisement" in page
    accounts.change_retention(shop.workspace_id, EvidenceRetention.STATUTORY)
    assert "as long as the law demands" in text_of(clerk.get(url(shop, "ends")))
