"""Who said no. A refusal has a scope; a suppression token stands for someone we no longer know."""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from shodaku.contacts.domain import (
    AddressError,
    Channel,
    NumberError,
    fold_width,
    parse_email,
    parse_phone,
    unquoted,
)

NORM: Final = 1  # version of the forms below, stored with each token (TRUST.md section 2.2)
PEPPER_BYTES_MIN: Final = 16

_FORM_CHARS_MAX: Final = 1000  # no address is longer; without an end, nested quotes would cost a second each
_CONTEXT: Final = b"shodaku/token/1\0"


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


@dataclass(frozen=True, slots=True)
class Tokens:
    strict: bytes
    broad: bytes


def tokens(pepper: bytes, scope: str, channel: Channel, address: str) -> Tokens:
    form = strict_form(channel, address)
    return Tokens(
        token(pepper, scope, channel, form), token(pepper, scope, channel, _broadened(channel, form))
    )


def token(pepper: bytes, scope: str, channel: Channel, form: str) -> bytes:
    """32 bytes that stand for an address; without the pepper nobody can guess them back.

    Unkeyed, all Japanese mobile numbers hash in three minutes on one core (TRUST.md section 2.1).
    """
    if len(pepper) < PEPPER_BYTES_MIN:
        raise ValueError(f"a pepper has at least {PEPPER_BYTES_MIN} bytes")
    if "\0" in scope:
        raise ValueError("a scope holds no NUL: it would run into the channel")
    message = _CONTEXT + f"{scope}\0{channel.value}\0{form}".encode("utf-8", "surrogatepass")
    return hmac.digest(pepper, message, "sha256")


def strict_form(channel: Channel, address: str) -> str:
    """The one spelling of an address. Total: what no parser takes still gets a form, and can be blocked."""
    match channel:
        case Channel.EMAIL:
            return _email_form(address)
        case Channel.SMS | Channel.FAX:
            return _phone_form(address)
        case unreachable:
            assert_never(unreachable)


def broad_form(channel: Channel, address: str) -> str:
    """The strict form without +tag, and for Gmail without dots and by its first name.

    Over-blocking harms nobody here, under-blocking is a breach (TRUST.md section 2.2).
    """
    return _broadened(channel, strict_form(channel, address))


def _broadened(channel: Channel, form: str) -> str:
    local, at, domain = form.rpartition("@")
    if channel is not Channel.EMAIL or not at:
        return form
    mailbox = local.partition("+")[0] or local
    if domain not in {"gmail.com", "googlemail.com"}:
        return f"{mailbox}@{domain}"
    return f"{mailbox.replace('.', '') or mailbox}@gmail.com"


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
