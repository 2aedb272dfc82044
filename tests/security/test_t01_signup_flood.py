"""Threat 1: programs fill in forms with a victim's address, from many places."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client, override_settings
from tests.people import a_shop
from tests.signup.forms import HERE, a_form, ask, contact_of, mailings, page_of, stamp_in

from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors, services
from shodaku.signup.flood import FORM_POSTS_MIN

pytestmark = pytest.mark.usefixtures("database")
PLACES = 250
POSTS = 10_000
NETWORKS = 500


@pytest.fixture
def shop():
    shop = a_shop()
    a_form(shop)
    return shop


def body(shop, stamp, victim, **fields):
    return {"stamp": stamp, "email": victim, "topics": [str(shop.topic_id)], **fields}


@override_settings(SIGNUP_FORM_SECONDS_MIN=0)
def test_from_250_places_one_address_gets_one_mail_and_one_record(shop):
    victim = f"victim-{uuid.uuid4().hex[:10]}@example.jp"
    stamp = stamp_in(Client().get(page_of(shop)).content.decode())
    answers = {
        (response.status_code, response.content)
        for place in range(PLACES)
        for response in [
            Client(REMOTE_ADDR=f"11.0.{place}.7").post(
                page_of(shop), body(shop, stamp, victim, name=str(place)), headers=HERE
            )
        ]
    }
    assert len(answers) == 1
    assert len(mailings(shop)) == 1
    assert len(ledger.history(shop.workspace_id, contact_of(shop, victim))) == 1


def test_10000_posts_for_one_address_from_500_networks_cause_one_mail(shop):
    """As the view asks: first whether the post is taken at all, then for the mail. Pages are left out."""
    victim = f"victim-{uuid.uuid4().hex[:10]}@example.jp"
    now, taken = clock.now(), 0
    form_id = selectors.form(shop.workspace_id, "join").form_id
    for number in range(POSTS):
        place = f"12.{number % NETWORKS // 250}.{number % NETWORKS % 250}.{number % 200}"
        if services.admit(shop.workspace_id, form_id, place, services.Limits(), now) is None:
            ask(shop, victim, now=now)
            taken += 1
    assert taken == FORM_POSTS_MIN
    assert len(mailings(shop)) == 1


def test_a_program_that_never_saw_the_page_is_not_heard(shop):
    victim = f"victim-{uuid.uuid4().hex[:10]}@example.jp"
    response = Client().post(page_of(shop), body(shop, "", victim))
    assert (response.status_code, contact_of(shop, victim)) == (422, None)


def test_a_program_that_answers_within_three_seconds_is_not_heard(shop):
    victim = f"victim-{uuid.uuid4().hex[:10]}@example.jp"
    client = Client()
    stamp = stamp_in(client.get(page_of(shop)).content.decode())
    response = client.post(page_of(shop), body(shop, stamp, victim), headers=HERE)
    assert (response.status_code, contact_of(shop, victim)) == (422, None)
