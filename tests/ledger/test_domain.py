"""An act is recorded without naming anybody; it can be proved, shown in part, or made unreadable for ever."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.ledger.domain import (
    NotCanonical,
    SealBroken,
    ShownField,
    commitment,
    disclose,
    field_digest,
    hour_of,
    jcs,
    make_entry,
    salts,
    seal,
    unseal,
)

TARO = sha256(b"shodaku test key: taro").digest()
NONCE = bytes(range(12))
WITHDRAWN = {
    "address": "taro@example.jp",
    "at": "2027-01-04T08:30:00.000+09:00",
    "method": "one-click",
    "n": 2,
    "scope": "all",
}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b_2"]), inner, max_size=2)
    ),
    max_leaves=5,
)
some_fields = st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), values, max_size=4)


def b64(value):
    return b64encode(value).decode()


def test_the_worked_example_comes_out_byte_for_byte():
    entry = make_entry(TARO, b"e3", "consent.withdrawn", "shop", 499727, WITHDRAWN)
    assert entry == (
        b'{"c":"CiSm1oZN6ehQApONi/tUu4prGljrBXTnrSqayETLJGo=",'
        b'"hour":499727,"kind":"consent.withdrawn","v":1,"ws":"shop"}'
    )


def test_an_entry_shows_nobody():
    entry = make_entry(TARO, b"e3", "consent.withdrawn", "shop", 499727, WITHDRAWN)
    assert b"taro" not in entry
    assert b"one-click" not in entry


@given(some_fields, st.binary(min_size=1, max_size=16))
def test_what_was_sealed_opens_again_and_gives_the_very_entry(fields, event_id):
    entry = make_entry(TARO, event_id, "consent.given", "shop", 1, fields)
    opened = unseal(TARO, entry, seal(TARO, entry, fields, NONCE))
    assert opened == fields
    assert make_entry(TARO, event_id, "consent.given", "shop", 1, opened) == entry


def test_a_wrong_key_a_changed_body_and_another_entry_open_nothing():
    entry = make_entry(TARO, b"e3", "consent.withdrawn", "shop", 499727, WITHDRAWN)
    sealed = seal(TARO, entry, WITHDRAWN, NONCE)
    for key, about, body in (
        (bytes(32), entry, sealed),
        (TARO, entry + b" ", sealed),
        (TARO, entry, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (TARO, entry, sealed[:5]),
    ):
        with pytest.raises(SealBroken):
            unseal(key, about, body)


def test_keys_and_nonces_have_one_length():
    with pytest.raises(ValueError, match="12 bytes"):
        seal(TARO, b"", {}, bytes(11))
    with pytest.raises(ValueError, match="32 bytes"):
        make_entry(bytes(31), b"e", "refusal", "shop", 1, {})


def test_a_reader_recomputes_the_commitment_from_what_is_shown_and_what_is_withheld():
    shown = disclose(TARO, b"e3", WITHDRAWN, {"address", "at", "method", "n"})
    assert shown.withheld == {"scope": "OHR4LmAqlVsulgBywz2hJlwGZtWaAvcXnwVZl2ip5Ew="}
    assert shown.disclosed["address"] == ShownField(
        "6r+0Xrgd/2u5wHgw6vJGpK6Y5jO7bY/MLaUnRChFn0Y=", "taro@example.jp"
    )
    digests = shown.withheld | {
        name: b64(field_digest(_unb64(field.salt), name, field.value))
        for name, field in shown.disclosed.items()
    }
    assert commitment({name: _unb64(digest) for name, digest in digests.items()}) == (
        "CiSm1oZN6ehQApONi/tUu4prGljrBXTnrSqayETLJGo="
    )


def test_the_same_value_in_two_acts_leaves_two_digests():
    first = disclose(TARO, b"e1", WITHDRAWN, set()).withheld
    second = disclose(TARO, b"e2", WITHDRAWN, set()).withheld
    assert not set(first.values()) & set(second.values())


def test_canonical_json_has_one_form():
    value = {"b": [1, True, None], "a": "é\n\u2028😀"}
    assert jcs(value) == '{"a":"é\\n\u2028😀","b":[1,true,null]}'.encode()
    assert jcs({"a": ("x", "y")}) == b'{"a":["x","y"]}'


@pytest.mark.parametrize(
    "bad", [1.0, {"Ab": 1}, {"": 1}, {"a" * 33: 1}, {1: 1}, {"a": 2**53}, {"a": b"x"}, {"a": "\ud800"}, [0.5]]
)
def test_what_has_no_single_form_is_not_recorded(bad):
    with pytest.raises(NotCanonical):
        jcs(bad)


def test_an_hour_is_counted_in_utc_and_never_guessed():
    tokyo = timezone(timedelta(hours=9))
    assert hour_of(datetime(1970, 1, 1, 10, 59, 59, tzinfo=tokyo)) == 1
    assert hour_of(datetime(2027, 1, 3, 23, 30, tzinfo=UTC)) == 499727
    with pytest.raises(ValueError, match="zone"):
        hour_of(datetime(2027, 1, 3, 23, 30))  # noqa: DTZ001 - the naive time is what is refused


def test_the_first_hour_is_that_of_1970_and_no_verifier_takes_one_before():
    first = datetime(1970, 1, 1, tzinfo=UTC)
    assert hour_of(first) == 0
    for before in (first - timedelta(milliseconds=1), datetime(26, 4, 1, tzinfo=UTC)):
        with pytest.raises(ValueError, match="1970"):
            hour_of(before)


def _unb64(text):

    return b64decode(text, validate=True)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.text(max_size=80))
def test_a_salt_is_the_hmac_of_the_name_as_the_library_makes_it(key, event_id, name):
    secret = hmac.digest(key, b"event\0" + event_id, "sha256")
    try:
        expected = hmac.digest(secret, name.encode(), "sha256")
    except UnicodeEncodeError:  # a lone surrogate, which is no name
        return
    assert salts(key, event_id, [name]) == {name: expected}
