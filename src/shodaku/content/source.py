"""A mail written as code: MJML, HTML or Markdown as somebody typed it, and how it is kept.

Like blocks it holds no legal display, and it may be wrong for as long as somebody writes: it is kept as it
stands, and composed when nothing is wrong with it (content.composing_source). A picture is one of the
library, `picture:` and its id, or one that the mail carries, `cid:` and its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from shodaku.content.document import (
    DOCUMENT_BYTES_MAX,
    OWN_TEXT_CHARACTERS_MAX,
    SCHEMA,
    Document,
    dump_document,
    parse_document,
)
from shodaku.content.document import images_in as images_in_blocks
from shodaku.content.faults import TemplateFault
from shodaku.content.rich_text import Json, cleaned, malformed, too_long

SOURCE_BYTES_MAX: Final = DOCUMENT_BYTES_MAX
PICTURE: Final = re.compile(
    r"picture:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f-])"
)


class Language(StrEnum):
    MJML = "mjml"
    HTML = "html"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Source:
    """`own_text` stands in place of the text part that is made of the code."""

    language: Language
    code: str = ""
    own_text: str | None = None


Written: TypeAlias = Document | Source  # what a campaign or a template is kept as


def parse_written(value: Json) -> Written:
    """Raises TemplateFault: unknown parts, more than the limits, another schema."""
    return parse_source(value) if isinstance(value, dict) and "language" in value else parse_document(value)


def parse_source(value: Json) -> Source:
    """Raises TemplateFault."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise malformed()
    if set(value) - {"schema", "language", "code", "own_text"}:
        raise malformed()
    return source_of(value.get("language"), value.get("code"), value.get("own_text"))


def source_of(language: Json, code: Json, own_text: Json) -> Source:
    """Raises TemplateFault."""
    if not isinstance(language, str) or language not in set(Language) or not isinstance(code, str):
        raise malformed()
    code = cleaned(code)
    if len(code.encode()) > SOURCE_BYTES_MAX:
        raise TemplateFault(
            "source",
            "コードが長すぎます。300 KBまでです。",
            "The code is too long: at most 300 KB.",
        )
    return Source(Language(language), code, _own_text(own_text))


def read_written(source: str) -> Written:
    """Of JSON. Raises TemplateFault."""
    if len(source) > 2 * (DOCUMENT_BYTES_MAX + OWN_TEXT_CHARACTERS_MAX):
        raise malformed()
    try:
        value = json.loads(source)
    except (ValueError, RecursionError) as fault:
        raise malformed() from fault
    return parse_written(value)


def dump_written(written: Written) -> dict[str, Json]:
    if isinstance(written, Document):
        return dump_document(written)
    return {
        "schema": SCHEMA,
        "language": written.language.value,
        "code": written.code,
        "own_text": written.own_text,
    }


def images_in_written(written: Written) -> Sequence[UUID]:
    """Each once, in order."""
    if isinstance(written, Document):
        return images_in_blocks(written)
    return list(dict.fromkeys(map(UUID, PICTURE.findall(written.code))))


def _own_text(value: Json) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise malformed()
    if len(value) > OWN_TEXT_CHARACTERS_MAX:
        raise too_long(OWN_TEXT_CHARACTERS_MAX)
    return cleaned(value) if value.strip() else None
