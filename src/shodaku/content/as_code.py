"""A mail in blocks as the MJML that somebody goes on writing by hand: the same look, every merge field with
its words. One way: code is never read back into blocks.

It may be as unfinished as its blocks are; what they lack is told of the code then, with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final, assert_never
from uuid import UUID

from shodaku.content.brand import Brand
from shodaku.content.composing import INSIDE_PX, LINE, LOGO_PX, PAPER, style_sheet
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
)
from shodaku.content.literal import fields_alone, literal
from shodaku.content.picture import Picture
from shodaku.content.rich_text import Break, Inline, Items, Merge, Paragraph, Prose
from shodaku.content.source import Language, Source, source_of

_COUPON_GROUND: Final = "#faf3e6"
_EVENT_GROUND: Final = "#eef2f7"
_INSIDE: Final = " " * 8  # of a column


def as_code(document: Document, pictures: Mapping[UUID, Picture], brand: Brand) -> Source:
    """In MJML. Raises TemplateFault where that is longer than code may be."""
    parts = [*_logo(brand), *(part for block in document.blocks for part in _block(block, pictures))]
    column = "\n".join(_INSIDE + line for part in parts for line in part.split("\n"))
    preview = (
        f"    <mj-preview>{_text(document.preheader)}</mj-preview>\n" if document.preheader.strip() else ""
    )
    code = (
        "<mjml>\n"
        "  <mj-head>\n"
        f"{preview}"
        f"    <mj-style>\n{_style(brand)}\n    </mj-style>\n"
        "  </mj-head>\n"
        f'  <mj-body background-color="{PAPER}">\n'
        '    <mj-section background-color="#ffffff">\n'
        "      <mj-column>\n"
        f"{column}\n"
        "      </mj-column>\n"
        "    </mj-section>\n"
        "  </mj-body>\n"
        "</mjml>\n"
    )
    return source_of(Language.MJML.value, fields_alone(code), document.own_text)


def _style(brand: Brand) -> str:
    """A rule a line."""
    rules = style_sheet(brand).split("}")
    return "\n".join(f"      {rule}}}" for rule in rules if rule)


def _logo(brand: Brand) -> Iterator[str]:
    if brand.logo is not None:
        yield _picture(brand.logo.image_id, brand.logo.alt, "", min(brand.logo.width_px, LOGO_PX))


def _block(block: Block, pictures: Mapping[UUID, Picture]) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield f"<mj-text><h2>{_inline(text)}</h2></mj-text>"
        case Text(prose=prose):
            yield "\n".join(("<mj-text>", *(f"  {part}" for part in _prose(prose)), "</mj-text>"))
        case Image(image=image, alt=alt, href=href):
            yield _picture(image, alt, href, _width(image, pictures))
        case Button(label=label, href=href):
            yield f'<mj-button href="{_attribute(href)}">{_inline(label)}</mj-button>'
        case Coupon(title=title, code=code, until=until):
            rows = [_text(title), f'<strong class="code">{_text(code)}</strong>', *_told(until)]
            yield _rows(rows, f' align="center" container-background-color="{_COUPON_GROUND}"')
        case Event(title=title, when=when, place=place, href=href):
            rows = [f"<strong>{_linked(title, href)}</strong>", *_told(when), *_told(place)]
            yield _rows(rows, f' container-background-color="{_EVENT_GROUND}"')
        case Product():
            yield from _product(block, pictures)
        case Divider():
            yield f'<mj-divider border-width="1px" border-color="{LINE}" />'
        case Spacer(height_px=height):
            yield f'<mj-spacer height="{height}px" />'
        case unreachable:
            assert_never(unreachable)


def _product(product: Product, pictures: Mapping[UUID, Picture]) -> Iterator[str]:
    if product.image is not None:
        yield _picture(product.image, product.alt, product.href, _width(product.image, pictures))
    rows = [f"<strong>{_linked(product.title, product.href)}</strong>"]
    rows += [_text(each) for each in product.text.split("\n") if each.strip()]
    rows += [f"<strong>{each}</strong>" for each in _told(product.price)]
    yield _rows(rows, "")


def _rows(rows: Iterable[str], attributes: str) -> str:
    return f"<mj-text{attributes}><p>{'<br />'.join(rows)}</p></mj-text>"


def _picture(image: UUID | None, alt: str, href: str, width_px: int) -> str:
    """Of a picture that nobody chose yet the place, where the code is told to lack it."""
    source = "" if image is None else f"picture:{image}"
    link = f' href="{_attribute(href)}"' if href else ""
    return f'<mj-image src="{source}" alt="{_attribute(alt)}" width="{width_px}px"{link} />'


def _width(image: UUID | None, pictures: Mapping[UUID, Picture]) -> int:
    known = None if image is None else pictures.get(image)
    return INSIDE_PX if known is None else min(known.width_px, INSIDE_PX)


def _linked(text: str, href: str) -> str:
    return f'<a href="{_attribute(href)}">{_text(text)}</a>' if href else _text(text)


def _told(text: str) -> Iterator[str]:
    if text.strip():
        yield _text(text)


def _prose(prose: Prose) -> Iterator[str]:
    for part in prose:
        if isinstance(part, Paragraph):
            yield f"<p>{_inline(part.content) or '&nbsp;'}</p>"  # a line that somebody left free
        else:
            yield _items(part)


def _items(part: Items) -> str:
    tag = "ol" if part.ordered else "ul"
    items = "".join(f"<li>{_inline(each.content)}</li>" for each in part.items)
    return f"<{tag}>{items}</{tag}>"


def _inline(parts: Iterable[Inline]) -> str:
    return "".join(map(_run, parts))


def _run(part: Inline) -> str:
    if isinstance(part, Break):
        return "<br />"
    shown = f"{{{{ {part.slot} }}}}" if isinstance(part, Merge) else _text(part.text)
    for tag, marked in (("strong", part.bold), ("em", part.italic)):
        shown = f"<{tag}>{shown}</{tag}>" if marked else shown
    return shown if part.href is None else f'<a href="{_attribute(part.href)}">{shown}</a>'


def _text(text: str) -> str:
    """Typed braces stay text: no merge field comes of them."""
    return escape(literal(text), quote=False)


def _attribute(value: str) -> str:
    return escape(literal(value))
