"""Blocks are turned into code: asked first, one way, and the blocks are kept to be brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.campaigns.test_services import NOW, a_draft, launch
from tests.campaigns.test_writing import in_blocks_now, numbers, save
from tests.console.desk import at_desk, text_of, url
from tests.content.test_document import in_blocks, paragraph, prose, text
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services, writing
from shodaku.content.document import Document, parse_document
from shodaku.content.merge_fields import SLOT
from shodaku.content.source import Language, Source

pytestmark = pytest.mark.usefixtures("database")
GREETED = parse_document(
    in_blocks(
        {"type": "heading", "text": [{"merge": "name", "fallback": "お客様"}, "へ"]},
        {"type": "text", "doc": prose(paragraph(text("冬の品がそろいました。")))},
    )
)


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture
def mail(shop):
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, GREETED, 1)
    return campaign_id


def kept(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id)


def newest(shop, campaign_id):
    return selectors.document(shop.workspace_id, campaign_id, kept(shop, campaign_id).revision)


def turned(shop, campaign_id, desk=None, *, revision=None):
    said = {"revision": revision or kept(shop, campaign_id).revision}
    return (desk or at_desk(shop)).post(url(shop, "blocks_into_code", campaign_id), said)


def press(shop, campaign_id, do, **said):
    code, campaign = newest(shop, campaign_id), kept(shop, campaign_id)
    sent = {"language": code.language.value, "code": code.code, "own_text": "", "revision": campaign.revision}
    return at_desk(shop).post(url(shop, "code", campaign_id), sent | {"do": do} | said)


def test_the_page_asks_first_and_changes_nothing(shop, mail):
    page = text_of(at_desk(shop).get(url(shop, "blocks_into_code", mail)))
    assert "This is one way" in page
    assert newest(shop, mail) == GREETED
    assert kept(shop, mail).revision == 2


def test_turned_it_is_mjml_with_the_same_words_and_fields_and_can_leave(shop, mail):
    a_reader(shop, at=NOW - timedelta(days=1))
    answer = turned(shop, mail)
    assert answer["Location"] == url(shop, "code", mail)
    code = newest(shop, mail)
    assert (code.language, SLOT.findall(code.code)) == (Language.MJML, ["name|お客様"])
    assert "冬の品がそろいました。" in kept(shop, mail).html
    assert SLOT.findall(kept(shop, mail).html) == ["name|お客様"]
    assert services.lacks(shop.workspace_id, code) == []
    assert isinstance(launch(shop, mail), services.Launched)
    assert selectors.times_used(shop.workspace_id, mail) == {}  # and its report can be read


def test_of_coupons_it_says_that_their_use_is_told_no_more(shop, mail):
    told = "how often its coupons were used"
    assert told not in text_of(at_desk(shop).get(url(shop, "blocks_into_code", mail)))
    coupon = {"type": "coupon", "title": "1割引", "code": "AKI-1", "until": ""}
    save(shop, mail, parse_document(in_blocks(coupon)), 2)
    assert told in text_of(at_desk(shop).get(url(shop, "blocks_into_code", mail)))


def test_what_stands_in_the_form_is_saved_before_it_is_asked(shop, mail):
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "blocks", mail)))
    assert 'name="do" value="code"' in page
    sent = {"revision": 2, "do": "code", "preheader": "いま書いたこと", "own_text": ""}
    answer = desk.post(url(shop, "blocks", mail), sent)
    assert answer["Location"] == url(shop, "blocks_into_code", mail)
    assert newest(shop, mail).preheader == "いま書いたこと"


def test_the_blocks_come_back_and_the_code_is_kept_as_a_state(shop, mail):
    turned(shop, mail)
    before = kept(shop, mail).revision
    code = newest(shop, mail).code.replace("冬の品", "春の品")
    answer = press(shop, mail, "blocks", code=code)
    assert answer["Location"] == url(shop, "blocks", mail)
    assert newest(shop, mail) == GREETED
    edited = selectors.document(shop.workspace_id, mail, before + 1)
    assert isinstance(edited, Source)
    assert "春の品" in edited.code


def test_however_long_the_code_is_written_on_the_blocks_stay(shop, mail, monkeypatch):
    monkeypatch.setattr(writing, "WHOLE_REVISIONS", 3)
    monkeypatch.setattr(writing, "REACH_REVISIONS", 10)
    turned(shop, mail)
    code = newest(shop, mail).code
    for n in range(3, 30):
        at = NOW + n * timedelta(minutes=1)
        save(shop, mail, Source(Language.MJML, f"{code}<!-- {n} -->"), n, now=at)
    assert 1 not in numbers(shop, mail)
    assert selectors.last_blocks(shop.workspace_id, mail) == 2
    press(shop, mail, "blocks")
    assert newest(shop, mail) == GREETED


def test_what_somebody_saved_meanwhile_is_looked_at_before_it_is_turned(shop, mail):
    other = Document(GREETED.blocks[:1])
    save(shop, mail, other, 2)
    desk = at_desk(shop)
    answer = turned(shop, mail, desk, revision=2)
    assert answer["Location"] == url(shop, "blocks", mail)
    assert "Somebody saved meanwhile" in text_of(desk.get(answer["Location"]))
    assert newest(shop, mail) == other


def test_pressed_twice_it_is_turned_once(shop, mail):
    turned(shop, mail)
    revision = kept(shop, mail).revision
    assert turned(shop, mail, revision=2)["Location"] == url(shop, "code", mail)
    assert kept(shop, mail).revision == revision


def test_code_that_was_never_blocks_offers_none_back(shop):
    campaign_id = a_draft(shop)
    services.write_as_code(shop.workspace_id, campaign_id, starter="<p>x</p>", staff_id=None, now=NOW)
    page = text_of(at_desk(shop).get(url(shop, "code", campaign_id)))
    assert 'value="blocks"' not in page
    assert press(shop, campaign_id, "blocks")["Location"] == url(shop, "code", campaign_id)


def test_blocks_that_become_longer_than_code_may_be_stay_blocks_and_it_is_said(shop):
    """Both may have 300 KB, and what is one sign in a block is four in code."""
    blocks = [{"type": "text", "doc": prose(paragraph(text("<" * 19_000)))} for _ in range(5)]
    long = parse_document(in_blocks(*blocks))
    campaign_id = in_blocks_now(shop)
    save(shop, campaign_id, long, 1)
    desk = at_desk(shop)
    answer = turned(shop, campaign_id, desk)
    assert answer["Location"] == url(shop, "blocks", campaign_id)
    assert "The code is too long" in text_of(desk.get(answer["Location"]))
    assert newest(shop, campaign_id) == long


def test_who_only_reads_turns_nothing(shop, mail):
    desk = at_desk(shop, Role.COMPLIANCE)
    assert desk.get(url(shop, "blocks_into_code", mail)).status_code == 403
    assert turned(shop, mail, desk).status_code == 403
    assert 'value="code"' not in text_of(desk.get(url(shop, "blocks", mail)))
