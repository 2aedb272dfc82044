"""Threat 2: programs open every link of a mail, and fetch ahead what a page leads to. None of them agrees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.laws.test_get_changes_nothing import snapshot
from tests.optout.test_address_change import move
from tests.optout.ways import an_address
from tests.people import a_reader, a_shop
from tests.signup.forms import HERE, a_form, ask, confirm_token, contact_of, link, page_of
from tests.signup.test_desks import opened
from tests.signup.test_empty_mail import SERVER, writes

from shodaku.consent import selectors as consents
from shodaku.kit.links import Purpose, Token
from shodaku.signup import selectors, services

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a test is an edge
# as mail filters and browsers that fetch ahead come
PROGRAMS = (
    {"user-agent": "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1) SafeLinks"},
    {"user-agent": "Mozilla/5.0 (compatible; link scanner)", "purpose": "prefetch"},
    {"user-agent": "Mozilla/5.0 Chrome/156.0", "sec-purpose": "prefetch;prerender"},
)
ANSWERS = "?answer=receive&answer=confirm&topics=1&scope=all&email=victim%40example.jp&start=1"


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


@pytest.fixture(scope="module")
def links(shop):
    """Every page of the ways in, by its name."""
    form_id = selectors.form(shop.workspace_id, "join").form_id
    asked = ask(shop, an_address())
    join = services.open_form_mail(shop.workspace_id, form_id, SERVER, staff_id=None, now=NOW)
    writer = an_address()
    writes(shop, join, writer, now=NOW)
    reader = a_reader(shop, an_address())
    preferences = f"/p/{link(Token(shop.workspace_id, 0, reader, Purpose.PREFERENCE))}"
    moved = move(Client(), shop, reader, an_address())
    services.add_source(shop.workspace_id, form_id, "銀座店のレジ", now=NOW)
    (source,) = selectors.sources(shop.workspace_id, form_id)
    _, desk = opened(shop, now=NOW)
    return {
        "form": page_of(shop),
        "frame": f"{page_of(shop)}/frame",
        "again": f"{page_of(shop)}/again",
        "poster": f"/q/{shop.slug}/{source.code}",
        "desk": desk,
        "thanks of a desk": f"{desk}/thanks",
        "confirmation": f"/confirm/{confirm_token(shop, asked)}",
        "answer to an empty mail": f"/confirm/{confirm_token(shop, contact_of(shop, writer))}",
        "new address": f"/confirm/{confirm_token(shop, moved)}",
        "wish for a new address": f"{preferences}/address",
    }


NAMES = (
    "form", "frame", "again", "poster", "desk", "thanks of a desk", "confirmation", "answer to an empty mail",
    "new address", "wish for a new address",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_program_that_opens_a_link_changes_no_row_of_any_table(database, shop, links, name):
    assert set(NAMES) == links.keys()
    before = snapshot(database, shop)
    for headers in PROGRAMS:
        for method in ("get", "head", "options"):
            for path in (links[name], links[name] + ANSWERS):
                answer = getattr(Client(), method)(path, headers=headers)
                assert answer.status_code in ({200} if method != "options" else {200, 405})
    assert snapshot(database, shop) == before


@pytest.mark.parametrize("name", ["confirmation", "answer to an empty mail", "new address"])
def test_no_page_behind_a_link_presses_its_own_button(links, name):
    page = Client().get(links[name]).content.decode()
    assert '<form method="post"' in page
    for trick in ("<script", "http-equiv", "autofocus", "checked", " onload"):
        assert trick not in page


def test_after_every_scanner_the_link_still_belongs_to_the_person(shop, database):
    address = an_address()
    contact_id = ask(shop, address)
    path = f"/confirm/{confirm_token(shop, contact_id)}"
    for headers in PROGRAMS:
        for method in ("head", "get"):
            assert getattr(Client(), method)(path, headers=headers).status_code == 200
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert held.state == "pending"
    assert Client().post(path, {"answer": "confirm"}, headers=HERE).status_code == 200
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert (held.state, held.confirmed) == ("active", True)
