"""What may stand in a header and how it is written there: values, subjects, display names, addresses.

The standard library's header classes are not used for writing: some builds decode an encoded word that holds
CR LF and write it out as headers (reproduced on CPython 3.11.7; neighbours: CVE-2024-6923, CVE-2026-1299).
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from shodaku.content.mail_faults import UnsafeAddress
from shodaku.content.slots import split

VALUE_CHARACTERS_MAX: Final = 200
_BREAKS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, lone surrogates, line, paragraph separators
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PLAIN_BYTES_MAX: Final = 66  # with "Subject: " one line below the 78 of RFC 5322 section 2.1.1
_WORD_BYTES: Final = 45  # 60 characters of base64 and 12 around them: 72 of the 75 of RFC 2047 section 2
_SUBJECT_FIRST_BYTES: Final = 39  # the line of the first word holds the name of the header too, 76 in all
_FROM_FIRST_BYTES: Final = 42
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_QUOTED: Final = r'"(?:[!#-;=?-\[\]-~]|\\[!-;=?-~])+"'  # no space, no angle bracket
_WIRE: Final = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@{_LABEL}(?:\.{_LABEL})*")
_ORDINARY: Final = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*")
_ADDRESS_OCTETS_MAX: Final = 254  # RFC 5321 section 4.5.3.1.3 without the angle brackets
_LOCAL_OCTETS_MAX: Final = 64
_DOMAIN_OCTETS_MAX: Final = 189  # a return path has 64 octets and an @ before the domain


def clean(value: str) -> str:
    """One line, 200 characters at most, that can add neither a line nor a change of direction."""
    value = value[:VALUE_CHARACTERS_MAX]  # first: ten megabytes would be looked through sign by sign
    if not value.isprintable():  # nearly all values are; U+3000 is not and takes the slow way
        value = "".join(" " if _is_unsafe(character) else character for character in value)
    return value


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _BREAKS or character in _BIDI


Spelled: TypeAlias = Callable[[Sequence[bytes], Sequence[str]], tuple[list[bytes], list[str]]]


class SubjectLine:
    """A subject with slots, written by our own encoder: no library reads again what a contact wrote."""

    def __init__(self, source: str, spelled: Spelled) -> None:
        one_line = "".join(" " if _is_unsafe(character) else character for character in source)
        self._statics, self.names = spelled(*split(one_line))
        self._same = None if self.names else self._written({})

    def render(self, values: Mapping[str, bytes]) -> bytes:
        return self._written(values) if self._same is None else self._same

    def _written(self, values: Mapping[str, bytes]) -> bytes:
        statics = self._statics
        text = statics[0]
        for at, name in enumerate(self.names, 1):
            text += values[name] + statics[at]
        # Broken up in the finished line: a static "=" and a "?" of a value would begin an encoded word.
        text = text.replace(b"=?", b"= ?").strip(b" ")
        if len(text) <= _PLAIN_BYTES_MAX and text.isascii():
            return text
        return encoded_words(text, _SUBJECT_FIRST_BYTES)


def encoded_words(text: bytes, first: int) -> bytes:
    """RFC 2047 B-encoding of UTF-8, cut between characters, folded; `first` bytes of text in line 1."""
    words, start, end = [], 0, first
    while end < len(text):
        while text[end] & 0xC0 == 0x80:  # noqa: PLR2004 - 10xxxxxx continues a character
            end -= 1
        words.append(b2a_base64(text[start:end], newline=False))
        start, end = end, end + _WORD_BYTES
    words.append(b2a_base64(text[start:], newline=False))
    return b"=?UTF-8?B?" + b"?=\r\n =?UTF-8?B?".join(words) + b"?="


def display_name(name: str) -> bytes:
    text = clean(name).replace("=?", "= ?").strip()
    if not text.isascii() or len(text) > _PLAIN_BYTES_MAX:
        return encoded_words(text.encode(), _FROM_FIRST_BYTES)
    if not text or _ATOMS.fullmatch(text):
        return text.encode()
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def wire_address(wire: str) -> bytes:
    """The last look at an address that was parsed at the door. Raises UnsafeAddress.

    ASCII, dot-atom or quoted local part, no space, control character or angle bracket; nor `=?`, which some
    libraries decode even inside an address.
    """
    if len(wire) <= _LOCAL_OCTETS_MAX and _ORDINARY.fullmatch(wire):  # nearly all: a third of the time
        return wire.encode()
    local_octets = wire.rfind("@")
    if (
        not _WIRE.fullmatch(wire)
        or len(wire) > _ADDRESS_OCTETS_MAX
        or local_octets > _LOCAL_OCTETS_MAX
        or "=?" in wire
    ):
        raise UnsafeAddress
    return wire.encode()


def is_mail_domain(domain: str) -> bool:
    return len(domain) <= _DOMAIN_OCTETS_MAX and _DOMAIN.fullmatch(domain) is not None
