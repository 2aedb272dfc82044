"""A campaign in blocks: what is saved leaves, nothing unfinished leaves, nobody overwrites another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.campaigns.test_services import NOW, a_draft, launch
from tests.content.test_document import in_blocks, paragraph, prose, text
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services, writing
from shodaku.campaigns.services import ContentChanged, Launched, Saved, SomebodyElseSaved
from shodaku.content.document import Document, Text, parse_document
from shodaku.content.domain import TemplateFault
from shodaku.content.typed_text import read_prose
from shodaku.kit import db
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def saying(words):
    return parse_document(in_blocks({"type": "text", "doc": prose(paragraph(text(words)))}))


def in_blocks_now(shop, **changes):
    campaign_id = a_draft(shop, **changes)
    services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=NOW)
    return campaign_id


def save(shop, campaign_id, document, base, *, staff_id=1, now=NOW):
    return services.save_document(
        shop.workspace_id, campaign_id, document, base=base, staff_id=staff_id, now=now
    )


def kept(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id)


def numbers(shop, campaign_id):
    return [each.revision for each in selectors.revisions(shop.workspace_id, campaign_id, rows_max=200)]


def test_the_text_of_a_draft_becomes_its_first_block(shop):
    campaign_id = in_blocks_now(shop)
    assert selectors.document(shop.workspace_id, campaign_id, 1) == Document(
        (Text("t1", read_prose("{{ name }}\n\n冬の品がそろいました。")),)
    )
    assert services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=NOW) == 1
    assert kept(shop, campaign_id).text == "{{ name }}\n\n冬の品がそろいました。"
    assert "冬の品がそろいました。" in kept(shop, campaign_id).html


def test_what_is_saved_is_what_would_leave(shop):
    campaign_id = in_blocks_now(shop)
    assert save(shop, campaign_id, saying("春の品です。"), 1) == Saved(2, new_sitting=True)
    ready = services.frozen(shop.workspace_id, kept(shop, campaign_id))
    assert "春の品です。" in ready.text
    assert "春の品です。" in ready.html
    assert ready.display.missing == ()


def test_what_is_unfinished_cannot_leave_and_says_why(shop):
    campaign_id = in_blocks_now(shop)
    unfinished = parse_document(in_blocks({"type": "button", "label": "見る", "href": ""}))
    save(shop, campaign_id, unfinished, 1)
    assert (kept(shop, campaign_id).html, kept(shop, campaign_id).text) == ("", "")
    with pytest.raises(TemplateFault) as refused:
        services.count(shop.workspace_id, campaign_id, now=NOW)
    assert refused.value.sentence("ja") == "ブロック1: リンク先を入力してください。"


def test_who_wrote_on_an_older_state_is_told_and_nothing_is_lost(shop):
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, saying("ひとりめ"), 1, staff_id=1)
    assert save(shop, campaign_id, saying("ふたりめ"), 1, staff_id=2) == SomebodyElseSaved(2)
    assert selectors.document(shop.workspace_id, campaign_id, 2) == saying("ひとりめ")
    assert save(shop, campaign_id, saying("ひとりめ"), 1, staff_id=2) == Saved(
        2
    )  # the same words: no quarrel
    assert save(shop, campaign_id, saying("ふたりめ"), 2, staff_id=2) == Saved(3, new_sitting=True)


def test_saving_the_same_again_makes_no_new_state(shop):
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, saying("春"), 1)
    assert save(shop, campaign_id, saying("春"), 2) == Saved(2)
    assert numbers(shop, campaign_id) == [2, 1]


def test_an_older_state_comes_back_as_the_newest(shop):
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, saying("春"), 1)
    save(shop, campaign_id, saying("夏"), 2)
    services.restore_document(shop.workspace_id, campaign_id, 2, staff_id=1, now=NOW)
    assert selectors.document(shop.workspace_id, campaign_id, 4) == saying("春")
    assert "春" in kept(shop, campaign_id).text
    with pytest.raises(services.NoRevision):
        services.restore_document(shop.workspace_id, campaign_id, 9, staff_id=1, now=NOW)


def test_a_launch_sends_what_was_counted_and_nothing_that_was_written_since(shop):
    a_reader(shop, at=NOW - timedelta(days=1))
    campaign_id = in_blocks_now(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    save(shop, campaign_id, saying("直前の書きかえ"), 1)
    assert isinstance(launch(shop, campaign_id, counted), ContentChanged)
    assert isinstance(launch(shop, campaign_id), Launched)
    with pytest.raises(services.AlreadyLaunched):
        save(shop, campaign_id, saying("あとから"), 2)


def test_a_copy_begins_with_the_newest_state(shop):
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, saying("春"), 1)
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=3, now=NOW)
    assert kept(shop, copied).revision == 1
    assert selectors.document(shop.workspace_id, copied, 1) == saying("春")
    assert kept(shop, copied).html == kept(shop, campaign_id).html


def test_the_form_of_the_campaign_leaves_its_blocks_alone(shop):
    campaign_id = in_blocks_now(shop)
    changed = services.NewCampaign(name="別の名", topic_id=shop.topic_id, subject="別の件名")
    before = kept(shop, campaign_id)
    services.edit(shop.workspace_id, campaign_id, changed, staff_id=1, now=NOW)
    after = kept(shop, campaign_id)
    assert (after.text, after.html, after.revision) == (before.text, before.html, 1)
    assert after == replace(before, name="別の名", subject="別の件名")


def test_the_ledger_is_told_once_a_sitting(shop):
    campaign_id = in_blocks_now(shop)
    before = len(ledger.history(shop.workspace_id, 0))
    answers = [save(shop, campaign_id, saying(f"{n}"), n, now=NOW + n * SECOND) for n in range(1, 6)]
    assert [answer.new_sitting for answer in answers] == [True, False, False, False, False]
    told = ledger.history(shop.workspace_id, 0)[before:]
    assert [entry.kind for entry in told] == ["admin.campaign.edited"]
    late = save(shop, campaign_id, saying("翌日"), 6, now=NOW + timedelta(days=1))
    assert late.new_sitting


def test_old_states_are_thinned_out_and_the_newest_are_whole(shop, monkeypatch):
    monkeypatch.setattr(writing, "WHOLE_REVISIONS", 5)
    monkeypatch.setattr(writing, "REACH_REVISIONS", 35)
    campaign_id = in_blocks_now(shop)
    for n in range(1, 41):
        save(shop, campaign_id, saying(f"{n}"), n, now=NOW + n * timedelta(minutes=1))
    left = numbers(shop, campaign_id)
    assert left[:5] == [41, 40, 39, 38, 37]
    older = left[5:]
    assert all(revision > 41 - 35 for revision in older)
    assert len(older) <= 5  # of half an hour: the last of each ten minutes
    assert older[0] == 36


def test_another_workspace_sees_none_of_it(shop):
    campaign_id = in_blocks_now(shop)
    other = a_shop()
    assert selectors.document(other.workspace_id, campaign_id, 1) is None
    assert selectors.revisions(other.workspace_id, campaign_id) == []
    with pytest.raises(services.NoCampaign), db.transaction(other.workspace_id):
        save(other, campaign_id, saying("よそから"), 1)
