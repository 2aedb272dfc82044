"""Bodies compiled once: what is the same for all recipients is encoded beforehand, values are spliced in.

Rendering a template and building a MIME tree per message costs 2-3 ms, splicing 24 us (reference: Jinja2 and
EmailMessage against this, 11.5 KB Japanese newsletter).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar, Final, Protocol

from shodaku.content.file_parts import EncodedFile, parts_of, with_content_ids
from shodaku.content.mail_faults import NotForEightBit
from shodaku.content.pages import OWN, OWN_OCTETS, Pages
from shodaku.content.slots import Place, places, split
from shodaku.content.spliced_base64 import Base64Body

VALUE_BYTES_MAX: Final = 200  # spliced into an 8bit line; a message with a longer value goes out in base64
_LINE_BYTES_MAX: Final = 998  # RFC 5322 section 2.1.1, without CRLF
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Content:
    """Everything below the headers: text alone, or text and HTML as alternatives; files around them.

    Images that the HTML shows stand with it in a multipart/related (RFC 2387), the other files with all of it
    in a multipart/mixed (RFC 2046 section 5.1).
    """

    def __init__(
        self,
        text: str,
        html: str | None,
        pages: Pages,
        *,
        eight_bit: bool,
        files: Sequence[EncodedFile] = (),
    ) -> None:
        self._text = _body(split(text), pages, eight_bit=eight_bit)
        self._html: Body | None = None
        self.in_url: dict[str, str] = {}  # merge field -> its key in `marked` where it stands inside a link
        # "=_" occurs in no base64; the hash cannot be foreseen by who writes the text it is taken from
        name = hashlib.blake2b(f"{text}\0{html}".encode(), digest_size=12).hexdigest()
        shown: list[EncodedFile] = []
        if html is None:
            self.headers = _part_headers("plain", self._text)
            self._open, self._between, self._close = b"\r\n", b"", [b"\r\n"]
        else:
            html, shown = with_content_ids(html, files)
            self._html = self._compiled_html(html, pages, eight_bit=eight_bit)
            self._hold_alternatives(f"=_{name}", f"=_r{name}", shown)
        if attached := [each for each in files if each not in shown]:
            self._hold_attachments(f"=_m{name}", attached)

    def _compiled_html(self, html: str, pages: Pages, *, eight_bit: bool) -> Body:
        statics, names = split(html)
        keys = []
        for name, place in zip(names, places(html, pages.names), strict=True):
            if place is Place.URL:
                self.in_url[name] = f"{name}||in a link"  # no name of a slot holds two bars
            keys.append(self.in_url[name] if place is Place.URL else name)
        return _body((statics, keys), pages, eight_bit=eight_bit)

    def _hold_alternatives(self, boundary: str, inner: str, shown: Sequence[EncodedFile]) -> None:
        if self._html is None:
            return
        html = _lines_of(_part_headers("html", self._html))
        encodings = {self._text.encoding, self._html.encoding}
        self._close = [f"\r\n--{boundary}--\r\n".encode()]
        if shown:
            related = f'multipart/related; type="text/html";\r\n boundary="{inner}"'
            html = f"{_lines_of(_whole_headers(related, {self._html.encoding}))}\r\n--{inner}\r\n{html}"
            images = [(each.shown, each.body) for each in shown]
            self._close = [*parts_of(inner.encode(), images), *self._close]
        self.headers = _whole_headers(f'multipart/alternative; boundary="{boundary}"', encodings)
        self._open = f"\r\n--{boundary}\r\n{_lines_of(_part_headers('plain', self._text))}\r\n".encode()
        self._between = f"\r\n--{boundary}\r\n{html}\r\n".encode()

    def _hold_attachments(self, boundary: str, attached: Sequence[EncodedFile]) -> None:
        self._open = f"\r\n--{boundary}\r\n{_lines_of(self.headers)}".encode() + self._open
        encodings = {self._text.encoding} | ({self._html.encoding} if self._html else set())
        self.headers = _whole_headers(f'multipart/mixed; boundary="{boundary}"', encodings)
        self._close += parts_of(boundary.encode(), [(each.attached, each.body) for each in attached])

    def render(self, plain: Mapping[str, bytes], marked: Mapping[str, bytes], out: list[bytes]) -> None:
        """Begins with the empty line after the headers; dot-stuffed, without the final dot."""
        out.append(self._open)
        self._text.render(plain, out)
        if self._html is not None:
            out.append(self._between)
            self._html.render(marked, out)
        out += self._close

    def octets_min(self) -> int:
        """To somebody of whom nothing is known."""
        nothing: defaultdict[str, bytes] = defaultdict(bytes)
        out: list[bytes] = []
        self.render(nothing, nothing, out)
        return sum(map(len, out))


def _body(source: tuple[Sequence[bytes], Sequence[str]], pages: Pages, *, eight_bit: bool) -> Body:
    statics, names = pages.spelled(*source)
    if eight_bit:
        with contextlib.suppress(NotForEightBit):
            return EightBitBody(statics, names)
    return Base64Body(statics, names, pages.own_head)


def _part_headers(kind: str, body: Body) -> tuple[tuple[str, str], ...]:
    return (
        ("Content-Type", f"text/{kind}; charset=utf-8"),
        ("Content-Transfer-Encoding", body.encoding),
    )


def _whole_headers(kind: str, encodings: AbstractSet[str]) -> tuple[tuple[str, str], ...]:
    """What holds 8bit parts is 8bit itself (RFC 2045 section 6.4); of 7bit nothing need be said."""
    if EightBitBody.encoding in encodings:
        return (("Content-Type", kind), ("Content-Transfer-Encoding", EightBitBody.encoding))
    return (("Content-Type", kind),)


def _lines_of(headers: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers)


class Body(Protocol):
    """A compiled MIME part; `render` appends its bytes for one recipient, dot-stuffed, without a line end."""

    encoding: ClassVar[str]

    def render(self, values: Mapping[str, bytes], out: list[bytes]) -> None: ...


class EightBitBody:
    """UTF-8 as it is (RFC 6152): a quarter less to send, cheaper to build; for relays that offer 8BITMIME.

    Ready for DATA (RFC 5321 section 4.5.2): static lines are stuffed once, here; of the values only one at
    the start of a line can matter. Raises NotForEightBit where that cannot be told beforehand.
    """

    encoding: ClassVar[str] = "8bit"

    def __init__(self, statics: Sequence[bytes], names: Sequence[str]) -> None:
        longest = [b"x" * (OWN_OCTETS if name == OWN else VALUE_BYTES_MAX) for name in names]
        whole = statics[0] + b"".join(map(bytes.__add__, longest, statics[1:]))
        if max(map(len, whole.split(b"\r\n"))) > _LINE_BYTES_MAX or any(map(_CONTROLS.search, statics)):
            raise NotForEightBit
        self._names = tuple(names)
        self._starts_line = [
            static.endswith(b"\r\n") or not (at or static) for at, static in enumerate(statics)
        ]
        if any(
            starts and self._dotted_after(at, statics) for at, starts in enumerate(self._starts_line[:-1])
        ):
            raise NotForEightBit
        first = (b"\r\n" + statics[0]).replace(b"\r\n.", b"\r\n..")[2:]
        self._statics = [first, *(static.replace(b"\r\n.", b"\r\n..") for static in statics[1:])]

    @staticmethod
    def _dotted_after(at: int, statics: Sequence[bytes]) -> bool:
        """When the value after run `at` is empty, what follows begins the line: a dot, or another value?"""
        following, is_last = statics[at + 1], at + 2 == len(statics)
        return following.startswith(b".") or (not following and not is_last)

    def render(self, values: Mapping[str, bytes], out: list[bytes]) -> None:
        append = out.append
        statics, starts_line = self._statics, self._starts_line
        append(statics[0])
        for at, name in enumerate(self._names):
            value = values[name]
            append(b"." + value if starts_line[at] and value[:1] == b"." else value)
            append(statics[at + 1])
