"""What a backup says of itself, and who can have said it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shodaku.backups import domain
from shodaku.backups.domain import BackupKind, Broken, Manifest, Member, MemberName, Position, Sums

MANIFEST = Manifest(
    kind=BackupKind.DATABASE,
    made_at=datetime(2026, 11, 25, 1, 2, 3, 456789, UTC),
    version="1.2.3",
    database_id="7-16384",
    migrations=("contacts.0001_initial",),
    workspaces={1: "shop", 12: "店"},
    tables={"contact": ("workspace_id", "contact_id")},
    sequences={"contact_id_seq": 2**53},
    weeks=("2026-11-23",),
    journal=(Position("0123456789abcdef", 17),),
    heads={1: 3},
    keys=5,
)
KEY = bytes(range(32))


def test_a_manifest_is_read_as_it_was_written():
    assert domain.decode(domain.encode(MANIFEST)) == MANIFEST
    vault = replace(MANIFEST, kind=BackupKind.VAULT, destroy_after=MANIFEST.made_at + timedelta(days=7))
    assert domain.decode(domain.encode(vault)) == vault


@pytest.mark.parametrize(
    "change",
    [
        {"format": "shodaku-backup/2"},
        {"kind": "all"},
        {"made_at": "2026-11-25T01:02:03"},  # of which zone?
        {"made_at": 7},
        {"workspaces": []},
        {"workspaces": {"a": "b"}},
        {"tables": None},
        {"journal": {"h": "x"}},
        {"keys": None},
    ],
)
def test_what_is_no_manifest_is_refused(change):
    said = json.loads(domain.encode(MANIFEST)) | change
    with pytest.raises(Broken):
        domain.decode(json.dumps(said).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000])
def test_junk_is_refused(content):
    with pytest.raises(Broken):
        domain.decode(content)
    with pytest.raises(Broken):
        domain.decode_sums(content)


@pytest.mark.parametrize(
    "name",
    ["", "contact", "tables/contact/1/1.txt", "tables/contact/a/1.copy", "tables/../../etc/1/1.copy", "/x"],
)
def test_a_member_of_another_name_is_refused(name):
    with pytest.raises(Broken):
        MemberName.parse(name)


def test_a_member_is_found_by_its_name():
    name = MemberName("contact", 12, 3)
    assert MemberName.parse(str(name)) == name
    assert str(name) == "tables/contact/12/000003.copy"


def sealed(manifest, *members):
    sums = {each.name: domain.sum_of(each) for each in members}
    head = domain.encode(manifest)
    return head, Sums(sums, 1, domain.seal(KEY, head, sums))


def test_only_who_has_the_key_can_have_sealed_it():
    head, sums = sealed(MANIFEST, Member("tables/contact/1/000000.copy", b"1\t2\n", 1))
    assert domain.decode_sums(domain.encode_sums(sums)) == sums
    assert domain.sealed(KEY, head, sums)
    assert not domain.sealed(bytes(32), head, sums)
    assert not domain.sealed(KEY, head + b" ", sums)
    other = {name: replace(each, rows=2) for name, each in sums.members.items()}
    assert not domain.sealed(KEY, head, replace(sums, members=other))


def test_a_copy_of_the_vault_opens_until_its_last_second():
    vault = replace(MANIFEST, destroy_after=MANIFEST.made_at + domain.VAULT_KEPT)
    assert not vault.expired(vault.destroy_after)
    assert vault.expired(vault.destroy_after + timedelta(microseconds=1))
    assert not MANIFEST.expired(MANIFEST.made_at + timedelta(days=10_000))
