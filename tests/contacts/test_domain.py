"""Every address that a person really has is taken, and each mailbox has one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.contacts.domain import (
    Address,
    AddressError,
    AddressFault,
    Channel,
    NumberError,
    NumberFault,
    likely_typo,
    mask,
    parse_address,
    parse_email,
    parse_mobile,
    parse_phone,
)

ATEXT = "abcxyzABCXYZ0189!#$%&'*+/=?^_`{|}~-"
ATOMS = st.text(ATEXT, min_size=1, max_size=8)
LOCALS = st.lists(ATOMS, min_size=1, max_size=3).map(".".join).filter(lambda local: "=?" not in local)
DOMAINS = st.sampled_from(
    ["docomo.ne.jp", "sample.co.jp", "gmail.com", "xn--wgv71a119e.jp", "mail.example.jp"]
)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCALS, DOMAINS)


TAKEN = [
    ("taro@sample.co.jp", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
    ('"a..b"@docomo.ne.jp', "a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
    ("ａ．．ｂ＠docomo。ne。jp", "a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
    ("ａ．．ｂ＠ｄｏｃｏｍｏ｡ｎｅ｡ｊｐ", "a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
    ("abc.@ezweb.ne.jp", "abc.@ezweb.ne.jp", '"abc."@ezweb.ne.jp'),
    (".abc@au.com", ".abc@au.com", '".abc"@au.com'),
    ("a_b/c?d@docomo.ne.jp", "a_b/c?d@docomo.ne.jp", "a_b/c?d@docomo.ne.jp"),
    ('"abc"@sample.co.jp', "abc@sample.co.jp", "abc@sample.co.jp"),
    ("A.B..C@DoCoMo.NE.JP", "A.B..C@docomo.ne.jp", '"A.B..C"@docomo.ne.jp'),
    ("user@日本語.jp", "user@xn--wgv71a119e.jp", "user@xn--wgv71a119e.jp"),
    ("user@XN--WGV71A119E.JP", "user@xn--wgv71a119e.jp", "user@xn--wgv71a119e.jp"),
    ("\u3000taro@sample.co.jp\u200b\n", "taro@sample.co.jp", "taro@sample.co.jp"),  # pasted from a page
    ("ta\u00adro@sam\u2060ple.co.jp\ufeff", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("<taro@sample.co.jp>", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("MAILTO:taro@sample.co.jp", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("<mailto:taro@sample.co.jp>", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("mailto:<taro@sample.co.jp>", "taro@sample.co.jp", "taro@sample.co.jp"),
    ("taro@sample.co.jp.", "taro@sample.co.jp", "taro@sample.co.jp"),
    (f"{'a' * 64}@sample.co.jp", f"{'a' * 64}@sample.co.jp", f"{'a' * 64}@sample.co.jp"),
    ("taro@shop.test", "taro@shop.test", "taro@shop.test"),  # RFC 6761 6.2
]


@pytest.mark.parametrize(("typed", "address", "wire"), TAKEN)
def test_an_address_in_use_is_taken_and_quoted_only_where_the_wire_asks_for_it(typed, address, wire):
    email = parse_email(typed)
    assert (email.address, email.wire, email.key) == (address, wire, address.lower())


REFUSED = [
    ("a..b@softbank.ne.jp", AddressFault.ADDR_DOTS),  # SoftBank never sold dotted ones
    ("a..b@docomo.co.jp", AddressFault.ADDR_DOTS),
    ("abc.@sample.co.jp", AddressFault.ADDR_DOTS),
    ('"a b"@docomo.ne.jp', AddressFault.ADDR_SPACE),
    ("a　b@docomo.ne.jp", AddressFault.ADDR_SPACE),
    ("ab@docomo. ne.jp", AddressFault.ADDR_SPACE),
    ("a@b@docomo.ne.jp", AddressFault.ADDR_FORM),
    ('"a@b"@docomo.ne.jp', AddressFault.ADDR_FORM),
    ("docomo.ne.jp", AddressFault.ADDR_FORM),
    ("@docomo.ne.jp", AddressFault.ADDR_FORM),
    ("taro@", AddressFault.ADDR_FORM),
    ('""@docomo.ne.jp', AddressFault.ADDR_FORM),
    ("", AddressFault.ADDR_FORM),
    ("a,b@docomo.ne.jp", AddressFault.ADDR_FORM),
    ('a"b@docomo.ne.jp', AddressFault.ADDR_FORM),
    ("a\0b@docomo.ne.jp", AddressFault.ADDR_FORM),
    ("..@docomo.ne.jp", AddressFault.ADDR_FORM),
    ("=?utf-8?q?a?=@docomo.ne.jp", AddressFault.ADDR_FORM),  # no header may hold it
    ("山田@sample.co.jp", AddressFault.ADDR_NON_ASCII),
    ("②@sample.co.jp", AddressFault.ADDR_NON_ASCII),  # ② is not 2: no NFKC
    (f"{'a' * 65}@sample.co.jp", AddressFault.ADDR_TOO_LONG),
    (f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.co.example.jp", AddressFault.ADDR_TOO_LONG),
    ("taro@sample", AddressFault.ADDR_DOMAIN),
    ("taro@localhost", AddressFault.ADDR_DOMAIN),
    ("taro@sample..jp", AddressFault.ADDR_DOMAIN),
    ("taro@-sample.jp", AddressFault.ADDR_DOMAIN),
    ("taro@[127.0.0.1]", AddressFault.ADDR_DOMAIN),
    ("taro@sample.co.jp..", AddressFault.ADDR_DOMAIN),
    ("taro@192.0.2.1", AddressFault.ADDR_DOMAIN),
    ("taro@sample.jp\r\nBcc:x", AddressFault.ADDR_SPACE),
]


@pytest.mark.parametrize(("typed", "fault"), REFUSED)
def test_what_no_mailbox_can_be_is_refused_with_its_reason(typed, fault):
    with pytest.raises(AddressError) as refused:
        parse_email(typed)
    assert (refused.value.code, refused.value.text) == (fault, typed)


@pytest.mark.parametrize("fault", [*AddressFault, *NumberFault])
def test_every_fault_says_in_both_languages_what_to_do(fault):
    assert fault.sentence("ja").endswith("ください。")
    assert fault.sentence("en").endswith(".")


def test_the_message_of_a_fault_holds_no_address_since_messages_reach_logs():
    with pytest.raises(AddressError) as refused:
        parse_email("taro yamada@sample.co.jp")
    assert "taro" not in str(refused.value)


@given(ADDRESSES)
def test_reading_an_address_again_changes_nothing(address):
    once = parse_email(address)
    assert parse_email(once.address) == once
    assert parse_email(once.wire) == once


@given(ADDRESSES)
def test_width_case_quotes_and_brackets_make_no_second_mailbox(address):
    local, _, domain = address.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in address)
    spellings = [
        wide,
        address.swapcase(),
        f'"{local}"@{domain}',
        f"<{address}>",
        f"mailto:{address}.",
        f" {address}\t",
    ]
    assert {parse_email(spelling).key for spelling in spellings} == {address.lower()}


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_refusal_and_never_another_error(text):
    try:
        email = parse_email(text)
    except AddressError:
        return
    assert email.wire.isascii()
    assert not any(letter.isspace() for letter in email.wire)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("taro@docomo.co.jp", "taro@docomo.ne.jp"),
        ("taro@gmai.com", "taro@gmail.com"),
        ("taro@gmial.com", "taro@gmail.com"),
        ("taro@gmaill.com", "taro@gmail.com"),
        ("taro@gmail.co.jp", "taro@gmail.com"),
        ("taro@gmail.con", "taro@gmail.com"),
        ("taro@yahoo.ne.jp", "taro@yahoo.co.jp"),
        ("taro@ezweb.co.jp", "taro@ezweb.ne.jp"),
        ("taro@i.softbank.ne.jp", "taro@i.softbank.jp"),
        ("taro@mail.com", None),  # a provider of its own, one letter from Gmail
        ("taro@gmail.com", None),
        ("taro@sample.co.jp", None),
        ("no address", None),
    ],
)
def test_a_likely_slip_is_asked_about_and_never_corrected(typed, meant):
    assert likely_typo(typed) == meant


def test_a_parsed_address_can_be_asked_about_too():
    assert likely_typo(parse_email("Taro@DOCOMO.co.jp")) == "Taro@docomo.ne.jp"


@pytest.mark.parametrize(
    "typed",
    [
        "09012345678", "090-1234-5678", "０９０−１２３４−５６７８", "090ー1234ー5678", "(090) 1234.5678",
        "'09012345678",
        '="09012345678"', "tel:090-1234-5678", "TEL: 09012345678", "+81 90-1234-5678", "+81 (0)90 1234 5678",
        "0081 90 1234 5678", "01081-90-1234-5678", "\u200b090‐1234‐5678\ufeff", "9012345678", "9012345678.0",
        "819012345678",
    ],
)  # fmt: skip
def test_one_mobile_number_in_many_spellings_is_one_number(typed):
    number = parse_phone(typed)
    assert (number.e164, number.mobile, number.country) == ("+819012345678", True, "JP")


@pytest.mark.parametrize(
    ("typed", "mobile"),
    [
        ("060-1234-5678", True), ("070-1234-5678", True), ("080-1234-5678", True),
        ("03-1234-5678", False), ("0120-444-444", False), ("050-1234-5678", False), ("020-1234-5678", False),
    ],
)  # fmt: skip
def test_only_060_070_080_and_090_are_mobile_numbers(typed, mobile):
    assert parse_phone(typed).mobile is mobile


@pytest.mark.parametrize(
    ("typed", "repaired"), [("9012345678", True), ("090-1234-5678", False), ("312345678", True)]
)
def test_a_zero_lost_to_a_spreadsheet_is_put_back_and_marked(typed, repaired):
    assert parse_phone(typed).repaired is repaired


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("9.01E+10", NumberFault.NUMBER_EXCEL),
        ("９．０１Ｅ＋１０", NumberFault.NUMBER_EXCEL),
        ("", NumberFault.NUMBER_TEXT),
        ("--", NumberFault.NUMBER_TEXT),
        ("なし", NumberFault.NUMBER_TEXT),
        ("090-1234-5678(自宅)", NumberFault.NUMBER_TEXT),
        ("090-1234-5678, 03-1234-5678", NumberFault.NUMBER_TEXT),
        ("090+1234+5678", NumberFault.NUMBER_TEXT),
        ("090-1234-567", NumberFault.NUMBER_INVALID),
        ("110", NumberFault.NUMBER_INVALID),
        ("1" * 40, NumberFault.NUMBER_INVALID),
        ("+1 415-555-2671", NumberFault.NUMBER_COUNTRY),
        ("03-1234-5678", NumberFault.NUMBER_NOT_MOBILE),
        ("0120-444-444", NumberFault.NUMBER_NOT_MOBILE),
    ],
)
def test_what_sms_cannot_reach_is_refused_with_its_reason(typed, fault):
    with pytest.raises(NumberError) as refused:
        parse_mobile(typed)
    assert refused.value.code is fault


def test_a_number_abroad_is_read_where_its_country_is_served():
    number = parse_mobile("+1 415-555-2671", frozenset({"JP", "US"}))
    assert (number.e164, number.country) == ("+14155552671", "US")


@given(st.text(max_size=30) | st.text("0123456789+-() .eE", max_size=20))
def test_any_text_is_a_number_or_a_refusal_and_a_number_reads_as_itself(text):
    try:
        number = parse_phone(text)
    except NumberError:
        return
    assert parse_phone(number.e164).e164 == number.e164


def test_each_channel_has_its_own_parser():
    assert parse_address(Channel.EMAIL, "Taro@Sample.co.jp") == Address(Channel.EMAIL, "Taro@sample.co.jp")
    assert parse_address(Channel.SMS, "090-1234-5678") == Address(Channel.SMS, "+819012345678")
    assert parse_address(Channel.EMAIL, "Taro@Sample.co.jp").key == "taro@sample.co.jp"
    with pytest.raises(AddressError):
        parse_address(Channel.SMS, "taro@sample.co.jp")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("yamada@example.jp", "y****@example.jp"),
        ("y@example.jp", "y****@example.jp"),  # the stars do not tell the length
        ("+819012345678", "****5678"),
    ],
)
def test_a_masked_address_is_recognised_by_its_owner_only(address, shown):
    assert mask(address) == shown
