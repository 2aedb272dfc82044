"""The headers of a message: planned once; only what differs from person to person is written per message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shodaku.content.header_text import SubjectLine, display_name, wire_address
from shodaku.content.mail_faults import HeaderPlanBroken
from shodaku.content.pages import OWN, Pages

_UNSUBSCRIBE: Final = (
    b"List-Unsubscribe: <%b/o/%%b>,\r\n <mailto:o+%%b%b>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)


class Head:
    """`fixed` are the headers that are the same for all; they stand last."""

    def __init__(
        self,
        sender: tuple[str, str],
        subject: str,
        pages: Pages,
        mail_domain: str,
        fixed: Sequence[tuple[str, str]],
        *,
        one_click: bool,
    ) -> None:
        name, address = sender
        self._pages, self._one_click = pages, one_click
        self._subject = SubjectLine(subject, pages.spelled)
        self._at_domain = b"@" + mail_domain.encode()
        self._unsubscribe = _UNSUBSCRIBE % (pages.base.encode(), self._at_domain)
        self._from = b"From: %b <%b>\r\nTo: " % (display_name(name), wire_address(address))
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in fixed).encode()
        listed = ("List-Unsubscribe", "List-Unsubscribe-Post") if one_click else ()
        self.names = ("From", "To", "Subject", "Date", "Message-ID", *listed, *(name for name, _ in fixed))

    def return_path(self, token: bytes) -> bytes:
        return b"b+" + token.hex().encode() + self._at_domain

    def mailbox(self, token: bytes) -> bytes:
        """For opting out by mail; in hex, for local parts lose their case on the way."""
        return b"o+" + token.hex().encode() + self._at_domain

    def render(
        self, contact_id: int, token: bytes, recipient: bytes, values: Mapping[str, bytes], date: bytes
    ) -> bytes:
        """`recipient` is a `wire_address`. Raises HeaderPlanBroken, whatever was checked before."""
        subject = self._subject.render(values)
        if _adds_a_line(subject) or _adds_a_line(date):
            raise HeaderPlanBroken
        in_hex = token.hex().encode()
        return b"".join(
            (
                self._from,
                recipient,
                b"\r\nSubject: ",
                subject,
                b"\r\nDate: ",
                date,
                b"\r\nMessage-ID: <",
                self._pages.message_id(contact_id, in_hex),
                self._at_domain,
                b">\r\n",
                # the page first (RFC 8058), then mail (RFC 2369)
                self._unsubscribe % (values[OWN], in_hex) if self._one_click else b"",
                self._fixed,
            )
        )


def _adds_a_line(part: bytes) -> bool:
    line_feeds, returns = part.count(b"\n"), part.count(b"\r")  # `in` takes four times as long
    if not line_feeds and not returns:
        return False
    folds = part.count(b"\r\n ")
    return line_feeds != folds or returns != folds
