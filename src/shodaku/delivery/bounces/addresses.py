"""Addresses as bounces write them: quoted or bare, in brackets or not, with a type before them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_PUNCTUATION: Final = (
    "：；，、。＜＞（）「」『』【】［］"  # what stands between Japanese words and an address
)
_LOCAL: Final = (
    r"(?:\"[^\"\x00-\x1f\x7f]{1,128}\""
    rf"|[^\s\x00-\x1f\x7f<>()\[\]\",;:@'`|\\{_PUNCTUATION}]{{1,128}})"
)
# a domain in ASCII ends where other letters begin (reader@example.jp様); else one of other letters (RFC 6531)
_DOMAIN: Final = (
    r"(?>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|\[[\d.]{7,15}\]"
    r"|[^\s\x00-\x1f\x7f<>()\[\]\",;:@'`|\\=/]{1,190}[^\s\x00-\x1f\x7f<>()\[\]\",;:@'`|\\=/.*?!。、）」])"
)
ADDRESS: Final = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_TYPE: Final = re.compile(r"^\s*[A-Za-z0-9-]{1,20}\s*;\s*")  # rfc822; utf-8; (RFC 3464 section 2.1.2)
_LETTER: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_ROBOT: Final = re.compile(
    r"(?:mailer-?daemon|post[-_.]?master|mail[-.]delivery[-.]system)(?:@|$)", re.IGNORECASE
)


def recipient_of(value: str) -> str:
    """The address in a recipient field or header; empty where none can be read.

    Source: RFC 3464 section 2.3.2, RFC 6533 section 3. Brackets, a type and comments go; quotes of a local
    part stay, for they belong to the address.
    """
    found = ADDRESS.search(_LETTER.sub(_letter, _TYPE.sub("", value)))
    return found[0] if found else ""


def _letter(match: re.Match[str]) -> str:
    r"""Of \x{6771}, as a report in ASCII writes a letter beyond it (RFC 6533 section 3)."""
    try:
        return chr(int(match[1], 16))
    except ValueError:  # beyond Unicode
        return match[0]


def addresses_in(text: str) -> list[str]:
    return [match[0] for match in ADDRESS.finditer(text)]


def same(address: str) -> str:
    """One spelling of quoted and bare, upper and lower case: to compare, never to write to."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.strip(chr(34))}@{domain}"


def once(addresses: Iterable[str]) -> list[str]:
    """Each address in the order and spelling in which it came first."""
    return list({same(each): each for each in reversed(list(addresses))}.values())[::-1]


def is_robot(address: str) -> bool:
    return bool(_ROBOT.match(address.strip("<> ")))
