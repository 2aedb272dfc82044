"""What the standard library's parser made of a mail, handed out without its exceptions. Pure, total.

Its methods fail at a charset with a NUL in its name or in the form of RFC 2231, and at encodings that
nobody knows: a mail must not be lost for that.
"""

from __future__ import annotations

from email.message import Message

_FAULTS = (ValueError, LookupError, TypeError)


def inner_parts(part: Message) -> list[Message] | None:
    """Of a multipart, a report or a returned mail; None where the part has a body of its own."""
    payload = part.get_payload() if part.is_multipart() else None
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else None


def body_of(part: Message) -> bytes:
    """Decoded from its transfer encoding; as it stands where that fails; empty for what has inner parts."""
    for decode in (True, False):
        try:
            payload = part.get_payload(decode=decode)
        except _FAULTS:
            continue
        if isinstance(payload, bytes):
            return payload
        if isinstance(payload, str):
            return payload.encode("utf-8", "surrogateescape")
    return b""


def report_of(part: Message) -> bytes:
    """The fields of a report, groups apart by an empty line, whatever the parser made of them.

    It makes a message of each group, and knows nothing of encodings there: RFC 3464 section 2.1 has none,
    and RFC 6533 section 4 does.
    """
    groups = inner_parts(part)
    if groups is None:
        return body_of(part)
    fields = b"\n\n".join(_head(each) + body_of(each) for each in groups)
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("base64", "quoted-printable"):
        return fields
    whole = Message()
    whole["Content-Transfer-Encoding"] = encoding
    whole.set_payload(fields.decode("utf-8", "surrogateescape").strip())
    return body_of(whole)


def _head(message: Message) -> bytes:
    lines = "".join(f"{name}: {value}\n" for name, value in message.raw_items())
    return f"{lines}\n".encode("utf-8", "surrogateescape") if lines else b""


def charset_of(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except _FAULTS:
        return None
