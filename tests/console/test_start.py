"""The first page of a new installation: all of it is made, or nothing."""

from __future__ import annotations

import dataclasses
import threading
import uuid

import pytest
from django.db import connection
from django.test import Client
from tests.console.desk import text_of
from tests.people import a_shop

from shodaku.accounts import selectors, services
from shodaku.kit import runtime

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def link(monkeypatch):
    """As on the first day: nobody has an account."""
    monkeypatch.setattr(selectors, "staff_exists", lambda: False)
    return f"/console/start/{services.first_login_token()}/"


@pytest.fixture
def said():
    mark = uuid.uuid4().hex[:10]
    return {
        "workspace": f"first-{mark}",
        "formal_name": "株式会社はじめ",
        "postal_address": "東京都千代田区1-1",
        "contact_email": "desk@hajime.example",
        "contact_phone": "03-0000-0000",
        "from_address": "news@hajime.example",
        "name": "始 一",
        "email": f"owner-{mark}@hajime.example",
        "password": "a password of some length",
    }


def submit(link, said):
    return Client(headers={"accept-language": "en"}).post(link, said)


def nothing_was_made(said):
    return selectors.workspace_by_slug(said["workspace"]) is None and not selectors.staff_id_of(said["email"])


def test_the_first_owner_finds_shop_sender_and_membership(link, said):
    answer = submit(link, said)
    assert (answer.status_code, answer["Location"]) == (302, f"/console/{said['workspace']}/")
    workspace = selectors.workspace_by_slug(said["workspace"])
    (sender,) = selectors.senders(workspace.workspace_id)
    assert (sender.formal_name, sender.mail_domain) == ("株式会社はじめ", "hajime.example")
    staff_id = selectors.staff_id_of(said["email"].upper())
    assert [each.slug for each in selectors.memberships(staff_id)] == [said["workspace"]]


def test_without_the_key_store_nothing_is_made_and_nothing_typed_is_lost(link, said, tmp_path):
    away = dataclasses.replace(
        runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1", _rings={}
    )
    with runtime.replaced(away):
        answer = submit(link, said)
    assert answer.status_code == 503
    assert said["formal_name"] in text_of(answer)
    assert nothing_was_made(said)
    assert submit(link, said).status_code == 302  # later, the same page works


def test_a_short_name_that_is_taken_is_told_at_its_field(link, said):
    answer = submit(link, said | {"workspace": a_shop().slug})
    assert answer.status_code == 422
    assert answer.context["form"].errors["workspace"] == ["A workspace with this short name exists already."]
    assert said["formal_name"] in text_of(answer)
    assert selectors.staff_id_of(said["email"]) is None


def test_an_account_that_exists_is_told_at_its_field_and_no_shop_is_left_behind(link, said):
    submit(link, said)
    again = said | {"workspace": f"{said['workspace']}-2"}
    answer = submit(link, again)
    assert answer.context["form"].errors["email"] == ["Somebody with this e-mail address exists already."]
    assert selectors.workspace_by_slug(again["workspace"]) is None


def test_of_two_who_set_up_in_the_same_instant_one_becomes_the_owner(link, said, monkeypatch):
    mark = said["workspace"]
    both = [said, said | {"workspace": f"{mark}-2", "email": f"second-{mark}@hajime.example"}]
    together, arrived = threading.Barrier(2, timeout=30), threading.local()

    def either_exists():
        if not hasattr(arrived, "once"):  # both are let in by the link before either has written
            arrived.once = True
            together.wait()
            return False
        return any(selectors.staff_id_of(each["email"]) for each in both)

    monkeypatch.setattr(selectors, "staff_exists", either_exists)
    answers = []

    def press(form):
        try:
            answers.append(submit(link, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(form,)) for form in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [302, 404]
    assert sum(nothing_was_made(each) for each in both) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "1qaz2wsx3edc"}, "password"),
        ({"password": "short"}, "password"),
        ({"formal_name": "=?UTF-8?B?Qg==?="}, "formal_name"),
        ({"workspace": "With Space"}, "workspace"),
    ],
)
def test_what_cannot_stand_is_refused_at_its_field(link, said, wrong, field):
    answer = submit(link, said | wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert nothing_was_made(said)
