"""Why an address, a number or a name cannot be taken, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AddressFault(StrEnum):
    ADDR_FORM = "ADDR_FORM"
    ADDR_SPACE = "ADDR_SPACE"
    ADDR_NON_ASCII = "ADDR_NON_ASCII"
    ADDR_TOO_LONG = "ADDR_TOO_LONG"
    ADDR_DOMAIN = "ADDR_DOMAIN"
    ADDR_DOTS = "ADDR_DOTS"

    def sentence(self, lang: str) -> str:
        return sentence_of(self, lang)


class NumberFault(StrEnum):
    NUMBER_EXCEL = "NUMBER_EXCEL"
    NUMBER_TEXT = "NUMBER_TEXT"
    NUMBER_INVALID = "NUMBER_INVALID"
    NUMBER_COUNTRY = "NUMBER_COUNTRY"
    NUMBER_NOT_MOBILE = "NUMBER_NOT_MOBILE"

    def sentence(self, lang: str) -> str:
        return sentence_of(self, lang)


class NameFault(StrEnum):
    NAME_CONTROL = "NAME_CONTROL"
    NAME_ENCODED_WORD = "NAME_ENCODED_WORD"
    NAME_TOO_LONG = "NAME_TOO_LONG"

    def sentence(self, lang: str) -> str:
        return sentence_of(self, lang)


class AddressError(ValueError):
    """An address that cannot be used.

    `text` is what was typed, for the form it came from. It is no part of the message: messages reach logs.
    """

    def __init__(self, code: AddressFault | NumberFault, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(code.value)

    def sentence(self, lang: str) -> str:
        return self.code.sentence(lang)


class NumberError(AddressError):
    """A telephone number that cannot be used."""


class UnfitName(ValueError):
    """A name with characters that cannot be stored."""

    def __init__(self, code: NameFault) -> None:
        self.code = code
        super().__init__(code.value)

    def sentence(self, lang: str) -> str:
        return self.code.sentence(lang)


FAULT_SENTENCES: Final[Mapping[StrEnum, Mapping[str, str]]] = MappingProxyType(
    {
        AddressFault.ADDR_FORM: {
            "ja": "メールアドレスの形ではありません。「名前@example.jp」の形で入力してください。",
            "en": "This is not an e-mail address. Write it like name@example.com.",
        },
        AddressFault.ADDR_SPACE: {
            "ja": "メールアドレスの途中に空白があります。空白を消してください。",
            "en": "There is a space inside the e-mail address. Remove it.",
        },
        AddressFault.ADDR_NON_ASCII: {
            "ja": "@より前に使えない文字があります。半角の英数字で入力してください。",
            "en": "The part before the @ holds characters that cannot be used. Use plain letters and digits.",
        },
        AddressFault.ADDR_TOO_LONG: {
            "ja": "メールアドレスが長すぎます。@より前は64文字までです。確かめてください。",
            "en": "The e-mail address is too long. At most 64 characters stand before the @; check it.",
        },
        AddressFault.ADDR_DOMAIN: {
            "ja": "@より後ろが正しくありません。「example.jp」のような形か確かめてください。",
            "en": "The part after the @ is not a valid domain. Check that it looks like example.com.",
        },
        AddressFault.ADDR_DOTS: {
            "ja": "点(.)の位置が正しくありません。続いた点や、@の直前の点を確かめてください。",
            "en": "A dot is in the wrong place. Look for two dots in a row, or one just before the @.",
        },
        NumberFault.NUMBER_EXCEL: {
            "ja": "表計算ソフトが番号を変えています。セルを文字列にして、番号を入れ直してください。",
            "en": "The spreadsheet has changed this number. Format the cell as text and enter it again.",
        },
        NumberFault.NUMBER_TEXT: {
            "ja": "電話番号として読めません。数字とハイフンだけで入力してください。",
            "en": "This cannot be read as a telephone number. Use digits and hyphens only.",
        },
        NumberFault.NUMBER_INVALID: {
            "ja": "使われていない番号の形です。桁数を確かめてください。",
            "en": "No such telephone number can exist. Check the number of digits.",
        },
        NumberFault.NUMBER_COUNTRY: {
            "ja": "この国の番号には送れません。日本の携帯電話番号を入力してください。",
            "en": "Numbers of this country cannot be used. Enter a Japanese mobile number.",
        },
        NumberFault.NUMBER_NOT_MOBILE: {
            "ja": "携帯電話の番号ではありません。060・070・080・090で始まる番号を入力してください。",
            "en": "This is not a mobile number. Enter one that begins with 060, 070, 080 or 090.",
        },
        NameFault.NAME_CONTROL: {
            "ja": "改行など、見えない文字が入っています。消してから入力し直してください。",
            "en": "There is a line break or another invisible character here. Remove it and enter it again.",
        },
        NameFault.NAME_ENCODED_WORD: {
            "ja": "「=?」は使えません。消してから入力し直してください。",
            "en": "The characters =? cannot be used here. Remove them and enter it again.",
        },
        NameFault.NAME_TOO_LONG: {
            "ja": "長すぎます。200文字以内で入力してください。",
            "en": "This is too long. Use at most 200 characters.",
        },
    }
)


def sentence_of(fault: StrEnum, lang: str) -> str:
    """The sentence in Japanese for "ja" and "ja-*", in English for every other language tag."""
    return FAULT_SENTENCES[fault]["ja" if lang.startswith("ja") else "en"]
