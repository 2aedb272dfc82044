"""What a topic promises: changed in versions, and never to mean more to whoever agreed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.console.desk import at_desk, text_of, url
from tests.console.senders import save as save_sender
from tests.people import SENDER, a_reader, a_shop
from tests.signup.forms import a_form, ask

from shodaku.accounts.domain import Role
from shodaku.consent import selectors
from shodaku.consent.domain import Frequency, Period, PromiseField, widened
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors as signup

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
HARD_NAMES = [
    "あ" * 100,
    "مرحبا بالعالم الطويل",
    "👩‍👩‍👧‍👦🏳️‍🌈🇯🇵" * 3,
    "<b>&amp;\"'",
    "が" * 30,
]


@pytest.fixture
def shop():
    return a_shop()


def promise(shop, **changed):
    kept = selectors.wordings(shop.workspace_id, "promise", shop.topic_id)
    said = {
        "name": "月刊ショップだより",
        "name_en": "Monthly shop news",
        "content": "新商品とセールのご案内",
        "purpose": "商品の案内",
        "frequency_max": "4",
        "frequency_per": "week",
        "double_opt_in": "on",
        "valid_months": "",
        "seen": str(kept[0].version if kept else 0),
    }
    return said | changed


def save(shop, desk=None, **changed):
    return (desk or at_desk(shop)).post(url(shop, "topic", shop.topic_id), promise(shop, **changed))


def topic(shop):
    return selectors.topic(shop.workspace_id, shop.topic_id)


def kinds(shop):
    return [entry.kind for entry in ledger.history(shop.workspace_id, 0)]


def test_the_first_change_keeps_what_was_promised_before_it_with_the_difference(shop):
    assert save(shop, name="季刊だより", frequency_max="1", frequency_per="month").status_code == 302
    newest, first = selectors.wordings(shop.workspace_id, "promise", shop.topic_id)
    assert (first.version, newest.version) == (1, 2)
    assert "頻度：週4回まで" in first.text
    assert first.created_at < newest.created_at
    page = text_of(at_desk(shop).get(url(shop, "topic", shop.topic_id)))
    assert "名前：月刊ショップだより</del>" in page
    assert "名前：季刊だより</ins>" in page
    assert kinds(shop) == ["admin.topic.changed"]


def test_nothing_changed_makes_no_version_and_no_entry(shop):
    save(shop, name="一")
    save(shop, name="一")
    assert len(selectors.wordings(shop.workspace_id, "promise", shop.topic_id)) == 2
    assert kinds(shop) == ["admin.topic.changed"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"frequency_max": "5"}, "frequency_max"),
        ({"frequency_max": "1", "frequency_per": "day"}, "frequency_max"),
        ({"purpose": "提携先の商品の案内"}, "purpose"),
        ({"content": "何でも"}, "content"),
        ({"double_opt_in": ""}, "double_opt_in"),
    ],
)
def test_a_yes_never_comes_to_mean_more_than_it_meant(shop, more, field):
    a_reader(shop)
    answer = save(shop, **more)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert topic(shop).frequency == Frequency(4, Period.WEEK)
    assert (topic(shop).purpose, topic(shop).content) == ("商品の案内", "新商品とセールのご案内")
    assert kinds(shop).count("admin.topic.changed") == 0


def test_fewer_messages_and_another_name_are_always_possible(shop):
    a_reader(shop)
    assert save(shop, name="便り", frequency_max="3").status_code == 302
    assert (topic(shop).name, topic(shop).frequency) == ("便り", Frequency(3, Period.WEEK))


def test_while_nobody_was_asked_everything_may_change(shop):
    said = {"purpose": "イベントの案内", "content": "催し", "frequency_max": "2", "frequency_per": "day"}
    assert save(shop, **said, double_opt_in="").status_code == 302
    assert topic(shop).purpose == "イベントの案内"


@given(st.integers(1, 100), st.sampled_from(Period), st.integers(1, 100), st.sampled_from(Period))
def test_what_is_promised_more_often_is_told_and_nothing_else_is(before, per, after, another):
    was, now = Frequency(before, per), Frequency(after, another)
    fields = widened(("a", "b", was, True), ("a", "b", now, True))
    assert (PromiseField.FREQUENCY in fields) == (now.limit.a_year > was.limit.a_year)
    assert fields <= {PromiseField.FREQUENCY}


def test_who_saves_second_is_told_and_loses_nothing(shop):
    stale = promise(shop)
    save(shop, name="先の人")
    answer = at_desk(shop).post(url(shop, "topic", shop.topic_id), stale | {"name": "後の人"})
    assert answer.status_code == 409
    assert "後の人" in text_of(answer)
    assert topic(shop).name == "先の人"


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_every_role_reads_the_versions_and_only_who_makes_forms_changes_them(shop, role):
    save(shop, name="版のある便り")
    desk = at_desk(shop, role)
    page = text_of(desk.get(url(shop, "topic", shop.topic_id)))
    assert "版のある便り" in page
    assert 'name="purpose"' not in page
    assert save(shop, desk).status_code == 403


def test_a_topic_of_another_shop_is_not_there(shop):
    other = a_shop()
    assert at_desk(shop).get(url(shop, "topic", other.topic_id)).status_code == 404
    assert at_desk(shop).post(url(shop, "topic", other.topic_id), promise(shop)).status_code == 404


def test_the_page_tells_how_many_asked_through_the_newest_version_of_each_form(shop, monkeypatch):
    form = a_form(shop)
    for number in range(3):
        ask(shop, f"seen-{shop.slug}-{number}@example.jp")
    page = at_desk(shop).get(url(shop, "topic", shop.topic_id))
    (offered,) = page.context["offered"]
    assert (offered["form"].form_id, offered["seen"], offered["many"]) == (form.form_id, 3, False)
    monkeypatch.setattr(signup, "SEEN_MAX", 2)
    page = at_desk(shop).get(url(shop, "topic", shop.topic_id))
    assert "2 or more" in text_of(page)


def test_policies_are_listed_with_what_changed(shop):
    desk = at_desk(shop)
    save_sender(desk, shop)
    save_sender(desk, shop, privacy_policy="ほかのことには使いません。")
    page = text_of(desk.get(url(shop, "policies")))
    assert "ほかのことには使いません。</ins>" in page
    assert f"{SENDER.privacy_policy}</del>" in page


@pytest.mark.parametrize("name", HARD_NAMES)
def test_no_name_is_lost_or_becomes_part_of_the_page(shop, name):
    assert save(shop, name=name).status_code == 302
    assert topic(shop).name == name
    answer = at_desk(shop).get(url(shop, "topics"))
    assert "<b>&amp;" not in text_of(answer).replace("<b><a", "")
    assert any(row["topic"].name == name for row in answer.context["rows"])


def test_a_name_that_is_too_long_is_told_and_kept_in_the_field(shop):
    answer = save(shop, name="あ" * 101)
    assert answer.status_code == 422
    assert "あ" * 101 in text_of(answer)


def one_more(shop, slug):
    return at_desk(shop).post(url(shop, "topic_new"), promise(shop, slug=slug, seen=""))


def test_as_many_topics_as_a_page_offers_and_no_more(shop, monkeypatch):
    monkeypatch.setattr("shodaku.consent.services.TOPICS_MAX", 3)
    assert one_more(shop, "the-last").status_code == 302
    refused = one_more(shop, "one-too-many")
    assert refused.status_code == 422
    assert "a workspace holds no more" in text_of(refused)
    assert "新商品とセールのご案内" in text_of(refused)  # what was typed
    assert len(selectors.topics(shop.workspace_id)) == 3


def test_a_short_name_that_is_taken_is_told_as_such_where_there_is_no_room_either(shop, monkeypatch):
    monkeypatch.setattr("shodaku.consent.services.TOPICS_MAX", 2)
    refused = one_more(shop, "news")
    assert "A topic with this short name exists already." in text_of(refused)
