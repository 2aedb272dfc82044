from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.consent import selectors as consents
from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.ledger import selectors, services, vault
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def test_what_was_recorded_can_be_read_again_by_who_holds_the_key():
    shop = a_shop()
    reader = a_reader(shop)
    (entry,) = selectors.history(shop.workspace_id, reader)
    assert entry.kind == "consent.confirmed"
    assert entry.fields is not None
    assert entry.fields["method"] == "web-double"
    assert entry.fields["n"] == 1


def test_a_repeated_act_is_one_entry():
    shop = a_shop()
    person = a_contact(shop)
    act = Act(person, uuid.uuid4(), "consent.requested", NOW, {"method": "web-double"})
    numbers = []
    for _ in range(2):
        with db.transaction(shop.workspace_id):
            contacts.lock(person)
            numbers.append(services.append(act))
    assert numbers[0] == numbers[1]
    assert selectors.audit(shop.workspace_id).consistent


def test_a_person_whose_key_is_destroyed_leaves_noise_and_the_audit_still_passes():
    shop = a_shop()
    gone, stays = a_reader(shop), a_reader(shop)
    services.shred(shop.workspace_id, gone)
    assert selectors.history(shop.workspace_id, gone)[0].fields is None
    with db.transaction(shop.workspace_id):
        services.forget(gone)
    audit = selectors.audit(shop.workspace_id)
    assert (audit.entries, audit.opened, audit.shredded, audit.consistent) == (2, 1, 1, True)
    assert selectors.history(shop.workspace_id, stays)[0].fields is not None


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set entry = 'x'",
        "delete from ledger_entry",
        "update ledger_sealed set body = 'x'",
        "delete from ledger_sealed",
        "truncate ledger_entry cascade",
    ],
)
def test_the_application_can_neither_change_nor_delete_an_entry(statement):
    shop = a_shop()
    a_reader(shop)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(statement)


def test_even_the_owner_of_the_tables_is_stopped_from_changing_an_entry(database):
    shop = a_shop()
    a_reader(shop)
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("update ledger_entry set entry = 'x'")


def test_a_changed_body_is_found_by_the_audit(database):
    shop = a_shop()
    reader = a_reader(shop)
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("alter table ledger_sealed disable trigger ledger_sealed_no_update")
        owner.execute("update ledger_sealed set body = overlay(body placing '\\x00' from 20)")
        owner.execute("alter table ledger_sealed enable trigger ledger_sealed_no_update")
    audit = selectors.audit(shop.workspace_id)
    assert not audit.consistent
    assert audit.faults[0].kind is selectors.FaultKind.BODY_CHANGED
    assert selectors.history(shop.workspace_id, reader)[0].fields is None


def test_a_missing_entry_of_a_person_is_found_by_the_audit(database):
    shop = a_shop()
    reader = a_reader(shop)
    agree(shop, reader, topic_id=shop.other_topic_id)
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("delete from ledger_sealed where entry_id = (select min(entry_id) from ledger_sealed)")
    assert selectors.audit(shop.workspace_id).faults == (
        selectors.Fault(selectors.FaultKind.BODIES_MISSING, 1),
        selectors.Fault(selectors.FaultKind.ENTRIES_MISSING, reader),
    )


@pytest.fixture
def vault_away():
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        yield


def test_while_the_vault_is_away_nothing_new_is_agreed_to(vault_away):
    shop = a_shop()
    with pytest.raises(vault.VaultAway):
        services.ensure_keys(shop.workspace_id, [1])


def test_acts_of_one_instant_get_their_entries_in_the_order_in_which_they_happened():
    """Their ids carry the same millisecond, and the rest of an id is chance (RFC 9562, 5.7)."""
    shop = a_shop()
    acts = [
        (uuid.UUID(int=3 - step), f"admin.campaign.{word}")
        for step, word in enumerate(("paused", "cancelled"))
    ]
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        for event_id, kind in acts:
            services.record_act_even_without_vault(shop.workspace_id, kind, {}, event_id=event_id, now=NOW)
    assert list(services.settle_waiting(shop.workspace_id)) == [event_id for event_id, _ in acts]


def test_an_act_that_must_not_fail_waits_for_the_vault_and_gets_its_entry_later():
    shop = a_shop()
    reader = a_reader(shop)
    act = Act(reader, uuid.uuid4(), "consent.withdrawn", NOW, {"method": "one-click", "scope": "all"})
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away), db.transaction(shop.workspace_id):
        contacts.lock(reader)
        assert services.append_even_without_vault(act) is None
    assert list(services.settle_waiting(shop.workspace_id)) == [act.event_id]
    _, second = selectors.history(shop.workspace_id, reader)
    assert second.fields == {**act.fields, "n": 2, "at": "2026-11-25T03:00:00.000+00:00"}
    assert selectors.audit(shop.workspace_id).consistent


def test_a_live_consent_names_its_entry():
    shop = a_shop()
    reader = a_reader(shop)
    (held,) = consents.held(shop.workspace_id, reader)
    assert held.state == "active"
    assert held.entry_id == selectors.history(shop.workspace_id, reader)[0].entry_id


def test_the_database_refuses_a_live_consent_without_evidence():
    shop = a_shop()
    reader = a_reader(shop)
    with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
        connection.execute("update consent set entry_id = null where contact_id = %s", [reader])
