"""Promise 16: a stranger's address gets at most one confirmation mail a day, whoever submits it."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_shop
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token, contact_of, mailings

from shodaku.signup import services

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
A_DAY = timedelta(days=1)


def a_stranger():
    return f"victim-{uuid.uuid4().hex[:10]}@example.jp"


def shops(count):
    made = [a_shop() for _ in range(count)]
    for shop in made:
        a_form(shop)
    return made


def mails(shops):
    return sum(len(mailings(shop)) for shop in shops)


def test_many_workspaces_ask_one_address_once():
    victim, made = a_stranger(), shops(4)
    for shop in made:
        ask(shop, victim, now=NOW)
    assert mails(made) == 1


def test_who_cannot_be_asked_is_not_remembered_either():
    victim, (shop, other) = a_stranger(), shops(2)
    ask(shop, victim, now=NOW)
    ask(other, victim, now=NOW)
    assert contact_of(other, victim) is None


def test_spellings_of_one_mailbox_are_one_address():
    made = shops(3)
    name = f"victim{uuid.uuid4().hex[:10]}"
    for shop, spelling in zip(
        made, (f"{name}@gmail.com", f"{name[:3]}.{name[3:]}@GMAIL.com", f"{name}+x@gmail.com"), strict=True
    ):
        ask(shop, spelling, now=NOW)
    assert mails(made) == 1


def test_after_a_day_another_workspace_may_ask_but_three_times_in_30_days_is_all():
    victim, made = a_stranger(), shops(6)
    for day, shop in enumerate(made):
        ask(shop, victim, now=NOW + day * A_DAY)
    assert mails(made) == 3


def test_confirming_and_asking_again_opens_no_second_mail_that_day():
    victim, (shop, other) = a_stranger(), shops(2)
    contact_id = ask(shop, victim, now=NOW)
    services.confirm_signup(confirm_token(shop, contact_id), EVIDENCE, NOW)
    ask(other, victim, now=NOW + timedelta(hours=23))
    assert len(mailings(other)) == 0


def test_two_workspaces_that_ask_in_the_same_instant_send_one_mail():
    victim, made = a_stranger(), shops(4)
    together = threading.Barrier(len(made), timeout=30)

    def press(shop):
        from django.db import connection

        together.wait()
        try:
            ask(shop, victim, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(shop,)) for shop in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert mails(made) == 1
