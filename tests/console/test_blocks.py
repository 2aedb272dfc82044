"""Writing in blocks without scripts: each press saves what stands in the form, and nothing typed is lost."""

from __future__ import annotations

import json
import re

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.console.block_forms import document_of, fields_of, typed_of
from shodaku.content.document import Document, Heading, Text
from shodaku.content.rich_text import Paragraph, Run
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def a_mail(shop, text="冬の品がそろいました。"):
    campaign_id = a_draft(shop, text=text)
    services.write_in_blocks(shop.workspace_id, campaign_id, staff_id=None, now=clock.now())
    return campaign_id


def newest(shop, campaign_id):
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    return selectors.document(shop.workspace_id, campaign_id, campaign.revision)


def form_of(document, revision, do="save", **changes):
    """What a browser without scripts sends of the page."""
    typed = typed_of(document)
    sent = {"revision": revision, "do": do, "block": [each.block_id for each in typed.blocks]}
    sent |= {"preheader": typed.preheader, "own_text": typed.own_text}
    for each in typed.blocks:
        sent[f"type-{each.block_id}"] = each.kind
        for name in fields_of(each, []).fields:
            sent[f"b-{each.block_id}-{name}"] = each.values.get(name, "")
    return sent | {name.replace("__", "-"): value for name, value in changes.items()}


def press(shop, campaign_id, do="save", browser=None, **changes):
    campaign = selectors.campaign(shop.workspace_id, campaign_id)
    sent = form_of(newest(shop, campaign_id), campaign.revision, do, **changes)
    return (browser or at_desk(shop)).post(url(shop, "blocks", campaign_id), sent)


def kinds(shop, campaign_id):
    return [type(each).__name__ for each in newest(shop, campaign_id).blocks]


def test_a_new_campaign_is_begun_in_blocks_without_a_text(shop):
    sent = {"topic": shop.topic_id, "subject": "秋のお便り", "next": "blocks"}
    answer = at_desk(shop).post(url(shop, "campaign_new"), sent)
    number = int(re.search(r"campaigns/(\d+)/blocks/$", answer["Location"])[1])
    page = text_of(at_desk(shop).get(answer["Location"]))
    assert "Nothing is written yet." in page
    assert newest(shop, number) == Document()


def test_without_that_press_a_text_is_still_needed(shop):
    answer = at_desk(shop).post(url(shop, "campaign_new"), {"topic": shop.topic_id, "subject": "秋"})
    assert answer.status_code == 422


def test_what_is_typed_is_saved_with_the_press_of_any_button(shop):
    campaign_id = a_mail(shop)
    answer = press(shop, campaign_id, "add:heading", b__t1__plain="**春**の品です。")
    assert answer["Location"].endswith("#b-n1")
    assert newest(shop, campaign_id) == Document(
        (Text("t1", (Paragraph((Run("春", bold=True), Run("の品です。"))),)), Heading("n1"))
    )


def test_blocks_go_up_and_down_and_are_copied(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, "add:divider")
    press(shop, campaign_id, "up:n1")
    assert kinds(shop, campaign_id) == ["Divider", "Text"]
    press(shop, campaign_id, "up:n1")  # it is the first already
    press(shop, campaign_id, "down:n1")
    assert kinds(shop, campaign_id) == ["Text", "Divider"]
    press(shop, campaign_id, "copy:t1")
    assert kinds(shop, campaign_id) == ["Text", "Text", "Divider"]
    assert len({each.block_id for each in newest(shop, campaign_id).blocks}) == 3


def test_a_deleted_block_comes_back_and_what_was_written_since_stays(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, "add:heading")
    answer = press(shop, campaign_id, "delete:t1", b__n1__text="見出し")
    page = text_of(at_desk(shop).get(answer["Location"]))
    (undo,) = re.findall(r'value="(undo:[^"]+)"', page)
    press(shop, campaign_id, undo, b__n1__text="あとの見出し")
    blocks = newest(shop, campaign_id).blocks
    assert [each.block_id for each in blocks] == ["t1", "n1"]
    assert blocks[1] == Heading("n1", (Run("あとの見出し"),))


def test_what_is_missing_is_said_and_leads_to_its_block(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, "add:button")
    page = text_of(at_desk(shop, language="ja").get(url(shop, "blocks", campaign_id)))
    assert '<a href="#b-n1">ブロック2: リンク先を入力してください。</a>' in page
    assert press(shop, campaign_id, "next")["Location"].endswith("#lacks")
    sent = {"b__n1__label": "見る", "b__n1__href": "https://aoi.example/"}
    assert press(shop, campaign_id, "next", **sent)["Location"] == url(shop, "preflight", campaign_id)


def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, "add:heading")
    before = newest(shop, campaign_id)
    answer = press(shop, campaign_id, b__n1__text="長" * 201, b__t1__plain="書きかけの文")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "長" * 201 in page
    assert "書きかけの文" in page
    assert "at most 200 characters" in page
    assert newest(shop, campaign_id) == before


def test_two_people_compare_and_choose(shop):
    campaign_id = a_mail(shop)
    mine = form_of(newest(shop, campaign_id), 1, b__t1__plain="わたしの文")
    press(shop, campaign_id, b__t1__plain="ほかの人の文")
    answer = at_desk(shop).post(url(shop, "blocks", campaign_id), mine)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "わたしの文" in page
    assert "ほかの人の文" in page
    assert "森 美咲" in page
    document = document_of(typed_of(Document((Text("t1", (Paragraph((Run("わたしの文"),)),)),))))
    from shodaku.content.document import written

    chosen = {"revision": 2, "do": "mine", "document": written(document).decode()}
    assert at_desk(shop).post(url(shop, "blocks", campaign_id), chosen).status_code == 302
    assert newest(shop, campaign_id) == document
    assert selectors.document(shop.workspace_id, campaign_id, 2) is not None  # theirs is kept


def test_saving_by_itself_answers_with_the_state_or_with_a_conflict(shop):
    campaign_id = a_mail(shop)
    address = url(shop, "blocks_autosave", campaign_id)
    sent = form_of(newest(shop, campaign_id), 1, b__t1__plain="書いている")
    answer = at_desk(shop).post(address, sent)
    assert (answer.status_code, json.loads(answer.content)) == (200, {"revision": 2})
    late = at_desk(shop).post(address, {**sent, "b-t1-plain": "別の人"})
    assert (late.status_code, json.loads(late.content)) == (409, {"revision": 2})
    too_long = at_desk(shop).post(address, {**sent, "revision": 2, "preheader": "長" * 151})
    assert too_long.status_code == 422


def test_the_editor_of_the_browser_sends_its_document_in_place_of_the_plain_text(shop):
    campaign_id = a_mail(shop)
    doc = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "編集"}]}]}
    sent = form_of(newest(shop, campaign_id), 1, b__t1__doc=json.dumps(doc))
    at_desk(shop).post(url(shop, "blocks", campaign_id), sent)
    assert newest(shop, campaign_id).blocks == (Text("t1", (Paragraph((Run("編集"),)),)),)
    refused = {**sent, "revision": 2, "b-t1-doc": '{"type": "doc", "content": [{"type": "script"}]}'}
    assert at_desk(shop).post(url(shop, "blocks", campaign_id), refused).status_code == 422
    assert at_desk(shop).post(url(shop, "blocks", campaign_id), {**sent, "b-t1-doc": "{"}).status_code == 422


def test_earlier_states_are_listed_compared_and_taken_back(shop):
    campaign_id = a_mail(shop, "はじめの文")
    press(shop, campaign_id, b__t1__plain="つぎの文")
    browser = at_desk(shop)
    here = url(shop, "blocks_states", campaign_id)
    page = text_of(browser.get(f"{here}?state=1"))
    assert "はじめの文" in page
    assert "つぎの文" in page
    browser.post(url(shop, "blocks_restore", campaign_id, 1))
    assert newest(shop, campaign_id) == selectors.document(shop.workspace_id, campaign_id, 1)
    assert browser.post(url(shop, "blocks_restore", campaign_id, 99)).status_code == 404
    assert browser.get(f"{here}?state=99").status_code == 404


def test_who_may_not_write_sees_it_and_changes_nothing(shop):
    campaign_id = a_mail(shop)
    clerk = at_desk(shop, Role.CLERK)
    page = text_of(clerk.get(url(shop, "blocks", campaign_id)))
    assert "冬の品がそろいました。" in page
    assert 'name="do"' not in page
    before = newest(shop, campaign_id)
    assert press(shop, campaign_id, browser=clerk, b__t1__plain="x").status_code == 403
    assert clerk.post(url(shop, "blocks_autosave", campaign_id)).status_code == 403
    assert clerk.post(url(shop, "blocks_restore", campaign_id, 1)).status_code == 403
    assert newest(shop, campaign_id) == before


def test_looking_changes_nothing(shop):
    campaign_id = a_mail(shop)
    browser = at_desk(shop)
    for address in (
        url(shop, "blocks", campaign_id),
        url(shop, "blocks", campaign_id) + "?deleted=1:t1&look=dark&people=1&block=t1&picture=x",
        url(shop, "blocks_states", campaign_id),
        *(url(shop, "campaign_preview", campaign_id, part) for part in ("html", "dark", "bare", "text")),
    ):
        assert browser.get(address).status_code == 200, address
    assert selectors.campaign(shop.workspace_id, campaign_id).revision == 1


def test_the_mail_is_seen_as_one_person_gets_it_and_the_address_stays_masked(shop):
    contact_id = a_reader(shop, "yoko.tanaka@example.jp", name="田中 陽子")
    campaign_id = a_mail(shop, "{{ name }}、{{ address }}")
    browser = at_desk(shop, Role.MARKETER)
    page = text_of(browser.get(url(shop, "blocks", campaign_id) + "?people=1"))
    assert "田中 陽子 y****@example.jp" in page
    assert "yoko.tanaka" not in page
    shown = text_of(browser.get(url(shop, "campaign_preview_as", campaign_id, "text", contact_id)))
    assert "田中 陽子 様、y****@example.jp" in shown
    owner = at_desk(shop, Role.OWNER)
    shown = text_of(owner.get(url(shop, "campaign_preview_as", campaign_id, "text", contact_id)))
    assert "田中 陽子 様、yoko.tanaka@example.jp" in shown
    stranger = a_reader(a_shop())
    assert browser.get(url(shop, "campaign_preview_as", campaign_id, "text", stranger)).status_code == 404


def test_lines_of_a_text_of_ones_own_are_broken_by_a_press(shop):
    campaign_id = a_mail(shop)
    press(shop, campaign_id, "wrap", own_text="あ" * 40)
    assert newest(shop, campaign_id).own_text == "あ" * 34 + "\n" + "あ" * 6


def test_the_form_of_the_campaign_points_to_the_blocks(shop):
    campaign_id = a_mail(shop)
    page = text_of(at_desk(shop).get(url(shop, "campaign", campaign_id)))
    assert url(shop, "blocks", campaign_id) in page
    assert 'name="html"' not in page
    answer = at_desk(shop).post(
        url(shop, "campaign", campaign_id),
        {"topic": shop.topic_id, "subject": "冬", "name": "冬", "next": "blocks"},
    )
    assert answer["Location"] == url(shop, "blocks", campaign_id)
    assert "冬の品" in selectors.campaign(shop.workspace_id, campaign_id).text


def test_a_typed_campaign_has_no_page_of_blocks(shop):
    campaign_id = a_draft(shop)
    answer = at_desk(shop).get(url(shop, "blocks", campaign_id))
    assert answer["Location"] == url(shop, "campaign", campaign_id)
    assert at_desk(shop).get(url(shop, "blocks_states", campaign_id)).status_code == 404
