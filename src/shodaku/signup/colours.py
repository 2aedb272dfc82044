"""CSS colours and how well one can be read on another (WCAG 2.2, 1.4.3). Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Colour(NamedTuple):
    """Parts from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


BLACK: Final = Colour(0, 0, 0)
WHITE: Final = Colour(1, 1, 1)
_NAMES: Final = {
    "black": "000", "white": "fff", "gray": "808080", "grey": "808080", "silver": "c0c0c0", "red": "f00",
    "maroon": "800000", "yellow": "ff0", "olive": "808000", "lime": "0f0", "green": "008000", "aqua": "0ff",
    "cyan": "0ff", "teal": "008080", "blue": "00f", "navy": "000080", "fuchsia": "f0f", "magenta": "f0f",
    "purple": "800080", "orange": "ffa500", "pink": "ffc0cb", "brown": "a52a2a", "gold": "ffd700",
    "lightgray": "d3d3d3", "lightgrey": "d3d3d3", "darkgray": "a9a9a9", "darkgrey": "a9a9a9",
    "dimgray": "696969", "dimgrey": "696969", "gainsboro": "dcdcdc", "whitesmoke": "f5f5f5",
    "ivory": "fffff0", "snow": "fffafa", "beige": "f5f5dc", "lightyellow": "ffffe0", "lightblue": "add8e6",
}  # fmt: skip
_HEX: Final = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_RGB: Final = re.compile(r"rgba?\(([^()]*)\)")
_TOKEN: Final = re.compile(r"#[0-9a-f]+|rgba?\([^()]*\)|[a-z]+")
_SHORT: Final = 4  # digits up to which each stands for two
_LINEAR_UP_TO: Final = 0.04045


def parse_colour(text: str) -> Colour | None:
    """None for what is no colour known here; a guess would judge somebody's page wrongly."""
    folded = text.strip().lower()
    if folded == "transparent":
        return Colour(0, 0, 0, 0)
    if folded in _NAMES:
        return _hex(_NAMES[folded])
    if found := _HEX.fullmatch(folded):
        return _hex(found[1])
    if found := _RGB.fullmatch(folded):
        return _rgb(re.split(r"[\s,/]+", found[1].strip()))
    return None


def colour_in(shorthand: str) -> Colour | None:
    """The colour in a `background` of several parts."""
    found = (parse_colour(token) for token in _TOKEN.findall(shorthand.lower()))
    return next((colour for colour in found if colour is not None), None)


def over(upper: Colour, lower: Colour) -> Colour:
    """What is seen when `upper` lies on an opaque colour."""
    mixed = (a * upper.alpha + b * (1 - upper.alpha) for a, b in zip(upper[:3], lower[:3], strict=True))
    return Colour(*mixed)


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21, both opaque; rounded where floating point would decide about 4.5."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return round((light + 0.05) / (dark + 0.05), 6)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    linear: float = part / 12.92 if part <= _LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4
    return linear


def _hex(digits: str) -> Colour:
    whole = "".join(digit * 2 for digit in digits) if len(digits) <= _SHORT else digits
    return Colour(*(int(whole[at : at + 2], 16) / 255 for at in range(0, len(whole), 2)))


def _rgb(parts: list[str]) -> Colour | None:
    try:
        scale = [255.0, 255.0, 255.0, 1.0][: len(parts)]
        values = [_part(text, most) for text, most in zip(parts, scale, strict=True)]
        return Colour(*values)
    except (TypeError, ValueError):  # parts missing, too many, or no numbers
        return None


def _part(text: str, most: float) -> float:
    value = float(text.removesuffix("%")) / (100 if text.endswith("%") else most)
    return min(1.0, max(0.0, value))
