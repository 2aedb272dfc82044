"""The file of an authority's certificates is a file, and a small one, before anybody opens it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from shodaku.ledger.anchored import AnchorFailed, AnchorFaultCode
from shodaku.ledger.anchors.timestamp import CERTIFICATE_BYTES_MAX, read_certificates

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def pem():
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, BEGIN, BEGIN + timedelta(days=1))
    return builder.sign(key, None).public_bytes(Encoding.PEM)


def refused(file):
    with pytest.raises(AnchorFailed) as failed:
        read_certificates(file)
    return failed.value.fault.code is AnchorFaultCode.NO_CERTIFICATES


def test_certificates_up_to_the_limit_are_read_and_a_link_leads_to_them(tmp_path, pem):
    file, link = tmp_path / "ca.pem", tmp_path / "link.pem"
    file.write_bytes(pem.ljust(CERTIFICATE_BYTES_MAX, b"\n"))
    link.symlink_to(file)
    assert len(read_certificates(file)) == len(read_certificates(link)) == 1


def test_a_file_beyond_the_limit_is_refused_and_not_read_in_part(tmp_path, pem):
    file = tmp_path / "ca.pem"
    file.write_bytes(pem.ljust(CERTIFICATE_BYTES_MAX + 1, b"\n"))
    assert refused(file)


def test_a_pipe_into_which_nobody_writes_keeps_nobody_waiting(tmp_path):
    pipe = tmp_path / "ca.pem"
    os.mkfifo(pipe)
    assert refused(pipe)


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/tty", ".", "gone.pem", "with\0zero.pem"])
def test_a_device_a_folder_and_nothing_at_all_are_refused(tmp_path, place):
    assert refused(tmp_path / Path(place))


def test_a_file_without_a_certificate_is_refused(tmp_path):
    file = tmp_path / "ca.pem"
    for content in (b"", b"nothing", b"-----BEGIN CERTIFICATE-----\n"):
        file.write_bytes(content)
        assert refused(file)
