"""`shodaku unite` as an operator uses it."""

from __future__ import annotations

import json
import uuid

import pytest
from tests.people import a_contact, a_shop

from shodaku.config import bind, cli
from shodaku.contacts import selectors as contacts
from shodaku.signup import selectors as signups


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["unite", *arguments, "--workspace", shop.slug])
        return status, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("told_by", "names"),
    [
        ([], ["山田 花子", "山田 華子"]),
        (["--told-by", "each"], ["山田 花子", "山田 華子"]),
        (["--told-by", "first"], ["山田 花子", "山田 花子"]),
        (["--told-by", "second"], ["山田 華子", "山田 華子"]),
    ],
)
def test_two_contacts_are_one_person_and_tell_what_was_chosen(run, shop, told_by, names):
    addresses = [f"{uuid.uuid4().hex}@example.jp" for _ in range(2)]
    pair = [
        a_contact(shop, address, name=name)
        for address, name in zip(addresses, ("山田 花子", "山田 華子"), strict=True)
    ]
    status, out = run(*addresses, *told_by, "--json")
    assert (status, json.loads(out)) == (0, {"new": True})
    assert signups.same_contacts(shop.workspace_id, pair[0]) == [pair[1]]
    assert [contacts.contact(shop.workspace_id, each).name for each in pair] == names


def test_an_address_that_nobody_has_unites_nobody(run, shop):
    address = f"{uuid.uuid4().hex}@example.jp"
    one = a_contact(shop, address)
    assert run(address, "nobody@example.jp")[0] != 0
    assert signups.same_contacts(shop.workspace_id, one) == []
