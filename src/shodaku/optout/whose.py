"""Whose message it is. A token of ours proves it; an address that somebody writes from is only believed.

Believing it is enough to stop: who forges it can make us silent, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import AddressError, Channel, NumberError, parse_email, parse_phone
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Token
from shodaku.optout import stopping
from shodaku.optout.domain import Bounce, Complaint, Envelope, Letter, Traces, read_mail
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

UNSEEN: Final = Envelope()  # the mail alone was handed on
LEAVES: Final = "o"  # the opt-out address of List-Unsubscribe


def addressed_workspace(raw: bytes, envelope: Envelope = UNSEEN) -> int | None:
    """Whose token stands in an address that the mail came to, or in a message of ours that it returns."""
    mail = read_mail(raw, envelope)
    tokens = tokens_in(mail.recipients)
    if isinstance(mail.received, Bounce | Complaint):
        tokens += _returned(mail.received.returned)
    return next((token.workspace_id for _, token in tokens), None)


def tokens_in(addresses: Iterable[str]) -> list[tuple[str, Token]]:
    """Of our addresses: `o+…` to opt out, `b+…` a return path, and bare before the @ of a Message-ID."""
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    found: list[tuple[str, Token]] = []
    for address in addresses:
        local = address.partition("@")[0].strip('"')
        way = local[:1].lower() if local[1:2] == "+" else ""
        text = local if way else f"m+{local}"
        tokens = (keys.read_local_part(text, purpose) for purpose in stopping.STOPPING)
        found += [(way, token) for token in tokens if token is not None]
    return found


def proved(workspace_id: int, named: Token | None, returned: Traces) -> Token | None:
    """The return path first; else what stands in a message of ours that came back."""
    if named is not None:
        return named
    return next((token for _, token in _returned(returned) if token.workspace_id == workspace_id), None)


def token_of(workspace_id: int, traces: Traces) -> Token | None:
    """The first of this workspace that stands anywhere in what a program handed on."""
    return proved(workspace_id, None, traces)


def writer_of(workspace_id: int, letter: Letter, named: Token | None) -> int | None:
    """By the address it came to, the one it came from, or the message it answers: the first that is known."""
    if named is not None:
        return named.contact_id
    with suppress(AddressError):
        address = parse_email(letter.sender).address
        if (owner := owner_of(workspace_id, Channel.EMAIL, address)) is not None:
            return owner
    answered = proved(workspace_id, None, letter.answered)
    return answered.contact_id if answered else None


def owner_of(workspace_id: int, channel: Channel, address: str) -> int | None:
    with db.transaction(workspace_id):  # in which a token stays what it is
        pair = suppression.tokens(workspace_id, channel, address)
        return contacts_known.claimed(workspace_id, channel, [pair.strict]).get(pair.strict)


def owner(workspace_id: int, address: str) -> int | None:
    """The contact of an e-mail address or number, as somebody said it."""
    return owner_of(workspace_id, *parsed(address))


def never_contacted(workspace_id: int, channel: Channel, address: str) -> bool:
    pair = suppression.tokens(workspace_id, channel, address)
    return bool(suppressions.suppressed(workspace_id, [pair]))


def parsed(address: str) -> tuple[Channel, str]:
    """An address as somebody said it; what cannot be parsed still has a token of its own."""
    if "@" not in address and "＠" not in address:
        return Channel.SMS, number_of(address)
    try:
        return Channel.EMAIL, parse_email(address).address
    except AddressError:
        return Channel.EMAIL, address


def number_of(text: str) -> str:
    try:
        return parse_phone(text).e164
    except NumberError:
        return text


def _returned(traces: Traces) -> list[tuple[str, Token]]:
    pages = [(LEAVES, stopping.read_token(page)) for page in traces.pages]
    return [*tokens_in(traces.addresses), *((way, token) for way, token in pages if token is not None)]
