"""Promise 12: even we cannot rewrite the log unnoticed, given a witness or a checkpoint somebody kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from tests.ledger.authorities import Witness
from tests.ledger.test_anchoring import rewrite
from tests.people import a_reader, a_shop

from shodaku.kit import clock
from shodaku.ledger import selectors, services, verify
from shodaku.ledger.faults import Fault, FaultKind
from shodaku.ledger.notes import read_note

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    shop = a_shop()
    for _ in range(3):
        a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    return shop


def test_a_checkpoint_in_somebody_elses_hands_contradicts_the_log_that_was_written_anew(database, shop):
    kept = selectors.head(shop.workspace_id)
    rewrite(database, shop)
    assert selectors.audit_tree(shop.workspace_id).faults == []  # nothing inside disagrees
    found = selectors.audit_tree(shop.workspace_id, outside=[read_note(kept.note)])
    assert found.faults == [Fault(FaultKind.FORKED, kept.size)]


def test_whoever_kept_a_checkpoint_refuses_every_proof_out_of_the_new_log(database, shop):
    person = a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    kept = selectors.head(shop.workspace_id)
    rewrite(database, shop)
    a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    made = selectors.bundle(shop.workspace_id, person, earlier=kept.size)
    keys = selectors.verifier_keys(shop.workspace_id)
    bundle = verify.read_bundle(made.as_json().encode())
    assert verify.check(bundle, keys, now=int(time.time()))  # who kept nothing cannot know
    with pytest.raises(verify.Refused) as refused:
        verify.check(bundle, keys, earlier=kept.note, now=int(time.time()))
    assert refused.value.reason is verify.Refusal.FORKED


def test_a_witness_signs_no_log_that_was_written_anew_and_the_reader_asks_for_its_signature(
    database, shop, monkeypatch
):
    monkeypatch.setenv("SHODAKU_ANCHOR_LOCAL", "1")
    person = a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    keys, witness = selectors.verifier_keys(shop.workspace_id), Witness()
    witness.watch(selectors.log(shop.workspace_id).origin, keys)

    def proof_for_somebody_who_needs_the_witness():
        made = selectors.bundle(shop.workspace_id, person)
        bundle = verify.read_bundle(made.as_json().encode())
        return verify.check(bundle, keys, [witness.vkey], needed=1, now=int(time.time()))

    with witness.serve() as url:
        services.add_target(shop.workspace_id, "witness", url, witness.vkey, by="test", now=NOW)
        services.sequence_all(shop.workspace_id, now=NOW)
        services.anchor(shop.workspace_id, now=clock.now())
        assert proof_for_somebody_who_needs_the_witness()
        rewrite(database, shop)
        a_reader(shop)
        services.sequence_all(shop.workspace_id, now=NOW)
        services.anchor(shop.workspace_id, now=clock.now())
    assert witness.answers[-1] in (409, 422)
    assert selectors.anchor_state(shop.workspace_id).alarming
    with pytest.raises(verify.Refused):
        proof_for_somebody_who_needs_the_witness()
