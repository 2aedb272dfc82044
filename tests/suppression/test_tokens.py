"""Tokens of a whole list are those of each address, and a layer more needs no address (P3, P7)."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shodaku.contacts.domain import Channel
from shodaku.suppression.domain import Tokens, raised, strict_form, tokens, tokens_of

PEPPERS = [bytes([number]) * 32 for number in range(1, 6)]
LOCAL = st.text('aZ09._+-"@ ＡÉß。', max_size=70)
DOMAIN = st.sampled_from(
    ["example.jp", "Example.JP", "docomo.ne.jp", "gmail.com", "googlemail.com", "-bad.jp", "a..b", "x", "",
     "日本語.jp", "a." * 90 + "jp", "xn--wgv71a119e.jp", "example.jp.", "1.2.3.4", "x_y.jp"]
)  # fmt: skip
ADDRESSES = st.one_of(st.builds("{}@{}".format, LOCAL, DOMAIN), st.emails(), st.text(max_size=60))
NUMBERS = st.one_of(
    st.from_regex(r"\+81[6-9]0[0-9]{8}", fullmatch=True),
    st.from_regex(r"0[6-9]0-?[0-9]{4}-?[0-9]{4}"),
    st.text(max_size=20),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(ADDRESSES, max_size=8))
@example(["a..b@docomo.ne.jp", "a.@docomo.ne.jp", ".a@ezweb.ne.jp", "a..b@example.jp"])
@example(
    ["a" * 64 + "@example.jp", "a" * 65 + "@example.jp", "a@" + "b" * 63 + ".jp", "a@" + "b" * 64 + ".jp"]
)
@example(
    ["a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".jp", "a" * 64 + "@" + ".".join(["b" * 62] * 3) + ".jp"]
)
def test_the_cheap_path_of_a_list_equals_the_long_one(addresses):
    made = list(tokens_of(PEPPERS[:1], 1, "7", Channel.EMAIL, addresses))
    assert made == [tokens(PEPPERS[0], "7", Channel.EMAIL, each) for each in addresses]


@given(st.binary(min_size=16, max_size=200), st.text(max_size=90))
@example(b"p" * 64, "a@example.jp")
@example(b"p" * 65, "a@example.jp")
def test_a_pepper_of_any_length_makes_the_token_that_the_library_makes(pepper, address):
    (made,) = tokens_of([pepper], 1, "7", Channel.EMAIL, [address])
    assert made == tokens(pepper, "7", Channel.EMAIL, address)


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=8), st.sampled_from([Channel.SMS, Channel.FAX]))
def test_the_cheap_path_of_numbers_equals_the_long_one(numbers, channel):
    made = list(tokens_of(PEPPERS[:1], 1, "7", channel, numbers))
    assert made == [tokens(PEPPERS[0], "7", channel, each) for each in numbers]


@settings(deadline=None)
@given(ADDRESSES, st.integers(1, 5), st.integers(1, 5))
def test_layers_over_a_token_equal_the_whole_chain_over_its_address(address, one, other):
    low, high = sorted([one, other])
    (below,) = tokens_of(PEPPERS[:low], low, "7", Channel.EMAIL, [address])
    (above,) = tokens_of(PEPPERS[:high], high, "7", Channel.EMAIL, [address])
    lacking = PEPPERS[low:high]
    assert Tokens(raised(below.strict, lacking), raised(below.broad, lacking)) == above
    assert above.epoch == high


def test_a_layer_is_one_hmac_over_the_token_below():
    first = tokens(PEPPERS[0], "7", Channel.EMAIL, "a@example.jp").strict
    (second,) = tokens_of(PEPPERS[:2], 2, "7", Channel.EMAIL, ["A@Example.jp"])
    assert second.strict == hmac.digest(PEPPERS[1], first, "sha256")


@settings(deadline=None)
@given(ADDRESSES, ADDRESSES)
def test_two_addresses_share_a_strict_token_exactly_if_they_share_the_form(one, other):
    made = [each.strict for each in tokens_of(PEPPERS, 5, "7", Channel.EMAIL, [one, other])]
    same = strict_form(Channel.EMAIL, one) == strict_form(Channel.EMAIL, other)
    assert (made[0] == made[1]) == same


def test_another_scope_or_channel_has_other_tokens_and_a_short_layer_is_refused():
    (here,) = tokens_of(PEPPERS[:1], 1, "7", Channel.EMAIL, ["a@example.jp"])
    (there,) = tokens_of(PEPPERS[:1], 1, "8", Channel.EMAIL, ["a@example.jp"])
    assert here != there
    with pytest.raises(ValueError, match="at least 16 bytes"):
        raised(here.strict, [b"short"])
    with pytest.raises(ValueError, match="at least 16 bytes"):
        list(tokens_of([b"short"], 1, "7", Channel.EMAIL, ["a@example.jp"]))
    with pytest.raises(ValueError, match="NUL"):
        list(tokens_of(PEPPERS[:1], 1, "7\0", Channel.EMAIL, ["a@example.jp"]))
