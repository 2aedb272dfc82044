"""A person's proof is made from what is stored, and checked by the program that knows nothing of us."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors, services, verify
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
WORDING = "週1回まで、新商品のご案内をメールで受け取ります。".encode()

pytestmark = pytest.mark.usefixtures("database")


def record(shop, person, kind, **fields):
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        return services.append(Act(person, uuid.uuid4(), kind, NOW, fields))


def a_history(shop):
    """Two entries of one person among those of somebody else."""
    person, stranger = a_contact(shop), a_contact(shop)
    record(shop, stranger, "consent.requested", address="other@example.jp")
    record(
        shop,
        person,
        "consent.given",
        address="taro@example.jp",
        ip="203.0.113.7",
        wording_sha256=sha256(WORDING).hexdigest(),
    )
    record(shop, stranger, "consent.given", address="other@example.jp")
    record(shop, person, "consent.withdrawn", address="taro@example.jp", scope="all")
    services.sequence_all(shop.workspace_id, now=NOW)
    return person


def checked(shop, bundle, **more):
    keys = selectors.verifier_keys(shop.workspace_id)
    return verify.check(verify.read_bundle(bundle.as_json().encode()), keys, now=int(time.time()), **more)


def test_the_proof_of_a_person_holds_without_us_and_shows_no_gap():
    shop = a_shop()
    person = a_history(shop)
    bundle = selectors.bundle(shop.workspace_id, person)
    report = checked(shop, bundle)
    assert [(each.index, each.kind) for each in report.entries] == [
        (1, "consent.given"),
        (3, "consent.withdrawn"),
    ]
    assert report.gapless
    assert (bundle.entries, bundle.size) == (2, 4)


def test_what_is_withheld_is_named_and_not_shown():
    shop = a_shop()
    person = a_history(shop)
    text = selectors.bundle(shop.workspace_id, person).as_json()
    assert "203.0.113.7" not in text
    assert json.loads(text)["entries"][0]["withheld"].keys() == {"ip"}
    shown = selectors.bundle(shop.workspace_id, person, absent=())
    assert checked(shop, shown).entries[0].values["ip"] == "203.0.113.7"


def test_a_part_of_the_history_is_an_extract():
    shop = a_shop()
    person = a_history(shop)
    last = selectors.history(shop.workspace_id, person)[-1]
    bundle = selectors.bundle(shop.workspace_id, person, only=[last.entry_id])
    report = checked(shop, bundle)
    assert [each.kind for each in report.entries] == ["consent.withdrawn"]
    assert not report.gapless


def test_the_proof_names_nobody_else():
    shop = a_shop()
    person = a_history(shop)
    assert "other@example.jp" not in selectors.bundle(shop.workspace_id, person, absent=()).as_json()


def test_the_proof_grows_from_a_checkpoint_that_somebody_kept():
    shop = a_shop()
    record(shop, a_contact(shop), "consent.requested")
    services.sequence_all(shop.workspace_id, now=NOW)
    kept = selectors.head(shop.workspace_id)
    person = a_history(shop)
    bundle = selectors.bundle(shop.workspace_id, person, earlier=kept.size)
    assert checked(shop, bundle, earlier=kept.note).earlier.size == 1
    with pytest.raises(selectors.NoSuchCheckpoint):
        selectors.bundle(shop.workspace_id, person, earlier=2)


def test_what_a_field_commits_to_may_be_attached_and_nothing_else():
    shop = a_shop()
    person = a_history(shop)
    name = sha256(WORDING).hexdigest()
    files = {name: WORDING, sha256(b"x").hexdigest(): b"x"}
    bundle = selectors.bundle(shop.workspace_id, person, attachments=files)
    assert {k: b64decode(v) for k, v in bundle.content["attachments"].items()} == {name: WORDING}
    assert checked(shop, bundle).attachments == (name,)
    bare = bundle.without_attachments()
    assert "attachments" not in bare.content
    assert checked(shop, bare).gapless
    hidden = selectors.bundle(shop.workspace_id, person, absent={"wording_sha256"}, attachments=files)
    assert "attachments" not in hidden.content


def test_an_entry_that_is_not_in_the_log_yet_is_not_proven():
    shop = a_shop()
    person = a_history(shop)
    record(shop, person, "consent.given")
    with pytest.raises(selectors.NotInTheLog):
        selectors.bundle(shop.workspace_id, person)
    services.sequence_all(shop.workspace_id, now=NOW)
    assert checked(shop, selectors.bundle(shop.workspace_id, person)).gapless


def test_of_an_erased_person_no_proof_can_be_made_any_more_and_one_that_was_given_still_holds():
    shop = a_shop()
    person = a_history(shop)
    given = selectors.bundle(shop.workspace_id, person)
    services.shred(shop.workspace_id, person)
    with pytest.raises(selectors.NothingToProve):
        selectors.bundle(shop.workspace_id, person)
    with db.transaction(shop.workspace_id):
        services.forget(person)
    with pytest.raises(selectors.NothingToProve):
        selectors.bundle(shop.workspace_id, person)
    assert checked(shop, given).gapless
    assert selectors.audit(shop.workspace_id).consistent


def test_each_entry_can_be_given_as_a_proof_of_the_common_format():
    shop = a_shop()
    person = a_history(shop)
    proofs = selectors.bundle(shop.workspace_id, person).tlog_proofs()
    assert list(proofs) == ["1.tlog-proof", "3.tlog-proof"]
    lines = proofs["3.tlog-proof"].split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    assert lines[-2].startswith("\u2014 ")
    assert selectors.head(shop.workspace_id).note in proofs["3.tlog-proof"]


def test_a_bundle_of_four_entries_is_smaller_than_15_kilobytes():
    shop = a_shop()
    person = a_contact(shop)
    for kind in ("consent.requested", "consent.confirmed", "consent.reconfirmed", "consent.withdrawn"):
        record(shop, person, kind, **{f"field_{i}": "x" * 60 for i in range(12)})
    services.sequence_all(shop.workspace_id, now=NOW)
    assert len(selectors.bundle(shop.workspace_id, person).as_json().encode()) < 15_000


def test_a_proof_that_no_verifier_would_read_is_not_made():
    shop = a_shop()
    person, scan = a_contact(shop), b"x" * 13_000_000
    record(shop, person, "consent.given", file_sha256=sha256(scan).hexdigest())
    services.sequence_all(shop.workspace_id, now=NOW)
    files = {sha256(scan).hexdigest(): scan}
    with pytest.raises(selectors.TooMuchToProve):
        selectors.bundle(shop.workspace_id, person, attachments=files)
    assert checked(shop, selectors.bundle(shop.workspace_id, person)).gapless
