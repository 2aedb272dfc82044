"""A mail that came in, read into what it is: automatic, a report, a bounce, or a person's words. Pure, total.

Nothing here knows a key: tokens are handed on as the texts they stand in, and proved by who acts on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Final, TypeAlias

from shodaku.delivery.domain import (
    body_of,
    charset_of,
    decoded,
    header_text,
    inner_parts,
    report_of,
)

MAIL_BYTES_MAX: Final = 1_048_576  # what a person says stands in the first megabyte
SAID_CHARS_MAX: Final = 5_000
_PARTS_MAX: Final = 100
RESULTS_MAX: Final = 20  # fields of servers on the way; ours stands at the top
_DEPTH_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Envelope:
    """As SMTP said it; None and () where only the mail itself was handed on."""

    sender: str | None = None  # "" is the null return path
    recipients: tuple[str, ...] = ()
    source: str = ""  # the machine that handed it over; empty where that was one of ours


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a message of ours may have left its token: in the mail that came, or in one that it returns."""

    addresses: tuple[str, ...] = ()  # local parts and domains of return path, Message-ID, mailto
    pages: tuple[str, ...] = ()  # the last part of a link to our opt-out page


@dataclass(frozen=True, slots=True)
class Automatic:
    """No person wrote it: no words are read (RFC 3834 section 2, PR-05)."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A feedback report (RFC 5965)."""

    kind: str
    returned: Traces


@dataclass(frozen=True, slots=True)
class Failure:
    """Of one recipient (RFC 3464 section 2.3)."""

    status: str  # 5.1.1; empty where the report gives none
    delivered: bool
    at_data_end: bool  # refused after the content: the address is alive
    answer: str = ""  # the server's words, where a provider hands them on


@dataclass(frozen=True, slots=True)
class Bounce:
    failures: tuple[Failure, ...]
    returned: Traces


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person wrote, without what they quote. The subject only where it is their own."""

    text: str
    subject: str
    sender: str  # of the From header; empty where there is none
    answered: Traces


Received: TypeAlias = "Automatic | Complaint | Bounce | Letter"


@dataclass(frozen=True, slots=True)
class Mail:
    recipients: tuple[str, ...]  # of envelope and headers: one of them may be an address with a token
    received: Received


def read_mail(raw: bytes, envelope: Envelope = Envelope()) -> Mail:
    """Any bytes give an answer. Line ends may be CRLF, LF or CR."""
    message = _parsed(raw[:MAIL_BYTES_MAX].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    headers = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    found = [address for name in headers for address in _addresses(message, name)]
    return Mail(tuple(dict.fromkeys((*envelope.recipients, *found))), _read(message, envelope))


@dataclass(frozen=True, slots=True)
class Head:
    """What says who sent a mail, and who vouches for it."""

    senders: tuple[str, ...]  # of the From header
    results: tuple[str, ...]  # Authentication-Results, from the top (RFC 8601)
    message_id: str


def read_head(raw: bytes) -> Head:
    """Any bytes give an answer, as `read_mail`."""
    message = _parsed(raw[:MAIL_BYTES_MAX].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return Head(
        tuple(_addresses(message, "From")),
        tuple(" ".join(each.split()) for each in _all(message, "Authentication-Results")[:RESULTS_MAX]),
        _one(message, "Message-ID").strip(),
    )


_FROM_HOST: Final = re.compile(r"\[((?:IPv6:)?[0-9a-fA-F:.]{3,45})\]")
_HOPS_MAX: Final = 6  # of servers of ours, which write theirs above what a stranger can write


def hosts_of(raw: bytes) -> tuple[str, ...]:
    """The machines that servers on the way say they had it from, the last first (RFC 5321 section 4.4)."""
    message = _parsed(raw[:MAIL_BYTES_MAX].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    hops = (" ".join(each.split()).partition(" by ")[0] for each in _all(message, "Received")[:_HOPS_MAX])
    return tuple(found[1] for hop in hops if (found := _FROM_HOST.search(hop)))


def _parsed(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw)
    except Exception:  # noqa: BLE001 - whatever a forged nesting makes the parser do, the head still stands
        return message_from_bytes(raw.partition(b"\n\n")[0] + b"\nContent-Type: text/plain\n\n")


def _read(message: Message, envelope: Envelope) -> Received:
    parts = _parts(message)
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, parts)
        if part.get_content_type() in _REPORTS:
            return _bounce(part, parts)
    if is_automatic(message, envelope):
        return Automatic()
    senders = _addresses(message, "From")
    subject = header_text(_one(message, "Subject"))
    return Letter(
        own_words(_text(parts))[:SAID_CHARS_MAX],
        "" if _ANSWERS.match(subject) else subject,
        senders[0] if senders else "",
        Traces(tuple(_ids(message, "In-Reply-To", "References"))),
    )


_REPORTS: Final = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464, RFC 6533
_ANSWERS: Final = re.compile(
    r"\s*(re|aw|fw|fwd|返信|転送|回复|答复|회신)\s*(\[\d+\])?\s*[:：]", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_VALUE_END: Final = re.compile(r"[(;\s]")
_ROBOTS: Final = re.compile(r"^(mailer-daemon|mail-daemon)@", re.IGNORECASE)
_AUTO_SUBJECT: Final = re.compile(
    r"\s*\W*(自動返信|自動応答|自動送信|不在通知|不在の|automatic reply|auto[- ]?reply|autoresponse"
    r"|out of (the )?office)",
    re.IGNORECASE,
)
_AUTO_HEADERS: Final = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply-From",
    "X-Autogenerated",
    "X-Failed-Recipients",
)
_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply"})


def is_automatic(message: Message, envelope: Envelope) -> bool:
    """Source: RFC 3834 sections 2 and 5; what programs without it are known to write."""
    submitted = _keyword(_one(message, "Auto-Submitted"))
    precedence = {_one(message, name).strip().lower() for name in ("Precedence", "X-Precedence")}
    return bool(
        submitted not in ("no", "")
        or precedence & _BULK
        or (envelope.sender is not None and _is_null(envelope.sender))
        or any(_is_null(path) for path in _all(message, "Return-Path")[:1])
        or any(name in message for name in _AUTO_HEADERS)
        or message.get_content_type() == "multipart/report"
        or any(_ROBOTS.match(sender) for sender in _addresses(message, "From"))
        or _AUTO_SUBJECT.match(header_text(_one(message, "Subject")))
    )


def _keyword(value: str) -> str:
    """`no` of `no (by hand)`: comments and parameters say nothing (RFC 3834 section 5, RFC 5322 3.2.2)."""
    return _VALUE_END.split(_COMMENT.sub(" ", value).strip(), maxsplit=1)[0].lower()


def _is_null(return_path: str) -> bool:
    """Empty, with or without its brackets: servers write both."""
    return not return_path.strip("<> \t\r\n")


def _complaint(report: Message, parts: Sequence[Message]) -> Complaint:
    fields = _fields(report)
    kind = next((value for name, value in fields if name == "feedback-type"), "other")
    return Complaint(kind.lower(), _returned(parts))


_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE: Final = re.compile(r"\b([245])\d\d\b")
_VAGUE: Final = re.compile(r"[245]\.0\.0")
_DATA_END: Final = re.compile(
    r"in\s+reply\s+to\s+end\s+of\s+DATA|after\s+end\s+of\s+(data|message)|>>>\s*\.\s*$"
    r"|end\s+of\s+message\s+content",
    re.IGNORECASE | re.MULTILINE,
)
_GOOD: Final = frozenset({"delivered", "relayed", "expanded"})
_SAYS: Final = frozenset(
    {"action", "status", "diagnostic-code"}
)  # a report needs one of them to say something


def _bounce(report: Message, parts: Sequence[Message]) -> Bounce:
    told = "\n".join(_part_text(part) for part in parts if part.get_content_type() == "text/plain")
    after_data = bool(_DATA_END.search(told))
    recipients: list[dict[str, str]] = []
    for name, value in _fields(report):
        if name in ("final-recipient", "original-recipient") and (not recipients or name in recipients[-1]):
            recipients.append({})
        if recipients:
            recipients[-1].setdefault(name, value)
    return Bounce(
        tuple(_failure(fields, after_data=after_data) for fields in recipients if _SAYS & fields.keys()),
        _returned(parts),
    )


def _failure(fields: dict[str, str], *, after_data: bool) -> Failure:
    diagnostic = fields.get("diagnostic-code", "")
    status = smtp_status(fields.get("status", ""), diagnostic)
    action = fields.get("action", "failed").partition("(")[0].strip().lower()  # relayed (to non-DSN MTA)
    if action == "delayed" and not status.startswith("4"):
        status = "4.0.0"  # not given up yet, whatever the last answer was
    return Failure(status, action in _GOOD, after_data or after_content(diagnostic))


def smtp_status(stated: str, answer: str) -> str:
    """The finest enhanced status code of the two; of a bare 550 its class alone; empty where none stands."""
    coarse, finer = _STATUS.search(stated), _STATUS.search(answer)
    status = coarse[1] if coarse else ""
    if finer and (not status or _VAGUE.fullmatch(status)):
        status = finer[1]
    if not status:
        code = _CODE.search(answer)
        status = f"{code[1]}.0.0" if code else ""
    return status


def after_content(answer: str) -> bool:
    """The server took the recipient and refused the content."""
    return bool(_DATA_END.search(answer))


def _fields(report: Message) -> Iterator[tuple[str, str]]:
    """Of a report's machine-readable part."""
    for group in report_of(report).replace(b"\r\n", b"\n").split(b"\n\n"):
        for name, value in message_from_bytes(group.strip(b"\n")).raw_items():
            yield name.lower(), " ".join(_as_text(value).split())


_ID: Final = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_MAILTO: Final = re.compile(r"mailto:([^>?\s,]+)", re.IGNORECASE)
_PAGE: Final = re.compile(r"/[ow]/([A-Za-z0-9_-]{42})(?![A-Za-z0-9_-])")


def _returned(parts: Sequence[Message]) -> Traces:
    """What a report sends back of our message: whole, or its headers alone (RFC 3462)."""
    addresses: list[str] = []
    pages: list[str] = []
    for part in parts:
        match part.get_content_type():
            case "message/rfc822" | "message/global":
                ours = next(iter(inner_parts(part) or []), None)
            case "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers":
                ours = message_from_bytes(report_of(part).replace(b"\r\n", b"\n"))
            case _:
                continue
        if ours is None:
            continue
        addresses += _ids(ours, "Message-ID", "Return-Path")
        listed = " ".join(_all(ours, "List-Unsubscribe"))
        addresses += _MAILTO.findall(listed)
        texts = (
            listed,
            *(_part_text(each) for each in _parts(ours) if each.get_content_maintype() == "text"),
        )
        pages += [page for text in texts for page in _PAGE.findall(text)]
    return Traces(tuple(dict.fromkeys(addresses)), tuple(dict.fromkeys(pages)))


def _ids(message: Message, *names: str) -> list[str]:
    values = [value for name in names for value in _all(message, name)]
    return [each for value in values for each in _ID.findall(" ".join(value.split()))]


def _one(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _all(message: Message, name: str) -> list[str]:
    """Read anew from the bytes: programs write headers in raw UTF-8, or worse."""
    return [_as_text(value) for each, value in message.raw_items() if each.lower() == name.lower()]


def _as_text(value: object) -> str:
    text = str(value)
    return text if text.isascii() else decoded(text.encode("utf-8", "surrogateescape"), None)


def _addresses(message: Message, name: str) -> list[str]:
    try:
        pairs = getaddresses(_all(message, name))
    except (ValueError, IndexError):  # the parser of addresses is older than what spammers write
        return []
    return [address for _, address in pairs if "@" in address]


def _parts(message: Message, depth: int = 0) -> list[Message]:
    """Its own parts; what stands in a message that it returns or forwards is not its own."""
    inner = inner_parts(message)
    if message.get_content_maintype() != "multipart" or inner is None or depth > _DEPTH_MAX:
        return [message]
    return [part for each in inner[:_PARTS_MAX] for part in _parts(each, depth + 1)][:_PARTS_MAX]


def _text(parts: Iterable[Message]) -> str:
    """The words of the first text; of HTML only where nothing else is there."""
    shown = [part for part in parts if part.get_content_disposition() != "attachment"]
    for kind in ("text/plain", "text/html"):
        for part in shown:
            if part.get_content_type() == kind and (text := _part_text(part)).strip():
                return text
    return ""


def _part_text(part: Message) -> str:
    text = decoded(body_of(part), charset_of(part))
    return _Visible.text_of(text) if part.get_content_type() == "text/html" else text


class _Visible(HTMLParser):
    """What is read of a mail in HTML, without what it quotes."""

    _BREAKS: Final = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
    _UNSEEN: Final = frozenset({"style", "script", "head", "title", "blockquote"})
    _QUOTE: Final = re.compile(r"quote|moz-cite|replyfwd", re.IGNORECASE)

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._skipped, self._depth = "", 0

    @classmethod
    def text_of(cls, html: str) -> str:
        reader = cls()
        try:
            reader.feed(html)
            reader.close()
        except (AssertionError, ValueError):  # what the parser raises on broken declarations
            return re.sub(r"<[^>]*>", " ", html)
        return "".join(reader.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped:
            self._depth += tag == self._skipped
        elif tag in self._UNSEEN or (tag != "br" and self._is_quote(attrs)):
            self._skipped, self._depth = tag, 1
        elif tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._depth -= tag == self._skipped
            if not self._depth:
                self._skipped = ""
        elif tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.pieces.append(data)

    def _is_quote(self, attrs: list[tuple[str, str | None]]) -> bool:
        return any(name in ("class", "id") and self._QUOTE.search(value or "") for name, value in attrs)


_QUOTED: Final = re.compile(r"\s*[>＞»]")
_SIGNATURE: Final = re.compile(r"--\s?")
_MARKER: Final = re.compile(
    r"\W*(original (message|mail)|reply message|forwarded (message|mail)|begin forwarded message"
    r"|(元|オリジナル)の?(メッセージ|メール)|オリジナルメッセージ|転送(され(た|る))?(メッセージ|メール)"
    r"|引用(文|元|開始)?|ここから引用|원본 메시지)\W*|_{10,}",
    re.IGNORECASE,
)
_WROTE: Final = re.compile(r"\s*On\b.{0,400}\bwrote\s*[:：]?\s*", re.IGNORECASE | re.DOTALL)
_WROTE_JA: Final = re.compile(
    r".{0,400}さん[はが]?.{0,40}書きました\s*[:：]?\s*|\s*\d{4}\s*[年/.-].{0,400}のメール\s*[:：]?\s*"
    r"|\s*\d{4}\s*[년年/.-].{0,400}[<＜][^<>＜＞]*@[^<>＜＞]*[>＞].{0,40}[:：]\s*"
)
_HEAD_FIRST: Final = re.compile(r"\W*(from|差出人|送信元|送信者|von|de)\s*\W{0,2}[:：]", re.IGNORECASE)
_HEAD_NEXT: Final = re.compile(
    r"\W*(sent|date|to|cc|subject|送信日時|日時|日付|宛先|件名)\s*\W{0,2}[:：]", re.IGNORECASE
)
_HEAD_LINES: Final = 4


def own_words(text: str) -> str:
    """A reply without what it answers: lines with `>`, and all that follows “Original Message”,
    “On … wrote:”, a copied head, 引用 or the mark of a signature.
    """
    lines = text.splitlines()
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _SIGNATURE.fullmatch(line) or _MARKER.fullmatch(line) or _copied_head(lines, at):
            break
        if attribution := _attribution(lines, at):
            at += attribution
            following = next((each for each in lines[at:] if each.strip()), "")
            if not _QUOTED.match(following):
                break  # quoted without a mark, so nothing below can be told from it
            continue
        if not _QUOTED.match(line):
            kept.append(line)
        at += 1
    return "\n".join(kept).strip()


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines say who wrote what follows; the English one is wrapped. 0 if none does."""
    if _WROTE_JA.fullmatch(lines[at]):
        return 1
    return next((n for n in (1, 2, 3) if _WROTE.fullmatch(" ".join(lines[at : at + n]))), 0)


def _copied_head(lines: Sequence[str], at: int) -> bool:
    return bool(_HEAD_FIRST.match(lines[at])) and any(
        _HEAD_NEXT.match(line) for line in lines[at + 1 : at + 1 + _HEAD_LINES]
    )
