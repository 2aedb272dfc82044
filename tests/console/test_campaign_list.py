"""The list of campaigns: narrowed by what stands in the URL, page by page, and without a count of people."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import NewCampaign, UnfitTags, parse_tags
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def shop(database):
    """Drafts, one that is planned, one that rests, and one of another topic."""
    shop, now = a_shop(), clock.now()
    a_reader(shop, at=now - timedelta(days=1))
    for name, changes in (
        ("春の100%オフ", {}),
        ("夏のお便り", {"subject": "花火の夜"}),
        ("セール速報", {"topic_id": shop.other_topic_id}),
        ("秋のお便り", {}),
        ("冬のお便り", {}),
    ):
        number = a_draft(shop, name=name, **{"subject": name, **changes})
    planned = number - 1
    services.schedule(shop.workspace_id, planned, now + timedelta(days=40), staff_id=None, now=now)
    for each in (planned, number):
        counted = services.count(shop.workspace_id, each, now=now)
        services.launch(shop.workspace_id, each, counted.preflight_id, staff_id=None, now=now)
    services.pause(shop.workspace_id, number, now=now)
    return shop


A_LETTER = NewCampaign(name="x", topic_id=0, subject="x")
NAMES = ("春の100%オフ", "夏のお便り", "セール速報", "秋のお便り", "冬のお便り")


def listed(shop, **query):
    page = text_of(at_desk(shop).get(url(shop, "campaigns"), query))
    return {name for name in NAMES if f">{name}</a>" in page}, page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, set(NAMES)),
        ({"q": "お便り"}, {"夏のお便り", "秋のお便り", "冬のお便り"}),
        ({"q": "花火"}, {"夏のお便り"}),  # a part of the subject
        ({"q": "100%オフ"}, {"春の100%オフ"}),  # what is typed means itself
        ({"q": "%"}, {"春の100%オフ"}),
        ({"q": "_"}, set()),
        ({"state": "draft"}, {"春の100%オフ", "夏のお便り", "セール速報"}),
        ({"state": "scheduled"}, {"秋のお便り"}),
        ({"state": "paused"}, {"冬のお便り"}),
        ({"state": "sent"}, set(NAMES)),  # no state: everything
        ({"month": "2020-01"}, set()),
        ({"q": "お便り", "state": "draft"}, {"夏のお便り"}),
    ],
)
def test_the_list_is_narrowed_by_name_subject_state_and_month(shop, query, names):
    found, page = listed(shop, **query)
    assert found == names
    assert ("No campaign matches." in page) == (not names)


def test_the_list_is_narrowed_by_topic_and_keeps_what_was_chosen(shop):
    found, page = listed(shop, topic=shop.other_topic_id, q="セール")
    assert found == {"セール速報"}
    assert f'<option value="{shop.other_topic_id}" selected>' in page
    assert 'value="セール"' in page


def test_a_planned_one_stands_in_the_month_of_its_time(shop):
    then = clock.now() + timedelta(days=40)
    assert listed(shop, month=f"{then:%Y-%m}")[0] == {"秋のお便り"}


def test_the_next_page_begins_after_the_last_line_and_keeps_the_filter(shop, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_ROWS", 2)
    first, page = listed(shop, q="お便り")
    assert first == {"秋のお便り", "冬のお便り"}
    more = unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
    second = text_of(at_desk(shop).get(more))
    assert ">夏のお便り</a>" in second
    assert ">秋のお便り</a>" not in second
    assert 'value="お便り"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("before", ["0", "x", "99999999999", "-1"])
def test_a_page_that_is_none_breaks_nothing(shop, before):
    assert at_desk(shop).get(url(shop, "campaigns"), {"before": before}).status_code == 200


def test_of_an_ended_one_the_kept_figures_are_shown_and_no_chunk_is_read(shop, database, tmp_path):
    other = a_shop()
    a_reader(other)
    number = a_draft(other)
    counted = services.count(other.workspace_id, number, now=clock.now())
    services.launch(other.workspace_id, number, counted.preflight_id, staff_id=None, now=clock.now())
    mailing_id = selectors.campaign(other.workspace_id, number).mailing_id
    with RunningSink() as sink:
        send_now(database, other, mailing_id, sink.port, home=tmp_path)
    (live,) = selectors.page(other.workspace_id, selectors.Filter(), now=clock.now(), rows_max=9)
    assert (live.state, live.accepted) == ("done", None)
    services.refresh_report(other.workspace_id, number, now=clock.now())
    (kept,) = selectors.page(other.workspace_id, selectors.Filter(), now=clock.now(), rows_max=9)
    assert (kept.accepted, kept.total) == (1, 1)
    assert "1 / 1" in text_of(at_desk(other).get(url(other, "campaigns")))


def test_a_copy_keeps_all_but_the_time_and_what_became_of_the_first(shop):
    number = a_draft(
        shop,
        name="見本",
        html="<p>冬の品</p>",
        click_links=True,
        open_pixel=True,
        topic_id=shop.other_topic_id,
    )
    first = selectors.campaign(shop.workspace_id, number)
    copied = services.copy(shop.workspace_id, number, staff_id=None, now=clock.now())
    second = selectors.campaign(shop.workspace_id, copied)
    for kept in (
        "name", "topic_id", "sender_id", "channel", "message_class", "subject", "text", "html",
        "conditions_json", "click_links", "open_pixel",
    ):  # fmt: skip
        assert getattr(second, kept) == getattr(first, kept), kept
    assert (second.state, second.mailing_id, second.starts_at, second.launched_at) == (
        "draft",
        None,
        None,
        None,
    )


def test_tags_are_written_with_the_draft_and_narrow_the_list(shop):
    tagged = a_draft(shop, name="福袋", subject="福袋", tags=parse_tags("新春、セール, ＶＩＰ,セール"))
    assert selectors.campaign(shop.workspace_id, tagged).tags == ["新春", "セール", "VIP"]
    assert set(selectors.tags(shop.workspace_id)) >= {"新春", "セール", "VIP"}
    found, page = listed(shop, tag="新春")
    assert (found, ">福袋</a>" in page) == (set(), True)
    assert "<option selected>新春</option>" in page
    assert listed(shop, tag="ない")[0] == set(NAMES)  # what is no tag is everything
    copied = services.copy(shop.workspace_id, tagged, staff_id=None, now=clock.now())
    assert selectors.campaign(shop.workspace_id, copied).tags == ["新春", "セール", "VIP"]


def test_other_tags_end_no_count(shop):
    number = a_draft(shop, tags=("新春",))
    counted = services.count(shop.workspace_id, number, now=clock.now())
    kept = selectors.campaign(shop.workspace_id, number)
    again = replace(A_LETTER, topic_id=kept.topic_id, name=kept.name, subject=kept.subject, text=kept.text)
    services.edit(shop.workspace_id, number, again, staff_id=None, now=clock.now())
    assert selectors.campaign(shop.workspace_id, number).tags == []
    assert selectors.latest_preflight(shop.workspace_id, number).preflight_id == counted.preflight_id


@pytest.mark.parametrize("text", ["x" * 31, ",".join(f"t{number}" for number in range(11)), "a\u202eb"])
def test_what_is_no_tag_is_refused(text):
    with pytest.raises(UnfitTags):
        parse_tags(text)
    assert len(parse_tags(",".join(f"t{number}" for number in range(10)))) == 10
    assert parse_tags(" ,、\n") == ()
