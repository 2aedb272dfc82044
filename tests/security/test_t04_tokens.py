"""Threat 4: a token that is forged, changed or taken to another page acts for nobody."""

from __future__ import annotations

import base64
import uuid

import pytest
from django.test import Client
from tests.people import a_reader, a_shop
from tests.signup.forms import a_form, ask, link, newest_request

from shodaku.consent import selectors as consents
from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.signup import selectors as signups
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")
TOKEN_BITS = 31 * 8
# what each page may be opened with; everything else must do nothing there
GOOD_FOR = {
    "o": {Purpose.DELIVERY, Purpose.NOTICE},
    "p": {Purpose.PREFERENCE},
    "w": {Purpose.DELIVERY, Purpose.NOTICE},
    "confirm": {Purpose.CONFIRMATION},
    "receipt": {Purpose.RECEIPT},
}


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


@pytest.fixture
def asked(shop):
    """A reader of one topic who has just been asked about another."""
    address = f"token-{uuid.uuid4().hex[:10]}@example.jp"
    contact_id = a_reader(shop, address)
    ask(shop, address, topic_ids=(shop.other_topic_id,))
    return newest_request(shop, contact_id)


def state(shop, contact_id):
    held = consents.held(shop.workspace_id, contact_id)
    requests = signups.requests_of(shop.workspace_id, contact_id)
    return held, requests, suppressions.refusals(shop.workspace_id, contact_id)


def changed(token, bit):
    data = bytearray(base64.urlsafe_b64decode(token + "=="))
    data[bit // 8] ^= 1 << bit % 8
    return base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")


def press(path, token):
    body = {"answer": "receive", "scope": "all", "topics": "", "shown": "1,2", "days": "30"}
    return Client().post(f"/{path}/{token}", body)


@pytest.mark.parametrize("purpose", [Purpose.DELIVERY, Purpose.PREFERENCE, Purpose.CONFIRMATION])
def test_a_token_with_any_bit_changed_is_nobodys(shop, purpose):
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    token = link(Token(shop.workspace_id, 7, 9, purpose))
    assert keys.read_url(token, purpose) == Token(shop.workspace_id, 7, 9, purpose)
    assert [bit for bit in range(TOKEN_BITS) if keys.read_url(changed(token, bit), purpose)] == []


@pytest.mark.parametrize("path", sorted(GOOD_FOR))
def test_a_changed_token_changes_nothing_behind_any_page(shop, asked, path):
    before = state(shop, asked.contact_id)
    for purpose in GOOD_FOR[path]:
        token = link(Token(shop.workspace_id, asked.request_id, asked.contact_id, purpose))
        for bit in range(0, TOKEN_BITS, 17):
            assert press(path, changed(token, bit)).status_code in (200, 405)
    assert state(shop, asked.contact_id) == before


@pytest.mark.parametrize("path", sorted(GOOD_FOR))
def test_a_token_made_for_another_page_changes_nothing_here(shop, asked, path):
    before = state(shop, asked.contact_id)
    for purpose in set(Purpose) - GOOD_FOR[path]:
        press(path, link(Token(shop.workspace_id, asked.request_id, asked.contact_id, purpose)))
    assert state(shop, asked.contact_id) == before


def test_a_token_of_another_workspace_changes_nothing_here(shop, asked):
    other = a_shop()
    before = state(shop, asked.contact_id)
    for path, purposes in GOOD_FOR.items():
        for purpose in purposes:
            press(path, link(Token(other.workspace_id, asked.request_id, asked.contact_id, purpose)))
    assert state(shop, asked.contact_id) == before


def test_a_request_is_confirmed_by_its_own_persons_link_alone(shop, asked):
    stranger = a_reader(shop)
    press("confirm", link(Token(shop.workspace_id, asked.request_id, stranger, Purpose.CONFIRMATION)))
    assert newest_request(shop, asked.contact_id).state == "requested"


def test_a_confirmation_is_good_for_one_yes(shop, asked):
    token = link(Token(shop.workspace_id, asked.request_id, asked.contact_id, Purpose.CONFIRMATION))
    press("confirm", token)
    before = state(shop, asked.contact_id)
    press("confirm", token)
    assert state(shop, asked.contact_id) == before
