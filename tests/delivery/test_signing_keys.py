"""Private keys of domains: only wrapped in the database, bound to their place, each act in the ledger."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from tests.delivery.mailings import now, rows
from tests.people import a_shop

from shodaku.config.commands import doctor_command
from shodaku.delivery import selectors, services, signing
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.key_states import GRACE_DAYS, ROTATE_DAYS, KeyState
from shodaku.delivery.signing import SigningKeyClosed, WrappedKey
from shodaku.kit import keys, runtime
from shodaku.kit.keys import KeyPurpose

DOMAIN = "aoi.example"


def made(shop, *algorithms):
    return services.make_dkim_keys(
        shop.workspace_id, DOMAIN, algorithms or (Algorithm.RSA, Algorithm.ED25519), by="test", now=now()
    )


def settled(shop, shown, at=None):
    selected = [each.selector for each in shown]
    return services.settle_dkim_keys(shop.workspace_id, DOMAIN, selected, by="test", now=at or now())


def states(shop):
    return {each.selector: each.state for each in selectors.dkim_keys(shop.workspace_id)}


def wrapped(database, shop):
    statement = (
        "select key_id, domain, selector, algorithm, wrapped, epoch, fault from dkim_key order by key_id"
    )
    return [WrappedKey(*row) for row in rows(database, shop, statement)]


def test_a_key_begins_after_dns_showed_it_and_the_old_one_ends_after_its_grace(database):
    shop = a_shop()
    first = made(shop)
    assert [each.algorithm for each in first] == [Algorithm.RSA, Algorithm.ED25519]
    assert set(states(shop).values()) == {KeyState.WAITING}
    settled(shop, first)
    second = made(shop, Algorithm.RSA)
    settled(shop, first)
    assert states(shop)[second[0].selector] is KeyState.WAITING
    settled(shop, second)
    assert states(shop) == {
        second[0].selector: KeyState.ACTIVE,
        **{each.selector: KeyState.LEAVING for each in first},
    }
    settled(shop, [], now() + timedelta(days=GRACE_DAYS))
    assert {states(shop)[each.selector] for each in first} == {KeyState.ENDED}
    assert [each.key_id for each in wrapped(database, shop) if each.wrapped] == [second[0].key_id]


def test_each_act_is_an_entry_of_the_ledger(database):
    shop = a_shop()
    first = made(shop)
    settled(shop, first)
    services.end_dkim_key(shop.workspace_id, DOMAIN, first[0].selector, by="test", now=now())
    entries = rows(database, shop, "select entry from ledger_entry order by entry_id")
    found = [kind for (entry,) in entries if (kind := json.loads(entry)["kind"]).startswith("admin.dkim")]
    assert found == ["admin.dkim.made", "admin.dkim.active", "admin.dkim.ended"]


def test_only_one_generation_waits_at_a_time(database):
    shop = a_shop()
    (first,) = made(shop, Algorithm.RSA)
    with pytest.raises(services.KeysWaiting):
        made(shop)
    services.end_dkim_key(shop.workspace_id, DOMAIN, first.selector, by="test", now=now())
    assert made(shop)
    with pytest.raises(services.UnknownKey):
        services.end_dkim_key(shop.workspace_id, DOMAIN, first.selector, by="test", now=now())


def test_a_domain_that_nobody_sends_from_gets_no_key(database):
    shop = a_shop()
    with pytest.raises(services.UnknownDomain):
        services.make_dkim_keys(shop.workspace_id, "other.example", [Algorithm.RSA], by="test", now=now())


def test_the_row_opens_with_its_key_file_alone_and_only_in_its_place(database, tmp_path):
    shop = a_shop()
    here = runtime.current()
    (key,) = made(shop, Algorithm.RSA)
    (row,) = wrapped(database, shop)
    private = serialization.load_der_private_key(signing.opened(here, shop.workspace_id, row).secret, None)
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    assert private.public_key().public_bytes(serialization.Encoding.DER, public) == key.public
    assert b"\x30\x82" not in row.wrapped[:40]  # no DER
    for other in (row._replace(selector="x"), row._replace(domain="b.example"), row._replace(epoch=9)):
        with pytest.raises(SigningKeyClosed):
            signing.opened(here, shop.workspace_id, other)
    with pytest.raises(SigningKeyClosed):
        signing.opened(here, shop.workspace_id + 1, row)
    keys.create_missing(tmp_path / "keys")
    elsewhere = replace(here, keys=tmp_path / "keys", _rings={})
    with pytest.raises(SigningKeyClosed) as closed:
        signing.opened(elsewhere, shop.workspace_id, row)
    assert "put that back from your copy" in closed.value.sentence
    (tmp_path / "keys/dkim.1").unlink()
    with pytest.raises(SigningKeyClosed):
        signing.opened(replace(elsewhere, _rings={}), shop.workspace_id, row)


def test_a_new_epoch_of_the_file_wraps_new_keys_and_the_old_ones_still_open(database, tmp_path):
    shop = a_shop()
    keys.create_missing(tmp_path / "keys")
    here = replace(runtime.current(), keys=tmp_path / "keys", _rings={})
    with runtime.replaced(here):
        made(shop, Algorithm.ED25519)
        keys.add_epoch(tmp_path / "keys", KeyPurpose.DKIM, 2)
        settled(shop, selectors.dkim_keys(shop.workspace_id))
        made(shop, Algorithm.ED25519)
        assert [each.epoch for each in wrapped(database, shop)] == [1, 2]
        assert selectors.closed_keys(shop.workspace_id) == []
        (tmp_path / "keys/dkim.1").unlink()
        os.utime(tmp_path / "keys", ns=(1, 1))
        assert [each.domain for each in selectors.closed_keys(shop.workspace_id)] == [DOMAIN]


def test_another_workspace_sees_no_key_of_this_one(database):
    shop, other = a_shop(), a_shop()
    made(shop, Algorithm.ED25519)
    assert selectors.dkim_keys(other.workspace_id) == []
    assert made(other, Algorithm.ED25519)


def test_nothing_that_is_printed_holds_a_private_part(database):
    shop = a_shop()
    (key,) = made(shop, Algorithm.ED25519)
    (row,) = wrapped(database, shop)
    secret = signing.opened(runtime.current(), shop.workspace_id, row)
    shown = repr(key) + repr(secret) + str(selectors.dkim_keys(shop.workspace_id))
    assert repr(secret.secret)[2:40] not in shown
    assert repr(row.wrapped)[2:40] not in shown


def test_the_doctor_advises_a_new_key_half_a_year_after_the_old_one_began(database):
    shop = a_shop()
    keys_made = made(shop, Algorithm.RSA)
    settled(shop, keys_made, at=now() - timedelta(days=ROTATE_DAYS + 1))
    _, detail, warns = doctor_command._dkim()
    assert warns
    assert f"{shop.slug} {keys_made[0].selector} of {DOMAIN} is old: shodaku domain new-key" in detail
