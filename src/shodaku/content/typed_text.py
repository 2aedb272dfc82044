"""Rich text as somebody types it into a plain field, and back: the editor of who uses no scripts.

`{{ name }}` is a merge field, `{{ name|words }}` one with words where it is empty; `**bold**`, `*italic*`,
`[words](https://…)`; a free line ends a paragraph, lines that begin with "- ", "・" or "1. " are a list. A
backslash takes a sign as it is, and alone it is an empty line. What is written here is read as the same text,
so nothing is lost by saving it without scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Final

from shodaku.content.merge_fields import FIELDS, SLOT, fallback_of, is_fallback, key_of
from shodaku.content.rich_text import (
    Break,
    Inline,
    Items,
    Line,
    Merge,
    Paragraph,
    Prose,
    Run,
    cleaned,
    is_link,
    joined,
)

_BULLET: Final = re.compile(r"- |・")
_NUMBER: Final = re.compile(r"[0-9]{1,4}\. ")
_ITEM: Final = re.compile(f"{_BULLET.pattern}|{_NUMBER.pattern}")
_LINKED: Final = re.compile(r"\[((?:[^\[\]\\\n]|\\.)+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)")
_SPECIAL: Final = re.compile(r"[\\*\[\]{]")
_AS_IT_IS: Final = re.compile(r"\\([\\*\[\]{\-・\s0-9])")
_NEW_LINE: Final = "\\↵"  # inside of an item of a list, whose own end a line end is
_BOLD, _ITALIC = "**", "*"


def read_line(typed: str) -> Line:
    """Of a heading or a button: merge fields alone."""
    words = " ".join(cleaned(typed).splitlines())
    return tuple(each for each in joined(_plain(words, Run(""))) if not isinstance(each, Break))


def write_line(line: Line) -> str:
    return "".join(map(_words, line))


def read_prose(typed: str) -> Prose:
    lines = cleaned(typed).split("\n")
    blocks = (list(block) for full, block in groupby(lines, key=lambda line: bool(line.strip())) if full)
    return tuple(part for block in blocks for part in _block(block))


def write_prose(prose: Prose) -> str:
    return "\n\n".join(map(_written, prose))


def _block(lines: list[str]) -> Iterator[Paragraph | Items]:
    for kind, run in groupby(lines, key=_kind):
        if kind is None:
            yield _paragraph(run)
        else:
            items = (kind.sub("", line, count=1) for line in run)
            yield Items(kind is _NUMBER, tuple(_paragraph(each.split(_NEW_LINE)) for each in items))


def _kind(line: str) -> re.Pattern[str] | None:
    return next((each for each in (_BULLET, _NUMBER) if each.match(line)), None)


def _paragraph(lines: Iterable[str]) -> Paragraph:
    parts: list[Inline] = []
    for number, line in enumerate(lines):
        parts += [Break()] if number else []
        parts += [] if line == "\\" else _styled(line)
    return Paragraph(tuple(joined(parts)))


def _styled(text: str) -> Iterator[Inline]:
    """With links, and what is bold or italic; an asterisk without its other one is an asterisk."""
    look, at = Run(""), 0
    while at < len(text):
        if (link := _LINKED.match(text, at)) is not None and is_link(link[2]):
            yield from _plain(link[1], replace(look, href=link[2]))
            at = link.end()
        elif text.startswith(_BOLD, at) and (look.bold or _ends(text, _BOLD, at)):
            look = replace(look, bold=not look.bold)
            at += len(_BOLD)
        elif text.startswith(_ITALIC, at) and (look.italic or _ends(text, _ITALIC, at)):
            look = replace(look, italic=not look.italic)
            at += len(_ITALIC)
        else:
            part, at = _sign(text, at, look)
            yield part


def _ends(text: str, mark: str, at: int) -> bool:
    return mark in _AS_IT_IS.sub("", text[at + len(mark) :])


def _plain(text: str, look: Run) -> Iterator[Inline]:
    at = 0
    while at < len(text):
        part, at = _sign(text, at, look)
        yield part


def _sign(text: str, at: int, look: Run) -> tuple[Inline, int]:
    """One sign or one merge field, and where the next begins."""
    if (taken := _AS_IT_IS.match(text, at)) is not None:
        return replace(look, text=taken[1]), taken.end()
    if (field := SLOT.match(text, at)) is not None and (key := key_of(field[1])) in FIELDS:
        words = fallback_of(field[1])
        if is_fallback(words):
            return Merge(key, look.bold, look.italic, look.href, words), field.end()
    return replace(look, text=text[at]), at + 1


def _written(part: Paragraph | Items) -> str:
    if isinstance(part, Paragraph):
        return "\n".join(f"\\{line}" if _ITEM.match(line) else line for line in _lines(part))
    return "\n".join(
        (f"{number}. " if part.ordered else "- ") + _NEW_LINE.join(_lines(item))
        for number, item in enumerate(part.items, 1)
    )


def _lines(paragraph: Paragraph) -> list[str]:
    lines: list[list[Run | Merge]] = [[]]
    for part in paragraph.content:
        if isinstance(part, Break):
            lines.append([])
        else:
            lines[-1].append(part)
    return [_line(each) for each in lines]


def _line(parts: list[Run | Merge]) -> str:
    """Marks stand only where the look changes: two of them in a row would mean something else."""
    told, look = [], Run("")
    for part in (*parts, Run("")):
        told.append(_BOLD if part.bold != look.bold else "")
        told.append(_ITALIC if part.italic != look.italic else "")
        words = _words(part)
        told.append(f"[{words}]({_in_brackets(part.href)})" if part.href and words else words)
        look = Run("", part.bold, part.italic)
    line = "".join(told)
    return line if line.strip() else f"\\{line}"


def _in_brackets(href: str) -> str:
    """With brackets that belong together, or spelled out."""
    return href if _LINKED.fullmatch(f"[a]({href})") else href.replace("(", "%28").replace(")", "%29")


def _words(part: Run | Merge) -> str:
    if isinstance(part, Merge):
        return f"{{{{ {part.slot} }}}}"
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", part.text)
