"""Addresses that only take presses, opened by hand, say so and lead home; programs get 405 alone."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

pytestmark = pytest.mark.usefixtures("database")
OPENED = {"accept": "text/html"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "This page cannot be opened by its address"), ("ja", "このページは、アドレスからは開けません")],
)
def test_an_address_of_a_press_that_is_opened_by_hand_says_so_and_leads_home(language, sentence):
    shop = a_shop()
    answer = at_desk(shop, language=language).get(url(shop, "audit_file"), headers=OPENED)
    page = text_of(answer)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert sentence in page.replace("<wbr>", "")
    assert f'href="{url(shop, "home")}"' in page


def test_the_home_page_of_a_strangers_shop_is_named_and_not_opened():
    theirs = a_shop()
    desk = at_desk(a_shop())
    answer = desk.get(url(theirs, "audit_file"), headers=OPENED)
    assert answer.status_code == 405
    assert theirs.slug in text_of(answer)  # as it stands in the address
    assert desk.get(url(theirs, "home")).status_code == 404


@pytest.mark.parametrize("headers", [{"accept": "application/json"}])
def test_a_program_gets_the_status_alone(headers):
    shop = a_shop()
    answer = at_desk(shop).get(url(shop, "audit_file"), headers=headers)
    assert (answer.status_code, answer.content) == (405, b"")


def test_what_is_no_look_is_no_page():
    shop = a_shop()
    answer = at_desk(shop).delete(url(shop, "audit_file"), headers=OPENED)
    assert (answer.status_code, answer.content) == (405, b"")
