"""Who said no. A refusal has a scope; a suppression token stands for someone we no longer know."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from shodaku.contacts.domain import (
    ADDRESS_OCTETS_MAX,
    AddressError,
    Channel,
    NumberError,
    a_label,
    fold_width,
    parse_email,
    parse_phone,
    unquoted,
)

NORM: Final = 1  # version of the forms below, stored with each token (TRUST.md section 2.2)
PEPPER_BYTES_MIN: Final = 16

_DOMAINS_MAX: Final = 100_000  # kept of one list
# what needs no folding; what the parser refuses among these goes the long way all the same
_PLAIN_EMAIL: Final = re.compile(
    r"((?=.{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)", re.ASCII
)
_PLAIN_MOBILE: Final = re.compile(r"\+81[6789]0[1-9][0-9]{7}", re.ASCII)
_FORM_CHARS_MAX: Final = 1000  # no address is longer; without an end, nested quotes would cost a second each
_CONTEXT: Final = b"shodaku/token/1\0"
_SHA256_BLOCK_BYTES: Final = 64


class Scope(StrEnum):
    ALL = "all"
    TOPIC = "topic"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One "no" as it was received: whole, for a topic, or for a time (特定電子メール法施行規則5条).

    It holds on every channel; who wants fewer channels changes the consent instead.
    """

    scope: Scope
    at: datetime
    topic_id: int | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if (self.topic_id is not None) != (self.scope is Scope.TOPIC):
            raise ValueError("a topic belongs to scope 'topic', and only there")
        if (self.until is not None) != (self.scope is Scope.UNTIL):
            raise ValueError("an end belongs to scope 'until', and only there")


def in_force(refusal: Refusal, topic_id: int | None, consented_at: datetime | None, now: datetime) -> bool:
    """Does this refusal stop a message about `topic_id`?

    Only a consent given later supersedes it (特定商取引法12条の3第2項); at the same instant the refusal wins.
    """
    if refusal.scope is Scope.TOPIC and refusal.topic_id != topic_id:
        return False
    if refusal.until is not None and now >= refusal.until:
        return False
    return consented_at is None or consented_at <= refusal.at


class Strength(StrEnum):
    STRICT = "strict"  # one mailbox, one number: blocks everything, identifies
    BROAD = "broad"  # spellings that reach the same mailbox: blocks imports and API creates


# reasons of a mark that say nothing about the person: no such mailbox, or a form that staff blocked
NO_WISH: Final = frozenset({"bounce", "blocked"})


@dataclass(frozen=True, slots=True)
class Tokens:
    strict: bytes
    broad: bytes
    # layers of the pepper (peppering); None: as the database stood a moment ago
    epoch: int | None = field(default=None, compare=False)


def tokens(pepper: bytes, scope: str, channel: Channel, address: str) -> Tokens:
    form = strict_form(channel, address)
    return Tokens(
        token(pepper, scope, channel, form), token(pepper, scope, channel, _broadened(channel, form))
    )


def tokens_of(
    layers: Sequence[bytes], epoch: int, scope: str, channel: Channel, addresses: Iterable[str]
) -> Iterator[Tokens]:
    """As `tokens` under several layers, for a list: a million in seconds, since most addresses are plain."""
    first, later = layers[0], layers[1:]
    _require_long(first)
    keyed = _keyed_by(first, _prefix(scope, channel))
    form_of = _quick_email_form() if channel is Channel.EMAIL else _quick_phone_form()
    for address in addresses:
        form = form_of(address)
        broad_form = _broadened(channel, form)
        strict = raised(keyed(form), later) if later else keyed(form)
        broad = strict if broad_form == form else raised(keyed(broad_form), later)
        yield Tokens(strict, broad, epoch)


def raised(below: bytes, layers: Iterable[bytes]) -> bytes:
    """A token with these layers of pepper more, without the address (TRUST.md section 2.3)."""
    for pepper in layers:
        _require_long(pepper)
        below = hmac.digest(pepper, below, "sha256")
    return below


def token(pepper: bytes, scope: str, channel: Channel, form: str) -> bytes:
    """32 bytes that stand for an address; without the pepper nobody can guess them back.

    Unkeyed, all Japanese mobile numbers hash in three minutes on one core (TRUST.md section 2.1).
    """
    _require_long(pepper)
    return _keyed(pepper, _prefix(scope, channel), form)


def _require_long(pepper: bytes) -> None:
    if len(pepper) < PEPPER_BYTES_MIN:
        raise ValueError(f"a pepper has at least {PEPPER_BYTES_MIN} bytes")


def _prefix(scope: str, channel: Channel) -> bytes:
    if "\0" in scope:
        raise ValueError("a scope holds no NUL: it would run into the channel")
    return _CONTEXT + f"{scope}\0{channel.value}\0".encode()


def _keyed(pepper: bytes, prefix: bytes, form: str) -> bytes:
    return hmac.digest(pepper, prefix + form.encode("utf-8", "surrogatepass"), "sha256")


def _keyed_by(pepper: bytes, prefix: bytes) -> Callable[[str], bytes]:
    """`_keyed` for many: what RFC 2104 hashes of the key alone is hashed once, 0.9 us a token and not 2.4."""
    short = pepper if len(pepper) <= _SHA256_BLOCK_BYTES else hashlib.sha256(pepper).digest()
    key = short.ljust(_SHA256_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + prefix)
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def keyed(form: str) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(form.encode("utf-8", "surrogatepass"))
        around.update(within.digest())
        return around.digest()

    return keyed


def strict_form(channel: Channel, address: str) -> str:
    """The one spelling of an address. Total: what no parser takes still gets a form, and can be blocked."""
    match channel:
        case Channel.EMAIL:
            return _email_form(address)
        case Channel.SMS | Channel.FAX:
            return _phone_form(address)
        case unreachable:
            assert_never(unreachable)


_GMAIL: Final = ("@gmail.com", "@googlemail.com")


def broad_form(channel: Channel, address: str) -> str:
    """The strict form without +tag, and for Gmail without dots and by its first name.

    Over-blocking harms nobody here, under-blocking is a breach (TRUST.md section 2.2).
    """
    return _broadened(channel, strict_form(channel, address))


def _broadened(channel: Channel, form: str) -> str:
    if "+" not in form and not form.endswith(_GMAIL):  # nine of ten: 0.2 us instead of 1
        return form
    local, at, domain = form.rpartition("@")
    if channel is not Channel.EMAIL or not at:
        return form
    mailbox = local.partition("+")[0] or local
    if f"@{domain}" not in _GMAIL:
        return f"{mailbox}@{domain}"
    return f"{mailbox.replace('.', '') or mailbox}@gmail.com"


def _quick_email_form() -> Callable[[str], str]:
    """`_email_form` that remembers the domains of one list. Equal for every text (a property test)."""
    domains: dict[str, str | None] = {}

    def form_of(address: str) -> str:
        plain = _PLAIN_EMAIL.fullmatch(address)
        if plain is None:
            return _email_form(address)
        local, host = plain.groups()
        if host not in domains:
            if len(domains) >= _DOMAINS_MAX:
                domains.clear()
            domains[host] = a_label(host)
        domain = domains[host]
        if domain is None or len(local) + len(domain) >= ADDRESS_OCTETS_MAX:
            return _email_form(address)
        return f"{local.lower()}@{domain}"

    return form_of


def _quick_phone_form() -> Callable[[str], str]:
    """`_phone_form`; a Japanese mobile number in its canonical form needs no library."""
    return lambda number: number if _PLAIN_MOBILE.fullmatch(number) else _phone_form(number)


def _email_form(address: str) -> str:
    try:
        return parse_email(address).key
    except AddressError:
        folded = _folded(address)
    try:
        return parse_email(folded).key
    except AddressError:
        return folded


def _phone_form(address: str) -> str:
    try:
        return parse_phone(address).e164
    except NumberError:
        folded = _folded(address)
    try:
        return parse_phone(folded).e164
    except NumberError:
        return folded


def _folded(text: str) -> str:
    """NFKC and folded case until nothing changes: one round of each is not idempotent (UAX 15, UTS 46)."""
    while (folded := _folded_once(text[:_FORM_CHARS_MAX])) != text:
        text = folded
    return text


def _folded_once(text: str) -> str:
    bare = unicodedata.normalize("NFKC", fold_width(text)).strip("<>\t\n\v\f\r ").removeprefix("mailto:")
    local, at, domain = bare.rpartition("@")
    # lower, not casefold: IDNA keeps ß and ς as letters of their own
    return unicodedata.normalize("NFKC", f"{unquoted(local).casefold()}{at}{domain.lower()}")


BLOCK_CHARACTERS_MAX: Final = 100
BLOCK_STARS_MAX: Final = 4
_BLOCK: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]*@[a-z0-9*.-]+", re.ASCII)


class BlockFault(ValueError):
    """What is no form of addresses."""


@dataclass(frozen=True, slots=True)
class Form:
    """Addresses that are alike: of one domain, or by a pattern in which a star stands for any letters."""

    kind: str  # domain or pattern, as the table has it
    value: str


def parse_block(text: str) -> Form:
    """`example.jp`, `@example.jp` and `*@example.jp` are one domain, without those below it.

    Raises BlockFault.
    """
    bare = fold_width(text).strip().lower()
    if len(bare) > BLOCK_CHARACTERS_MAX:
        raise BlockFault(f"at most {BLOCK_CHARACTERS_MAX} characters")
    local, _, host = bare.rpartition("@")
    if "*" not in host and local in {"", "*"}:
        domain = a_label(host)
        if domain is None or len(domain) > BLOCK_CHARACTERS_MAX:
            raise BlockFault(host)
        return Form("domain", domain)
    if bare.count("*") > BLOCK_STARS_MAX or not _BLOCK.fullmatch(bare):
        raise BlockFault(bare)
    if not re.search("[a-z0-9]", bare):
        raise BlockFault("everybody")  # whoever means that stops sending instead
    return Form("pattern", bare)


def matches(form: Form, address: str) -> bool:
    """In one pass over the address: no pattern makes it slow."""
    key = strict_form(Channel.EMAIL, address)
    if form.kind == "domain":
        return key.rpartition("@")[2] == form.value
    first, *rest = form.value.split("*")
    if not rest:
        return key == form.value
    *middle, last = rest
    if not key.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = key.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(key) - len(last) >= at and key.endswith(last)
