"""Long work may be left: what ended lately, or waits for a decision, stands on the home page."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis
from shodaku.kit import clock
from shodaku.optout.selectors import Bulk

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def home(shop, role=Role.OWNER, **more):
    return text_of(at_desk(shop, role, **more).get(url(shop, "home")))


def bring_in(shop, *, days_ago=0):
    order = imports.ImportOrder(file_name="見本市.csv", basis=Basis.CARD, evidence="見本市の受付")
    stream = io.BytesIO("メール\ntaro@sample.example\nno address\n".encode())
    at = clock.now() - timedelta(days=days_ago)
    imports.bring_in(shop.workspace_id, stream, order, dry_run=False, staff_id=None, now=at)


def test_a_list_that_was_brought_in_is_told_with_its_counts_and_the_way_to_it(shop):
    bring_in(shop)
    page = home(shop)
    assert "“見本市.csv” was imported" in page
    assert "0 with consent, 1 known only, 1 left out" in page
    assert url(shop, "imports") in page
    japanese = home(shop, language="ja").replace("<wbr>", "")
    assert "「見本市.csv」を取り込みました" in japanese


def test_who_may_not_import_is_told_nothing_of_lists(shop):
    bring_in(shop)
    assert "was imported" not in home(shop, Role.DEVELOPER)


def test_what_ended_more_than_a_week_ago_is_no_news(shop):
    bring_in(shop, days_ago=8)
    assert "h-news" not in home(shop)


@pytest.mark.parametrize(
    ("begun", "told"),
    [(False, "2 people chosen"), (True, "Stopped for 2 people.")],
)
def test_an_act_on_many_people_is_found_again_at_each_of_its_steps(shop, begun, told):
    people = [a_reader(shop, f"many-{number}@example.jp") for number in range(2)]
    desk = at_desk(shop)
    chosen = desk.post(url(shop, "bulk_choose"), {"do": "stop", "whom": "ticked", "id": people})
    if begun:
        number = int(chosen["Location"].rstrip("/").rpartition("/")[2])
        assert desk.post(url(shop, "bulk_begin", number), {"via": "telephone"}).status_code == 302
    page = text_of(desk.get(url(shop, "home")))
    news = page[page.index('id="h-news"') :]
    assert told in news
    assert chosen["Location"] in news


def test_work_that_is_under_way_is_no_news_yet(shop, monkeypatch):
    people = [a_reader(shop, "slow@example.jp")]
    desk = at_desk(shop)
    chosen = desk.post(url(shop, "bulk_choose"), {"do": "stop", "whom": "ticked", "id": people})
    monkeypatch.setattr(Bulk, "moves", property(lambda _: True))
    assert chosen["Location"] not in text_of(desk.get(url(shop, "home")))
