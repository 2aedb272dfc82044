"""A mail written as code becomes the HTML and the text of a mail, as one in blocks does.

What it gives is a draft as anybody could have typed it: frozen, cleaned, checked and closed with the legal
display like every other. Merge fields work; any other braces are text. Of MJML, values of attributes stand in
for themselves until the compiler has run (`literal.Slots`), of Markdown all that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final
from uuid import UUID

import mrml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from shodaku.content.brand import Brand
from shodaku.content.composing import Composed, framed, usual_attributes
from shodaku.content.faults import TemplateFault
from shodaku.content.fields import check_names
from shodaku.content.literal import Slots, fields_alone, literal
from shodaku.content.markup import split_styles, tidy
from shodaku.content.merge_fields import FIELDS, SLOT, fallback_of, key_of
from shodaku.content.picture import Picture
from shodaku.content.source import PICTURE, Language, Source
from shodaku.content.source_faults import (
    first_fault,
    link_fault,
    picture_fault,
    undescribed,
    wrong_in_finished,
)

_PART: Final = "source"
_INSIDE_PX: Final = 550
_MJ_STYLE: Final = re.compile(r"<mj-style\b[^>]*>(.*?)</mj-style\s*>", re.IGNORECASE | re.DOTALL)
_START_TAG: Final = re.compile(
    r"""<[A-Za-z][^\s/>]*(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?>"""
)
_VALUE: Final = re.compile(r"""(?<==)(\s*)("[^"]*"|'[^']*')""")
_PLAIN_VALUE: Final = re.compile(r"[\w #%.,:;()/+-]*", re.ASCII)
_WIDE: Final = re.compile(r"[^\x00-\x7f]+")
_HEAD: Final = re.compile(r"<mj-head\s*>", re.IGNORECASE)
_ROOT: Final = re.compile(r"<mjml\b[^>]*>", re.IGNORECASE)
# the width that the compiler tells Outlook, and the column that it is of
_COLUMN: Final = re.compile(
    r'(width:([0-9]{1,4})(?:\.[0-9]+)?px;?"><!\[endif\]--><div class="[^"]*mj-column-p[^"]*" style=")'
)
_BODY: Final = re.compile(r"<body\b[^>]*>(.*)</body>", re.DOTALL)


def compose_source(source: Source, pictures: Mapping[UUID, Picture], brand: Brand, language: str) -> Composed:
    """Its text is empty where nobody wrote one: it is made of the HTML when that is frozen.

    Raises TemplateFault with the first thing that is wrong, and its line.
    """
    if not source.code.strip():
        raise TemplateFault(_PART, "まだ何も書かれていません。", "Nothing is written yet.")
    match source.language:
        case Language.HTML:
            html = _of_html(source.code, pictures)
        case Language.MJML:
            html = _of_mjml(source.code, pictures, brand, language)
        case Language.MARKDOWN:
            html = _of_markdown(source.code, pictures, brand, language)
    fault = wrong_in_finished(html, {each.url for each in pictures.values()} | _logo(brand))
    if fault is not None:
        raise fault
    return Composed(fields_alone(html), source.own_text or "")


def _logo(brand: Brand) -> set[str]:
    return set() if brand.logo is None else {brand.logo.url}


def _of_html(code: str, pictures: Mapping[UUID, Picture]) -> str:
    _check(code, Language.HTML, pictures)
    html, css = split_styles(code)
    return tidy(_with_pictures(fields_alone(html), pictures), css)


def _of_mjml(code: str, pictures: Mapping[UUID, Picture], brand: Brand, language: str) -> str:
    _check(code, Language.MJML, pictures)
    sheets = "\n".join(_MJ_STYLE.findall(code))
    html, css = split_styles(_MJ_STYLE.sub(lambda sheet: "\n" * sheet[0].count("\n"), code))
    slots = Slots((code + repr((brand, pictures))).encode())
    stood_in = _START_TAG.sub(
        lambda tag: _values_aside(tag[0], slots), _with_pictures(fields_alone(html), pictures)
    )
    # at some Chinese characters its parser looks into the middle of one, and panics: it sees ASCII alone
    stood_in = _WIDE.sub(lambda words: slots.put(words[0]), stood_in)
    compiled = _COLUMN.sub(r"\1max-width:\2px;", _compiled(_with_usual(stood_in, brand)))
    whole, made = split_styles(slots.fill(compiled.replace('lang="und"', f'lang="{language[:2]}"', 1)))
    body = _BODY.search(whole)
    return tidy(body[1] if body else whole, f"{made}\n{css}\n{sheets}")


def _compiled(code: str) -> str:
    """Raises TemplateFault. Its place is counted in octets, and what was put in holds no line end."""
    try:
        return str(mrml.to_html(code).content)
    except OSError as fault:
        at = re.search(r"position ([0-9]+)", str(fault))
        line = None if at is None else code.encode()[: int(at[1])].count(b"\n") + 1
        raise TemplateFault(
            _PART,
            "MJMLを読み取れません。タグの書き方を確かめてください。",
            "The MJML cannot be read. Check how its tags are written.",
            line,
        ) from fault


def _values_aside(tag: str, slots: Slots) -> str:
    """The compiler writes attributes in debug notation, so what is more than plain ASCII waits outside."""

    def aside(found: re.Match[str]) -> str:
        value = found[2][1:-1]
        if _PLAIN_VALUE.fullmatch(value):
            return found[0]
        return f'{found[1]}"{slots.put(value.replace(chr(34), "&quot;").replace("<", "&lt;"))}"'

    return _VALUE.sub(aside, tag)


def _with_usual(code: str, brand: Brand) -> str:
    """Fonts, sizes and colours of the workspace, where the writer chose none."""
    usual = f"<mj-attributes>{usual_attributes(brand)}</mj-attributes>"
    if _HEAD.search(code):
        return _HEAD.sub(lambda head: head[0] + usual, code, count=1)
    return _ROOT.sub(lambda root: f"{root[0]}<mj-head>{usual}</mj-head>", code, count=1)


def _check(code: str, language: Language, pictures: Mapping[UUID, Picture]) -> None:
    """Raises TemplateFault."""
    check_names(_PART, split_styles(code)[0])
    if (fault := first_fault(code, language, pictures.keys())) is not None:
        raise fault


def _with_pictures(code: str, pictures: Mapping[UUID, Picture]) -> str:
    def url(found: re.Match[str]) -> str:
        picture = pictures.get(UUID(found[1]))
        return found[0] if picture is None else escape(picture.url)

    return PICTURE.sub(url, code)


def _of_markdown(code: str, pictures: Mapping[UUID, Picture], brand: Brand, language: str) -> str:
    check_names(_PART, code)
    slots = Slots((code + repr((brand, pictures))).encode())
    reader = _Reader("commonmark", {"html": False, "breaks": True, "xhtmlOut": True}).enable("table")
    tokens = reader.parse(code)
    _check_markdown(tokens, pictures)
    written = _Markdown(slots, pictures).render(tokens, reader.options, {})
    return framed(f"<mj-text>{written}</mj-text>", slots, brand, language)


def _check_markdown(tokens: Sequence[Token], pictures: Mapping[UUID, Picture]) -> None:
    """Raises TemplateFault, with the line on which the paragraph begins."""
    for block in tokens:
        line = None if block.map is None else block.map[0] + 1
        for token in block.children or ():
            fault = None
            if token.type == "link_open":
                fault = link_fault(str(token.attrGet("href") or ""), line)
            elif token.type == "image":
                fault = picture_fault(str(token.attrGet("src") or ""), pictures.keys(), line)
                fault = fault or (None if token.content.strip() else undescribed(line))
            if fault is not None:
                raise fault


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True  # what cannot be a link is told, not passed over


class _Markdown(RendererHTML):
    """Everything that was typed stands in for itself; a rule is named after the token that it writes."""

    def __init__(self, slots: Slots, pictures: Mapping[UUID, Picture]) -> None:
        self._slots = slots
        self._pictures = pictures
        super().__init__()

    def text(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:  # noqa: ANN401 - the library's
        return self._typed(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:  # noqa: ANN401 - the library's
        return f"<code>{self._typed(tokens[idx].content)}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:  # noqa: ANN401 - the library's
        return f"<pre><code>{self._typed(tokens[idx].content)}</code></pre>"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ANN401 - the library's
        return self.code_block(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:  # noqa: ANN401 - the library's
        return f"<a href='{self._aside(str(tokens[idx].attrGet('href')))}'>"

    def image(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:  # noqa: ANN401 - the library's
        said, alt = str(tokens[idx].attrGet("src")), self._aside(tokens[idx].content)
        named = PICTURE.fullmatch(said)
        if named is None:
            return f"<img src='{self._aside(said)}' alt='{alt}'/>"
        picture = self._pictures[UUID(named[1])]
        width = min(picture.width_px, _INSIDE_PX)
        return f"<img src='{self._aside(picture.url)}' alt='{alt}' width='{width}' style='max-width:100%'/>"

    def _aside(self, value: str) -> str:
        return self._slots.put(escape(literal(value)))

    def _typed(self, text: str) -> str:
        told, at = [], 0
        for found in SLOT.finditer(text):
            told += [self._aside(text[at : found.start()]), self._field(found)]
            at = found.end()
        return "".join((*told, self._aside(text[at:])))

    def _field(self, found: re.Match[str]) -> str:
        key, words = key_of(found[1]), fallback_of(found[1])
        return self._slots.merge(key, words) if key in FIELDS else self._slots.put(found[0])
