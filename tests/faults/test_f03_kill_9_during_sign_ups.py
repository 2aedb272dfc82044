"""F03: the web server is killed while people sign up and confirm. Each is recorded whole, or not at all."""

from __future__ import annotations

import http.client
import threading
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.delivery.mailings import now, rows
from tests.optout.serving import URLENCODED, a_server
from tests.people import a_shop
from tests.signup.forms import a_form, ask, confirm_token, contact_of, page_of, stamp_in

from shodaku.kit import clock

PEOPLE = 60
ANSWERED_BEFORE = 15
AT_ONCE = 6
AGE = timedelta(seconds=30)  # nobody fills in a form quicker than in three

WHOLE = {"requests": 1, "entries": 1, "mails": 1, "jobs": 1, "consents": 1}
NOTHING = dict.fromkeys(WHOLE, 0)
KEPT_OF = """
select (select count(*) from signup_request r where r.contact_id = %(c)s),
       (select count(*) from ledger_sealed s where s.contact_id = %(c)s),
       (select count(*) from chunk c where %(c)s = any(c.contact_ids)),
       (select count(*) from chunk c join procrastinate_jobs j
        on j.args ->> 'mailing_id' = c.mailing_id::text and j.args ->> 'workspace_id' = c.workspace_id::text
        where %(c)s = any(c.contact_ids)),
       (select count(*) from consent_event e where e.contact_id = %(c)s)
"""
STATE_OF = """
select (select state from consent c where c.contact_id = %(c)s),
       (select count(*) from consent_event e where e.contact_id = %(c)s and e.kind = 'confirmed'),
       (select count(*) from ledger_sealed s where s.contact_id = %(c)s),
       (select state from signup_request r where r.contact_id = %(c)s)
"""


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


def kept_of(database, shop, address):
    contact_id = contact_of(shop, address)
    if contact_id is None:
        return NOTHING
    return dict(zip(WHOLE, rows(database, shop, KEPT_OF, c=contact_id)[0], strict=True))


def killed_while(database, people, act):
    """Who was answered before the server died; each is tried once, several at a time."""
    left, answered, enough = list(people), [], threading.Event()

    def go_on(server):
        while left:
            person = left.pop()
            try:
                status = act(server, person)
            except (OSError, http.client.HTTPException):
                return
            assert status == 200
            answered.append(person)
            if len(answered) >= ANSWERED_BEFORE:
                enough.set()

    with a_server(database) as server:
        threads = [threading.Thread(target=go_on, args=[server]) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        server.kill()
        for thread in threads:
            thread.join()
    assert ANSWERED_BEFORE <= len(answered) < len(people)
    return answered


def again(database, people, act):
    with a_server(database) as server:
        assert {act(server, person) for person in people} == {200}


def test_f03_a_sign_up_is_recorded_whole_or_not_at_all_and_asked_again_it_is_one(database, shop):
    with clock.standing_at(now() - AGE):
        stamp = stamp_in(Client().get(page_of(shop)).content.decode())
    people = [f"hanako-{uuid.uuid4().hex[:10]}@example.jp" for _ in range(PEOPLE)]

    def sign_up(server, address):
        fields = {"stamp": stamp, "topics": shop.topic_id, "email": address, "name": "山田 花子"}
        body = urlencode(fields).encode()
        headers = {"Content-Type": URLENCODED, "Sec-Fetch-Site": "same-origin"}
        return server.ask("POST", page_of(shop), body, headers)[0]

    answered = killed_while(database, people, sign_up)
    found = {address: kept_of(database, shop, address) for address in people}
    assert all(each in (WHOLE, NOTHING) for each in found.values())
    assert {each for each in answered if found[each] != WHOLE} == set()
    again(database, people[:20], sign_up)
    assert all(kept_of(database, shop, address) == WHOLE for address in people[:20])


def test_f03_a_confirmation_is_recorded_whole_or_not_at_all_and_pressed_again_it_is_one(database, shop):
    people = [ask(shop, f"hanako-{uuid.uuid4().hex[:10]}@example.jp") for _ in range(PEOPLE)]

    def confirm(server, contact_id):
        path = f"/confirm/{confirm_token(shop, contact_id)}"
        return server.ask("POST", path, b"answer=yes", {"Content-Type": URLENCODED})[0]

    def state_of(contact_id):
        return rows(database, shop, STATE_OF, c=contact_id)[0]

    answered = killed_while(database, people, confirm)
    agreed, asked = ("active", 1, 2, "confirmed"), ("pending", 0, 1, "requested")
    found = {contact_id: state_of(contact_id) for contact_id in people}
    assert {*found.values()} <= {agreed, asked}
    assert {each for each in answered if found[each] != agreed} == set()
    again(database, people[:20], confirm)
    assert {state_of(contact_id) for contact_id in people[:20]} == {agreed}
