"""A part of a mail as its reader meets it: lines of words and addresses, and what of it can be seen.

Text and HTML become the same shape. In HTML a block, or a line of one, is a line; a link is an address that
is called something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from html.parser import HTMLParser
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import css_inline

from shodaku.content.looks import PAGE, Look, is_picture, look_of

TAGS_MAX: Final = 4_000  # for style sheets: the native inliner overflows its stack on 5,000 open elements


class Seen(IntEnum):
    VISIBLE = 0
    HIDDEN = 1
    PICTURE = 2  # the words of a picture, or the picture where a link has nothing else


class Piece(NamedTuple):
    """A run of characters; `link` numbers the link it is part of, 0 is none."""

    text: str
    seen: Seen
    block: int
    line: int
    link: int
    href: str


class Token(NamedTuple):
    """Words, or an address with the words that it is called by."""

    text: str
    address: str | None


class Line(NamedTuple):
    text: str  # as it is read: where a link leads is no part of it
    tokens: tuple[Token, ...]

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset(token.address for token in self.tokens if token.address)


class View(NamedTuple):
    """`lines` for what must stand on one line, `blocks` for what must stand side by side."""

    lines: tuple[Line, ...]
    blocks: tuple[tuple[Token, ...], ...]


class Part(NamedTuple):
    pieces: tuple[Piece, ...]
    pictures: bool = False

    def view(self, seen: Seen = Seen.VISIBLE) -> View:
        """What stands there for who sees this much."""
        pieces = [piece for piece in self.pieces if piece.seen <= seen]
        lines: list[Line] = []
        blocks: dict[int, list[Token]] = {}
        for (block, _), group in groupby(pieces, _LINE):
            line = _line(list(group))
            if line.tokens:
                lines.append(line)
                blocks.setdefault(block, []).extend(line.tokens)
        return View(tuple(lines), tuple(map(tuple, blocks.values())))


def read_text(text: str) -> Part:
    rows = [row for row in text.splitlines() if row.strip()]
    return Part(tuple(Piece(row, Seen.VISIBLE, number, 0, 0, "") for number, row in enumerate(rows)))


def read_html(html: str) -> Part:
    """Raises UnreadableHtml, for style sheets alone."""
    reader = _Reader()
    reader.feed(_with_styles_inside(html))
    reader.close()
    return Part(tuple(reader.pieces), reader.pictures)


class UnreadableHtml(ValueError):
    """The HTML has too many elements for its style sheets, or they cannot be read."""


def address_of(text: str) -> str:
    """One spelling: mailboxes without `mailto:` and in small letters, URLs as they are."""
    if "@" in text and "://" not in text:
        return text.removeprefix("mailto:").partition("?")[0].strip().lower()
    return text.strip()


_LINE: Final = attrgetter("block", "line")
_SPACE: Final = re.compile(r"\s+")
# what takes no ink: a link that is called so cannot be seen
_BLANK: Final = re.compile(
    r"[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0]*"
)
_ADDRESS: Final = re.compile(r"https?://[!-;=?-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII | re.IGNORECASE)
_AFTER: Final = ".,;:!?)]}'\""  # closes a sentence rather than an address
_LEADS: Final = re.compile(r"https?://|mailto:", re.IGNORECASE)
_TAG: Final = re.compile(r"<[A-Za-z]")
_STYLES: Final = re.compile(r"<style\b", re.IGNORECASE)
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False)


def _line(pieces: Sequence[Piece]) -> Line:
    return Line("".join(piece.text for piece in pieces), _tokens(pieces))


def _tokens(pieces: Sequence[Piece]) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for (link, href), group in groupby(pieces, attrgetter("link", "href")):
        run = list(group)
        text = "".join(piece.text for piece in run)
        if not link or not _LEADS.match(href):
            tokens += _words_and_addresses(text)
        elif not _BLANK.fullmatch(text) or any(piece.seen is Seen.PICTURE for piece in run):
            tokens.append(Token(_ADDRESS.sub(" ", text), address_of(href)))
    return tuple(tokens)


def _words_and_addresses(text: str) -> Iterator[Token]:
    if "@" not in text and "://" not in text:  # most lines
        if text.strip():
            yield Token(text, None)
        return
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        if text[end : found.start()].strip():
            yield Token(text[end : found.start()], None)
        yield Token("", address_of(address))
        end = found.start() + len(address)
    if text[end:].strip():
        yield Token(text[end:], None)


def _with_styles_inside(html: str) -> str:
    """Our own mails have no style sheet any more (`content.markup`); this is for what others wrote."""
    if not _STYLES.search(html):
        return html
    if len(_TAG.findall(html)) > TAGS_MAX:
        raise UnreadableHtml
    try:
        return _INLINER.inline(html)
    except css_inline.InlineError as fault:
        raise UnreadableHtml from fault


_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_SILENT: Final = frozenset(
    {"script", "style", "template", "title", "iframe", "noframes", "noembed", "object", "audio", "video"}
)
_CLOSED_BY_THEMSELVES: Final = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})


class _Open(NamedTuple):
    tag: str
    look: Look
    silent: bool
    link: int
    href: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.pictures = False
        self._open: list[_Open] = [_Open("", PAGE, silent=False, link=0, href="")]
        self._block = self._line = self._links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._close_paragraph()
            self._block += 1
        if tag in _CLOSED_BY_THEMSELVES and self._open[-1].tag == tag:
            self._open.pop()
        around = self._open[-1]
        look = look_of(around.look, tag, at)
        if tag == "br":
            self._line += 1
        elif tag in ("img", "svg") or (tag == "input" and at.get("type", "").lower() == "image"):
            self._picture(f"{at.get('alt', '')} {at.get('title', '')}")
        self.pictures = self.pictures or is_picture(at)
        if tag in _VOID:
            return
        link, href = around.link, around.href
        if tag == "a" and "href" in at:
            self._links += 1
            link, href = self._links, at["href"].strip()
        self._open.append(_Open(tag, look, around.silent or tag in _SILENT, link, href))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # a slash closes nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._block += 1
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        now = self._open[-1]
        if not now.silent:
            self._say(_SPACE.sub(" ", data), Seen.HIDDEN if now.look.hidden else Seen.VISIBLE)

    def _close_paragraph(self) -> None:
        if self._open[-1].tag == "p":
            self._open.pop()

    def _picture(self, words: str) -> None:
        self.pictures = True
        if not self._open[-1].silent:
            self._say(words, Seen.PICTURE)

    def _say(self, text: str, seen: Seen) -> None:
        now = self._open[-1]
        self.pieces.append(Piece(text, seen, self._block, self._line, now.link, now.href))
