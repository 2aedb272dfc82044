"""Blocks that somebody marked as promotional: how much of a message they are, and the message without them.

In text a block stands between a line `[ad]` and a line `[/ad]`; in HTML it is an element with the attribute
`data-promotion`. A subject that begins with `[ad]` is promotional as a whole. No mark leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final, NamedTuple

from shodaku.content.faults import TemplateFault
from shodaku.content.reading import Seen, read_html
from shodaku.policy.domain import Ads

ATTRIBUTE: Final = "data-promotion"
OPEN: Final = "[ad]"
CLOSE: Final = "[/ad]"
SHARE_MAX: Final = 1 / 3  # of the visible characters; more is the main thing (LAW.md section 2)


class Marked(NamedTuple):
    """What somebody wrote, with or without the marks; in the HTML every element is closed."""

    subject: str
    text: str
    html: str | None


def ads_in(marked: Marked) -> Ads:
    """Main in the subject, as the first block, or with more than a third of what is seen; of either body.

    Raises TemplateFault.
    """
    if _MARK.match(marked.subject):
        return Ads.MAIN
    shares = [_share_of_text(marked.text)]
    if marked.html is not None:
        shares.append(_share_of_html(marked.html))
    if any(share.first or share.promotional > share.characters * SHARE_MAX for share in shares):
        return Ads.MAIN
    return Ads.INCIDENTAL if any(share.blocks for share in shares) else Ads.NONE


def without_marks(marked: Marked) -> Marked:
    """The whole message. Raises TemplateFault."""
    text = "".join(line for line, _ in _lines(marked.text))
    html = None if marked.html is None else _Blocks(marked.html).unmarked()
    return Marked(_unmarked(marked.subject), text, html)


def without_promotions(marked: Marked) -> Marked:
    """The message without its marked blocks. Raises TemplateFault."""
    text = "".join(line for line, promotional in _lines(marked.text) if not promotional)
    html = None if marked.html is None else _Blocks(marked.html).cut()
    return Marked(_unmarked(marked.subject), text, html)


_MARK: Final = re.compile(r"\s*\[ad\]\s*", re.IGNORECASE)
# in a start tag; what is quoted stays as it is
_ATTRIBUTE: Final = re.compile(
    rf"""("[^"]*"|'[^']*')|\s+{ATTRIBUTE}(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?(?=[\s/>])""", re.IGNORECASE
)
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "wbr"})


class _Share(NamedTuple):
    """Of one body, in visible characters without spaces."""

    blocks: bool
    first: bool  # nothing is read before the first of them
    promotional: int
    characters: int


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Without the lines that mark; whether a line is promotional."""
    opened = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        mark = line.strip().lower()
        if mark not in (OPEN, CLOSE):
            yield line, bool(opened)
        elif (mark == OPEN) == bool(opened):
            raise _unpaired(number)
        else:
            opened = number if mark == OPEN else 0
    if opened:
        raise _unpaired(opened)


def _unpaired(line: int) -> TemplateFault:
    return TemplateFault(
        "text",
        "[ad] の行と [/ad] の行は、必ず組にして書いてください。",
        "A line [ad] and a line [/ad] always belong together.",
        line,
    )


def _share_of_text(text: str) -> _Share:
    lines = [(_letters(line), promotional) for line, promotional in _lines(text)]
    read = [promotional for letters, promotional in lines if letters]
    promotional = sum(letters for letters, promotional in lines if promotional)
    return _Share(any(read), read[:1] == [True], promotional, sum(letters for letters, _ in lines))


def _share_of_html(html: str) -> _Share:
    found = _Blocks(html)
    if not found.blocks:
        return _Share(blocks=False, first=False, promotional=0, characters=0)
    characters, others = _seen(html), _seen(found.cut())
    first = not _seen(html[: found.blocks[0][0]])  # what is still open there is read as a browser would
    return _Share(blocks=True, first=first, promotional=characters - others, characters=characters)


def _seen(html: str) -> int:
    return sum(_letters(piece.text) for piece in read_html(html).pieces if piece.seen is Seen.VISIBLE)


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _unmarked(subject: str) -> str:
    found = _MARK.match(subject)
    return subject[found.end() :] if found else subject


class _Blocks(HTMLParser):
    """Where marked elements stand. Counting is enough: `markup.tidy` closes every element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[tuple[int, int]] = []  # the outermost ones, whole
        self._tags: list[tuple[int, int]] = []  # the start tags of all of them
        self._starts = [0, *(found.end() for found in re.finditer("\n", html))]
        self._html, self._depth, self._began = html, 0, 0
        self.feed(html)
        self.close()
        if self._depth:
            self.blocks.append((self._began, len(html)))

    def unmarked(self) -> str:
        pieces, at = [], 0
        for start, end in self._tags:
            pieces += [self._html[at:start], _ATTRIBUTE.sub(r"\1", self._html[start:end])]
            at = end
        return "".join((*pieces, self._html[at:]))

    def cut(self) -> str:
        pieces, at = [], 0
        for start, end in self.blocks:
            pieces.append(self._html[at:start])
            at = end
        return "".join((*pieces, self._html[at:]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._place()
        end = start + len(self.get_starttag_text() or "")
        marked = any(name == ATTRIBUTE for name, _ in attrs)
        if marked:
            self._tags.append((start, end))
        if tag in _VOID:
            if marked and not self._depth:
                self.blocks.append((start, end))
        elif self._depth:
            self._depth += 1
        elif marked:
            self._began, self._depth = start, 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # a slash closes nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        if not self._depth or tag in _VOID:
            return
        self._depth -= 1
        if not self._depth:
            self.blocks.append((self._began, self._html.index(">", self._place()) + 1))

    def _place(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column
