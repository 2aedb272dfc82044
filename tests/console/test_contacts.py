"""The list of people: found without a name or an address in any URL, whatever is typed."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.consent.domain import Method
from shodaku.contacts import finding
from shodaku.contacts.domain import Channel
from shodaku.kit import db
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.segments import services as segments
from shodaku.segments.domain import Expression, Group, KanaBegins, LanguageIs, Match

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.mark.parametrize(
    "query", ["before=²", "before=٣", f"before={'9' * 23}", f"before={'9' * 5000}", "before=-1", "q=%00"]
)
def test_whatever_stands_in_the_url_the_list_is_shown(shop, query):
    a_contact(shop, name="山田 花子")
    answer = at_desk(shop).get(f"{url(shop, 'contacts')}?{query}")
    assert answer.status_code == 200
    assert "山田 花子" in text_of(answer)


def test_a_search_is_a_press_and_an_address_in_a_url_is_not_looked_at(shop):
    address = f"found-{uuid.uuid4().hex[:8]}@example.jp"
    a_contact(shop, address, name="山田 花子")
    a_contact(shop, name="佐藤 太郎")
    desk = at_desk(shop)
    found = text_of(desk.post(url(shop, "contacts"), {"q": f" {address}\0"}))
    assert ("山田 花子" in found, "佐藤 太郎" in found) == (True, False)
    assert "佐藤 太郎" in text_of(desk.get(f"{url(shop, 'contacts')}?q={address}"))


def test_both_search_fields_of_a_page_are_pressed_with_its_token(shop):
    desk = at_desk(shop, enforce_csrf_checks=True)
    page = text_of(desk.get(url(shop, "contacts")))
    forms = re.findall(r'<form[^>]*role="search".*?</form>', page, re.DOTALL)
    assert len(forms) == 2
    for form in forms:
        assert 'method="post"' in form
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
        answer = desk.post(url(shop, "contacts"), {"q": "x", "csrfmiddlewaretoken": token})
        assert answer.status_code == 200
    assert desk.post(url(shop, "contacts"), {"q": "x"}).status_code == 403


def test_the_next_page_of_a_search_goes_on_with_it_and_without_it_in_the_url(shop, monkeypatch):
    monkeypatch.setattr(finding, "PAGE_ROWS", 2)
    for given in ("一", "二", "三"):
        a_contact(shop, name=f"山田 {given}")
    a_contact(shop, name="佐藤 太郎")
    desk = at_desk(shop)
    page = text_of(desk.post(url(shop, "contacts"), {"q": "山田"}))
    assert [f"山田 {given}" in page for given in ("一", "三", "二")] == [True, True, False]
    hidden = dict(re.findall(r'<input type="hidden" name="(q|before|key)" value="([^"]*)"', page))
    assert hidden["q"] == "山田"
    following = text_of(desk.post(url(shop, "contacts"), hidden))
    assert [f"山田 {given}" in following for given in ("一", "三", "二")] == [False, False, True]
    everybody = text_of(desk.get(url(shop, "contacts")))
    (more,) = re.findall(r'rel="next" href="([^"]+)"', everybody)
    assert re.fullmatch(r"\?before=\d+", more.removeprefix(url(shop, "contacts")))
    assert "山田 二" in text_of(desk.get(more))


NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


def no(shop, contact_id, scope=OptOutScope.ALL, **what):
    order = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=contact_id,
        scope=scope,
        via=Method.STAFF,
        by="staff:1",
        **what,
    )
    optout.opt_out(order, now=datetime.now(UTC))  # noqa: TID251 - a test is an edge


@pytest.fixture(scope="module")
def crowd(database):
    """One person of each standing, by name."""
    shop = a_shop()
    ago = NOW - timedelta(days=3)
    a_reader(shop, name="同意 一", at=ago)
    a_reader(shop, name="期限 二", at=ago, expires_at=NOW - timedelta(days=1))
    no(shop, a_reader(shop, name="停止 三", at=ago))
    no(shop, a_reader(shop, name="種類 四", at=ago), OptOutScope.TOPIC, topic_id=shop.topic_id)
    back = a_reader(shop, name="復帰 五", at=ago)
    no(shop, back)
    agree(shop, back)
    listed = f"listed-{uuid.uuid4().hex[:8]}@example.jp"
    a_reader(shop, listed, name="禁止 六", at=ago)
    optout.suppress_address(shop.workspace_id, Channel.EMAIL, listed, "staff:1", NOW)
    a_contact(shop, name="無縁 七")
    pending(shop, a_contact(shop, name="未確認 八"))
    return shop


def pending(shop, contact_id):
    from shodaku.consent import services as consent
    from shodaku.contacts import services as contacts

    with db.transaction(shop.workspace_id):
        contacts.lock(contact_id)
        consent.record(
            [
                consent.NewEvent(
                    contact_id=contact_id,
                    topic_id=shop.topic_id,
                    channel=Channel.EMAIL,
                    kind=consent.EventKind.REQUESTED,
                    method=Method.WEB_DOUBLE,
                    at=NOW,
                    event_id=uuid.uuid4(),
                    entry_id=None,
                )
            ]
        )


NAMES = ("同意 一", "期限 二", "停止 三", "種類 四", "復帰 五", "禁止 六", "無縁 七", "未確認 八")


def named(page):
    return "".join(name[-1] for name in NAMES if name in page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "一二三四五六七八"),
        ("state=agreed", "一五"),
        ("state=expired", "二"),
        ("state=refused", "三四六"),
        ("state=unconfirmed", "八"),
        ("state=none", "七"),
        ("state=agreed&topic={topic}", "一五"),
        ("state=agreed&topic={other}", ""),
        ("state=refused&topic={other}", "三五六"),
        ("topic={topic}", "一二三四五六八"),
        ("since={tomorrow}", ""),
        ("since={today}&state=none", "七"),
        ("state=nonsense&topic=99999999999&segment=x&since=yesterday&order=up", "一二三四五六七八"),
        ("segment=2147483647", ""),
    ],
)
def test_the_list_is_narrowed_down_by_its_url(crowd, query, expected):
    said = query.format(
        topic=crowd.topic_id,
        other=crowd.other_topic_id,
        today=(NOW - timedelta(days=1)).date(),
        tomorrow=(NOW + timedelta(days=2)).date(),
    )
    assert named(text_of(at_desk(crowd).get(f"{url(crowd, 'contacts')}?{said}"))) == expected


def test_a_search_keeps_what_the_list_is_narrowed_to(crowd):
    page = text_of(at_desk(crowd).post(f"{url(crowd, 'contacts')}?state=refused", {"q": "停止"}))
    assert named(page) == "三"
    assert named(text_of(at_desk(crowd).post(f"{url(crowd, 'contacts')}?state=agreed", {"q": "停止"}))) == ""


def test_a_saved_segment_narrows_the_list_down(crowd):
    made = {
        name: segments.create(
            crowd.workspace_id,
            name,
            Expression(groups=(Group(Match.ALL, (condition,)),)),
            by="staff:1",
            now=NOW,
        )
        for name, condition in {"日本語": LanguageIs("ja"), "よみ": KanaBegins("ヤ")}.items()
    }
    desk = at_desk(crowd)
    pages = {
        name: text_of(desk.get(f"{url(crowd, 'contacts')}?segment={segment_id}"))
        for name, segment_id in made.items()
    }
    assert {name: named(page) for name, page in pages.items()} == {"日本語": "一二三四五六七八", "よみ": ""}
    assert "Nobody matches. Try removing one condition." in pages["よみ"]
