"""The list of people: found without a name or an address in any URL, whatever is typed."""

from __future__ import annotations

import re
import uuid

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.contacts import selectors

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
    monkeypatch.setattr(selectors, "PAGE_ROWS", 2)
    for given in ("一", "二", "三"):
        a_contact(shop, name=f"山田 {given}")
    a_contact(shop, name="佐藤 太郎")
    desk = at_desk(shop)
    page = text_of(desk.post(url(shop, "contacts"), {"q": "山田"}))
    assert [f"山田 {given}" in page for given in ("一", "二", "三")] == [False, True, True]
    hidden = dict(re.findall(r'<input type="hidden" name="(q|before)" value="([^"]*)"', page))
    assert hidden["q"] == "山田"
    following = text_of(desk.post(url(shop, "contacts"), hidden))
    assert [f"山田 {given}" in following for given in ("一", "二", "三")] == [True, False, False]
    everybody = text_of(desk.get(url(shop, "contacts")))
    (more,) = re.findall(r'rel="next" href="([^"]+)"', everybody)
    assert re.fullmatch(r"\?before=\d+", more.removeprefix(url(shop, "contacts")))
    assert "山田 二" in text_of(desk.get(more))
