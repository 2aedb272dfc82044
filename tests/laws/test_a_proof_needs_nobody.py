"""Promise 11: a person's proof is one file that anybody checks alone; any change in it is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import a_reader, a_shop, agree

from shodaku.ledger import selectors, services, verify

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def proof(database):
    """Bytes of the file, and the key that the reader has from elsewhere."""
    shop = a_shop()
    a_reader(shop)
    person = a_reader(shop)
    agree(shop, person, topic_id=shop.other_topic_id)
    services.sequence_all(shop.workspace_id, now=NOW)
    data = selectors.bundle(shop.workspace_id, person).as_json().encode()
    return data, selectors.verifier_keys(shop.workspace_id)[0]


def checked(data, vkey):
    return verify.check(verify.read_bundle(data), [vkey], now=int(time.time()))


def test_the_file_and_python_alone_are_enough(proof, tmp_path):
    data, vkey = proof
    (tmp_path / "proof.json").write_bytes(data)
    shutil.copy(verify.__file__, tmp_path / "shodaku-verify.py")
    for vkey_given, status in ((vkey, 0), (vkey[:-5] + "AAAA=", 2)):
        command = [sys.executable, "-I", "-S", "shodaku-verify.py", "proof.json", "--key", vkey_given]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == status


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bit_that_is_changed_anywhere_is_noticed(proof, data):
    original, vkey = proof
    at = data.draw(st.integers(0, len(original) - 2))  # the last byte is the end of the line
    changed = bytearray(original)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(verify.Refused):
        checked(bytes(changed), vkey)


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_that_was_cut_is_noticed(proof, data):
    original, vkey = proof
    with pytest.raises(verify.Refused):
        checked(original[: data.draw(st.integers(0, len(original) - 2))], vkey)
