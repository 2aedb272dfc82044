"""One form of a message, compiled for all and spliced for one. Only `content.render`, which asks for the
permit, uses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from shodaku.content.carried import MailFile
from shodaku.content.compiled import VALUE_BYTES_MAX, Content
from shodaku.content.file_parts import EncodedFile
from shodaku.content.head import Head
from shodaku.content.header_text import clean, wire_address
from shodaku.content.mail_faults import ValueMissing
from shodaku.content.merge_fields import SLOT, key_of, value_in
from shodaku.content.pages import Pages


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    name: str  # shown to the recipient
    address: str
    mail_domain: str  # of Message-ID, return path and opting out by mail
    link_base: str  # https://t.example.jp, without a slash at the end


@dataclass(frozen=True, slots=True)
class Draft:
    """A message with slots `{{ name }}` only; the footer is part of text and HTML already.

    Target n of `links` is stored with the campaign; the message holds `{{ link0 }}`, `{{ link1 }}` and so on.
    Of `files` the HTML shows the images that it names, `<img src="cid:logo.png">`; the others are attached.
    """

    subject: str
    text: str
    html: str | None
    links: tuple[str, ...]
    files: tuple[MailFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    contact_id: int
    wire: str  # the address as SMTP needs it
    values: Mapping[str, str]  # one for each of `Compiled.slots`


class Message(NamedTuple):
    recipient: bytes
    buffers: list[bytes]  # the content, dot-stuffed, without the final dot


class Own(NamedTuple):
    """What is one recipient's own in a message, and nobody else's."""

    opt_out: tuple[str, str]  # page and mailbox
    why: str
    link_base: str


class Form:
    """`slots` are the merge fields. With `eight_bit` it can leave in both ways."""

    def __init__(
        self,
        draft: Draft,
        sender: SenderIdentity,
        pages: Pages,
        fixed: tuple[tuple[str, str], ...],
        *,
        one_click: bool,
        eight_bit: bool,
        files: Sequence[EncodedFile] = (),
    ) -> None:
        def version(*, eight_bit: bool) -> _Version:
            content = Content(draft.text, draft.html, pages, eight_bit=eight_bit, files=files)
            headers = (*fixed, ("MIME-Version", "1.0"), *content.headers)
            names = (sender.name, sender.address)
            head = Head(names, draft.subject, pages, sender.mail_domain, headers, one_click=one_click)
            return _Version(head, content)

        self._pages = pages
        self._in_base64 = version(eight_bit=False)
        self._in_eight_bit = version(eight_bit=True) if eight_bit else None
        self._head = self._in_base64.head
        self._in_url = self._in_base64.content.in_url
        self.header_names = self._head.names
        versions = [each for each in (self._in_base64, self._in_eight_bit) if each]
        self.plans = frozenset(each.head.names for each in versions)  # 8bit names the encoding of its parts
        self.octets_min = min(each.content.octets_min() for each in versions)
        self._named = tuple(name for name in dict.fromkeys(slots_of(draft)) if name not in pages.names)
        self.slots = tuple(dict.fromkeys(map(key_of, self._named)))

    def return_path(self, contact_id: int) -> bytes:
        return self._head.return_path(self._pages.token(contact_id))

    def own(self, contact_id: int) -> Own:
        token = self._pages.token(contact_id)
        page = self._pages.opt_out(token)
        mailbox = self._head.mailbox(token).decode()
        return Own((page, mailbox), self._pages.why(token), self._pages.base)

    def splice(self, recipient: Recipient, date: bytes, *, eight_bit: bool = False) -> Message:
        """`eight_bit`: it may leave so, unless a value is too long for its line.

        Raises UnsafeAddress, ValueMissing, HeaderPlanBroken.
        """
        contact_id = recipient.contact_id
        to = wire_address(recipient.wire)
        token = self._pages.token(contact_id)
        plain = self._pages.values(contact_id, token)
        marked = plain.copy()
        for name in self._named:  # one value, three places; the third is the subject, which takes `plain`
            value = clean(_value(recipient, name))
            plain[name] = value.encode()
            marked[name] = escape(value).encode()
        for name, key in self._in_url.items():
            marked[key] = quote(clean(_value(recipient, name)), safe="").encode()
        version = self._in_base64
        if eight_bit and self._in_eight_bit is not None and max(map(len, marked.values())) <= VALUE_BYTES_MAX:
            version = self._in_eight_bit  # escaped, a value is at its longest
        out = [version.head.render(contact_id, token, to, plain, date)]
        version.content.render(plain, marked, out)
        return Message(to, out)


class _Version(NamedTuple):
    head: Head  # names the encoding of a message that has no parts
    content: Content


def slots_of(draft: Draft) -> list[str]:
    return SLOT.findall(f"{draft.subject}\n{draft.text}\n{draft.html or ''}")


def _value(recipient: Recipient, name: str) -> str:
    try:
        return value_in(name, recipient.values)
    except KeyError:
        raise ValueMissing(hint=name) from None
