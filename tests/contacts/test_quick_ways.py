"""What is read quickly is read as before: each short cut gives what the long way gives."""

from __future__ import annotations

import unicodedata

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts import email_address, person_name
from shodaku.contacts.domain import AddressError, NameFault, UnfitName, clean_name, parse_email, parse_phone

LOCALS = st.text("aA0._+-'\"<> ", max_size=8) | st.text("a", min_size=60, max_size=70)
HOSTS = st.sampled_from(
    ["docomo.ne.jp", "Example.JP", "a..b", "-a.jp", "日本語.jp", "x" * 250 + ".jp", "a", ""]
)


def outcome(parse, text):
    try:
        return parse(text)
    except AddressError as error:
        return error.code


@given(LOCALS, HOSTS)
def test_a_plain_address_is_read_as_the_whole_parser_reads_it(local, host):
    text = f"{local}@{host}"
    assert outcome(parse_email, text) == outcome(email_address._parsed, text)


@given(
    st.text("0123456789-", min_size=9, max_size=14)
    | st.from_regex(r"0[6789]0-?[0-9]{4}-?[0-9]{4}", fullmatch=True)
)
def test_a_plain_mobile_number_is_read_as_the_library_reads_it(text):
    try:
        read = parse_phone(text)
    except AddressError:
        return
    number = phonenumbers.parse(text, "JP")
    assert read.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(max_size=12))
def test_a_name_is_refused_for_what_breaks_out_of_headers_and_for_nothing_else(text):
    name = text.strip(person_name._EDGES)
    breaks = any(
        unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} or letter in person_name._DIRECTIONS
        for letter in name
    )
    try:
        assert clean_name(text) == name
        assert not breaks
    except UnfitName as fault:
        assert breaks or fault.code is not NameFault.NAME_CONTROL  # noqa: PT017 - both outcomes are read
