"""The text part of a mail that is written in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from shodaku.content.document import (
    Block,
    Button,
    Coupon,
    Divider,
    Document,
    Event,
    Heading,
    Image,
    Product,
    Spacer,
    Text,
)
from shodaku.content.literal import Slots, literal, without_marks
from shodaku.content.rich_text import Break, Inline, Items, Merge, Paragraph, Prose

COLUMNS_MAX: Final = 34  # full-width signs in a line of a Japanese text mail
_RULE: Final = "-" * (2 * COLUMNS_MAX)


def text_of(document: Document, slots: Slots, language: str) -> str:
    """Blocks with an empty line between them; merge fields as `{{ name }}`."""
    parts = ("\n".join(_lines(block, slots, language)).strip("\n") for block in document.blocks)
    whole = "\n\n".join(part for part in parts if part.strip())
    # the fields come last: what is typed around one never becomes a part of it
    return slots.fill(without_marks(literal(whole)))


def told(block: Block, language: str) -> str:
    """One block for who compares it, merge fields as they are written."""
    slots = Slots(repr(block).encode())
    return slots.fill("\n".join(_lines(block, slots, language)).strip("\n"))


def _lines(block: Block, slots: Slots, language: str) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield "■ " + _run_of(text, slots)
        case Text(prose=prose):
            yield from _prose(prose, slots)
        case Image(alt=alt, href=href):
            yield f"［{alt}］" if language.startswith("ja") else f"[{alt}]"
            yield from filter(None, (href,))
        case Button(label=label, href=href):
            yield f"▼ {_run_of(label, slots)}"
            yield href
        case Coupon(title=title, code=code, until=until):
            yield f"◆ {title}"
            yield from filter(str.strip, (code, until))
        case Event(title=title, when=when, place=place, href=href):
            yield f"◆ {title}"
            yield from filter(str.strip, (when, place, href))
        case Product(title=title, price=price, text=text, href=href):
            yield f"◇ {title}"
            yield from filter(str.strip, (text, price, href))
        case Divider():
            yield _RULE
        case Spacer():
            return
        case unreachable:
            assert_never(unreachable)


def _prose(prose: Prose, slots: Slots) -> Iterator[str]:
    for number, part in enumerate(prose):
        if number:
            yield ""
        if isinstance(part, Paragraph):
            yield _run_of(part.content, slots)
        else:
            yield from _items(part, slots)


def _items(items: Items, slots: Slots) -> Iterator[str]:
    for number, item in enumerate(items.items, 1):
        yield (f"{number}. " if items.ordered else "・") + _run_of(item.content, slots)


def _run_of(parts: Iterable[Inline], slots: Slots) -> str:
    """Where a link ends its address follows, unless it is what was written."""
    told, address, words = [], None, ""
    for part in (*parts, None):
        href = None if part is None or isinstance(part, Break) else part.href
        if address is not None and href != address:
            told.append(_told_address(address, words))
        words = "" if href != address else words
        address = href
        if part is None:
            break
        shown = _shown(part, slots)
        words += shown
        told.append(shown)
    return "".join(told).rstrip()


def _told_address(address: str, words: str) -> str:
    return "" if address in (words.strip(), f"mailto:{words.strip()}") else f" {address} "


def _shown(part: Inline, slots: Slots) -> str:
    if isinstance(part, Break):
        return "\n"
    return slots.merge(part.key, part.fallback) if isinstance(part, Merge) else part.text
