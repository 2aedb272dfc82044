"""A document in blocks becomes the HTML and the text of a mail: document, MJML, HTML with its styles inside.

What it gives is a draft as anybody could have typed it: it is frozen, checked and sent like every other. Text
is never markup: it stands in for itself (`Slots`) until the last HTML tool has run, and links are those
of `rich_text.LINK` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final, NamedTuple, assert_never
from uuid import UUID

import mrml

from shodaku.content.brand import COLOUR, STACKS, Brand
from shodaku.content.colours import BLACK, WHITE, contrast, parse_colour
from shodaku.content.composed_text import text_of
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
    written,
)
from shodaku.content.literal import Slots, literal
from shodaku.content.markup import split_styles, tidy
from shodaku.content.merge_fields import SLOT
from shodaku.content.picture import Picture
from shodaku.content.rich_text import Break, Inline, Items, Line, Merge, Paragraph, Prose, is_link
from shodaku.kit.errors import ShodakuError

WIDTH_PX: Final = 600
INSIDE_PX: Final = WIDTH_PX - 2 * 25  # without the space at both sides
LOGO_PX: Final = 200
_READABLE: Final = 4.5  # WCAG 2.2, 1.4.3
_INK: Final = "#1b1a18"
PAPER: Final = "#faf8f4"
LINE: Final = "#e3ddd0"


class TextBecameMarkup(ShodakuError):
    """A merge field stands in the finished mail that nobody put there; nothing was saved."""

    code = "text_became_markup"


class Composed(NamedTuple):
    html: str
    text: str


def compose(
    document: Document, pictures: Mapping[UUID, Picture], brand: Brand, language: str = "ja"
) -> Composed:
    """Of a finished document. Raises TemplateFault with the first thing that it lacks."""
    for lack in unfinished(document, pictures.keys()):
        raise lack.fault
    slots = Slots(written(document) + repr((brand, pictures)).encode())
    inside = _Blocks(slots, pictures).mjml(document)
    html = framed(inside, slots, brand, language, preheader=document.preheader)
    _hold_to(_merges(document), SLOT.findall(html))
    if document.own_text is not None:
        return Composed(html, document.own_text)
    text = text_of(document, slots, language)
    _hold_to(_merges(document), SLOT.findall(text))
    return Composed(html, text)


def framed(inside: str, slots: Slots, brand: Brand, language: str, *, preheader: str = "") -> str:
    """MJML of what stands in a column, as the page of a mail in the colours of the workspace."""
    head = (
        f"<mj-attributes>{usual_attributes(brand)}</mj-attributes><mj-style>{style_sheet(brand)}</mj-style>"
    )
    if preheader.strip():
        head += f"<mj-preview>{slots.put(escape(literal(preheader)))}</mj-preview>"
    page = mrml.to_html(
        f"<mjml lang='{language[:2]}'><mj-head>{head}</mj-head><mj-body background-color='{PAPER}'>"
        f"<mj-section background-color='#ffffff'><mj-column>{_logo(slots, brand)}{inside}</mj-column>"
        "</mj-section></mj-body></mjml>"
    )
    html, css = split_styles(slots.fill(page.content))
    return tidy(_around(html), css)


def usual_attributes(brand: Brand) -> str:
    """Inside of mj-attributes."""
    font = STACKS[brand.font].replace('"', "")  # mrml quotes with the same sign and would end there
    return (
        f"<mj-all font-family='{font}'/>"
        # its own line height of 1 cannot be read in Japanese
        f"<mj-text font-size='16px' line-height='1.75' color='{_INK}'/>"
        f"<mj-button background-color='{brand.colour}' color='{_ink_on(brand.colour)}' border-radius='8px' "
        "font-size='16px' font-weight='700' line-height='1.4' inner-padding='14px 28px'/>"
    )


def _logo(slots: Slots, brand: Brand) -> str:
    return "" if brand.logo is None else _picture(slots, brand.logo, brand.logo.alt, "", LOGO_PX)


def _picture(slots: Slots, picture: Picture, alt: str, link: str, width_max: int) -> str:
    """`link` is the attribute that leads somewhere, or empty."""
    width = min(picture.width_px, width_max)
    src, told = (slots.put(escape(literal(value))) for value in (picture.url, alt))
    return f"<mj-image src='{src}' alt='{told}' width='{width}px'{link}/>"


def _hold_to(meant: list[str], found: list[str]) -> None:
    if sorted(meant) != sorted(found):
        raise TextBecameMarkup


def _around(html: str) -> str:
    """What stands between the tags of a body, in the middle of the window; margins would be taken out."""
    body = html.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]
    cell = f'<tr><td align="center" bgcolor="{PAPER}">{body}</td></tr>'
    return (
        f'<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0">{cell}</table>'
    )


@dataclass(frozen=True, slots=True)
class _Blocks:
    slots: Slots
    pictures: Mapping[UUID, Picture]

    def mjml(self, document: Document) -> str:
        return "".join(map(self._block, document.blocks))

    def _block(self, block: Block) -> str:  # noqa: C901 - one case a kind
        match block:
            case Heading(text=text):
                return f"<mj-text><h2>{self._line(text)}</h2></mj-text>"
            case Text(prose=prose):
                return f"<mj-text>{self._prose(prose)}</mj-text>"
            case Image(image=UUID() as image, alt=alt, href=href):
                return self._picture(self.pictures[image], alt, href)
            case Image():
                return ""
            case Button(label=label, href=href):
                return f"<mj-button href='{self._href(href)}'>{self._line(label)}</mj-button>"
            case Coupon():
                return self._coupon(block)
            case Event():
                return self._event(block)
            case Product():
                return self._product(block)
            case Divider():
                return f"<mj-divider border-width='1px' border-color='{LINE}'/>"
            case Spacer(height_px=height):
                return f"<mj-spacer height='{height}px'/>"
            case unreachable:
                assert_never(unreachable)

    def _picture(self, picture: Picture, alt: str, href: str) -> str:
        link = f" href='{self._href(href)}'" if href else ""
        return _picture(self.slots, picture, alt, link, INSIDE_PX)

    def _coupon(self, coupon: Coupon) -> str:
        rows = [self._text(coupon.title), f"<strong class='code'>{self._text(coupon.code)}</strong>"]
        if coupon.until.strip():
            rows.append(self._text(coupon.until))
        ground = "container-background-color='#faf3e6'"
        return f"<mj-text align='center' {ground}><p>{'<br/>'.join(rows)}</p></mj-text>"

    def _event(self, event: Event) -> str:
        title = f"<strong>{self._linked(event.title, event.href)}</strong>"
        rows = [title, *(self._text(each) for each in (event.when, event.place) if each.strip())]
        ground = "container-background-color='#eef2f7'"
        return f"<mj-text {ground}><p>{'<br/>'.join(rows)}</p></mj-text>"

    def _product(self, product: Product) -> str:
        picture = ""
        if product.image is not None:
            picture = self._picture(self.pictures[product.image], product.alt, product.href)
        rows = [f"<strong>{self._linked(product.title, product.href)}</strong>"]
        rows += [self._text(each) for each in product.text.split("\n") if each.strip()]
        if product.price.strip():
            rows.append(f"<strong>{self._text(product.price)}</strong>")
        return f"{picture}<mj-text><p>{'<br/>'.join(rows)}</p></mj-text>"

    def _linked(self, text: str, href: str) -> str:
        shown = self._text(text)
        return f"<a href='{self._href(href)}'>{shown}</a>" if href else shown

    def _prose(self, prose: Prose) -> str:
        return "".join(map(self._part, prose))

    def _part(self, part: Paragraph | Items) -> str:
        if isinstance(part, Paragraph):
            # an empty one is a line that somebody left free
            return f"<p>{self._inline(part.content) or '&nbsp;'}</p>"
        tag = "ol" if part.ordered else "ul"
        items = "".join(f"<li>{self._inline(each.content)}</li>" for each in part.items)
        return f"<{tag}>{items}</{tag}>"

    def _inline(self, parts: Iterable[Inline]) -> str:
        return "".join(map(self._run, parts))

    def _line(self, line: Line) -> str:
        return self._inline(line)

    def _run(self, part: Inline) -> str:
        if isinstance(part, Break):
            return "<br/>"
        shown = (
            self.slots.merge(part.key, part.fallback) if isinstance(part, Merge) else self._text(part.text)
        )
        for tag, marked in (("strong", part.bold), ("em", part.italic)):
            shown = f"<{tag}>{shown}</{tag}>" if marked else shown
        return shown if part.href is None else f"<a href='{self._href(part.href)}'>{shown}</a>"

    def _text(self, text: str) -> str:
        return self.slots.put(escape(literal(text)))

    def _attribute(self, value: str) -> str:
        return self.slots.put(escape(literal(value)))

    def _href(self, address: str) -> str:
        if not is_link(address):
            raise ValueError(address)  # a finished document has none such
        return self._attribute(address)


def style_sheet(brand: Brand) -> str:
    """Of headings, lists, links and codes of coupons."""
    link = _link_colour(brand.colour)
    return (
        "h1{font-size:26px;line-height:1.4}h2{font-size:22px;line-height:1.4}h3{font-size:18px}ul,ol{padding-left:24px}"
        f"a{{color:{link}}}.code{{font-size:20px;letter-spacing:2px}}"
    )


def _ink_on(ground: str) -> str:
    """Letters that can be read on the colour of the brand."""
    colour = parse_colour(ground) or BLACK
    return "#ffffff" if contrast(WHITE, colour) >= contrast(BLACK, colour) else "#000000"


def _link_colour(brand: str) -> str:
    colour = parse_colour(brand)
    return brand if colour is not None and contrast(colour, WHITE) >= _READABLE else COLOUR


def _merges(document: Document) -> list[str]:
    """Keys of the merge fields that were put in, as often as they stand there."""
    return [key for block in document.blocks for key in _merges_of(block)]


def _merges_of(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=line) | Button(label=line):
            yield from (each.slot for each in line if isinstance(each, Merge))
        case Text(prose=prose):
            for part in prose:
                for paragraph in part.items if isinstance(part, Items) else (part,):
                    yield from (each.slot for each in paragraph.content if isinstance(each, Merge))
        case _:
            return
