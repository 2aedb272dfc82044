"""P3: case, width and IDNA variants give one token; others collide only by the listed broad rules."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts.domain import AddressError, Channel, parse_email
from shodaku.suppression.domain import (
    Refusal,
    Scope,
    broad_form,
    in_force,
    strict_form,
    token,
    tokens,
)

PEPPER = bytes(range(32))
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)

ATOMS = st.text("abcxyzABCXYZ0189!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=8)
LOCALS = st.lists(ATOMS, min_size=1, max_size=3).map(".".join).filter(lambda local: "=?" not in local)
DOMAINS = st.sampled_from(
    ["docomo.ne.jp", "gmail.com", "googlemail.com", "日本語.jp", "straße.de", "sample.co.jp"]
)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCALS, DOMAINS)
ANY_TEXT = st.text(max_size=40) | st.text('aA1"\\<>@. +mailto:ａ＠②ßΣ\u0301\u200b', max_size=20)


def strict(address, channel=Channel.EMAIL):
    return strict_form(channel, address)


def broad(address, channel=Channel.EMAIL):
    return broad_form(channel, address)


@given(st.sampled_from(list(Channel)), ANY_TEXT | ADDRESSES)
def test_both_forms_are_total_and_idempotent(channel, text):
    assert strict_form(channel, strict_form(channel, text)) == strict_form(channel, text)
    assert broad_form(channel, broad_form(channel, text)) == broad_form(channel, text)


@given(ANY_TEXT | ADDRESSES)
def test_whatever_the_parser_takes_is_blocked_by_its_key(text):
    try:
        email = parse_email(text)
    except AddressError:
        return
    assert strict(text) == strict(email.address) == strict(email.wire) == email.key


@given(ADDRESSES)
def test_spellings_of_one_address_give_one_token(address):
    local, _, domain = address.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in local)
    spellings = [
        f"{wide}＠{domain}",
        f"{local.swapcase()}@{domain}.",
        f'<"{local}"@{domain}>',
        f" {address}\n",
    ]
    assert {strict(spelling) for spelling in spellings} == {strict(address)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@example.jp", "A@Example.JP"),
        ("a@example.jp", "ａ＠ｅｘａｍｐｌｅ．ｊｐ"),
        ("user@日本語.jp", "USER@xn--wgv71a119e.jp"),
        ("𝐚@example.jp", "a@example.jp"),  # NFKC where the parser refuses: over-blocking harms nobody
        ("a..b@docomo.ne.jp", '"A..B"@docomo.ne.jp'),
        ("mailto:a@example.jp", "a@example.jp"),
    ],
)
def test_a_refusal_is_not_lost_to_spelling(one, other):
    assert strict(one) == strict(other)


@given(ADDRESSES, ADDRESSES)
def test_two_mailboxes_never_share_a_strict_form(one, other):
    assert (strict(one) == strict(other)) == (parse_email(one).key == parse_email(other).key)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("Ta.Ro+shop@GoogleMail.com", "taro@gmail.com"),
        ("ta.ro@gmail.com", "taro@gmail.com"),
        ("ta.ro+x+y@sample.co.jp", "ta.ro@sample.co.jp"),
        ("+tag@sample.co.jp", "+tag@sample.co.jp"),  # nothing would remain
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ],
)
def test_the_broad_form_knows_the_spellings_that_reach_one_mailbox(address, form):
    assert broad(address) == form


def test_a_person_may_opt_in_again_with_a_tag():
    assert strict("taro+shop@sample.co.jp") != strict("taro@sample.co.jp")


@given(ADDRESSES, ADDRESSES)
def test_broad_forms_meet_only_by_tag_or_gmail(one, other):
    if broad(one) == broad(other) and strict(one) != strict(other):
        gmail = {"gmail.com", "googlemail.com"}
        assert "+" in one + other or {parse_email(one).domain, parse_email(other).domain} <= gmail


@pytest.mark.parametrize(
    "typed", ["090-1234-5678", "０９０ １２３４ ５６７８", "+81 90 1234 5678", "9012345678"]
)
def test_a_number_has_one_form_in_both_strengths(typed):
    assert strict(typed, Channel.SMS) == broad(typed, Channel.SMS) == "+819012345678"


def test_a_token_is_the_mac_that_the_design_states():
    expected = hmac.new(PEPPER, b"shodaku/token/1\0shop\0email\0taro@example.jp", hashlib.sha256).digest()
    assert token(PEPPER, "shop", Channel.EMAIL, "taro@example.jp") == expected


def test_both_strengths_are_made_in_one_step():
    both = tokens(PEPPER, "shop", Channel.EMAIL, "Ta.Ro+x@gmail.com")
    assert both.strict == token(PEPPER, "shop", Channel.EMAIL, "ta.ro+x@gmail.com")
    assert both.broad == token(PEPPER, "shop", Channel.EMAIL, "taro@gmail.com")


def test_pepper_scope_channel_and_form_each_make_another_token():
    made = {
        token(PEPPER, "shop", Channel.EMAIL, "+819012345678"),
        token(PEPPER[::-1], "shop", Channel.EMAIL, "+819012345678"),
        token(PEPPER, "shop2", Channel.EMAIL, "+819012345678"),
        token(PEPPER, "shop", Channel.SMS, "+819012345678"),
        token(PEPPER, "shop", Channel.EMAIL, "+819012345679"),
    }
    assert len(made) == 5


def test_a_scope_cannot_run_into_the_channel():
    with pytest.raises(ValueError, match="NUL"):
        token(PEPPER, "shop\0email", Channel.EMAIL, "a@example.jp")


@pytest.mark.parametrize("size", [0, 15])
def test_a_missing_or_short_pepper_makes_no_token(size):
    with pytest.raises(ValueError, match="16"):
        token(bytes(size), "shop", Channel.EMAIL, "a@example.jp")


def test_sixteen_bytes_are_pepper_enough():
    assert len(token(bytes(16), "shop", Channel.EMAIL, "a@example.jp")) == 32


def test_even_broken_text_has_a_token():
    assert len(token(PEPPER, "shop", Channel.EMAIL, strict("\ud800@example.jp"))) == 32


def test_a_hostile_address_costs_no_more_than_a_long_one():
    assert len(strict('"' * 100_000)) <= 1000


TOTAL = Refusal(Scope.ALL, NOON)
OF_TOPIC = Refusal(Scope.TOPIC, NOON, topic_id=1)
PAUSE = Refusal(Scope.UNTIL, NOON, until=NOON + AN_HOUR)


@pytest.mark.parametrize(
    ("refusal", "topic_id", "consented_at", "now", "holds"),
    [
        (TOTAL, 1, None, NOON, True),
        (TOTAL, None, NOON - AN_HOUR, NOON, True),
        (TOTAL, 1, NOON, NOON + AN_HOUR, True),  # a tie goes to the refusal
        (TOTAL, 1, NOON + timedelta(microseconds=1), NOON + AN_HOUR, False),
        (OF_TOPIC, 1, None, NOON, True),
        (OF_TOPIC, 2, None, NOON, False),
        (PAUSE, 1, None, NOON + AN_HOUR - timedelta(microseconds=1), True),
        (PAUSE, 1, None, NOON + AN_HOUR, False),
    ],
)
def test_a_refusal_holds_until_its_end_or_a_later_consent(refusal, topic_id, consented_at, now, holds):
    assert in_force(refusal, topic_id, consented_at, now) is holds


@pytest.mark.parametrize(
    "parts",
    [
        {"scope": Scope.TOPIC},
        {"scope": Scope.ALL, "topic_id": 1},
        {"scope": Scope.UNTIL},
        {"scope": Scope.ALL, "until": NOON},
    ],
)
def test_a_refusal_without_its_scope_cannot_be_written(parts):
    with pytest.raises(ValueError, match="belongs to scope"):
        Refusal(at=NOON, **parts)
