"""A finished mail, opened as a mail program does: its headers, its text and its HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

_FOLDS: Final = re.compile(r"\r?\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str | None  # None: it has no such part
    html: str | None
    lines: tuple[tuple[str, str], ...]  # headers, names in small letters, values unfolded

    def headers(self, name: str) -> list[str]:
        return [value for each, value in self.lines if each == name]


def open_letter(raw: bytes) -> Letter:
    """Total: what cannot be decoded is replaced, as mail programs do."""
    message = message_from_bytes(raw)
    lines = tuple((name.lower(), _FOLDS.sub("", str(value)).strip()) for name, value in message.items())
    return Letter(_subject(message), _body(message, "text/plain"), _body(message, "text/html"), lines)


def _subject(message: Message) -> str:
    written = str(message.get("Subject", ""))
    try:
        return _FOLDS.sub("", str(make_header(decode_header(written)))).strip()
    except (HeaderParseError, LookupError, UnicodeError, ValueError):  # an encoded word that is none
        return _FOLDS.sub("", written).strip()


def _body(message: Message, kind: str) -> str | None:
    """What is shown; several parts of a kind are read one after the other, an attached file is not."""
    found = [
        _decoded(part)
        for part in message.walk()
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment"
    ]
    return "\n".join(found) if found else None


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    try:
        return octets.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return octets.decode("utf-8", "replace")
