"""How an element of a mail is seen: colours, size and place, by what is written in it and around it.

Hidden is what LAW.md section 5 calls so: not displayed, not visible, opacity below 0.5, letters below 8 px,
off the screen, in a box of no size, or a contrast below 3:1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from shodaku.content.colours import BLACK, WHITE, Colour, colour_in, contrast, over, parse_colour

OPACITY_MIN: Final = 0.5
FONT_PX_MIN: Final = 8.0
CONTRAST_MIN: Final = 3.0  # WCAG 2.2, 1.4.3 for large letters; forms need 4.5
_FAR_PX: Final = 200.0  # beyond this left or above nobody scrolls
_SLIVER_PX: Final = 1.0  # of a box that cuts off what does not fit
_LINK: Final = Colour(0, 0, 0xEE / 255)  # of a link that has no colour of its own, in every browser
_WIDTH_PX: Final = 600.0  # of a mail, for lengths that are shares of it


class Look(NamedTuple):
    colour: Colour = BLACK
    ground: Colour = WHITE
    opacity: float = 1.0
    font_px: float = 16.0
    gone: bool = False  # with all that is inside
    invisible: bool = False  # what is inside may be visible again

    @property
    def hidden(self) -> bool:
        return (
            self.gone
            or self.invisible
            or self.opacity < OPACITY_MIN
            or self.font_px < FONT_PX_MIN
            or contrast(over(self.colour, self.ground, self.opacity), self.ground) < CONTRAST_MIN
        )


PAGE: Final = Look()
_PLAIN: Final = frozenset({"style", "bgcolor", "color", "size", "hidden", "text", "background", "href"})


def look_of(around: Look, tag: str, at: Mapping[str, str]) -> Look:
    """Of an element with these attributes inside of `around`."""
    if tag not in _SIZED and at.keys().isdisjoint(_PLAIN):
        return around
    said = _Said(
        style=at.get("style", ""),
        bgcolor=at.get("bgcolor", ""),
        colour=at.get("text" if tag == "body" else "color", ""),
        size=at.get("size", "") if tag == "font" else "",
        hidden="hidden" in at,
        linked=tag == "a" and "href" in at,
    )
    return _look(around, tag, said)


class _Said(NamedTuple):
    style: str
    bgcolor: str
    colour: str
    size: str
    hidden: bool
    linked: bool


def is_picture(at: Mapping[str, str]) -> bool:
    return "background" in at or "url(" in at.get("style", "").lower()


_INCLUDES: Final = {"background": "background-color", "font": "font-size"}
_DECLARATION: Final = re.compile(r"([\w-]+)\s*:\s*((?:[^;\"'(]|\([^)]*\)|\"[^\"]*\"|'[^']*')+)")
_LENGTH: Final = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(px|pt|pc|in|cm|mm|rem|em|ex|ch|vw|vh|%)?")
_PX: Final = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}
_OF_FONT: Final = {"em": 1.0, "ex": 0.5, "ch": 0.5}
_OF_WINDOW: Final = 4.0  # px in 1vw or 1vh of a telephone
_KEYWORDS: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0,
}  # fmt: skip
_RELATIVE: Final = {"smaller": 1 / 1.2, "larger": 1.2}
_FONT_SIZES: Final = {"1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0}
_SIZED: Final = frozenset({"small", "sub", "sup"})
_MOVED: Final = re.compile(r"translate(?:3d|x|y)?\(([^)]*)\)")
_CLIPPED: Final = re.compile(r"rect\(\s*0|inset\(\s*(?:50|100)%|circle\(\s*0")
_SHRUNK: Final = re.compile(r"scale(?:3d|x|y)?\(\s*0?(?:\.0\d*)?\s*[,)]")
_FADED: Final = re.compile(r"opacity\(\s*([\d.]+)(%?)")
_SIDES: Final = ("left", "right", "top", "bottom")
_MARGINS: Final = ("margin-left", "margin-top", "text-indent")
_BOX: Final = ("height", "max-height", "width", "max-width")


@lru_cache(maxsize=4_096)
def _look(around: Look, tag: str, said: _Said) -> Look:
    says = _declarations(said.style)
    font_px = _font_px(says, around.font_px, tag, said.size)
    text = parse_colour(says.get("-webkit-text-fill-color", says.get("color", said.colour)))
    if text is None:
        text = _LINK if said.linked and "color" not in says else around.colour
    painted = parse_colour(says.get("background-color", "")) or colour_in(says.get("background", ""))
    painted = painted or parse_colour(said.bgcolor)
    visibility = says.get("visibility", "")
    return Look(
        text,
        # a picture behind the letters is not painted while pictures are blocked: its colour counts alone
        around.ground if painted is None else over(painted, around.ground),
        around.opacity * _opacity(says),
        font_px,
        around.gone or said.hidden or _gone(says, font_px),
        visibility in ("hidden", "collapse") if visibility and visibility != "inherit" else around.invisible,
    )


def _declarations(style: str) -> dict[str, str]:
    """The last one holds, and an important one longer; a shorthand takes back what it includes."""
    said: dict[str, str] = {}
    important: dict[str, str] = {}
    for name, value in _DECLARATION.findall(style):
        folded = value.strip().lower()
        weighty = folded.endswith("!important")
        kept = important if weighty else said
        kept.pop(_INCLUDES.get(name.lower(), ""), None)
        kept[name.lower()] = folded.removesuffix("!important").rstrip()
    for shorthand, longhand in _INCLUDES.items():
        if shorthand in important:
            said.pop(longhand, None)
    return said | important


def _font_px(says: Mapping[str, str], around: float, tag: str, size: str) -> float:
    if tag in _SIZED:
        around /= 1.2
    written = says.get("font-size")
    if written is None and "font" in says:
        found = re.search(rf"(?:^|\s)({_LENGTH.pattern})", says["font"])
        written = found[1] if found else ""
    if written is None:
        return _FONT_SIZES.get(size, around)
    if written in _KEYWORDS:
        return _KEYWORDS[written]
    if written in _RELATIVE:
        return around * _RELATIVE[written]
    found = _LENGTH.fullmatch(written)
    if found is None or (found[2] is None and float(found[1])):  # a number without a unit is no length
        return around
    return around * float(found[1]) / 100 if found[2] == "%" else _px(written, around) or 0.0


def _opacity(says: Mapping[str, str]) -> float:
    found = _LENGTH.fullmatch(says.get("opacity", ""))
    share = 1.0 if found is None else float(found[1]) / (100 if found[2] == "%" else 1)
    if faded := _FADED.search(says.get("filter", "")):
        share *= float(faded[1]) / (100 if faded[2] else 1)
    return min(1.0, max(0.0, share))


def _gone(says: Mapping[str, str], font_px: float) -> bool:
    def px(name: str) -> float | None:
        return _px(says.get(name, ""), font_px)

    def below(names: tuple[str, ...], limit: float) -> bool:
        return any((length := px(name)) is not None and length <= limit for name in names)

    placed = says.get("position", "") in ("absolute", "fixed", "relative")
    cut = any(says.get(name, "") in ("hidden", "clip") for name in ("overflow", "overflow-x", "overflow-y"))
    transform, clip = says.get("transform", ""), says.get("clip", "") + says.get("clip-path", "")
    moved = ",".join(_MOVED.findall(transform)).split(",")
    return (
        says.get("display", "") == "none"
        or says.get("content-visibility", "") == "hidden"
        or (placed and below(_SIDES, -_FAR_PX))
        or below(_MARGINS, -_FAR_PX)
        or any((_px(length.strip(), font_px) or 0) <= -_FAR_PX for length in moved)
        or bool(_SHRUNK.search(transform))
        or bool(_CLIPPED.search(clip))
        or below((*_BOX, "line-height"), 0)
        or (cut and below(_BOX, _SLIVER_PX))
    )


def _px(text: str, font_px: float) -> float | None:
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    number, unit = float(found[1]), found[2] or "px"
    if unit == "%":
        return number / 100 * _WIDTH_PX
    if unit in _OF_FONT:
        return number * font_px * _OF_FONT[unit]
    return number * _PX.get(unit, _OF_WINDOW)
