"""HTML that somebody wrote, made harmless: cleaned, its CSS moved into the elements, nothing loaded.

The native parsers overflow their stack on deep nesting and take the process with them (nh3 0.3 between 40,000
and 100,000 open elements, css-inline 0.23 between 5,000 and 10,000), so tags are counted before the first
and depth before the second.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import css_inline
import nh3

from shodaku.content.domain import HTML_BYTES_MAX
from shodaku.content.faults import TemplateFault
from shodaku.content.merge_fields import SLOT
from shodaku.content.promotions import ATTRIBUTE

TAGS_MAX: Final = 3_000
DEPTH_MAX: Final = 100
CSS_WORK_MAX: Final = 50_000_000  # bytes of CSS times tags: every rule may be copied to every element

_STYLE: Final = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[A-Za-z]")
_ATTRIBUTES: Final = {
    "*": {"style", "class", "id", "align", "valign", "dir", "lang", "width", "height", "bgcolor", ATTRIBUTE},
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "table": {"border", "cellpadding", "cellspacing", "role"},
}
_PROPERTIES: Final = {  # no position, transform or z-index: nothing may be laid over the legal display
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-color",
    "border-left", "border-radius", "border-right", "border-spacing", "border-style", "border-top",
    "border-width", "color", "direction", "display", "font", "font-family", "font-size", "font-style",
    "font-weight", "height", "letter-spacing", "line-height", "list-style", "list-style-type",
    "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "table-layout", "text-align", "text-decoration", "text-indent", "vertical-align", "white-space",
    "width", "word-break",
}  # fmt: skip
_SCHEMES: Final = {"http", "https", "mailto", "tel", "cid"}
_OWN_FILE: Final = "cid:"  # RFC 2392; of images alone
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "wbr"})
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False)


def split_styles(source: str) -> tuple[str, str]:
    """The HTML without its style sheets, each line at its place, and the CSS that stood in them."""
    sheets = "\n".join(_STYLE.findall(source))
    return _STYLE.sub(lambda sheet: "\n" * sheet[0].count("\n"), source), sheets


def tidy(html: str, css: str) -> str:
    """Scripts, forms, frames and events go, unclosed elements are closed, CSS stands in the elements.

    Raises TemplateFault.
    """
    tags = len(_TAG.findall(html))
    if tags > TAGS_MAX or len(css) * tags > CSS_WORK_MAX:
        raise _too_much()
    if SLOT.search(css):
        raise TemplateFault(
            "html",
            "差し込みはスタイルの中では使えません。",
            "A merge field cannot stand in a style.",
        )
    cleaned = _cleaned(html)
    if len(cleaned.encode()) > HTML_BYTES_MAX or _depth(cleaned) > DEPTH_MAX:
        raise _too_much()
    if not css.strip():
        return cleaned
    inlined = _cleaned(_inlined(cleaned, css))  # again, for the styles that were only now written
    if len(inlined.encode()) > HTML_BYTES_MAX:
        raise _too_much()
    return inlined


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        attributes=_ATTRIBUTES,
        link_rel=None,
        url_schemes=_SCHEMES,
        filter_style_properties=_PROPERTIES,
        attribute_filter=_of_images_alone,
    )


def _of_images_alone(tag: str, _attribute: str, value: str) -> str | None:
    if tag != "img" and value.lstrip().lower().startswith(_OWN_FILE):
        return None
    return value


def _inlined(html: str, css: str) -> str:
    try:
        return _INLINER.inline_fragment(html, css)
    except css_inline.InlineError as fault:
        raise TemplateFault(
            "html",
            "HTMLのスタイル(CSS)を読み取れません。書き方を確かめてください。",
            "The style sheet in the HTML cannot be read. Check how it is written.",
        ) from fault


def _depth(cleaned: str) -> int:
    reader = _Depth()
    reader.feed(cleaned)
    return reader.deepest


def _too_much() -> TemplateFault:
    return TemplateFault(
        "html",
        "HTMLの要素かスタイルが多すぎます。分けるか、減らしてください。",
        "The HTML has too many elements, too deep ones, or too many styles. Write less.",
    )


class _Depth(HTMLParser):
    """Of markup that nh3 wrote: every element is closed, so counting is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._open = self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        if tag not in _VOID:
            self._open += 1
            self.deepest = max(self.deepest, self._open)

    def handle_endtag(self, tag: str) -> None:
        self._open -= tag not in _VOID
