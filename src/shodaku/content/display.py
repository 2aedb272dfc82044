"""The display linter: does the finished message say who sends it and how to refuse, where people see it?

Works on the text part, and on what is visible of the HTML part, each on its own (LAW.md section 5). Items
that only stand in hidden elements or in pictures do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.policy.domain import Reason

OPT_OUT: Final = "{{ opt_out }}"
WHY: Final = "{{ why }}"
# SE-13 of the rule pack
WORDS: Final = (
    "配信停止", "配信の停止", "停止", "受信拒否", "受信を断る", "拒否", "解除", "お断り", "やめる", "中止",
    "不要", "unsubscribe", "opt out", "opt-out", "stop receiving",
)  # fmt: skip
_COMPANY_FORMS: Final = {"株式会社": "(株)", "有限会社": "(有)", "合同会社": "(同)"}
_ADDRESS: Final = re.compile(r"https?://\S+|\{\{ \w+ \}\}|[\w.+-]+@[\w.-]+\.\w+")
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.[0-4]|opacity\s*:\s*0\s*(?:;|$)"
    r"|font-size\s*:\s*[0-7](?:\.\d+)?px|font-size\s*:\s*0|(?:max-)?height\s*:\s*0|position\s*:\s*absolute",
    re.IGNORECASE,
)
_BLOCKS: Final = frozenset({
    "p", "div", "br", "hr", "li", "ul", "ol", "tr", "td", "th", "table", "section",
    "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_EMPTY: Final = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "col", "source"})


def display_missing(text: str, html: str | None, sender: Sender) -> tuple[Reason, ...]:
    """What the law wants shown and is not, in both parts; empty when everything stands there."""
    found = list(_missing(text.splitlines(), sender))
    if html is not None:
        found += _missing_in_html(html, sender)
    return tuple(dict.fromkeys(found))


def _missing_in_html(html: str, sender: Sender) -> Iterator[Reason]:
    reader = _Visible()
    reader.feed(html)
    reader.close()
    visible = list(_missing("".join(reader.shown).splitlines(), sender))
    if visible and not list(_missing("".join(reader.all).splitlines(), sender)):
        yield Reason.DISPLAY_NOT_RECOGNISABLE  # it is there, and nobody can see it
        return
    if visible and reader.pictures and not "".join(reader.shown).strip():
        yield Reason.DISPLAY_IMAGE_ONLY
        return
    yield from visible


def _missing(lines: Sequence[str], sender: Sender) -> Iterator[Reason]:
    whole = _folded("".join(lines))
    if not _stands(sender.formal_name, whole):
        yield Reason.DISPLAY_NAME_MISSING
    yield from _opt_out_faults([line for line in lines if line.strip()])
    if not _stands(sender.postal_address, whole):
        yield Reason.DISPLAY_ADDRESS_MISSING
    contacts = (sender.contact_phone, sender.contact_email, sender.contact_url)
    if not any(_stands(contact, whole) for contact in contacts):
        yield Reason.DISPLAY_CONTACT_MISSING
    if WHY not in "".join(lines):
        yield Reason.WHY_LINE_MISSING


def _opt_out_faults(lines: Sequence[str]) -> Iterator[Reason]:
    """施行規則7条1項2号: the words stand on the line of the address, or right before or after it."""
    places = [number for number, line in enumerate(lines) if OPT_OUT in line]
    if not places:
        yield Reason.DISPLAY_OPTOUT_MISSING
    elif not any(_says_so(line) for line in lines):
        yield Reason.DISPLAY_OPTOUT_WORDS_MISSING
    elif not any(_says_so(line) for number in places for line in _beside(lines, number)):
        yield Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT


def _beside(lines: Sequence[str], number: int) -> Iterator[str]:
    yield lines[number]
    for neighbour in (number - 1, number + 1):
        if 0 <= neighbour < len(lines) and not _ADDRESS.search(lines[neighbour]):
            yield lines[neighbour]


def _says_so(line: str) -> bool:
    folded = unicodedata.normalize("NFKC", line).casefold()
    return any(word in folded for word in WORDS)


def _stands(item: str, whole: str) -> bool:
    """What the sender never filled in stands nowhere, though an empty text is part of any."""
    folded = _folded(item)
    return bool(folded) and folded in whole


def _folded(text: str) -> str:
    """Without width and spaces, and company forms as they may be shortened (SE-12)."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    for form, short in _COMPANY_FORMS.items():
        folded = folded.replace(form, short)
    return folded


class _Visible(HTMLParser):
    """Text as lines: a block is a line, a link is followed by its address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.all: list[str] = []
        self.pictures = 0
        self._hidden: list[bool] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag in _BLOCKS:
            self._say("\n")
        if tag == "img":
            self.pictures += 1
        if tag == "a":
            self._links.append(at.get("href") or "")
        if tag not in _EMPTY:
            inherited = bool(self._hidden and self._hidden[-1])
            self._hidden.append(inherited or bool(_HIDDEN.search(at.get("style") or "")) or "hidden" in at)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._say(f" {self._links.pop()}")
        if tag not in _EMPTY and self._hidden:
            self._hidden.pop()
        if tag in _BLOCKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        self._say(re.sub(r"\s+", " ", data))

    def _say(self, text: str) -> None:
        self.all.append(text)
        if not (self._hidden and self._hidden[-1]):
            self.shown.append(text)
