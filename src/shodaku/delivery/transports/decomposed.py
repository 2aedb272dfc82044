"""A message of ours taken apart, for providers that build it anew from its parts. Pure."""

from __future__ import annotations

import email
import email.policy
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from shodaku.kit.errors import ShodakuError

# fields that a provider sets itself, or asks for by other names than those of headers
_OWN: Final = frozenset({"from", "to", "subject", "reply-to", "date", "mime-version", "message-id"})


class Undividable(ShodakuError):
    """The message cannot be taken apart without changing it."""

    code = "undividable"


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content_type: str
    content: bytes
    content_id: str = ""  # without its brackets; empty: it is shown beside the mail, not in it


@dataclass(frozen=True, slots=True)
class Parts:
    sender: Address
    recipient: Address
    reply_to: Address | None
    subject: str
    message_id: str  # with its brackets
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...]  # the others, List-Unsubscribe among them, unfolded and decoded
    attached: tuple[Attached, ...]


def decomposed(raw: bytes) -> Parts:
    """Raises Undividable."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise Undividable
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    if text is None:
        raise Undividable
    sender, recipient = _addresses(message, "From"), _addresses(message, "To")
    reply_to = _addresses(message, "Reply-To")
    if not sender or not recipient:
        raise Undividable
    return Parts(
        sender=sender[0],
        recipient=recipient[0],
        reply_to=reply_to[0] if reply_to else None,
        subject=_value(message, "Subject"),
        message_id=_value(message, "Message-ID"),
        text=text.get_content(),
        html=None if html is None else html.get_content(),
        headers=tuple(
            (name, _clean(str(value)))
            for name, value in message.items()
            if name.lower() not in _OWN and not name.lower().startswith("content-")
        ),
        attached=tuple(
            _attached(part)
            for part in message.walk()
            if not part.is_multipart() and part is not text and part is not html
        ),
    )


def _addresses(message: EmailMessage, name: str) -> tuple[Address, ...]:
    _value(message, name)
    return tuple(getattr(message[name], "addresses", ()))


def _value(message: EmailMessage, name: str) -> str:
    try:
        return _clean(str(message[name] or ""))
    except ValueError as error:  # an address with the end of a line in it
        raise Undividable from error


def _clean(value: str) -> str:
    """An encoded word may hold what ends a line: it must not become one more header (SECURITY.md)."""
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in value):
        raise Undividable
    return value


def _attached(part: EmailMessage) -> Attached:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise Undividable
    name = _clean(part.get_filename() or "")
    content_id = _clean(str(part["Content-ID"] or "")).strip("<> ")
    return Attached(name or "file", part.get_content_type(), content, content_id)
