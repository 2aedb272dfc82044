"""The verifier's own Ed25519, notes and trees agree with RFC 8032, with Go and with what our server signs."""

from hashlib import sha256, sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.proofs import refusal
from tests.ledger.trees import Tree

from shodaku.ledger import verify
from shodaku.ledger.merkle import leaf_hash
from shodaku.ledger.notes import verifier_key
from shodaku.ledger.verify import Refusal, ed25519_verifies, read_key

# RFC 8032 section 7.1: tests 1, 2, 3 and SHA(abc)
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            "454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
EIGHT_OF_SMALL_ORDER = [  # canonical codes of all points whose order divides 8
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_signatures_of_rfc_8032_hold_and_none_that_differs_by_a_bit(public, message, signature):
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert ed25519_verifies(key, text, signed)
    for bit in range(0, 512, 37):
        damaged = bytearray(signed)
        damaged[bit // 8] ^= 1 << bit % 8
        assert not ed25519_verifies(key, text, bytes(damaged))
    assert not ed25519_verifies(key, text + b"\0", signed)
    assert not ed25519_verifies(key[:-1], text, signed)
    assert not ed25519_verifies(key, text, signed[:-1])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
@settings(max_examples=20, deadline=None)
def test_signatures_of_the_library_that_the_server_uses_hold(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert ed25519_verifies(key.public_key().public_bytes_raw(), message, key.sign(message))


def test_a_second_spelling_of_a_signature_or_a_key_is_refused():
    public, message, signature = (bytes.fromhex(part) for part in VECTORS[1])
    s = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not ed25519_verifies(public, message, signature[:32] + s.to_bytes(32, "little"))
    for y in (verify.P, verify.P + 1, 2**255 - 1):  # the same points again, written beyond the prime
        assert verify._point(y.to_bytes(32, "little")) is None
    assert verify._point((1 | 1 << 255).to_bytes(32, "little")) is None  # x = 0 with a sign
    assert verify._point((2).to_bytes(32, "little")) is None  # not on the curve


@pytest.mark.parametrize("public", EIGHT_OF_SMALL_ORDER)
def test_a_key_of_small_order_under_which_anything_is_signed_is_no_key(public):
    key = bytes.fromhex(public)
    for r in EIGHT_OF_SMALL_ORDER:
        assert not any(ed25519_verifies(key, bytes([n]), bytes.fromhex(r) + bytes(32)) for n in range(4))
    assert refusal(read_key, str(verifier_key("log.example", key))) is Refusal.KEY_MALFORMED


def code_of(point):
    x, y, z, _t = point
    inverse = pow(z, -1, verify.P)
    x, y = x * inverse % verify.P, y * inverse % verify.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


@pytest.mark.parametrize(("a", "r"), [(0, 7), (5, 0)])
def test_an_equation_that_holds_by_a_point_of_small_order_is_no_signature(a, r):
    """Both satisfy S B = R + k A; with 5 and 7 it is an ordinary signature."""
    for key, nonce, expected in ((a, r, False), (5, 7, True)):
        public, point = (code_of(verify._times(k, verify._BASE)) for k in (key, nonce))
        k = int.from_bytes(sha512(point + public + b"text").digest(), "little")
        s = (nonce + k * key) % verify.ORDER
        assert ed25519_verifies(public, b"text", point + s.to_bytes(32, "little")) is expected


# the example of c2sp.org/signed-note, and two checkpoints of the test log of transparency-dev/tessera
NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE_LINE = (
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
TESSERA_LEAVES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eit",
    "nain",
    "ten",
    "ileven",
    "twelf",
    "threeten",
    "fourten",
    "fivten",
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


def test_the_example_of_the_signed_note_format_is_read_and_holds():
    text, (line,) = verify._split_note(f"This is an example message.\n\n{NOTE_LINE}\n", verify._NEWEST)
    name, blob = verify._read_signature(line, verify._NEWEST)
    key = read_key(NOTE_KEY)
    assert (key.name, key.ident) == (name, blob[:4])
    assert ed25519_verifies(key.public, text.encode(), blob[4:])


def test_checkpoints_and_roots_of_the_go_implementation_hold():
    tree = Tree(leaf_hash(leaf.encode()) for leaf in TESSERA_LEAVES)
    for size, (root, signature) in TESSERA.items():
        note = f"example.com/log/testdata\n{size}\n{root}\n\n\u2014 example.com/log/testdata {signature}\n"
        opened = verify._open_checkpoint(note, verify._NEWEST, [read_key(TESSERA_KEY)], 0)
        assert (opened.size, opened.root) == (size, tree.root(size))
        for index in range(size):
            leaf, proof = leaf_hash(TESSERA_LEAVES[index].encode()), tree.inclusion_proof(index, size)
            assert verify._is_included(leaf, index, size, proof, opened.root)


def test_every_damaged_inclusion_proof_fails():
    hashes = [sha256(bytes([n])).digest() for n in range(40)]
    tree = Tree(hashes)
    for size in (1, 2, 3, 7, 8, 9, 31, 32, 33, 40):
        root = tree.root(size)
        for index in range(size):
            proof = tree.inclusion_proof(index, size)
            assert verify._is_included(hashes[index], index, size, proof, root)
            assert not verify._is_included(hashes[index], index, size, [*proof, root], root)
            assert not verify._is_included(bytes(32), index, size, proof, root)
            for n in range(len(proof)):
                damaged = [*proof[:n], bytes(32), *proof[n + 1 :]]
                assert not verify._is_included(hashes[index], index, size, damaged, root)
                assert not verify._is_included(hashes[index], index, size, proof[:n], root)


def test_a_proof_of_a_smaller_tree_is_none_of_a_larger_one_that_bears_its_root():
    """A log that signs a size and a root that do not belong together."""
    tree = Tree([sha256(bytes([n])).digest() for n in range(8)])
    root = tree.root(4)
    assert not verify._is_included(tree.leaves[0], 0, 8, tree.inclusion_proof(0, 4), root)
    assert not verify._is_included(tree.leaves[3], 3, 5, tree.inclusion_proof(3, 4), root)
    assert not verify._is_consistent(2, 8, tree.consistency_proof(2, 4), tree.root(2), root)
    assert not verify._is_consistent(3, 8, tree.consistency_proof(3, 4), tree.root(3), root)
