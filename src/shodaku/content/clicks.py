"""Links that are counted: which of a message are, by which number they stand in it, and where they lead.

A target is stored with its mailing and named by its number, so no link of a mail carries an address to be
led to (SECURITY.md section 2, threat 12). What cannot be led to with certainty stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html import unescape
from typing import Final, NamedTuple
from urllib.parse import quote

from shodaku.content.faults import TemplateFault

LINKS_MAX: Final = 500  # different ones of a message
TARGET_CHARACTERS_MAX: Final = 2_000  # a longer one stays as it is: servers refuse such requests anyway
# no position, no size that is seen; without tracking it is taken out by `content.render`
PIXEL: Final = '<img data-open-pixel src="{{ pixel }}" alt="" width="1" height="1">'

_TARGET: Final = re.compile(
    r"https?://(?:[A-Z0-9-]+(?:\.[A-Z0-9-]+)*|\[[0-9A-F:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\x00-\x20\x7f{}\\]*)?",
    re.IGNORECASE,
)
_IN_TEXT: Final = re.compile(r"(?<![A-Z0-9])https?://[A-Z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.IGNORECASE)
_ENDS_A_SENTENCE: Final = ".,;:!?'*"
_BRACKETS: Final = {")": "(", "]": "["}
_AFTER_A_LINK: Final = frozenset("<>\"'")
_ANCHOR: Final = re.compile(r'<a((?:\s+[\w-]+="[^"]*")*)>(.*?)</a>', re.DOTALL)  # as nh3 writes it
_HREF: Final = re.compile(r'(\shref=")([^"]*)(?=")')
_TAG: Final = re.compile(r"<[^>]*>")
_SHOWS_AN_ADDRESS: Final = re.compile(r"https?:|\bwww\.", re.IGNORECASE)
_KEPT: Final = "!#$%&'()*+,/:;=?@[]~"  # of RFC 3986, and what is percent-encoded already


@dataclass(frozen=True, slots=True)
class Measured:
    """What a campaign wants to know of those who allow it, and which pages are no targets."""

    click_links: bool = False
    open_pixel: bool = False
    base: str = ""  # of our own pages, which are never counted; no slash at its end


NOTHING: Final = Measured()


class Numbered(NamedTuple):
    text: str
    html: str | None
    links: tuple[str, ...]  # target of {{ link0 }}, {{ link1 }} and so on


def numbered(text: str, html: str | None, *, base: str, legal: Collection[str]) -> Numbered:
    """Both bodies with a slot in place of each target; equal targets share a number.

    Left as they are: pages below `base`, the `legal` pages of the sender, mailto: and tel:, links with merge
    fields, and links whose own words are an address, for a mail program warns of those that lead elsewhere.
    Raises TemplateFault.
    """
    targets = _Targets(base, frozenset(map(_page, filter(None, legal))))
    counted = None if html is None else _ANCHOR.sub(targets.in_html, html)
    return Numbered(_IN_TEXT.sub(targets.in_text, text), counted, tuple(targets.numbers))


def location(target: str) -> bytes | None:
    """As the Location of an answer (RFC 9110 section 10.2.2); None for what leads nowhere with certainty."""
    if not _TARGET.fullmatch(target):
        return None
    return quote(target, safe=_KEPT).encode()


@dataclass(slots=True)
class _Targets:
    base: str
    legal: frozenset[str]
    numbers: dict[str, int] = field(default_factory=dict)

    def in_text(self, found: re.Match[str]) -> str:
        written, after = found[0], found.string[found.end() : found.end() + 1]
        if not _ends(after):
            return written
        target = _without_tail(written)
        slot = self._slot(target)
        return written if slot is None else slot + written[len(target) :]

    def in_html(self, found: re.Match[str]) -> str:
        if _SHOWS_AN_ADDRESS.search(_TAG.sub("", found[2])):
            return found[0]
        attributes = _HREF.sub(self._in_href, found[1], count=1)
        return f"<a{attributes}>{found[2]}</a>"

    def _in_href(self, found: re.Match[str]) -> str:
        target = unescape(found[2])
        slot = self._slot(target)
        return found[0] if slot is None else found[1] + slot

    def _slot(self, target: str) -> str | None:
        """None: it is not counted."""
        if len(target) > TARGET_CHARACTERS_MAX or not _TARGET.fullmatch(target):
            return None
        if _page(target) in self.legal or self._is_ours(target):
            return None
        if target not in self.numbers and len(self.numbers) >= LINKS_MAX:
            raise TemplateFault(
                "text",
                f"数えられるリンクは{LINKS_MAX}種類までです。リンクを減らすか、クリックの計測を切ってください。",
                f"At most {LINKS_MAX} different links are counted. Use fewer, or do not count clicks.",
            )
        return f"{{{{ link{self.numbers.setdefault(target, len(self.numbers))} }}}}"

    def _is_ours(self, target: str) -> bool:
        base = self.base.lower()
        rest = target[len(base) :] if base and target.lower().startswith(base) else None
        return rest is not None and rest[:1] in ("", "/", "?", "#")


def _page(address: str) -> str:
    """The same for an address with and without a slash or a fragment at its end."""
    return address.partition("#")[0].rstrip("/").lower()


def _ends(after: str) -> bool:
    """Whether a link is over there for every mail program: some take letters of any script along."""
    if after.isascii():
        return not after or after.isspace() or after in _AFTER_A_LINK
    return not after.isalnum()


def _without_tail(written: str) -> str:
    """Without the points and brackets of the sentence around it."""
    while written:
        last = written[-1]
        opening = _BRACKETS.get(last)
        if last in _ENDS_A_SENTENCE or (opening and written.count(opening) < written.count(last)):
            written = written[:-1]
        else:
            break
    return written
