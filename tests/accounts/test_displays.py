"""What messages say of who sends is kept in versions: nothing that was shown once is altered or lost."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.people import SENDER, a_shop

from shodaku.accounts import selectors, services
from shodaku.kit import db

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop(NOW)


def change(shop, at=NOW, **changed):
    services.save_sender(shop.workspace_id, replace(SENDER, sender_id=shop.sender_id, **changed), now=at)


def kept(shop):
    return selectors.sender_versions(shop.workspace_id, shop.sender_id)


def test_each_change_of_what_messages_say_is_another_version_and_the_one_before_stays(shop):
    moved = {"postal_address": "東京都港区1-1", "display_name": "あおい"}
    change(shop, NOW + timedelta(days=1), **moved)
    newest, first = kept(shop)
    assert (newest.version, newest.postal_address, newest.display_name) == (2, "東京都港区1-1", "あおい")
    assert (first.version, first.postal_address) == (1, SENDER.postal_address)
    assert newest.created_at - first.created_at == timedelta(days=1)


def test_what_no_message_says_makes_no_version(shop):
    change(shop, privacy_policy="ほかのことには使いません。", privacy_policy_version="2")
    change(shop)
    assert [each.version for each in kept(shop)] == [1]


def test_what_was_changed_and_changed_back_is_told_as_it_was(shop):
    change(shop, display_name="あおい")
    change(shop)
    assert [each.display_name for each in kept(shop)] == ["あおい雑貨", "あおい", "あおい雑貨"]


def test_its_hash_can_be_counted_by_anybody_who_has_the_facts(shop):
    (only,) = kept(shop)
    facts = {
        "formal_name": "株式会社あおい雑貨",
        "display_name": "あおい雑貨",
        "from_address": "news@aoi.example",
        "mail_domain": "aoi.example",
        "postal_address": "東京都中央区銀座2-1-5",
        "contact_phone": "03-0000-0000",
        "contact_email": "support@aoi.example",
        "contact_url": "",
        "responsible_person": "",
        "sales_terms_url": "",
    }
    told = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert only.sha256 == hashlib.sha256(told.encode()).hexdigest()


@pytest.mark.parametrize(
    "statement", ["update sender_version set formal_name = 'x'", "delete from sender_version"]
)
def test_the_database_lets_nobody_alter_a_version(shop, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(statement)
