"""A document as it could look when it is finished: for templates, whose gaps only a user can fill. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

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
    unfinished,
)
from shodaku.content.typed_text import read_line, read_prose

_HREF: Final = "https://example.jp/"
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {
        "heading": "見出し",
        "text": "ここに文章を書きます。",
        "button": "ボタン",
        "coupon": "クーポンの内容",
        "code": "CODE",
        "event": "イベントの名前",
        "when": "○月○日（○）○時から",
        "product": "商品の名前",
        "alt": "画像",
    },
    "en": {
        "heading": "Heading",
        "text": "Your text stands here.",
        "button": "Button",
        "coupon": "What the coupon is for",
        "code": "CODE",
        "event": "Name of the event",
        "when": "Day and time",
        "product": "Name of the product",
        "alt": "Picture",
    },
}


def sampled(document: Document, known: Collection[UUID], language: str) -> Document:
    """Finished: each gap filled with words that say what belongs there; a picture that is gone, left out."""
    words = _WORDS["en" if language == "en" else "ja"]
    lacking = {(each.block_id, each.name) for each in unfinished(document, known)}
    blocks = []
    for block in document.blocks:
        gone = isinstance(block, Image) and (block.block_id, "image") in lacking
        if not gone:
            blocks.append(_filled(block, {name for at, name in lacking if at == block.block_id}, words))
    if all(isinstance(each, Divider | Spacer) for each in blocks):
        blocks.append(Text("sample", read_prose(words["text"])))
    return replace(document, blocks=tuple(blocks), own_text=None)


def _filled(block: Block, lacking: Collection[str], words: Mapping[str, str]) -> Block:
    match block:
        case Heading() if "text" in lacking:
            return replace(block, text=read_line(words["heading"]))
        case Text() if "prose" in lacking:
            return replace(block, prose=read_prose(words["text"]))
        case Button():
            label = read_line(words["button"]) if "label" in lacking else block.label
            return replace(block, label=label, href=_link(block.href, lacking))
        case Coupon():
            title = words["coupon"] if "title" in lacking else block.title
            return replace(block, title=title, code=words["code"] if "code" in lacking else block.code)
        case Event():
            title = words["event"] if "title" in lacking else block.title
            when = words["when"] if "when" in lacking else block.when
            return replace(block, title=title, when=when, href=_link(block.href, lacking))
        case Product():
            title = words["product"] if "title" in lacking else block.title
            image = None if "image" in lacking else block.image
            alt = words["alt"] if "alt" in lacking else block.alt
            return replace(block, title=title, image=image, alt=alt, href=_link(block.href, lacking))
        case Image():
            alt = words["alt"] if "alt" in lacking else block.alt
            return replace(block, alt=alt, href=_link(block.href, lacking))
        case _:
            return block


def _link(href: str, lacking: Collection[str]) -> str:
    return _HREF if "href" in lacking else href
