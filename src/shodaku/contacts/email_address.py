"""E-mail addresses as Japan has them: the old dotted ones of docomo and au are people, not errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError
from email_validator.syntax import validate_email_domain_name

from shodaku.contacts.faults import AddressError, AddressFault

# Sold until about 2009 with dots doubled, first or last, against RFC 5321 4.1.2, and still in use.
DOTTED_CARRIERS: Final = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com"})

LOCAL_OCTETS_MAX: Final = 64  # RFC 5321 4.5.3.1.1
ADDRESS_OCTETS_MAX: Final = 254  # a path of 256 with its angle brackets (RFC 5321 4.5.3.1.3)

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_ATOMS_AND_DOTS: Final = re.compile(rf"\.*{_ATOM}(?:\.+{_ATOM})*\.*")
# what needs no folding, no unquoting and no quoting; `mailto:` has its colon
_PLAIN: Final = re.compile(
    r"((?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)", re.ASCII
)
# what copying from a web page or a chat leaves behind: soft hyphen, zero widths, directions, joiners, BOM
_INVISIBLE: Final = (
    0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF,
)  # fmt: skip
# Width only: NFKC would make a 2 of ②, and another person of the address.
_FOLD: Final = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    **dict.fromkeys(_INVISIBLE),
}


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address that was parsed once, at the door.

    `address` keeps the local part as typed, unquoted; `key` is the same for all spellings of one mailbox;
    `wire` is what SMTP is given: quoted only where RFC 5321 asks for it, since Postfix rewrites `a..b@`.
    """

    address: str
    key: str
    wire: str

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def parse_email(text: str) -> EmailAddress:
    """Reads what a person typed or a file holds. Raises AddressError. Source: JAPAN.md section 1."""
    if plain := _PLAIN.fullmatch(text):  # nine of ten: 1 us and not 4; equal for every text (a property test)
        local, host = plain.groups()
        domain = a_label(host)
        if domain is not None and len(local) + len(domain) < ADDRESS_OCTETS_MAX:
            address = f"{local}@{domain}"
            return EmailAddress(address, address.lower(), address)
    return _parsed(text)


def _parsed(text: str) -> EmailAddress:
    bare = _unwrapped(fold_width(text).strip())
    if bare.count("@") != 1:
        raise AddressError(AddressFault.ADDR_FORM, text)
    quoted, _, host = bare.partition("@")
    local = unquoted(quoted)
    if not local or not host:
        raise AddressError(AddressFault.ADDR_FORM, text)
    if fault := _fault_of_characters(local, host):
        raise AddressError(fault, text)
    domain = a_label(host)
    if domain is None:
        raise AddressError(AddressFault.ADDR_DOMAIN, text)
    if fault := _fault_of_dots(local, domain):
        raise AddressError(fault, text)
    address = f"{local}@{domain}"
    if len(address) > ADDRESS_OCTETS_MAX:
        raise AddressError(AddressFault.ADDR_TOO_LONG, text)
    wire = address if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'
    return EmailAddress(address, address.lower(), wire)


def fold_width(text: str) -> str:
    """Full-width ASCII becomes ASCII; characters that nobody sees go."""
    return text if text.isascii() else text.translate(_FOLD)


def _unwrapped(text: str) -> str:
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].strip()
        if text.startswith("<") and text.endswith(">"):
            text = text[1:-1].strip()
    return text


def unquoted(local: str) -> str:
    """`"a..b"` is the mailbox `a..b`: to quote it is a matter of the wire (RFC 5321 4.1.2)."""
    if len(local) >= len('""') and local[0] == local[-1] == '"':
        return re.sub(r"\\(.)", r"\1", local[1:-1])
    return local


def _fault_of_characters(local: str, host: str) -> AddressFault | None:
    if any(letter.isspace() for letter in local + host):
        return AddressFault.ADDR_SPACE
    if not local.isascii():
        return AddressFault.ADDR_NON_ASCII
    if "=?" in local:  # some libraries decode that even inside an address: no mail would be made for it
        return AddressFault.ADDR_FORM
    if len(local) > LOCAL_OCTETS_MAX:
        return AddressFault.ADDR_TOO_LONG
    return None


def _fault_of_dots(local: str, domain: str) -> AddressFault | None:
    if _DOT_ATOM.fullmatch(local):
        return None
    if not _ATOMS_AND_DOTS.fullmatch(local):
        return AddressFault.ADDR_FORM
    return None if domain in DOTTED_CARRIERS else AddressFault.ADDR_DOTS


@lru_cache(maxsize=4096)  # a list has few domains; asking email-validator costs 30 times the rest
def a_label(host: str) -> str | None:
    """The domain in lower case as DNS knows it, or None when it cannot be one."""
    dotted = host.replace("。", ".").replace("｡", ".").removesuffix(".").lower()
    try:
        # RFC 6761 6.2: applications do not treat names under .test as special
        return validate_email_domain_name(dotted, test_environment=True)["ascii_domain"].lower()
    except EmailNotValidError:
        return None


def likely_typo(address: EmailAddress | str) -> str | None:
    """The address that was probably meant. A question for its owner; nothing is ever corrected."""
    text = address.address if isinstance(address, EmailAddress) else fold_width(address).strip()
    local, _, domain = text.rpartition("@")
    meant = _MEANT.get(domain.lower())
    return f"{local}@{meant}" if local and meant else None


def slip_question(meant: str, language: str) -> str:
    """What its owner is asked; `meant` as from `likely_typo`, language "ja" or "en"."""
    domain = meant.rpartition("@")[2]
    if language == "ja":
        return f"@の後ろは「{domain}」ではありませんか。このままでよければ、もう一度ボタンを押してください。"
    return f"After the @, is “{domain}” meant? If it is right as it stands, press the button again."


def _one_slip(domain: str) -> Iterator[str]:
    """One letter left out, doubled, or swapped with its neighbour, in the first label."""
    name, _, rest = domain.partition(".")
    for at in range(len(name)):
        yield f"{name[:at]}{name[at + 1 :]}.{rest}"
        yield f"{name[:at]}{name[at]}{name[at:]}.{rest}"
        yield f"{name[:at]}{name[at + 1 : at + 2]}{name[at]}{name[at + 2 :]}.{rest}"


_PROVIDERS: Final = (
    "gmail.com", "yahoo.co.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp",
    "icloud.com", "hotmail.com", "hotmail.co.jp", "outlook.com", "outlook.jp", "rakuten.jp", "nifty.com",
)  # fmt: skip
# domains that exist and look like a slip
_REAL: Final = frozenset({*_PROVIDERS, "mail.com", "hotmal.com", "yaho.co.jp", "ifty.com", "nifty.com"})
_WRONG_END: Final = {
    "gmail.co.jp": "gmail.com", "gmail.jp": "gmail.com", "gmail.ne.jp": "gmail.com", "gmail.con": "gmail.com",
    "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.cmo": "gmail.com", "gmail.comm": "gmail.com",
    "gamil.con": "gmail.com", "gmeil.com": "gmail.com", "gmaik.com": "gmail.com", "g.mail.com": "gmail.com",
    "docomo.co.jp": "docomo.ne.jp", "docomo.jp": "docomo.ne.jp", "docomo.com": "docomo.ne.jp",
    "docomo.ne.jo": "docomo.ne.jp", "docomo.ne": "docomo.ne.jp", "docomo.me.jp": "docomo.ne.jp",
    "dokomo.ne.jp": "docomo.ne.jp",
    "ezweb.co.jp": "ezweb.ne.jp", "ezweb.jp": "ezweb.ne.jp", "ezweb.ne.jo": "ezweb.ne.jp",
    "ezweb.me.jp": "ezweb.ne.jp", "au.ne.jp": "au.com", "au.co.jp": "au.com", "au.con": "au.com",
    "softbank.co.jp": "softbank.ne.jp", "softbank.jp": "softbank.ne.jp", "softbank.ne.jo": "softbank.ne.jp",
    "i.softbank.ne.jp": "i.softbank.jp", "i.softbank.co.jp": "i.softbank.jp",
    "yahoo.ne.jp": "yahoo.co.jp", "yahoo.jp": "yahoo.co.jp", "yahoo.co.jo": "yahoo.co.jp",
    "yahoo.co.ip": "yahoo.co.jp", "yahoo.cojp": "yahoo.co.jp",
    "icloud.co.jp": "icloud.com", "icloud.jp": "icloud.com", "icloud.con": "icloud.com",
    "hotmail.con": "hotmail.com", "outlook.con": "outlook.com", "outlook.co.jp": "outlook.jp",
}  # fmt: skip
_MEANT: Final = {
    slip: meant for meant in _PROVIDERS for slip in _one_slip(meant) if slip not in _REAL and slip[0] != "."
} | _WRONG_END
