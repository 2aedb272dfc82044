"""Our notes are those of C2SP: its examples and those of another implementation hold here too."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.trees import Tree

from shodaku.ledger.merkle import leaf_hash
from shodaku.ledger.notes import (
    KeyType,
    NoteFault,
    cosign,
    parse_vkey,
    read_note,
    sign_checkpoint,
    signer_of,
    verifier_key,
)

# two checkpoints of the test log of transparency-dev/tessera (testdata/log), and its leaves
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
TESSERA_LEAVES = [
    *("one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten"),
    *("ileven", "twelf", "threeten", "fourten", "fivten"),
]
TESSERA = {
    8: (
        "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=",
        "M9e0lq1EK37dHtgv9O3UzPxisw5vwIPcJsX9ab0xt4mvVfbdUR1fbMjN6sBFYpBoBEmD4+cWhj/AVgI5MitCO5+mews=",
    ),
    15: (
        "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
        "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=",
    ),
}
ORIGIN = "mail.example.jp/ledger/shop"
SIGNER = signer_of(bytes(32), ORIGIN)
ROOT = bytes(range(32))


@pytest.mark.parametrize("size", TESSERA)
def test_roots_and_notes_agree_with_the_go_implementation(size):
    root, signature = TESSERA[size]
    note = read_note(
        f"example.com/log/testdata\n{size}\n{root}\n\n\u2014 example.com/log/testdata {signature}\n"
    )
    assert Tree(leaf_hash(leaf.encode()) for leaf in TESSERA_LEAVES).root(size) == note.root
    assert note.signed_by(parse_vkey(TESSERA_KEY))


def test_a_signed_checkpoint_is_read_as_it_was_written():
    note = read_note(sign_checkpoint([SIGNER], 7, ROOT))
    assert (note.origin, note.size, note.root) == (ORIGIN, 7, ROOT)
    assert note.signed_by(SIGNER.key)
    assert parse_vkey(str(SIGNER.key)) == SIGNER.key


def test_while_a_key_is_replaced_both_sign_and_either_is_enough():
    newer = signer_of(b"n" * 32, ORIGIN)
    note = read_note(sign_checkpoint([newer, SIGNER], 7, ROOT))
    assert note.signed_by(newer.key)
    assert note.signed_by(SIGNER.key)
    assert not note.signed_by(signer_of(b"x" * 32, ORIGIN).key)


def test_each_log_has_its_own_key():
    assert signer_of(bytes(32), ORIGIN).key.public != signer_of(bytes(32), f"{ORIGIN}2").key.public


def test_the_private_key_never_stands_in_a_text():
    assert repr(SIGNER) == f"Signer({SIGNER.key})"


def test_a_witness_signs_the_time_beside_the_text():
    private = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    key = verifier_key("witness.example.org/w1", private.public_key().public_bytes_raw(), KeyType.COSIGNATURE)
    signed = sign_checkpoint([SIGNER], 7, ROOT)
    note = read_note(signed + cosign(private, key, read_note(signed), 1_799_020_800))
    assert note.seconds_of(key) == 1_799_020_800
    assert note.signed_by(key)
    assert note.seconds_of(SIGNER.key) is None
    assert parse_vkey(str(key)) == key


@given(st.data())
def test_no_bit_of_a_signed_text_or_its_signature_can_be_changed(data):
    note = sign_checkpoint([SIGNER], 7, ROOT)
    at = data.draw(st.integers(0, len(note) - 1))
    changed = note[:at] + chr(ord(note[at]) ^ (1 << data.draw(st.integers(0, 6)))) + note[at + 1 :]
    try:
        read = read_note(changed)
    except NoteFault:
        return
    assert not read.signed_by(SIGNER.key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n01\n{base64.b64encode(ROOT).decode()}\n\n\u2014 a AAAAAAA=\n",
        f"{ORIGIN}\n-1\n{base64.b64encode(ROOT).decode()}\n\n\u2014 a AAAAAAA=\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT[:31]).decode()}\n\n\u2014 a AAAAAAA=\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT).decode()}\nmore\n\n\u2014 a AAAAAAA=\n",
        f"two words\n1\n{base64.b64encode(ROOT).decode()}\n\n\u2014 a AAAAAAA=\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT).decode()}\n\n- a AAAAAAA=\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT).decode()}\n\n\u2014 a !!!!\n",
        "x" * 200_000 + "\n\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteFault):
        read_note(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b", "a+b+c", f"a+00000000+{'A' * 44}", str(SIGNER.key)[:-4], "a b+c+d"]
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(NoteFault):
        parse_vkey(text)
