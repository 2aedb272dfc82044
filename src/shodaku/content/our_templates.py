"""Contents of ours to begin a campaign from: newsletter, event, coupon, notice, in Japanese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from shodaku.content.document import (
    Block,
    Button,
    Coupon,
    Divider,
    Document,
    Event,
    Heading,
    Text,
    dump_document,
    parse_document,
)
from shodaku.content.typed_text import read_line, read_prose

LANGUAGES: Final = ("ja", "en")


@dataclass(frozen=True, slots=True)
class OurTemplate:
    """`key` names it in addresses, `newsletter-ja`; what only the sender knows is empty in its document."""

    key: str
    language: str
    name: str
    note: str
    subject: str
    document: Document


@cache
def our_templates() -> Mapping[str, OurTemplate]:
    """By key, in the order in which they are offered."""
    told = tomllib.loads((files(__package__) / "our_templates.toml").read_text(encoding="utf-8"))
    found = [
        OurTemplate(
            f"{kind}-{language}",
            language,
            said["name"],
            said["note"],
            said["subject"],
            _document(said["blocks"]),
        )
        for kind, languages in told.items()
        for language, said in languages.items()
    ]
    return {each.key: each for each in found}


def _document(said: Sequence[Mapping[str, Any]]) -> Document:
    """As it is read again when it was kept."""
    blocks = tuple(_block(f"b{number}", each) for number, each in enumerate(said, 1))
    return parse_document(dump_document(Document(blocks)))


def _block(block_id: str, said: Mapping[str, Any]) -> Block:
    match said["type"]:
        case "heading":
            return Heading(block_id, read_line(said["text"]))
        case "text":
            return Text(block_id, read_prose(said["text"]))
        case "button":
            return Button(block_id, read_line(said["label"]), said["href"])
        case "coupon":
            return Coupon(block_id, said["title"], said["code"], said["until"])
        case "event":
            return Event(block_id, said["title"], said["when"], said["place"], said["href"])
        case "divider":
            return Divider(block_id)
        case other:
            raise ValueError(other)
