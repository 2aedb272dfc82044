"""A mail in blocks: the document that an editor or a program hands in, parsed; schema 1.

It holds what somebody wrote and no markup. What the law requires is no part of it: the legal display is made
of the sender and added when the mail is frozen. A document may be unfinished, `unfinished` says what it
lacks; only a finished one is composed (content.composing).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, assert_never
from uuid import UUID

from shodaku.content.faults import TemplateFault
from shodaku.content.rich_text import (
    HREF_CHARACTERS_MAX,
    Json,
    Line,
    Merge,
    Prose,
    cleaned,
    dump_line,
    dump_prose,
    empty,
    is_link,
    malformed,
    parse_line,
    parse_prose,
    too_long,
)

SCHEMA: Final = 1
BLOCKS_MAX: Final = 60
DOCUMENT_BYTES_MAX: Final = 300_000  # as JSON; a mail of it has room in half a megabyte of HTML
LINE_CHARACTERS_MAX: Final = 200
WORDS_CHARACTERS_MAX: Final = 500
ALT_CHARACTERS_MAX: Final = 300
PREHEADER_CHARACTERS_MAX: Final = 150
OWN_TEXT_CHARACTERS_MAX: Final = 66_000  # three bytes each are 200 KB
SPACE_PX: Final = (8, 96)
SPACE_PX_USUAL: Final = 24
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,35}")


@dataclass(frozen=True, slots=True)
class Heading:
    block_id: str
    text: Line = ()


@dataclass(frozen=True, slots=True)
class Text:
    block_id: str
    prose: Prose = ()


@dataclass(frozen=True, slots=True)
class Image:
    """`alt` is what is read in place of the picture; with `href` it can be pressed."""

    block_id: str
    image: UUID | None = None
    alt: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    block_id: str
    label: Line = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Coupon:
    block_id: str
    title: str = ""
    code: str = ""
    until: str = ""  # in words, as it is to be read


@dataclass(frozen=True, slots=True)
class Event:
    block_id: str
    title: str = ""
    when: str = ""
    place: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    block_id: str
    title: str = ""
    price: str = ""
    text: str = ""
    image: UUID | None = None
    alt: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Divider:
    block_id: str


@dataclass(frozen=True, slots=True)
class Spacer:
    block_id: str
    height_px: int = SPACE_PX_USUAL


Block: TypeAlias = Heading | Text | Image | Button | Coupon | Event | Product | Divider | Spacer

KINDS: Final[Mapping[str, type[Block]]] = {
    "heading": Heading,
    "text": Text,
    "image": Image,
    "button": Button,
    "coupon": Coupon,
    "event": Event,
    "product": Product,
    "divider": Divider,
    "spacer": Spacer,
}
_NAMES: Final = {cls: name for name, cls in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Document:
    """`preheader` is what a mailbox shows beside the subject; `own_text` stands in place of the text part
    that is made of the blocks, and is a text with merge fields as of any mail.
    """

    blocks: tuple[Block, ...] = ()
    preheader: str = ""
    own_text: str | None = None


EMPTY: Final = Document()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a document lacks before it can leave; `block_id` None: the whole."""

    block_id: str | None
    name: str  # of the field
    ja: str
    en: str
    number: int | None = field(default=None)  # of the block, from 1
    line: int | None = field(default=None)  # of the code, from 1; the sentences name it

    def sentence(self, language: str) -> str:
        told = self.told(language)
        if self.number is None:
            return told
        return (
            f"ブロック{self.number}: {told}" if language.startswith("ja") else f"Block {self.number}: {told}"
        )

    def told(self, language: str) -> str:
        """Without its number, for a reader who sees the block."""
        return self.ja if language.startswith("ja") else self.en

    @property
    def fault(self) -> TemplateFault:
        return TemplateFault("document", self.sentence("ja"), self.sentence("en"))


def kind_of(block: Block) -> str:
    return _NAMES[type(block)]


def parse_document(value: Json) -> Document:
    """Raises TemplateFault: unknown parts, more than the limits, another schema."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise malformed()
    unknown = set(value) - {"schema", "blocks", "preheader", "own_text"}
    blocks = value.get("blocks")
    if unknown or not isinstance(blocks, list):
        raise malformed()
    if len(blocks) > BLOCKS_MAX:
        raise _too_many_blocks()
    document = Document(
        tuple(map(_block, blocks)),
        _words(value.get("preheader", ""), PREHEADER_CHARACTERS_MAX),
        _own_text(value.get("own_text")),
    )
    if len({each.block_id for each in document.blocks}) != len(document.blocks):
        raise malformed()
    if len(written(document)) > DOCUMENT_BYTES_MAX:
        raise TemplateFault(
            "document",
            "本文が長すぎます。短くしてください。",
            "The content is too long. Make it shorter.",
        )
    return document


def read_document(source: str | bytes) -> Document:
    """Of JSON. Raises TemplateFault."""
    if len(source) > 2 * DOCUMENT_BYTES_MAX:  # beyond that nobody looks what it is
        raise malformed()
    try:
        value = json.loads(source)
    except (ValueError, RecursionError) as fault:
        raise malformed() from fault
    return parse_document(value)


def dump_document(document: Document) -> dict[str, Json]:
    return {
        "schema": SCHEMA,
        "blocks": [_dumped(each) for each in document.blocks],
        "preheader": document.preheader,
        "own_text": document.own_text,
    }


def written(document: Document) -> bytes:
    return json.dumps(dump_document(document), ensure_ascii=False).encode()


def images_in(document: Document) -> Sequence[UUID]:
    """Each once, in order."""
    images = (each.image for each in document.blocks if isinstance(each, Image | Product))
    return list(dict.fromkeys(image for image in images if image is not None))


def unfinished(document: Document, known: Collection[UUID] = ()) -> list[Unfinished]:
    """What it lacks, in order; `known` are the pictures there are."""
    found = [
        Unfinished(block.block_id, name, ja, en, number)
        for number, block in enumerate(document.blocks, 1)
        for name, ja, en in _lacks(block, known)
    ]
    if not any(_is_read(each) for each in document.blocks):
        whole = Unfinished(
            None, "blocks", "本文がまだありません。ブロックを追加して書いてください。",
            "Nothing is written yet. Add a block and write into it.",
        )  # fmt: skip
        return [*found, whole]
    return found


_Lack: TypeAlias = tuple[str, str, str]


def _lacks(block: Block, known: Collection[UUID]) -> Iterator[_Lack]:  # noqa: C901, PLR0912 - one case a kind
    match block:
        case Heading(text=text):
            if not _says(text):
                yield "text", "見出しを入力してください。", "Enter the heading."
        case Text(prose=prose):
            if empty(prose):
                yield "prose", "文章を入力してください。", "Enter the text."
        case Image():
            yield from _lacks_of_picture(block, known, needed=True)
            yield from _lacks_of_link(block.href, needed=False)
        case Button(label=label, href=href):
            if not _says(label):
                yield "label", "ボタンの文字を入力してください。", "Enter what the button says."
            yield from _lacks_of_link(href, needed=True)
        case Coupon(title=title, code=code):
            if not title.strip():
                yield "title", "クーポンの内容を入力してください。", "Enter what the coupon is for."
            if not code.strip():
                yield "code", "クーポンコードを入力してください。", "Enter the code of the coupon."
        case Event(title=title, when=when, href=href):
            if not title.strip():
                yield "title", "イベントの名前を入力してください。", "Enter the name of the event."
            if not when.strip():
                yield "when", "日時を入力してください。", "Enter when it is."
            yield from _lacks_of_link(href, needed=False)
        case Product(title=title):
            if not title.strip():
                yield "title", "商品の名前を入力してください。", "Enter the name of the product."
            yield from _lacks_of_picture(block, known, needed=False)
            yield from _lacks_of_link(block.href, needed=False)
        case Divider() | Spacer():
            return
        case unreachable:
            assert_never(unreachable)


def _lacks_of_picture(block: Image | Product, known: Collection[UUID], *, needed: bool) -> Iterator[_Lack]:
    if block.image is None:
        if needed:
            yield "image", "画像を選んでください。", "Choose a picture."
        return
    if block.image not in known:
        yield (
            "image",
            "画像がもうありません。ほかの画像を選んでください。",
            "The picture is gone. Choose another.",
        )
    if not block.alt.strip():
        yield (
            "alt",
            "画像の説明を入力してください。画像が見えない人が読みます。",
            "Describe the picture: it is read where pictures are not shown.",
        )


def _lacks_of_link(href: str, *, needed: bool) -> Iterator[_Lack]:
    if not href and needed:
        yield "href", "リンク先を入力してください。", "Enter where it leads."
    elif href and not is_link(href):
        yield (
            "href",
            "リンク先は https:// か mailto: か tel: で始めてください。",
            "Begin the link with https://, mailto: or tel:.",
        )


def _says(line: Line) -> bool:
    return any(isinstance(each, Merge) or each.text.strip() for each in line)


def _is_read(block: Block) -> bool:
    return not isinstance(block, Divider | Spacer)


_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "heading": frozenset({"text"}),
    "text": frozenset({"doc"}),
    "image": frozenset({"image", "alt", "href"}),
    "button": frozenset({"label", "href"}),
    "coupon": frozenset({"title", "code", "until"}),
    "event": frozenset({"title", "when", "place", "href"}),
    "product": frozenset({"title", "price", "text", "image", "alt", "href"}),
    "divider": frozenset(),
    "spacer": frozenset({"height_px"}),
}


def _block(value: Json) -> Block:
    kind, block_id = _head(value)
    said = {name: each for name, each in value.items() if name not in ("id", "type")}
    if set(said) - _FIELDS[kind]:
        raise malformed()
    match kind:
        case "heading":
            return Heading(block_id, parse_line(said.get("text", []), LINE_CHARACTERS_MAX))
        case "text":
            return Text(block_id, parse_prose(said.get("doc", {"type": "doc"})))
        case "button":
            return Button(
                block_id, parse_line(said.get("label", []), LINE_CHARACTERS_MAX), _href(said.get("href", ""))
            )
        case "divider":
            return Divider(block_id)
        case "spacer":
            return Spacer(block_id, _height(said.get("height_px", SPACE_PX_USUAL)))
        case _:
            return _of_words(kind, block_id, said)


def _of_words(kind: str, block_id: str, said: Mapping[str, Json]) -> Block:
    fields: dict[str, Any] = {
        name: _PARSERS[name](said[name]) for name in _FIELDS[kind] if said.get(name) is not None
    }
    return KINDS[kind](block_id, **fields)


def _head(value: Json) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise malformed()
    kind, block_id = value.get("type"), value.get("id")
    if not isinstance(kind, str) or kind not in KINDS:
        shown = str(kind)[:40]
        raise TemplateFault(
            "document",
            f"「{shown}」というブロックはありません。",
            f"There is no block “{shown}”.",
        )
    if not isinstance(block_id, str) or not _ID.fullmatch(block_id):
        raise malformed()
    return kind, block_id


def _words(value: Json, characters_max: int) -> str:
    if not isinstance(value, str):
        raise malformed()
    words = " ".join(cleaned(value).splitlines())
    if len(words) > characters_max:
        raise too_long(characters_max)
    return words


def _paragraphs(value: Json) -> str:
    if not isinstance(value, str):
        raise malformed()
    words = cleaned(value)
    if len(words) > WORDS_CHARACTERS_MAX:
        raise too_long(WORDS_CHARACTERS_MAX)
    return words


def _href(value: Json) -> str:
    return _words(value, HREF_CHARACTERS_MAX).strip()


def _image(value: Json) -> UUID:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as fault:
        raise malformed() from fault


def _height(value: Json) -> int:
    lowest, highest = SPACE_PX
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise TemplateFault(
            "document",
            f"余白は{lowest}から{highest}までの数字にしてください。",
            f"A space is between {lowest} and {highest} pixels high.",
        )
    return value


def _own_text(value: Json) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise malformed()
    if len(value) > OWN_TEXT_CHARACTERS_MAX:
        raise too_long(OWN_TEXT_CHARACTERS_MAX)
    return cleaned(value)


_PARSERS: Final[Mapping[str, Any]] = {
    "title": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "code": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "until": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "when": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "place": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "price": lambda value: _words(value, LINE_CHARACTERS_MAX),
    "text": _paragraphs,
    "alt": lambda value: _words(value, ALT_CHARACTERS_MAX),
    "href": _href,
    "image": _image,
}


def _dumped(block: Block) -> dict[str, Json]:
    head = {"id": block.block_id, "type": kind_of(block)}
    match block:
        case Heading(text=text):
            return {**head, "text": dump_line(text)}
        case Text(prose=prose):
            return {**head, "doc": dump_prose(prose)}
        case Button(label=label, href=href):
            return {**head, "label": dump_line(label), "href": href}
        case _:
            fields = {name: getattr(block, name) for name in sorted(_FIELDS[kind_of(block)])}
            return head | {
                name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()
            }


def _too_many_blocks() -> TemplateFault:
    return TemplateFault(
        "document",
        f"ブロックは{BLOCKS_MAX}個までです。まとめるか、減らしてください。",
        f"A mail has at most {BLOCKS_MAX} blocks. Put some together, or remove some.",
    )
