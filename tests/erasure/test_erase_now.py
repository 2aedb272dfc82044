"""Where no law asks for evidence, nothing at all is kept; where its time is over by then, neither."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from tests.erasure.test_sealing import NOW, an_address, entries, erase, sealed_of, sent
from tests.people import a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EvidenceRetention
from shodaku.consent.domain import add_months
from shodaku.erasure import selectors
from shodaku.ledger import vault
from shodaku.policy.domain import MessageClass

pytestmark = pytest.mark.usefixtures("database")


def hold_keys(database, shop):
    with psycopg.connect(database.vault) as connection:
        return connection.execute(
            "select count(*) from hold_key where workspace_id = %s", [shop.workspace_id]
        ).fetchone()[0]


def is_gone(database, shop, person, address, done):
    (said,) = entries(shop, "erased")
    return (
        done.state == "certified"
        and done.sealed_until is None
        and "sealed_until" not in said
        and sealed_of(shop, address) == []
        and entries(shop, "sealed") == []
        and hold_keys(database, shop) == 0
        and selectors.remains(shop.workspace_id, person) == {}
        and vault.read(shop.workspace_id, [person]) == {}
    )


def test_of_a_reader_to_whom_nothing_was_sent_nothing_stays(database):
    shop, address = a_shop(), an_address()
    person = a_reader(shop, address)
    assert is_gone(database, shop, person, address, erase(shop, person))


def test_a_notice_is_no_advertisement_and_keeps_nothing(database):
    shop, address = a_shop(), an_address()
    person = a_reader(shop, address)
    sent(shop, person, message_class=MessageClass.TRANSACTIONAL)
    assert is_gone(database, shop, person, address, erase(shop, person))


@pytest.mark.parametrize(("setting", "months"), [("default", 36), ("statutory", 1)])
def test_the_setting_decides_and_the_day_it_ends_nothing_is_kept(database, setting, months):
    """To the second: until then it is sealed, from then on the erasure is at once and whole."""
    for early, kept in ((timedelta(seconds=1), True), (timedelta(0), False)):
        shop, address = a_shop(), an_address()
        accounts.change_retention(shop.workspace_id, EvidenceRetention(setting))
        person = a_reader(shop, address, at=NOW - timedelta(days=2000))
        sent(shop, person, at=NOW - timedelta(days=1500))
        end = add_months(NOW - timedelta(days=1500), months)
        done = erase(shop, person, at=end - early)
        assert (done.sealed_until is not None) is kept
        if not kept:
            assert is_gone(database, shop, person, address, done)
