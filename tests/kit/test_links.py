"""A link says who, about what and what for; nobody else can write one, and it opens one kind of page."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shodaku.kit.link_faults import NumberTooBigForLink, UnusableLinkKey
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form

KEYS = LinkKeys({1: b"k" * 32})
TOKENS = st.builds(
    Token,
    st.integers(0, 2**24 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**48 - 1),
    st.sampled_from(Purpose),
)
TOKEN = Token(3, 7, 2**40 + 5, Purpose.DELIVERY)


@settings(deadline=None)
@given(TOKENS)
def test_a_link_reads_back_as_what_it_was_made_of(token):
    made = KEYS.make(token)
    local_part = f"b+{made.hex()}"
    assert len(made) == 31
    assert len(url_form(made)) == 42
    assert len(local_part) == 64
    assert KEYS.read(made, token.purpose) == token
    assert KEYS.read_url(url_form(made), token.purpose) == token
    assert KEYS.read_local_part(local_part, token.purpose) == token
    assert KEYS.read_local_part(local_part.upper(), token.purpose) == token
    assert KEYS.maker(*token[:2], token.purpose)(token.contact_id) == made


def test_no_token_works_at_another_endpoint():
    for made_for, read_for in product(Purpose, Purpose):
        made = KEYS.make(TOKEN._replace(purpose=made_for))
        assert (KEYS.read(made, read_for) is not None) == (made_for is read_for)


def test_one_changed_bit_makes_a_link_nobodys():
    made = KEYS.make(TOKEN)
    for bit in range(len(made) * 8):
        forged = bytearray(made)
        forged[bit // 8] ^= 1 << bit % 8
        for purpose in Purpose:
            assert KEYS.read(bytes(forged), purpose) is None
            assert KEYS.read_url(url_form(bytes(forged)), purpose) is None


def test_a_link_has_one_spelling():
    text = url_form(KEYS.make(TOKEN))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = [last for last in alphabet if KEYS.read_url(text[:-1] + last, Purpose.DELIVERY)]
    assert same == [text[-1]]
    for spelling in (
        f"{text}=",
        f"{text}==",
        f" {text}",
        f"{text}\n",
        text[:-1],
        f"{text}A",
        text.swapcase(),
    ):
        assert KEYS.read_url(spelling, Purpose.DELIVERY) is None
    plus = next(
        text for text in (url_form(KEYS.make(TOKEN._replace(contact_id=n))) for n in range(99)) if "-" in text
    )
    assert KEYS.read_url(plus.replace("-", "+"), Purpose.DELIVERY) is None


@settings(deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.text("ABCab01-_+=/", min_size=40, max_size=66)),
    st.sampled_from(Purpose),
)
def test_whatever_is_typed_into_a_link_is_nobodys_and_no_error(text, purpose):
    assert KEYS.read_url(text, purpose) is None
    assert KEYS.read_local_part(text, purpose) is None
    assert KEYS.read_local_part(f"b+{text}", purpose) is None
    assert KEYS.read(text.encode("utf-8", "surrogatepass"), purpose) is None


def test_a_local_part_is_a_letter_a_plus_and_62_digits():
    digits = KEYS.make(TOKEN).hex()
    for text in (
        digits,
        f"+{digits}",
        f"bb+{digits}",
        f"b+{digits}0",
        f"b+{digits[:-1]}",
        f"b+{digits[:-1]} ",
    ):
        assert KEYS.read_local_part(text, Purpose.DELIVERY) is None


def test_old_links_stay_valid_for_ever_and_only_the_newest_key_signs():
    old = KEYS.make(TOKEN)
    rotated = LinkKeys({1: b"k" * 32, 2: b"n" * 32})
    new = rotated.make(TOKEN)
    assert rotated.read(old, Purpose.DELIVERY) == rotated.read(new, Purpose.DELIVERY) == TOKEN
    assert (old[0], new[0]) == (1, 2)
    assert KEYS.read(new, Purpose.DELIVERY) is None
    renamed = LinkKeys({2: b"k" * 32})
    assert renamed.read(old, Purpose.DELIVERY) is None


@pytest.mark.parametrize(
    "token",
    [
        TOKEN._replace(workspace_id=2**24),
        TOKEN._replace(subject_id=2**32),
        TOKEN._replace(contact_id=2**48),
        TOKEN._replace(contact_id=-1),
    ],
)
def test_a_number_that_does_not_fit_is_refused_and_not_cut(token):
    with pytest.raises(NumberTooBigForLink):
        KEYS.make(token)


@pytest.mark.parametrize(
    "keys", [{}, {1: b""}, {1: b"k" * 15}, {1: b"k" * 65}, {256: b"k" * 32}, {-1: b"k" * 32}]
)
def test_a_weak_or_missing_key_is_refused_at_the_start(keys):
    with pytest.raises(UnusableLinkKey):
        LinkKeys(keys)


def test_the_shortest_and_the_longest_key_work():
    for key in (b"k" * 16, b"k" * 64):
        for epoch in (0, 255):
            keys = LinkKeys({epoch: key})
            assert keys.read(keys.make(TOKEN), Purpose.DELIVERY) == TOKEN


def test_each_purpose_has_a_number_of_its_own():
    """Two with one number would be one: a link of a desk would open an invitation."""
    assert len({each.value for each in Purpose.__members__.values()}) == len(Purpose.__members__)
