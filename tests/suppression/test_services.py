"""Marks that hold no address: found again under the pepper they were made with, and refused under another."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import subprocess
import sys

import pytest
from django.test import Client, override_settings
from tests.people import a_contact, a_reader, a_shop
from tests.signup.forms import a_form, posted

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db, keys, runtime
from shodaku.kit.keys import KeyMissing, KeyPurpose
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import layers, selectors, services
from shodaku.suppression.domain import Tokens

pytestmark = pytest.mark.usefixtures("database")


@contextlib.contextmanager
def keys_of_our_own(folder):
    """A copy, in which a test may do harm."""
    shutil.copytree(runtime.current().keys, folder / "keys")
    with runtime.replaced(dataclasses.replace(runtime.current(), keys=folder / "keys", _rings={})):
        yield folder / "keys"


@contextlib.contextmanager
def another_pepper(folder):
    """What somebody has who restored the database and not the keys."""
    with keys_of_our_own(folder) as there:
        (there / "pepper.1").unlink()
        keys.write_secret(there / "pepper.1", bytes(range(keys.KEY_BYTES)))
        yield there


def test_a_second_file_alone_changes_nothing_for_the_database_says_which_layers_there_are(tmp_path):
    shop = a_shop()
    before = services.tokens(shop.workspace_id, Channel.EMAIL, "someone@example.jp")
    with keys_of_our_own(tmp_path) as there:
        keys.write_secret(there / f"{KeyPurpose.PEPPER}.2", bytes(range(keys.KEY_BYTES)))
        assert services.tokens(shop.workspace_id, Channel.EMAIL, "someone@example.jp") == before
        layers.check()


def test_under_a_wrong_pepper_nobody_is_looked_up_and_no_mark_is_made(tmp_path):
    shop = a_shop()
    with another_pepper(tmp_path):
        with pytest.raises(services.WrongPepper) as refused:
            services.tokens(shop.workspace_id, Channel.EMAIL, "someone@example.jp")
        with pytest.raises(services.WrongPepper):
            layers.check()
    assert refused.value.hint.startswith("pepper.1: ")


def test_without_the_pepper_the_check_names_the_file(tmp_path):
    with keys_of_our_own(tmp_path) as there:
        (there / "pepper.1").unlink()
        with pytest.raises(KeyMissing) as refused:
            layers.check()
    assert "pepper.1" in refused.value.hint


def test_under_the_right_pepper_the_check_passes():
    layers.check()


@pytest.mark.parametrize("plane", ["send"])
def test_a_worker_under_a_wrong_pepper_does_not_start(database, tmp_path, plane):
    """F64."""
    with another_pepper(tmp_path / "other") as there:
        home = tmp_path / "home"
        home.mkdir()
        environment = os.environ | {
            "SHODAKU_HOME": str(home),
            "SHODAKU_KEYS": str(there),
            "SHODAKU_DATABASE_URL": database.application,
            "SHODAKU_VAULT_URL": database.vault,
        }
        worker = subprocess.run(
            [sys.executable, "-m", "shodaku.config.worker", "--plane", plane],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert worker.returncode != 0
    assert "WrongPepper" in worker.stderr or "wrong_pepper" in worker.stderr
    assert "worker.started" not in worker.stderr


def test_under_a_wrong_pepper_the_form_takes_nobody_in_and_says_so(tmp_path):
    shop = a_shop()
    a_form(shop)
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0), another_pepper(tmp_path):
        assert posted(shop, Client(), email="someone@example.jp").status_code == 503


def test_under_a_wrong_pepper_an_opt_out_that_erases_still_protects_the_address(tmp_path):
    shop = a_shop()
    contact_id = a_reader(shop)
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ERASE, via=Method.PAGE
    )
    with another_pepper(tmp_path):
        optout.opt_out(order, clock.now())
    pair = Tokens(address.token, address.broad_token)
    assert selectors.suppressed(shop.workspace_id, [pair])[address.token].reason == "erased"
    with db.transaction(shop.workspace_id) as connection:
        epochs = connection.execute(
            "select distinct pepper_epoch from suppression where workspace_id = %s", [shop.workspace_id]
        ).fetchall()
    assert epochs == [(1,)]


def test_the_mark_of_an_address_is_found_again():
    shop = a_shop()
    contact_id = a_contact(shop)
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, address.value)
    assert (pair.strict, pair.broad) == (address.token, address.broad_token)
