"""Who can be reached, and where: plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from shodaku.contacts.catalogue import (
    PRODUCT_NAME_CHARACTERS_MAX,
    PRODUCT_URL_CHARACTERS_MAX,
    PRODUCTS_MAX,
    NewProduct,
    ProductFault,
    ProductKind,
    UnfitProduct,
    parse_product,
)
from shodaku.contacts.coupons import (
    COUPON_CODE_CHARACTERS_MAX,
    RECEIPT_CHARACTERS_MAX,
    USED_TIMES_MAX,
    NewCouponUse,
    UnfitCouponCode,
    parse_coupon_code,
)
from shodaku.contacts.dates import JST, UnreadDate, parse_day, parse_moment
from shodaku.contacts.email_address import (
    ADDRESS_OCTETS_MAX,
    EmailAddress,
    a_label,
    fold_width,
    likely_typo,
    parse_email,
    slip_question,
    unquoted,
)
from shodaku.contacts.faults import (
    FAULT_SENTENCES,
    AddressError,
    AddressFault,
    NameFault,
    NumberError,
    NumberFault,
    UnfitName,
)
from shodaku.contacts.person_name import (
    NOBODY,
    clean_name,
    honorific,
    kana_sort_key,
    search_key,
    split_name,
)
from shodaku.contacts.phone_number import PhoneNumber, parse_mobile, parse_phone
from shodaku.contacts.residence import (
    ContactKind,
    CountrySource,
    Residence,
    age_years,
    residence_of,
    zone_of,
)
from shodaku.contacts.search_keys import SearchKeys, search_keys

__all__ = [
    "ADDRESS_OCTETS_MAX",
    "COUPON_CODE_CHARACTERS_MAX",
    "FAULT_SENTENCES",
    "JST",
    "NOBODY",
    "PRODUCTS_MAX",
    "PRODUCT_NAME_CHARACTERS_MAX",
    "PRODUCT_URL_CHARACTERS_MAX",
    "RECEIPT_CHARACTERS_MAX",
    "USED_TIMES_MAX",
    "Address",
    "AddressError",
    "AddressFault",
    "Channel",
    "ContactKind",
    "CountrySource",
    "EmailAddress",
    "NameFault",
    "NewCouponUse",
    "NewProduct",
    "NumberError",
    "NumberFault",
    "PhoneNumber",
    "ProductFault",
    "ProductKind",
    "Residence",
    "SearchKeys",
    "UnfitCouponCode",
    "UnfitName",
    "UnfitProduct",
    "UnreadDate",
    "a_label",
    "age_years",
    "clean_name",
    "fold_width",
    "honorific",
    "kana_sort_key",
    "likely_typo",
    "mask",
    "parse_address",
    "parse_coupon_code",
    "parse_day",
    "parse_email",
    "parse_mobile",
    "parse_moment",
    "parse_phone",
    "parse_product",
    "residence_of",
    "search_key",
    "search_keys",
    "slip_question",
    "split_name",
    "unquoted",
    "zone_of",
]


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    FAX = "fax"  # known to the law and to the gate; nothing here transports it


@dataclass(frozen=True, slots=True)
class Address:
    """A destination that has been parsed once, at the door; `value` is canonical."""

    channel: Channel
    value: str

    @property
    def key(self) -> str:
        """Equal for all spellings of one mailbox; an e-mail address keeps the case it was typed in."""
        return self.value.lower()


def parse_address(channel: Channel, text: str) -> Address:
    """Raises AddressError; on the channel sms only a Japanese mobile number passes."""
    match channel:
        case Channel.EMAIL:
            return Address(channel, parse_email(text).address)
        case Channel.SMS:
            return Address(channel, parse_mobile(text).e164)
        case Channel.FAX:
            return Address(channel, parse_phone(text).e164)
        case unreachable:
            assert_never(unreachable)


def mask(address: str) -> str:
    """`y****@example.jp`, `****5678`: for its owner to recognise; the stars do not tell the length."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}****@{domain}" if at else f"****{address[-4:]}"
