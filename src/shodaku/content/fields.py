"""The check that nothing but merge fields varies in a message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from typing import Final

from shodaku.content.faults import TemplateFault
from shodaku.content.merge_fields import KNOWN, SLOT

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
        for name in SLOT.findall(line):
            if name not in known:
                raise _unknown(part, name, known, number)


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
