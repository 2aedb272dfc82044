"""Bytes of a mail that came back, as the texts it consists of, however broken its MIME is. Pure, total.

The standard library's parser does the MIME. Where a program wrote a boundary that it did not declare, or put
everything into one text, the parts are taken from the lines themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from html import unescape
from typing import Final

from shodaku.delivery.bounces.cutting import own_text
from shodaku.delivery.charsets import decoded, header_text
from shodaku.delivery.parts import body_of, charset_of, inner_parts, report_of

MAIL_BYTES_MAX: Final = 262_144  # a report stands before the mail that it returns
HTML_CHARS_MAX: Final = 65_536
TEXT_CHARS_MAX: Final = 32_768  # of what a server says; the longest report seen has 6,000
_PARTS_MAX: Final = 50
_DEPTH_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Letter:
    headers: tuple[tuple[str, str], ...]  # names in small letters
    told: str = ""  # what the program that wrote it says, without the mail that it returns
    status: str = ""  # of message/delivery-status: fields, groups apart by an empty line (RFC 3464)
    feedback: str = ""  # of message/feedback-report (RFC 5965)
    returned: str = ""  # the head of our mail, as far as it came back
    media_type: str = "text/plain"
    report_type: str = ""

    def one(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")

    def has(self, *names: str) -> bool:
        return any(each in names for each, _ in self.headers)

    def addresses(self, name: str) -> list[str]:
        return addresses_of(self.one(name))


def addresses_of(value: str) -> list[str]:
    try:
        pairs = getaddresses([value])
    except (ValueError, IndexError):  # the parser of addresses is older than what programs write
        return []
    return [address for _, address in pairs if "@" in address]


def read_letter(raw: bytes) -> Letter:
    """Any bytes give an answer. Line ends may be CRLF, LF or CR."""
    message = _parsed(_with_line_feeds(raw[:MAIL_BYTES_MAX]))
    texts = _Texts()
    _collect(message, texts)
    if not (texts.told or texts.status or texts.feedback):
        _collect_loosely(_body(message), texts)
    headers = tuple((name.lower(), header_text(_as_text(value))) for name, value in message.raw_items())
    told, returned = own_text("\n".join(texts.told or texts.html)[:TEXT_CHARS_MAX])
    return Letter(
        headers,
        told,
        "\n\n".join(texts.status)[:TEXT_CHARS_MAX],
        "\n\n".join(texts.feedback)[:TEXT_CHARS_MAX],
        "\n".join([*texts.returned, returned])[:TEXT_CHARS_MAX],
        message.get_content_type(),
        _report_type(message),
    )


@dataclass(slots=True)
class _Texts:
    """Filled while the parts are walked through."""

    told: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    parts: int = 0


def _with_line_feeds(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _parsed(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw)
    except Exception:  # noqa: BLE001 - whatever a forged nesting makes the parser do, the head still stands
        return message_from_bytes(raw.partition(b"\n\n")[0] + b"\nContent-Type: text/plain\n\n")


def _report_type(message: Message) -> str:
    try:
        return str(message.get_param("report-type", "")).lower()
    except (ValueError, LookupError, TypeError):
        return ""


def _collect(message: Message, texts: _Texts, depth: int = 0) -> None:
    if texts.parts >= _PARTS_MAX or depth > _DEPTH_MAX:
        return
    texts.parts += 1
    kind = message.get_content_type()
    if not kind.startswith("multipart/"):
        _take(kind, message, texts)
    elif (inner := inner_parts(message)) is None:
        _collect_loosely(_body(message), texts)
    else:
        for part in inner[:_PARTS_MAX]:
            _collect(part, texts, depth + 1)


def _take(kind: str, part: Message, texts: _Texts) -> None:
    match kind:
        case "message/delivery-status" | "message/global-delivery-status":
            texts.status.append(_groups(part))
        case "message/feedback-report":
            texts.feedback.append(_groups(part))
        case "message/rfc822" | "message/global" | "message/partial":
            (ours, *_) = inner_parts(part) or [part]
            texts.returned.append(_head(ours))
        case "message/global-headers" | "message/rfc822-headers":
            texts.returned.append(_groups(part))
        case "text/rfc822-headers" | "text/rfc822-header":
            texts.returned.append(_text(part))
        case "text/html":
            texts.html.append(_visible(_text(part)))
        case _ if kind.startswith("text/"):
            _take_text(_text(part), texts)


def _take_text(text: str, texts: _Texts) -> None:
    """Some programs send the head of our mail back as plain text: it is not what they say."""
    if _is_head(text):
        texts.returned.append(text)
    elif text.strip():
        texts.told.append(text)


_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*:")
_TRANSPORT: Final = re.compile(r"\s*(Received|Return-Path|DKIM-Signature|X-Received):", re.IGNORECASE)
_HEAD_LINES: Final = 3


def _is_head(text: str) -> bool:
    lines = [line for line in text.lstrip().split("\n")[:12] if line[:1] not in (" ", "\t", "")]
    return len(lines) >= _HEAD_LINES and (
        bool(_TRANSPORT.match(lines[0])) or all(_FIELD.match(line) for line in lines)
    )


_DELIMITER: Final = re.compile(r"^--\S.*\n(?=Content-[A-Za-z-]+:)", re.MULTILINE)


def _collect_loosely(body: bytes, texts: _Texts) -> None:
    """Parts whose boundary is not the declared one; without any, the whole is what is said."""
    text = decoded(body[: 4 * TEXT_CHARS_MAX], None)
    pieces = _DELIMITER.split(text)
    if len(pieces) == 1:
        _take_text(text, texts)
        return
    for piece in pieces[1:_PARTS_MAX]:
        part = message_from_bytes(piece.encode("utf-8", "surrogateescape"))
        if part.get_content_maintype() == "multipart":
            _collect_loosely(_body(part), texts)
        else:
            _take(part.get_content_type(), part, texts)


def _groups(part: Message) -> str:
    return decoded(_with_line_feeds(report_of(part))[: 4 * TEXT_CHARS_MAX], charset_of(part))


def _head(message: Message) -> str:
    return "".join(f"{name}: {_as_text(value)}\n" for name, value in message.raw_items())


def _body(message: Message) -> bytes:
    return _with_line_feeds(body_of(message))


def _text(part: Message) -> str:
    return decoded(_body(part)[: 4 * TEXT_CHARS_MAX], charset_of(part))


def _as_text(value: object) -> str:
    text = str(value)
    return text if text.isascii() else decoded(text.encode("utf-8", "surrogateescape"), None)


_UNSEEN: Final = (("<style", "</style"), ("<script", "</script"), ("<head", "</head"), ("<!--", "--"))
_SPACES: Final = re.compile(r"[ \t\xa0]+")
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|p|div|tr|li)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-z!][^<>@]*>", re.IGNORECASE)  # an address in brackets is no tag


def _visible(html: str) -> str:
    shown = html[:HTML_CHARS_MAX]
    for opening, closing in _UNSEEN:
        shown = _without(shown, opening, closing)
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", _BREAK.sub("\n", shown))))


def _without(html: str, opening: str, closing: str) -> str:
    """One that is never closed hides the rest, as browsers have it."""
    low = html.lower()
    kept, at = [], 0
    while (start := low.find(opening, at)) >= 0:
        kept.append(html[at:start])
        end = low.find(closing, start)
        at = low.find(">", end) + 1 if end >= 0 else 0
        if not at:
            return " ".join(kept)
    return " ".join([*kept, html[at:]])
