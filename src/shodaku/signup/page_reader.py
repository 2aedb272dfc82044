"""An HTML page as a visitor meets it: its texts, how each is seen, and what can be ticked. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import ClassVar, Final, TypeAlias

import css_inline

from shodaku.content.domain import BLACK, WHITE, Colour, colour_in, contrast, over, parse_colour

BYTES_MAX: Final = 500_000
TAGS_MAX: Final = 20_000
CSS_WORK_MAX: Final = 50_000_000  # bytes of CSS times tags: every rule may be copied to every element
DEPTH_MAX: Final = 400  # the native parser overflows its stack between 5,000 and 10,000 (content/markup.py)

_ENCODINGS: Final = ("utf-8-sig", "euc_jp", "cp932")  # in the order in which a wrong guess shows
_STYLE: Final = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[A-Za-z]")
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_CLOSED_BY_THEMSELVES: Final = frozenset(
    {"p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"}
)
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "title", "head"})
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "body", "br", "dd", "details", "div", "dl", "dt", "fieldset", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "ol", "p", "section",
    "summary", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False)


class UnreadablePage(ValueError):
    """A page that cannot be looked at."""

    ja: ClassVar[str] = "ページを読み取れません。HTMLの全体を貼り付けてください。"
    en: ClassVar[str] = "The page cannot be read. Paste its whole HTML."

    def sentence(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class PageTooLarge(UnreadablePage):
    """More bytes, elements, depth or style than anybody's form has."""

    ja = "ページが大きすぎます。フォームのある部分だけを貼り付けてください。"
    en = "The page is too large. Paste the part with the form only."


class NoFormInPage(UnreadablePage):
    """Nothing in it can be filled in."""

    ja = "このHTMLにはフォームがありません。"
    en = "There is no form in this HTML."


@dataclass(frozen=True, slots=True)
class Place:
    """What a text or a control stands in; elements by their number on the page."""

    label: int | None = None
    group: int | None = None  # fieldset
    item: int | None = None  # of a list
    option: int | None = None
    small: bool = False
    folded_away: bool = False  # <details>: there to be looked up


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    shown: bool
    contrast: float | None  # None: the page gives no colours here
    place: Place


@dataclass(frozen=True, slots=True)
class Control:
    kind: str  # type of an input; option, select, textarea, button
    name: str
    value: str
    ticked: bool
    required: bool
    anchor: str  # its id
    said: str  # aria-label, placeholder
    place: Place
    at: int  # among the parts


@dataclass(frozen=True, slots=True)
class Break:
    """A line ends here."""


Part: TypeAlias = Text | Control | Break


@dataclass(frozen=True, slots=True)
class Page:
    parts: tuple[Part, ...]
    label_of: Mapping[str, int]  # id of a control -> its label elsewhere
    labels: Mapping[int, list[Text]]  # what stands in each label
    options: Mapping[int, list[Text]]

    @property
    def texts(self) -> Iterator[Text]:
        return (part for part in self.parts if isinstance(part, Text))

    @property
    def controls(self) -> list[Control]:
        return [part for part in self.parts if isinstance(part, Control)]

    def label(self, control: Control) -> list[Text]:
        """What the page says about a control: its label, else what stands on its line."""
        if control.place.option is not None:
            return self.options.get(control.place.option, [])
        named = dict.fromkeys((control.place.label, self.label_of.get(control.anchor)))
        found = [text for label in named if label is not None for text in self.labels.get(label, ())]
        return found or self._line(control.at)

    def _line(self, at: int) -> list[Text]:
        after = _until_break(self.parts[number] for number in range(at + 1, len(self.parts)))
        return after or _until_break(self.parts[number] for number in range(at - 1, -1, -1))[::-1]

    def lines(self, *, shown: bool, without: Collection[int] = ()) -> list[str]:
        """The text as lines, without what is folded away, and without the texts of these ids."""
        lines = [""]
        for part in self.parts:
            match part:
                case Break():
                    lines.append("")
                case Text() if (
                    not part.place.folded_away and (part.shown or not shown) and id(part) not in without
                ):
                    lines[-1] += part.text
                case _:
                    pass
        return [line.strip() for line in lines if line.strip()]


def decode_page(content: bytes) -> str:
    """UTF-8, or what Japanese pages were written in before. Raises UnreadablePage."""
    if len(content) > BYTES_MAX:
        raise PageTooLarge
    for encoding in _ENCODINGS:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise UnreadablePage


def read_page(html: str) -> Page:
    """Raises UnreadablePage."""
    tags = len(_TAG.findall(html))
    css = sum(map(len, _STYLE.findall(html)))
    if len(html.encode("utf-8", "replace")) > BYTES_MAX or tags > TAGS_MAX or css * tags > CSS_WORK_MAX:
        raise PageTooLarge
    depth = _Depth()
    depth.feed(html)
    if depth.deepest > DEPTH_MAX:
        raise PageTooLarge
    with suppress(css_inline.InlineError):  # then its style attributes are all we know
        html = _INLINER.inline(html)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    page = _page(reader)
    if not page.controls:
        raise NoFormInPage
    return page


def _page(reader: _Reader) -> Page:
    labels: dict[int, list[Text]] = defaultdict(list)
    options: dict[int, list[Text]] = defaultdict(list)
    page = Page(tuple(reader.parts), reader.label_of, labels, options)
    for text in page.texts:
        if text.place.label is not None:
            labels[text.place.label].append(text)
        if text.place.option is not None:
            options[text.place.option].append(text)
    return page


def _until_break(parts: Iterable[Part]) -> list[Text]:
    found = []
    for part in parts:
        if not isinstance(part, Text):
            break
        found.append(part)
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """How text is painted inside an element."""

    colour: Colour | None = None
    ground: Colour | None = None
    alpha: float = 1.0
    font_px: float = 16.0
    hidden: bool = False

    @property
    def contrast(self) -> float | None:
        if self.colour is None and self.ground is None:
            return None
        ground = self.ground or WHITE
        ink = self.colour or BLACK
        return contrast(over(ink._replace(alpha=ink.alpha * self.alpha), ground), ground)


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    place: Place
    look: _Look
    silent: bool = False


@dataclass(slots=True)
class _Select:
    name: str
    required: bool
    multiple: bool
    options: list[int] = field(default_factory=list)  # among the parts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self.label_of: dict[str, int] = {}
        self._open = [_Open("", Place(), _Look())]
        self._number = 0
        self._select: _Select | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self._number += 1
        around = self._open[-1]
        if tag in _BLOCKS:
            self.parts.append(Break())
        opened = _Open(
            tag, self._place(tag, at), _look(around.look, tag, at), around.silent or tag in _SILENT
        )
        if tag == "select":
            self._select = _Select(at.get("name", ""), "required" in at, "multiple" in at)
        self._control(tag, at, opened)
        if tag not in _VOID:
            self._open.append(opened)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append(Break())
        if tag == "select":
            self._end_select()
        if any(each.tag == tag for each in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        around, text = self._open[-1], re.sub(r"\s+", " ", data)
        if around.silent or not text.strip():
            return
        self.parts.append(Text(text, not around.look.hidden, around.look.contrast, around.place))

    def _place(self, tag: str, at: Mapping[str, str]) -> Place:
        place = self._open[-1].place
        match tag:
            case "label":
                if "for" in at:
                    self.label_of.setdefault(at["for"], self._number)
                return replace(place, label=self._number)
            case "fieldset":
                return replace(place, group=self._number)
            case "li":
                return replace(place, item=self._number)
            case "option":
                return replace(place, option=self._number)
            case "small":
                return replace(place, small=True)
            case "details":
                return replace(place, folded_away=True)
            case _:
                return place

    def _control(self, tag: str, at: Mapping[str, str], opened: _Open) -> None:
        if opened.silent:
            return
        kind = {"input": at.get("type", "text").lower(), "button": at.get("type", "submit")}.get(tag, tag)
        name = at.get("name", "")
        if tag == "option" and self._select is not None:
            name = self._select.name
            self._select.options.append(len(self.parts))
        elif tag not in ("input", "textarea", "select", "button"):
            return
        required = "required" in at or at.get("aria-required", "").lower() == "true"
        self.parts.append(
            Control(
                kind=kind,
                name=name,
                value=at.get("value", ""),
                ticked="checked" in at or "selected" in at,
                required=required or (tag == "option" and self._select is not None and self._select.required),
                anchor=at.get("id", ""),
                said=f"{at.get('aria-label', '')} {at.get('placeholder', '')}".strip(),
                place=opened.place,
                at=len(self.parts),
            )
        )

    def _end_select(self) -> None:
        """Of a list where nothing is chosen, browsers choose the first."""
        chosen, self._select = self._select, None
        if chosen is None or chosen.multiple or not chosen.options:
            return
        options = [self.parts[at] for at in chosen.options]
        if not any(isinstance(each, Control) and each.ticked for each in options):
            first = options[0]
            if isinstance(first, Control):
                self.parts[chosen.options[0]] = replace(first, ticked=True)


class _Depth(HTMLParser):
    """How deep the elements of a page may lie in each other, closed or not."""

    def __init__(self) -> None:
        super().__init__()
        self._open = self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        self._open += tag not in _VOID and tag not in _CLOSED_BY_THEMSELVES
        self.deepest = max(self.deepest, self._open)

    def handle_endtag(self, tag: str) -> None:
        self._open -= tag not in _VOID and tag not in _CLOSED_BY_THEMSELVES and self._open > 0


_DECLARATION: Final = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_LENGTH: Final = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|rem|em|%)?")
_FAR: Final = 400  # px: beyond this left or above nobody scrolls
_FONT_PX_MIN: Final = 8
_OPACITY_MIN: Final = 0.5
_PX: Final = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
_SIZES: Final = {"1": 10.0, "2": 13.0, "3": 16.0}  # of <font>


def _look(around: _Look, tag: str, at: Mapping[str, str]) -> _Look:
    style = {
        name.lower(): value.lower().replace("!important", "").strip()
        for name, value in _DECLARATION.findall(at.get("style", ""))
    }
    colour = parse_colour(style.get("color", at.get("color", "") if tag == "font" else ""))
    ground = parse_colour(style.get("background-color", at.get("bgcolor", ""))) or colour_in(
        style.get("background", "")
    )
    font_px = _size(style.get("font-size", ""), around.font_px)
    if tag == "font":
        font_px = _SIZES.get(at.get("size", ""), font_px)
    below = around.ground or WHITE
    return _Look(
        colour or around.colour,
        around.ground if ground is None else over(ground, below),
        around.alpha * _opacity(style.get("opacity", "")),
        font_px,
        around.hidden
        or "hidden" in at
        or font_px < _FONT_PX_MIN
        or around.alpha * _opacity(style.get("opacity", "")) < _OPACITY_MIN
        or _away(style),
    )


def _away(style: Mapping[str, str]) -> bool:
    """Not painted, of no size, or moved off the screen (LAW.md section 5)."""
    placed = style.get("position", "") in ("absolute", "fixed")
    return (
        style.get("display", "").startswith("none")
        or style.get("visibility", "").startswith(("hidden", "collapse"))
        or (placed and any(_size(style.get(side, ""), 0) < -_FAR for side in ("left", "top")))
        or (placed and style.get("clip", "").replace(" ", "").startswith("rect(0"))
        or _size(style.get("text-indent", ""), 0) < -_FAR
        or any(
            style.get(side) is not None and _size(style[side], 1) == 0
            for side in ("height", "max-height", "width", "max-width")
        )
    )


def _opacity(text: str) -> float:
    found = _LENGTH.match(text)
    if found is None:
        return 1.0
    return min(1.0, max(0.0, float(found[1]) / (100 if found[2] == "%" else 1)))


def _size(text: str, around: float) -> float:
    """Pixels; what is no length is what stands around it."""
    found = _LENGTH.match(text)
    if found is None:
        return around
    number, unit = float(found[1]), found[2] or "px"
    if unit in ("em", "%"):
        return around * number / (100 if unit == "%" else 1)
    return number * _PX[unit]
