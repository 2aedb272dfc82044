"""age around a stream: what was cut off, altered or meant for others gives nothing."""

from __future__ import annotations

import io
import os
import tarfile

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.backups.test_domain import MANIFEST

from shodaku.backups import archive, domain, encryption
from shodaku.backups.archive import ForeignBackup
from shodaku.backups.domain import Member
from shodaku.backups.encryption import BackupDamaged, NoIdentity, NoRecipient, NotABackup, WrongBackupKey
from shodaku.kit.keys import KeyRing

RING = KeyRing({1: bytes(range(32))})
OURS = [encryption.identity_of(RING.newest)]
MEMBERS = [
    Member(f"tables/contact/1/{part:06}.copy", os.urandom(70_000).replace(b"\n", b"") + b"\n", 1)
    for part in range(4)
]


def encrypted(blocks, ring=RING):
    out = io.BytesIO()
    encryption.encrypt(blocks, out, [encryption.own_recipient(ring)])
    return out.getvalue()


def read(tmp_path, content, identities=OURS, ring=RING):
    file = tmp_path / "backup.age"
    file.write_bytes(content)
    return archive.read(file, identities, ring, archive.count_rows)


@given(st.binary(min_size=32, max_size=32))
def test_the_32_bytes_of_our_key_are_a_key_of_age(key):
    public = X25519PrivateKey.from_private_bytes(key).public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert str(encryption.identity_of(key).to_public()) == encryption._bech32("age", raw)


def test_what_was_written_is_read(tmp_path):
    opened = read(tmp_path, encrypted(archive.written(MANIFEST, MEMBERS, RING)))
    assert opened.manifest == MANIFEST
    assert opened.sums.members == {each.name: domain.sum_of(each) for each in MEMBERS}


def test_a_plain_age_and_a_plain_tar_open_it(tmp_path):
    content = encrypted(archive.written(MANIFEST, MEMBERS, RING))
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(content, OURS))) as plain:
        assert plain.getnames() == ["manifest.json", *(each.name for each in MEMBERS), "sums.json"]
        assert plain.extractfile(MEMBERS[2].name).read() == MEMBERS[2].content


def test_cut_off_anywhere_it_is_refused(tmp_path):
    content = encrypted(archive.written(MANIFEST, MEMBERS, RING))
    for end in [*range(0, len(content), 9973), len(content) - 1]:
        with pytest.raises((BackupDamaged, NotABackup)):
            read(tmp_path, content[:end])


def test_altered_anywhere_it_is_refused(tmp_path):
    content = bytearray(encrypted(archive.written(MANIFEST, MEMBERS, RING)))
    for place in range(30, len(content), 9973):
        content[place] ^= 1
        with pytest.raises((BackupDamaged, NotABackup, WrongBackupKey)):
            read(tmp_path, bytes(content))
        content[place] ^= 1


@pytest.mark.parametrize("kept", range(len(MEMBERS) + 2))
def test_a_file_that_ends_behind_any_of_its_members_is_refused(tmp_path, kept):
    """Made anew by somebody who knows our public key alone: its encryption is whole, its content is not."""
    blocks = [*archive._member(domain.MANIFEST, domain.encode(MANIFEST), 0)]
    for member in MEMBERS[: max(0, kept - 1)]:
        blocks += archive._member(member.name, member.content, 0)
    content = blocks if kept else []
    with pytest.raises((BackupDamaged, NotABackup)):
        read(tmp_path, encrypted([*content, bytes(1024)]))


@pytest.mark.parametrize("order", [[0, 0, 1, 2, 3], [0, 1, 3]])
def test_members_twice_or_left_out_are_refused(tmp_path, order):
    whole = list(archive.written(MANIFEST, MEMBERS, RING))
    sums = b"".join(whole[-4:])
    forged = [*archive._member(domain.MANIFEST, domain.encode(MANIFEST), int(MANIFEST.made_at.timestamp()))]
    for number in order:
        forged += archive._member(MEMBERS[number].name, MEMBERS[number].content, 0)
    with pytest.raises(BackupDamaged):
        read(tmp_path, encrypted([*forged, sums]))


def test_a_backup_that_another_key_sealed_is_refused(tmp_path):
    """Anybody may encrypt for us; rows of a stranger must not become ours."""
    strangers = KeyRing({1: os.urandom(32)})
    content = encrypted(archive.written(MANIFEST, MEMBERS, strangers))
    with pytest.raises(ForeignBackup):
        read(tmp_path, content)


def test_a_rotated_key_still_opens_what_was_made_before(tmp_path):
    content = encrypted(archive.written(MANIFEST, MEMBERS, RING))
    later = KeyRing({1: RING.newest, 2: os.urandom(32)})
    opened = read(tmp_path, content, [encryption.identity_of(key) for key in later.epochs.values()], later)
    assert opened.manifest == MANIFEST


def test_for_others_it_is_not_readable(tmp_path):
    others = KeyRing({1: os.urandom(32)})
    with pytest.raises(WrongBackupKey):
        read(tmp_path, encrypted(archive.written(MANIFEST, MEMBERS, RING), others))


@pytest.mark.parametrize("content", [b"", b"hello", b"age-encryption.org/v1\n", b"PK\x03\x04" * 99])
def test_another_file_is_no_backup(tmp_path, content):
    with pytest.raises(NotABackup):
        read(tmp_path, content)


def test_an_error_of_the_source_and_of_the_disk_come_through_as_they_are():
    class NoDisk(io.BytesIO):
        def write(self, _block):
            raise OSError(28, "No space left on device")

    def broken():
        yield b"x" * 100_000
        raise KeyError("rows")

    with pytest.raises(OSError, match="No space left"):
        encryption.encrypt([b"x" * 100_000], NoDisk(), [encryption.own_recipient(RING)])
    with pytest.raises(KeyError, match="rows"):
        encryption.encrypt(broken(), io.BytesIO(), [encryption.own_recipient(RING)])


@pytest.mark.parametrize("text", ["", "age1", "age1xxx", "ssh-ed25519 AAAA", str(OURS[0])])
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(NoRecipient):
        encryption.parse_recipients([text])


def test_a_file_of_age_keygen_is_read_and_another_refused(tmp_path):
    file = tmp_path / "key.txt"
    file.write_text(f"# created: 2026-11-25\n# public key: {OURS[0].to_public()}\n{OURS[0]}\n")
    assert [str(each) for each in encryption.read_identities(file)] == [str(OURS[0])]
    for content in ("", "AGE-SECRET-KEY-1XXX\n", "age1xxx\n"):
        file.write_text(content)
        with pytest.raises(NoIdentity):
            encryption.read_identities(file)
    with pytest.raises(NoIdentity):
        encryption.read_identities(tmp_path / "away")
