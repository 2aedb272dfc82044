"""The sentence builder: conditions come and go without a script, and nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors as campaigns
from shodaku.console.segment_form import TITLES
from shodaku.delivery import glancing
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.segments import selectors, services
from shodaku.segments.domain import (
    KINDS,
    BoughtWithin,
    Expression,
    Group,
    InSegment,
    LanguageIs,
    Match,
    Not,
    PrefectureIs,
    SourceIs,
    Where,
)

pytestmark = pytest.mark.usefixtures("database")
FORM = Expression(Match.ALL, (Group(Match.ALL, (SourceIs("form"),)),))
EMPTY = {"name": "", "match": "all", "groups": "1", "g0-match": "all"}


@pytest.fixture
def shop():
    return a_shop()


def saved(shop, name="フォームから", expression=FORM):
    return services.create(shop.workspace_id, name, expression, by="staff:1", now=clock.now())


def typed(answer):
    """What the page would send again: every field of the form as a browser fills it in."""
    page = text_of(answer)
    form = page[page.index('id="segment"') : page.index("</form>", page.index('id="segment"'))]
    said = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            value = re.search(r'value="([^"]*)"', tag)
            said[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        said[name] = chosen[1] if chosen else ""
    return said


def test_a_segment_is_put_together_press_by_press_without_a_script(shop):
    desk, page = at_desk(shop), url(shop, "segment_new")
    said = typed(desk.get(page)) | {"name": "東京の最近のお客様"}
    for press in (
        {"do": "add:0", "g0-add": "prefecture"},
        {"do": "add:0", "g0-add": "bought_within", "g0-0-value": "13"},
        {"do": "group", "g0-1-value": "30", "g0-match": "any"},
        {"do": "add:1", "g1-add": "language"},
    ):
        answer = desk.post(page, said | press)
        assert answer.status_code == 200
        said = typed(answer)
    answer = desk.post(page, said | {"g1-0-value": "en", "g1-0-not": "1", "match": "all", "do": "save"})
    assert answer.status_code == 302
    (only,) = selectors.segments(shop.workspace_id)
    assert only.name == "東京の最近のお客様"
    assert only.expression == Expression(
        Match.ALL,
        (
            Group(Match.ANY, (PrefectureIs("13"), BoughtWithin(30))),
            Group(Match.ALL, (Not(LanguageIs("en")),)),
        ),
    )
    assert [entry.kind for entry in ledger.history(shop.workspace_id, 0)] == ["admin.segment.saved"]


def test_what_is_taken_away_is_gone_and_the_rest_stays(shop):
    desk, page = at_desk(shop), url(shop, "segment_new")
    rows = EMPTY | {"groups": "2", "g1-match": "any", "g0-0-is": "company", "g0-0-value": "サンプル",
                    "g0-1-is": "known_within", "g0-1-value": "90", "g1-0-is": "language"}  # fmt: skip
    said = typed(desk.post(page, rows | {"do": "remove:0.0"}))
    assert (said["g0-0-is"], said["g0-0-value"]) == ("known_within", "90")
    assert "g0-1-is" not in said
    said = typed(desk.post(page, rows | {"do": "drop:1"}))
    assert said["groups"] == "1"
    assert said["g0-0-value"] == "サンプル"


@pytest.mark.parametrize(
    ("kind", "value", "sentence", "japanese"),
    [
        ("bought_within", "many", "The number of days is from 1 to 36,500.", "日数は1から36,500までの数字で"),
        ("known_since", "昨日", "Write the day like 2026-11-25.", "日付を 2026-11-25 のように"),
        ("company", "", "Enter a value of at most 200 characters.", "値を入力してください。"),
        ("spent", "0", "The amount is a number of yen", "金額は1円から"),
    ],
)
def test_what_cannot_be_is_said_at_its_row_and_nothing_is_lost(shop, kind, value, sentence, japanese):
    rows = EMPTY | {"name": "だれか", "g0-0-is": kind, "g0-0-value": value, "g0-1-is": "language",
                    "g0-1-value": "en", "do": "save"}  # fmt: skip
    answer = at_desk(shop).post(url(shop, "segment_new"), rows)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'href="#g0-0"' in text_of(answer)
    said = typed(answer)
    assert (said["name"], said["g0-0-value"], said["g0-1-value"]) == ("だれか", value, "en")
    assert japanese in text_of(at_desk(shop, language="ja").post(url(shop, "segment_new"), rows))
    assert selectors.segments(shop.workspace_id) == []


def test_amounts_may_be_typed_with_commas(shop):
    rows = EMPTY | {"name": "上得意", "g0-0-is": "spent", "g0-0-value": "10,000", "do": "save"}
    assert at_desk(shop).post(url(shop, "segment_new"), rows).status_code == 302


def test_it_says_how_many_they_are_and_how_many_may_get_the_topic(shop):
    for _ in range(3):
        a_reader(shop, at=clock.now() - timedelta(days=1))
    a_contact(shop, name="佐藤 一郎")
    rows = EMPTY | {"g0-0-is": "source", "g0-0-value": "form", "topic": str(shop.topic_id)}
    page = text_of(at_desk(shop).post(url(shop, "segment_new"), rows | {"do": "look"}))
    assert "4 people with an e-mail address" in page
    assert "Of these, 3 may get “Monthly shop news” now." in page
    assert "佐藤 一郎" in page
    assert "r****@example.jp" in page
    assert selectors.segments(shop.workspace_id) == []


def test_the_part_that_a_script_asks_for_is_the_part_of_the_page(shop):
    a_reader(shop, at=clock.now() - timedelta(days=1))
    rows = EMPTY | {"g0-0-is": "source", "g0-0-value": "form"}
    desk = at_desk(shop)
    part = text_of(desk.post(url(shop, "segment_look"), rows, headers={"HX-Request": "true"}))
    page = text_of(desk.post(url(shop, "segment_new"), rows | {"do": "look"}))
    assert part.strip() in page
    assert "<html" not in part


def test_an_estimate_is_called_one(shop, monkeypatch):
    monkeypatch.setattr(glancing, "LOOKED_AT_MAX", 2)
    for _ in range(4):
        a_reader(shop, at=clock.now() - timedelta(days=1))
    page = text_of(at_desk(shop).post(url(shop, "segment_look"), EMPTY))
    assert "An estimate: 2 from all over were looked at, and 2 of them may get it." in page
    assert "about 4 may get" in page


def test_counting_that_takes_too_long_says_so(shop, monkeypatch):
    monkeypatch.setattr(glancing, "_AN_END", "SET LOCAL statement_timeout = '50ms'")
    slow = Where("pg_sleep(1) is not null")
    monkeypatch.setattr("shodaku.console.views.segments.compile_expression", lambda _expression: slow)
    a_reader(shop)
    assert "takes too long here" in text_of(at_desk(shop).post(url(shop, "segment_look"), EMPTY))


def test_two_who_save_at_once_do_not_overwrite_each_other(shop):
    segment_id = saved(shop)
    desk = at_desk(shop)
    said = typed(desk.get(url(shop, "segment", segment_id)))
    services.change(shop.workspace_id, segment_id, "改名", FORM, by="staff:2", now=clock.now())
    answer = desk.post(url(shop, "segment", segment_id), said | {"do": "save"})
    assert answer.status_code == 422
    assert "Somebody saved this segment meanwhile." in text_of(answer)
    again = desk.post(url(shop, "segment", segment_id), typed(answer) | {"do": "save"})
    assert again.status_code == 302
    assert selectors.segment(shop.workspace_id, segment_id).version == 3


def test_a_campaign_is_sent_to_a_segment_and_says_so_when_it_is_opened_again(shop):
    segment_id = saved(shop)
    desk = at_desk(shop)
    letter = {"topic": shop.topic_id, "subject": "便り", "text": "本文", "segment": segment_id}
    assert desk.post(url(shop, "campaign_new"), letter).status_code == 302
    (draft,) = campaigns.campaigns(shop.workspace_id)
    kept = campaigns.campaign(shop.workspace_id, draft.campaign_id)
    assert kept.conditions == (InSegment(segment_id, 1, FORM),)
    assert f'<option value="{segment_id}" selected>フォームから' in text_of(
        desk.get(url(shop, "campaign", draft.campaign_id))
    )


def test_a_segment_that_was_put_away_stays_with_the_draft_that_uses_it(shop):
    segment_id = saved(shop)
    desk = at_desk(shop)
    letter = {"topic": shop.topic_id, "subject": "便り", "text": "本文", "segment": segment_id}
    desk.post(url(shop, "campaign_new"), letter)
    assert desk.post(url(shop, "segment_archive", segment_id)).status_code == 302
    (draft,) = campaigns.campaigns(shop.workspace_id)
    assert "フォームから" in text_of(desk.get(url(shop, "campaign", draft.campaign_id)))
    assert "フォームから" not in text_of(desk.get(url(shop, "campaign_new")))
    assert desk.post(url(shop, "campaign", draft.campaign_id), letter).status_code == 302


def test_the_file_holds_numbers_alone_and_the_ledger_says_who_took_it(shop):
    one, other = a_reader(shop), a_contact(shop, source="import")
    segment_id = saved(shop)
    answer = at_desk(shop).post(url(shop, "segment_people", segment_id))
    assert answer["Content-Type"].startswith("text/csv")
    assert text_of(answer).lstrip("\ufeff").split() == ["Contact", str(one)]
    assert str(other) not in text_of(answer)
    assert ledger.history(shop.workspace_id, 0)[-1].kind == "admin.exported"


def test_who_may_not_write_campaigns_reads_segments_and_changes_none(shop):
    segment_id = saved(shop)
    clerk = at_desk(shop, Role.CLERK)
    assert clerk.get(url(shop, "segment", segment_id)).status_code == 200
    assert clerk.get(url(shop, "segment_new")).status_code == 403
    assert clerk.post(url(shop, "segment", segment_id), EMPTY | {"do": "save"}).status_code == 403
    assert clerk.post(url(shop, "segment_archive", segment_id)).status_code == 403


def test_whatever_is_sent_is_answered(shop):
    desk = at_desk(shop)
    for rows in (
        {},
        {"groups": "99999999999", "do": "look"},
        {"groups": "٣", "do": "add:٣"},
        EMPTY | {"do": "add:7", "g7-add": "company"},
        EMPTY | {"do": "remove:0.9"},
        EMPTY | {"do": "add:0", "g0-add": "sql"},
        EMPTY | {"g0-0-is": "sql", "g0-0-value": "true", "do": "look"},
        EMPTY | {"g0-0-is": "company", "g0-0-value": "a\0b", "do": "look"},
        EMPTY | {"seen": "x", "topic": "999999999", "do": "look"},
    ):
        assert desk.post(url(shop, "segment_new"), rows).status_code in (200, 422), rows


def test_an_empty_list_says_what_a_segment_is_for(shop):
    assert "No segment yet" in text_of(at_desk(shop).get(url(shop, "segments")))
    saved(shop)
    page = text_of(at_desk(shop, language="ja").get(url(shop, "segments")))
    assert "入口が登録フォームの人" in page


def test_known_kinds_are_all_offered(shop):
    assert set(TITLES) == set(KINDS)
    desk = at_desk(shop)
    for kind in KINDS:
        said = typed(desk.post(url(shop, "segment_new"), EMPTY | {"do": "add:0", "g0-add": kind}))
        assert said["g0-0-is"] == kind
