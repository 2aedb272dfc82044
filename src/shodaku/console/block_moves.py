"""What a press does to the blocks of a mail: up, down, a copy, away and back again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from shodaku.content.domain import Block, Document

STEPS: Final = {"up": -1, "down": 1}


def place_of(document: Document, block_id: str) -> int | None:
    """From 0; None: there is no such block."""
    return next((at for at, each in enumerate(document.blocks) if each.block_id == block_id), None)


def moved(document: Document, block_id: str, step: int) -> Document:
    """At the edge it stays where it is."""
    at = place_of(document, block_id)
    if at is None or not 0 <= at + step < len(document.blocks):
        return document
    blocks = list(document.blocks)
    blocks.insert(at + step, blocks.pop(at))
    return replace(document, blocks=tuple(blocks))


def doubled(document: Document, block_id: str, fresh: str) -> Document:
    """The copy stands below it."""
    at = place_of(document, block_id)
    if at is None:
        return document
    return with_block(document, replace(document.blocks[at], block_id=fresh), at + 1)


def without(document: Document, block_id: str) -> Document:
    return replace(document, blocks=tuple(each for each in document.blocks if each.block_id != block_id))


def with_block(document: Document, block: Block, at: int | None = None) -> Document:
    """At the end, or where it once stood."""
    blocks: Sequence[Block] = document.blocks
    at = len(blocks) if at is None else min(at, len(blocks))
    return replace(document, blocks=(*blocks[:at], block, *blocks[at:]))
