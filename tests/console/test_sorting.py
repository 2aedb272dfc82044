"""Lists are sorted by links of their heads: the order stands in the URL, and every page goes on in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services
from shodaku.console import clicks
from shodaku.contacts import finding

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
HEAD = re.compile(r'<th scope="col"[^>]*?(?: aria-sort="(\w+)")?><a href="([^"]+)">([^<]+)')


def heads(page):
    """Of each head that sorts: which way the list is sorted by it, and where it leads."""
    return {text: (way, unescape(href)) for way, href, text in HEAD.findall(page)}


def pages(desk, href, name):
    """The names on all pages, by the link to the next one."""
    found = []
    while href:
        page = text_of(desk.get(href))
        found += re.findall(name, page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        href = unescape(more[1]) if more else None
    return found


@pytest.fixture(scope="module")
def people(database):
    shop = a_shop()
    for name in ("はやし 花", "アオキ 空", "もり 海", "カトウ 陸"):
        a_contact(shop, name=name)
    return shop


NAME = r'/contacts/\d+/">([^<]+)</a>'


@pytest.mark.parametrize(
    ("query", "sorted_by", "expected"),
    [
        ("", {"Known since": "descending", "Name": ""}, ["カトウ 陸", "もり 海", "アオキ 空", "はやし 花"]),
        (
            "?order=oldest",
            {"Known since": "ascending", "Name": ""},
            ["はやし 花", "アオキ 空", "もり 海", "カトウ 陸"],
        ),
        (
            "?order=kana",
            {"Known since": "", "Name": "ascending"},
            ["アオキ 空", "カトウ 陸", "はやし 花", "もり 海"],
        ),
        (
            "?order=kana&state=none",
            {"Known since": "", "Name": "ascending"},
            ["アオキ 空", "カトウ 陸", "はやし 花", "もり 海"],
        ),
        (
            "?order=oldest&state=none",
            {"Known since": "ascending", "Name": ""},
            ["はやし 花", "アオキ 空", "もり 海", "カトウ 陸"],
        ),
    ],
)
@pytest.mark.parametrize("looked_at", [2, 10_000])
def test_contacts_are_sorted_on_every_page(people, monkeypatch, query, sorted_by, expected, looked_at):
    monkeypatch.setattr(finding, "PAGE_ROWS", 1)
    monkeypatch.setattr(finding, "LOOKED_AT_MAX", looked_at)
    desk = at_desk(people)
    first = url(people, "contacts") + query
    assert {name: way for name, (way, _) in heads(text_of(desk.get(first))).items()} == sorted_by
    assert pages(desk, first, NAME) == expected


def test_a_head_of_contacts_keeps_the_filter_and_turns_the_order(people):
    desk = at_desk(people)
    newest = heads(text_of(desk.get(f"{url(people, 'contacts')}?state=none")))
    assert newest["Known since"][1].endswith("?state=none&order=oldest")
    assert newest["Name"][1].endswith("?state=none&order=kana")
    oldest = heads(text_of(desk.get(newest["Known since"][1])))
    assert oldest["Known since"][1].endswith("?state=none")


def test_what_a_search_found_stands_by_how_it_was_found_and_is_not_sorted(people):
    assert heads(text_of(at_desk(people).post(url(people, "contacts"), {"q": "もり"}))) == {}


@pytest.fixture(scope="module")
def letters(database):
    """Three drafts; the one that was begun first is meant for the latest day."""
    shop = a_shop()
    for name, days in (("b夏", 30), ("C秋", 10), ("a春", 20)):
        number = a_draft(shop, name=name)
        services.schedule(shop.workspace_id, number, NOW + timedelta(days=days), staff_id=None, now=NOW)
    return shop


@pytest.mark.parametrize(
    ("query", "sorted_by", "expected"),
    [
        ("", {}, ["a春", "C秋", "b夏"]),
        ("?order=name", {"Campaign": "ascending"}, ["a春", "b夏", "C秋"]),
        ("?order=name-back", {"Campaign": "descending"}, ["C秋", "b夏", "a春"]),
        ("?order=latest", {"When": "descending"}, ["b夏", "a春", "C秋"]),
        ("?order=earliest&state=draft", {"When": "ascending"}, ["C秋", "a春", "b夏"]),
        ("?order=up", {}, ["a春", "C秋", "b夏"]),
    ],
)
def test_campaigns_are_sorted_on_every_page(letters, monkeypatch, query, sorted_by, expected):
    monkeypatch.setattr(campaigns, "PAGE_ROWS", 1)
    desk = at_desk(letters)
    first = url(letters, "campaigns") + query
    shown = heads(text_of(desk.get(first)))
    assert {name: way for name, (way, _) in shown.items() if way} == sorted_by
    assert set(shown) == {"Campaign", "When"}
    assert pages(desk, first, r'/campaigns/\d+/">([^<]+)</a>') == expected


def test_a_head_of_campaigns_turns_the_order_and_searching_keeps_it(letters):
    desk = at_desk(letters)
    page = text_of(desk.get(f"{url(letters, 'campaigns')}?order=name&q=春"))
    assert heads(page)["Campaign"][1].endswith("order=name-back")
    assert "q=%E6%98%A5" in heads(page)["Campaign"][1]
    assert '<input type="hidden" name="order" value="name">' in page


LINES = [clicks.LinkLine(1, "a", 5, 6, 2), clicks.LinkLine(2, "b", 9, 9, 0), clicks.LinkLine(3, "c", 5, 8, 7)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("people", [2, 3, 1]), ("clicks", [2, 3, 1]), ("programs", [3, 1, 2]), ("place", [1, 2, 3])],
)
def test_links_of_a_report_are_sorted_by_what_is_asked(order, expected):
    by = clicks.LinkOrder(order)
    assert [line.number for line in sorted(LINES, key=clicks.ORDERS[by])] == expected
    (way,) = [head.direction for head in clicks.heads("/report/", by) if head.direction]
    assert way == ("ascending" if order == "place" else "descending")
