"""The check that nothing but merge fields varies in a message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from typing import Final

from shodaku.content.faults import TemplateFault
from shodaku.content.merge_fields import (
    FALLBACK_CHARACTERS_MAX,
    FIELDS,
    FILTERS,
    KNOWN,
    SLOT,
    fallback_of,
    is_fallback,
    key_of,
)

_BEGUN: Final = re.compile(r"\{\{ *\w+ *\|")  # of a field with words that cannot stand there
_BRACES: Final = re.compile(r"\{[{%#]|[%#}]\}")


def check_fields(part: str, source: str, known: Collection[str] = KNOWN) -> None:
    """Only `{{ field }}` of a known field. Raises TemplateFault, with the line and what to write instead."""
    check_names(part, source, known)
    for number, line in enumerate(source.split("\n"), 1):
        # a space in its place, or the braces around a field would be taken for a field
        if (stray := _BRACES.search(SLOT.sub(" ", line))) is not None:
            raise _not_a_field(part, stray[0], number)


def check_names(part: str, source: str, known: Collection[str] = KNOWN) -> None:
    """What looks like a merge field is one; other braces are not looked at. Raises TemplateFault."""
    for number, line in enumerate(source.split("\n"), 1):
        for slot in SLOT.findall(line):
            key = key_of(slot)
            if key not in known or ("|" in slot and key not in FIELDS):
                raise _unknown(part, key, known, number)
            words = fallback_of(slot)
            if words.lower() in FILTERS:
                raise _no_filter(part, words, number)
            if not is_fallback(words):
                raise fallback_fault(part, number)
        if _BEGUN.search(SLOT.sub(" ", line)):
            raise fallback_fault(part, number)


def fallback_fault(part: str, line: int | None = None) -> TemplateFault:
    return TemplateFault(
        part,
        f"差し込みの代わりの言葉は{FALLBACK_CHARACTERS_MAX}文字までです。"
        "記号 { } | < > & \" ' ` * [ ] は使えません。",
        f"The words in place of a merge field have at most {FALLBACK_CHARACTERS_MAX} characters, and none of "
        "{ } | < > & \" ' ` * [ ].",
        line,
    )


def _no_filter(part: str, words: str, line: int) -> TemplateFault:
    return TemplateFault(
        part,
        f"「|{words}」という命令は使えません。「|」の後ろには、差し込むものがない人に見せる言葉を書いてください。",
        f"“|{words}” does nothing here. Behind “|” write the words for people of whom nothing is known.",
        line,
    )


def _unknown(part: str, name: str, known: Collection[str], line: int) -> TemplateFault:
    near = difflib.get_close_matches(name, sorted(known), 1, 0.5)
    meant = f"{{{{ {near[0]} }}}}" if near else "{{ name }}"
    return TemplateFault(
        part,
        f"「{name}」という差し込みはここにはありません。{meant} などに直してください。",
        f"There is no merge field “{name}” here. Write {meant}, for example.",
        line,
    )


def _not_a_field(part: str, found: str, line: int) -> TemplateFault:
    return TemplateFault(
        part,
        f"「{found}」は使えません。ここで使えるのは {{{{ name }}}} のような差し込みだけです。",
        f"“{found}” cannot be used. Only merge fields such as {{{{ name }}}} can stand here.",
        line,
    )
