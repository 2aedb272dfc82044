"""Telephone numbers as people and spreadsheets write them, Japanese unless they say otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import phonenumbers

from shodaku.contacts.email_address import fold_width
from shodaku.contacts.faults import NumberError, NumberFault

HOME: Final = "JP"

_TEXT_CELL: Final = re.compile(r'="?([^"]*)"?')  # ="090…" is how people stop Excel from eating the zero
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_DASHES: Final = re.compile("[-ー−–—‐‑―]")
_WRITTEN: Final = re.compile(r"[0-9+().\- ]*[0-9][0-9+().\- ]*")
# Japan's exit codes: a clerk abroad, or a list made abroad, writes 0081 or 01081
_EXIT_CODE: Final = re.compile(r"^0(?:0|10)81")
# SMS.md section 7. Asked by digits, so that 060 is a mobile number whatever the library's tables know.
_JP_MOBILE: Final = re.compile(r"\+81[6789]0[1-9][0-9]{7}")
_PLAIN_MOBILE: Final = re.compile(r"0([6789]0)-?([1-9][0-9]{3})-?([0-9]{4})", re.ASCII)
_LOST_ZERO: Final = re.compile(r"[6789]0[1-9][0-9]{7}")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    e164: str
    mobile: bool
    country: str | None = field(default=HOME, compare=False)  # ISO 3166; None for satellites and the like
    repaired: bool = field(default=False, compare=False)  # a spreadsheet had eaten the leading zero


def parse_phone(text: str) -> PhoneNumber:
    """Any number that can exist, of any country. Raises NumberError. Source: SMS.md section 7."""
    if plain := _PLAIN_MOBILE.fullmatch(text):  # most of a Japanese list: 0.5 us and not 25
        return PhoneNumber(f"+81{plain[1]}{plain[2]}{plain[3]}", mobile=True)
    digits = _digits(text)
    try:
        number = phonenumbers.parse(digits, HOME)
    except phonenumbers.NumberParseException:
        raise NumberError(NumberFault.NUMBER_INVALID, text) from None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _JP_MOBILE.fullmatch(e164):
        return PhoneNumber(e164, mobile=True, repaired=_LOST_ZERO.fullmatch(digits) is not None)
    if not phonenumbers.is_valid_number(number):
        raise NumberError(NumberFault.NUMBER_INVALID, text)
    country = phonenumbers.region_code_for_number(number)
    lost_zero = country == HOME and digits[0] not in "0+" and not digits.startswith("81")
    return PhoneNumber(e164, _mobile_abroad(number), country, repaired=lost_zero)


def parse_mobile(text: str, countries: frozenset[str] = frozenset({HOME})) -> PhoneNumber:
    """A number that can receive SMS, in a country the sender serves. Raises NumberError."""
    number = parse_phone(text)
    if number.country not in countries:
        raise NumberError(NumberFault.NUMBER_COUNTRY, text)
    if not number.mobile:
        raise NumberError(NumberFault.NUMBER_NOT_MOBILE, text)
    return number


def _digits(text: str) -> str:
    """Digits with perhaps a +, spaces and brackets gone, and the traces of spreadsheets with them."""
    bare = fold_width(text).strip()
    if bare[:4].lower() == "tel:":
        bare = bare[4:].strip()
    bare = bare.removeprefix("'").strip()
    if cell := _TEXT_CELL.fullmatch(bare):
        bare = cell[1].strip()
    if _SCIENTIFIC.fullmatch(bare):
        raise NumberError(NumberFault.NUMBER_EXCEL, text)
    bare = _DASHES.sub("-", bare.removesuffix(".0"))
    if not _WRITTEN.fullmatch(bare) or "+" in bare.lstrip(" (")[1:]:
        raise NumberError(NumberFault.NUMBER_TEXT, text)
    return _EXIT_CODE.sub("+81", re.sub(r"[^0-9+]", "", bare))


def _mobile_abroad(number: phonenumbers.PhoneNumber) -> bool:
    """North America does not tell mobile from fixed numbers: there both may be tried."""
    kind = phonenumbers.number_type(number)
    return number.country_code != phonenumbers.country_code_for_region(HOME) and kind in {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
