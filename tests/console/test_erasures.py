"""Erasing for somebody who asked: first in numbers, then with a word; its certificate stands in a list."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasure
from shodaku.erasure import services as erasing

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "taro@example.jp"


@pytest.fixture
def shop():
    return a_shop()


def said(address=ADDRESS, via="telephone", **more):
    return {"address": address, "via": via, **more}


def run(shop, erasure_id):
    later = datetime.now(UTC) + timedelta(minutes=5)  # noqa: TID251 - a test is an edge
    erasing.forget(shop.workspace_id, erasure_id, now=later, event_id=uuid.uuid4())


def test_the_first_press_says_in_numbers_what_goes_and_changes_nothing(shop):
    reader = a_reader(shop, ADDRESS)
    rows = sum(erasure.remains(shop.workspace_id, reader).values())
    page = text_of(at_desk(shop).post(url(shop, "erase_begin"), said()))
    assert f"{rows} rows about this person go" in page
    assert "t****@example.jp" in page
    assert erasure.erasures(shop.workspace_id) == []


def test_the_word_is_typed_before_anything_is_erased(shop):
    reader = a_reader(shop, ADDRESS)
    desk = at_desk(shop)
    for typed in ("", "yes", "eras"):
        answer = desk.post(url(shop, "erase"), said(typed=typed))
        assert answer.status_code == 422
        assert "t****@example.jp" in text_of(answer)
    assert erasure.erasures(shop.workspace_id) == []
    assert desk.post(url(shop, "erase"), said(typed="消去")).status_code == 302
    (begun,) = erasure.erasures(shop.workspace_id)
    run(shop, begun.erasure_id)
    assert contacts.contact(shop.workspace_id, reader) is None


@pytest.mark.parametrize("typed", ["erase", " Erase ", "消去"])
def test_the_word_of_either_language_does(shop, typed):
    a_reader(shop, ADDRESS)
    assert at_desk(shop).post(url(shop, "erase"), said(typed=typed)).status_code == 302
    assert len(erasure.erasures(shop.workspace_id)) == 1


@pytest.mark.parametrize("address", ["", "taro", "@@", "12", "taro@例 え.jp", "nobody@example.jp"])
def test_what_leads_to_nobody_is_said_and_what_was_typed_stays(shop, address):
    answer = at_desk(shop).post(url(shop, "erase_begin"), said(address, "paper"))
    assert answer.status_code == 422
    assert f'value="{address}"' in text_of(answer) or not address
    assert re.search(r'value="paper"[^>]*selected', text_of(answer))
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.DEVELOPER])
def test_who_may_not_erase_is_not_offered_it_and_cannot(shop, role):
    a_reader(shop, ADDRESS)
    desk = at_desk(shop, role)
    assert url(shop, "erase_begin") not in text_of(desk.get(url(shop, "erasures")))
    for page in ("erase_begin", "erase"):
        assert desk.post(url(shop, page), said(typed="erase")).status_code == 403
    assert erasure.erasures(shop.workspace_id) == []


def test_an_erasure_stands_there_from_its_beginning_to_its_certificate(shop):
    a_reader(shop, ADDRESS)
    desk = at_desk(shop)
    desk.post(url(shop, "erase"), said(typed="erase"))
    (begun,) = erasure.erasures(shop.workspace_id)
    page = text_of(desk.get(url(shop, "erasures")))
    assert begun.receipt in page
    assert "erasing begins within a minute" in page
    run(shop, begun.erasure_id)
    (done,) = erasure.erasures(shop.workspace_id)
    page = text_of(desk.get(url(shop, "erasures")))
    assert f"#{done.entry_id:,}" in page
    assert "<code>contact</code> 1" in page
    assert ADDRESS not in page


def test_somebody_without_evidence_to_keep_is_told_that_nothing_stays(shop):
    a_contact(shop, ADDRESS)
    page = text_of(at_desk(shop).post(url(shop, "erase_begin"), said()))
    assert "nothing stays" in page


def test_pages_of_erasures_follow_each_other(shop, monkeypatch):
    monkeypatch.setattr(erasure, "PAGE_ROWS", 2)
    desk = at_desk(shop)
    for number in range(3):
        a_reader(shop, f"reader{number}@example.jp")
        desk.post(url(shop, "erase"), said(f"reader{number}@example.jp", typed="erase"))
    first = text_of(desk.get(url(shop, "erasures")))
    following = first.partition('rel="next" href="')[2].partition('"')[0]
    second = text_of(desk.get(following))
    shown = [page.count('<th scope="row"><b class="num">') for page in (first, second)]
    assert shown == [2, 1]


def test_in_japanese_too(shop):
    a_reader(shop, ADDRESS)
    desk = at_desk(shop, language="ja")
    assert desk.get(url(shop, "erasures")).status_code == 200
    assert desk.post(url(shop, "erase_begin"), said()).status_code == 200
