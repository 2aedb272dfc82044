"""Rich text of a mail: paragraphs, lists, bold, italic, links and merge fields, and nothing else.

Its JSON is what ProseMirror editors write. What is not on the list is refused, never passed on: no HTML is
kept, so none can come back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, TypeAlias

from shodaku.content.faults import TemplateFault
from shodaku.content.fields import fallback_fault
from shodaku.content.merge_fields import FIELDS, is_fallback, slot_of

PROSE_CHARACTERS_MAX: Final = 20_000
NODES_MAX: Final = 2_000  # of one text; each becomes an element or two, and a mail has room for some thousand
HREF_CHARACTERS_MAX: Final = 2_000
# a scheme that leads to a page, a letter or a call; whatever else a browser knows runs or loads something
LINK: Final = re.compile(
    r"https://[a-z0-9](?:[^\s\x00-\x1f\x7f\ud800-\udfff\"'<>\\{}^`|/?#]*)"
    r"(?:[/?#][^\s\x00-\x1f\x7f\ud800-\udfff\"'<>\\{}^`|]*)?"
    r"|mailto:[^\s\x00-\x1f\x7f\ud800-\udfff\"'<>\\{}^`|@?]+@[^\s\x00-\x1f\x7f\ud800-\udfff\"'<>\\{}^`|@]+"
    r"|tel:\+?[0-9][0-9-]{2,30}",
    re.IGNORECASE,
)
Json: TypeAlias = Any  # what json.loads gives, before it is known to be one of ours


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    bold: bool = False
    italic: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge field; `key` is one of merge_fields.FIELDS."""

    key: str
    bold: bool = False
    italic: bool = False
    href: str | None = None
    fallback: str = ""  # where the field is empty

    @property
    def slot(self) -> str:
        return slot_of(self.key, self.fallback)


@dataclass(frozen=True, slots=True)
class Break:
    """A new line inside of a paragraph."""


Inline: TypeAlias = Run | Merge | Break
Line: TypeAlias = tuple[Run | Merge, ...]  # of a heading or a button: nothing is marked in it


@dataclass(frozen=True, slots=True)
class Paragraph:
    content: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list; an item is one paragraph."""

    ordered: bool
    items: tuple[Paragraph, ...]


Prose: TypeAlias = tuple[Paragraph | Items, ...]


def is_link(address: str) -> bool:
    return len(address) <= HREF_CHARACTERS_MAX and LINK.fullmatch(address) is not None


def parse_prose(value: Json) -> Prose:
    """`{"type": "doc", "content": [...]}`. Raises TemplateFault."""
    if _type(value) != "doc":
        raise _unknown(_type(value))
    budget = _Budget()
    prose = tuple(chain.from_iterable(_blocks(each, budget) for each in _content(value)))
    if sum(map(len, _texts(prose))) > PROSE_CHARACTERS_MAX:
        raise TemplateFault(
            "document",
            f"文章のブロックは1つ{PROSE_CHARACTERS_MAX:,}文字までです。分けてください。",
            f"One text block has at most {PROSE_CHARACTERS_MAX:,} characters. Make two of it.",
        )
    return prose


def dump_prose(prose: Prose) -> Json:
    return {"type": "doc", "content": [_dumped(each) for each in prose] or [{"type": "paragraph"}]}


def parse_line(value: Json, characters_max: int) -> Line:
    """A string, or a list of strings and `{"merge": "name", "fallback": "…"}`. Raises TemplateFault."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) > NODES_MAX:
        raise malformed()
    line = tuple(joined(_part_of_line(each) for each in parts))
    if sum(len(each.text) for each in line if isinstance(each, Run)) > characters_max:
        raise too_long(characters_max)
    return tuple(each for each in line if not isinstance(each, Break))


def dump_line(line: Line) -> Json:
    return [
        each.text if isinstance(each, Run) else {"merge": each.key, **_dumped_fallback(each)} for each in line
    ]


def _dumped_fallback(field: Merge) -> dict[str, Json]:
    return {"fallback": field.fallback} if field.fallback else {}


def cleaned(text: str) -> str:
    """Without signs that nobody sees and that can stand in no mail; lines end in one way."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def empty(prose: Prose) -> bool:
    """Whether nothing is to be read in it."""
    return not any(text.strip() for text in _texts(prose)) and not any(
        isinstance(each, Merge) for each in inlines(prose)
    )


def inlines(prose: Prose) -> Iterator[Inline]:
    for block in prose:
        for paragraph in block.items if isinstance(block, Items) else (block,):
            yield from paragraph.content


def malformed() -> TemplateFault:
    return TemplateFault(
        "document",
        "本文のデータの形が正しくありません。ページを開き直してください。",
        "The content is not in the form it should have. Open the page again.",
    )


def too_long(characters_max: int) -> TemplateFault:
    return TemplateFault(
        "document",
        f"長すぎる項目があります。{characters_max:,}文字までにしてください。",
        f"A field is too long: at most {characters_max:,} characters.",
    )


class _Budget:
    """So many nodes and no more, however they nest."""

    def __init__(self) -> None:
        self._left = NODES_MAX

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TemplateFault(
                "document",
                "文章のブロックに段落や装飾が多すぎます。ブロックを分けてください。",
                "A text block has too many paragraphs or changes of style. Make two of it.",
            )


def _blocks(node: Json, budget: _Budget) -> Iterator[Paragraph | Items]:
    match _type(node):
        case "paragraph":
            yield _paragraph(node, budget)
        case "bulletList" | "orderedList" as kind:
            items = tuple(_item(each, budget) for each in _content(node))
            if items:
                yield Items(kind == "orderedList", items)
        case other:
            raise _unknown(other)


def _item(node: Json, budget: _Budget) -> Paragraph:
    inside = _content(node)
    if _type(node) != "listItem" or len(inside) != 1 or _type(inside[0]) != "paragraph":
        raise _unknown(_type(node))
    return _paragraph(inside[0], budget)


def _paragraph(node: Json, budget: _Budget) -> Paragraph:
    budget.spend()
    return Paragraph(tuple(joined(_inline(each, budget) for each in _content(node))))


def _inline(node: Json, budget: _Budget) -> Inline:
    budget.spend()
    match _type(node):
        case "text":
            text = node.get("text")
            if not isinstance(text, str):
                raise malformed()
            return replace(_marked(node), text=cleaned(text))
        case "merge":
            marks, at = _marked(node), _attributes(node)
            words = _fallback(at.get("fallback"))
            return Merge(_known(at.get("key")), marks.bold, marks.italic, marks.href, words)
        case "hardBreak":
            return Break()
        case other:
            raise _unknown(other)


def _marked(node: Mapping[str, Json]) -> Run:
    marks = node.get("marks") or []
    if not isinstance(marks, list):
        raise malformed()
    run = Run("")
    for mark in marks:
        match _type(mark):
            case "bold":
                run = replace(run, bold=True)
            case "italic":
                run = replace(run, italic=True)
            case "link":
                run = replace(run, href=_link(_attributes(mark).get("href")))
            case other:
                raise _unknown(other)
    return run


def _link(address: Json) -> str:
    if not isinstance(address, str) or not is_link(address):
        raise TemplateFault(
            "document",
            "使えないリンクがあります。https:// か mailto: か tel: で始めてください。",
            "A link cannot be used. Begin it with https://, mailto: or tel:.",
        )
    return address


def _known(key: Json) -> str:
    if not isinstance(key, str) or key not in FIELDS:
        shown = str(key)[:40]
        raise TemplateFault(
            "document",
            f"「{shown}」という差し込みはありません。",
            f"There is no merge field “{shown}”.",
        )
    return key


def _fallback(words: Json) -> str:
    if words is None:
        return ""
    if not isinstance(words, str):
        raise malformed()
    told = " ".join(cleaned(words).split())
    if not is_fallback(told):
        raise fallback_fault("document")
    return told


def _part_of_line(part: Json) -> Inline:
    if isinstance(part, str):
        return Run(" ".join(cleaned(part).splitlines()))
    if isinstance(part, dict) and "merge" in part and set(part) <= {"merge", "fallback"}:
        return Merge(_known(part["merge"]), fallback=_fallback(part.get("fallback")))
    raise malformed()


def joined(parts: Iterable[Inline]) -> list[Inline]:
    """Neighbours that look alike are one; empty ones go. A line end in a text is a break."""
    whole: list[Inline] = []
    for part in parts:
        for piece in _split(part):
            last = whole[-1] if whole else None
            if isinstance(piece, Run) and isinstance(last, Run) and replace(last, text=piece.text) == piece:
                whole[-1] = replace(last, text=last.text + piece.text)
            else:
                whole.append(piece)
    return whole


def _split(part: Inline) -> Iterator[Inline]:
    if not isinstance(part, Run):
        yield part
        return
    for number, line in enumerate(part.text.split("\n")):
        if number:
            yield Break()
        if line:
            yield replace(part, text=line)


def _texts(prose: Prose) -> Iterator[str]:
    return (each.text for each in inlines(prose) if isinstance(each, Run))


def _type(node: Json) -> str:
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(kind, str):
        raise malformed()
    return kind


def _content(node: Mapping[str, Json]) -> Sequence[Json]:
    inside = node.get("content") or []
    if not isinstance(inside, list):
        raise malformed()
    return inside


def _attributes(node: Mapping[str, Json]) -> Mapping[str, Json]:
    attributes = node.get("attrs") or {}
    if not isinstance(attributes, dict):
        raise malformed()
    return attributes


def _unknown(kind: str) -> TemplateFault:
    shown = kind[:40]
    return TemplateFault(
        "document",
        f"文章に使えない部品「{shown}」があります。段落、箇条書き、太字、斜体、リンク、差し込みが使えます。",
        f"The text holds a part “{shown}” that cannot stand there. Use paragraphs, lists, bold, italic, "
        "links and merge fields.",
    )


def _dumped(block: Paragraph | Items) -> Json:
    if isinstance(block, Paragraph):
        inside = [_dumped_inline(each) for each in block.content]
        return {"type": "paragraph", "content": inside} if inside else {"type": "paragraph"}
    kind = "orderedList" if block.ordered else "bulletList"
    items = [{"type": "listItem", "content": [_dumped(each)]} for each in block.items]
    return {"type": kind, "content": items}


def _dumped_inline(part: Inline) -> Json:
    if isinstance(part, Break):
        return {"type": "hardBreak"}
    marks: list[Json] = [{"type": kind} for kind in ("bold", "italic") if getattr(part, kind)]
    if part.href is not None:
        marks.append({"type": "link", "attrs": {"href": part.href}})
    node: Json = (
        {"type": "text", "text": part.text}
        if isinstance(part, Run)
        else {"type": "merge", "attrs": {"key": part.key, **_dumped_fallback(part)}}
    )
    return {**node, "marks": marks} if marks else node
