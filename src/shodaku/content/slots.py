"""Slots `{{ name }}`, the only thing that varies in a frozen template, and where in HTML they may stand."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final

from shodaku.content.merge_fields import SLOT
from shodaku.kit.errors import ShodakuError


class SlotMisplaced(ShodakuError):
    """A merge field stands in a script, style, comment or tag, or is the host of a link."""

    code = "slot_misplaced"


def split(source: str) -> tuple[list[bytes], list[str]]:
    """Static runs and the names of the slots between them, with CRLF line ends."""
    pieces = SLOT.split(source.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n"))
    return [piece.encode() for piece in pieces[0::2]], pieces[1::2]


class Place(StrEnum):
    """What a value needs before it may stand there."""

    MARKUP = "markup"  # text or a quoted attribute: escaped
    URL = "url"  # inside a link whose scheme and host the template fixes: percent-encoded


_MARK: Final = "\uf8ff"  # brackets the number of a slot while the HTML is read
_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_MARK}")
# A start tag that every parser reads alike; a mark outside quotes can only be in a name, where none is noted.
_CLEAR_TAG: Final = re.compile(
    r"""<[A-Za-z][^\s/>]*(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`\uf8ff]+))?)*\s*/?>"""
)
_HOST_FIXED: Final = re.compile(r"https?://[^/?#]+[/?#]|mailto:|tel:", re.IGNORECASE)
_URLS: Final = frozenset({"href", "src", "action", "cite", "background", "poster", "data", "longdesc"})
_CLOSED_ATTRIBUTES: Final = frozenset(
    {"style", "srcset", "srcdoc", "formaction", "http-equiv", "content", "ping"}
)
_CLOSED_TAGS: Final = frozenset({"base", "embed", "link", "meta", "object"})
_RAW_TEXT: Final = frozenset(
    {"script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"}
)


def places(html: str, ours: Collection[str]) -> list[Place]:
    """One place for each slot, in order; `ours` hold addresses that we make, harmless anywhere.

    Raises SlotMisplaced for a merge field anywhere else than in text, a quoted attribute or a link.
    """
    names = SLOT.findall(html)
    numbers = iter(range(len(names)))
    reader = _Reader({number for number, name in enumerate(names) if name in ours})
    reader.feed(SLOT.sub(lambda _: f"{_MARK}{next(numbers)}{_MARK}", html.replace(_MARK, " ")))
    reader.close()
    found = reader.found | dict.fromkeys(reader.ours, Place.MARKUP)
    for number, slot in enumerate(SLOT.finditer(html)):
        # right after "<" a mark is text to the reader, and a value would be a tag
        if number not in found or (slot[1] not in ours and html[: slot.start()].endswith("<")):
            raise SlotMisplaced(hint=slot[0])
    return [found[number] for number in range(len(names))]


class _Reader(HTMLParser):
    """Notes a slot only where it recognises the place: what a reader overlooks is refused."""

    def __init__(self, ours: set[int]) -> None:
        super().__init__(convert_charrefs=True)
        self.ours = ours
        self.found: dict[int, Place] = {}
        self._raw: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _RAW_TEXT:
            self._raw = self._raw or tag
        if self._raw or tag in _CLOSED_TAGS or not _CLEAR_TAG.fullmatch(self.get_starttag_text() or ""):
            return
        for name, value in attrs:
            for mark in _MARKED.finditer(value or ""):
                place = self._in_attribute(name, mark.string[: mark.start()])
                if place is not None:
                    self.found[int(mark[1])] = place

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # a slash closes nothing in HTML: `<script/>` stays open

    def handle_endtag(self, tag: str) -> None:
        if tag == self._raw:
            self._raw = None

    def handle_data(self, data: str) -> None:
        if self._raw is None:
            self.found |= {int(number): Place.MARKUP for number in _MARKED.findall(data)}

    def _in_attribute(self, name: str, before: str) -> Place | None:
        if name.startswith("on") or name in _CLOSED_ATTRIBUTES:
            return None
        if name not in _URLS and not name.endswith(":href"):
            return Place.MARKUP
        start = _MARKED.match(before)
        begins_with_ours = start is not None and int(start[1]) in self.ours
        return Place.URL if begins_with_ours or _HOST_FIXED.match(before) else None
