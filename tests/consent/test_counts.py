"""How many read a topic: at once in a small workspace, as of the last count in a large one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.consent import figures, selectors

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 26, 0, 41, tzinfo=UTC)


@pytest.fixture
def shop():
    shop = a_shop()
    for _ in range(3):
        a_reader(shop)
    return shop


@pytest.fixture
def large(monkeypatch):
    """Three consents are many here."""
    monkeypatch.setattr(figures, "AT_ONCE_EVENTS_MAX", 2)


def count(shop, now):
    return figures.refresh_figures(shop.workspace_id, ZoneInfo("Asia/Tokyo"), now=now)


def of(shop):
    return selectors.topic_counts(shop.workspace_id)[shop.topic_id]


def test_a_small_workspace_is_counted_at_once_and_keeps_no_count(shop):
    assert not count(shop, NOW)
    a_reader(shop)
    assert (of(shop).active, of(shop).counted_at) == (4, None)


def test_a_large_one_says_what_was_counted_last_and_when(shop, large):
    assert count(shop, NOW)
    a_reader(shop)
    assert (of(shop).active, of(shop).counted_at) == (3, NOW)
    assert "9:41" in text_of(at_desk(shop).get(url(shop, "topics")))
    count(shop, NOW + timedelta(minutes=10))
    assert of(shop).active == 4


def test_before_the_first_count_it_is_counted_while_somebody_waits(shop, large):
    assert (of(shop).active, of(shop).counted_at) == (3, None)


def test_what_has_ended_is_not_among_the_kept(shop, large):
    a_reader(shop, expires_at=NOW - timedelta(hours=1), at=NOW - timedelta(days=5))
    count(shop, NOW)
    assert of(shop).active == 3
