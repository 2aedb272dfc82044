"""Marks that hold no address: made under one pepper, and never looked for under another."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil

import pytest
from django.test import Client, override_settings
from tests.people import a_contact, a_reader, a_shop
from tests.signup.forms import a_form, posted

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db, keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors, services
from shodaku.suppression.domain import Tokens

pytestmark = pytest.mark.usefixtures("database")


@contextlib.contextmanager
def a_second_pepper(folder):
    """What somebody would do who thinks that a pepper can be changed like a password."""
    shutil.copytree(runtime.current().keys, folder / "keys")
    keys.write_secret(folder / "keys" / f"{KeyPurpose.PEPPER}.2", bytes(range(keys.KEY_BYTES)))
    with runtime.replaced(dataclasses.replace(runtime.current(), keys=folder / "keys", _rings={})):
        yield


def test_with_two_peppers_nobody_is_looked_up_and_no_mark_is_made(tmp_path):
    shop = a_shop()
    with a_second_pepper(tmp_path), pytest.raises(services.PepperRotated) as refused:
        services.tokens(shop.workspace_id, Channel.EMAIL, "someone@example.jp")
    assert "restore the single pepper file" in refused.value.message
    assert refused.value.hint == "pepper.1, pepper.2"


def test_with_two_peppers_the_form_takes_nobody_in_and_says_so(tmp_path):
    shop = a_shop()
    a_form(shop)
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0), a_second_pepper(tmp_path):
        assert posted(shop, Client(), email="someone@example.jp").status_code == 503


def test_with_two_peppers_an_opt_out_that_erases_still_protects_the_address(tmp_path):
    shop = a_shop()
    contact_id = a_reader(shop)
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ERASE, via=Method.PAGE
    )
    with a_second_pepper(tmp_path):
        optout.opt_out(order, clock.now())
    pair = Tokens(address.token, address.broad_token)
    assert selectors.suppressed(shop.workspace_id, [pair])[address.token].reason == "erased"
    with db.transaction(shop.workspace_id) as connection:
        epochs = connection.execute(
            "select distinct pepper_epoch from suppression where workspace_id = %s", [shop.workspace_id]
        ).fetchall()
    assert epochs == [(1,)]


def test_with_one_pepper_the_mark_of_an_address_is_found_again():
    shop = a_shop()
    contact_id = a_contact(shop)
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, address.value)
    assert (pair.strict, pair.broad) == (address.token, address.broad_token)
