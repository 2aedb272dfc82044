"""CSS colours and how well one can be read on another (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import colorsys
import re
from functools import cache
from typing import Final, NamedTuple


class Colour(NamedTuple):
    """Parts from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


BLACK: Final = Colour(0, 0, 0)
WHITE: Final = Colour(1, 1, 1)
# CSS Color Module Level 4, section 6.1
_NAMES: Final = """
aliceblue:f0f8ff antiquewhite:faebd7 aqua:0ff aquamarine:7fffd4 azure:f0ffff beige:f5f5dc
bisque:ffe4c4 black:000 blanchedalmond:ffebcd blue:00f blueviolet:8a2be2 brown:a52a2a
burlywood:deb887 cadetblue:5f9ea0 chartreuse:7fff00 chocolate:d2691e coral:ff7f50
cornflowerblue:6495ed cornsilk:fff8dc crimson:dc143c cyan:0ff darkblue:00008b darkcyan:008b8b
darkgoldenrod:b8860b darkgray:a9a9a9 darkgreen:006400 darkgrey:a9a9a9 darkkhaki:bdb76b
darkmagenta:8b008b darkolivegreen:556b2f darkorange:ff8c00 darkorchid:9932cc darkred:8b0000
darksalmon:e9967a darkseagreen:8fbc8f darkslateblue:483d8b darkslategray:2f4f4f darkslategrey:2f4f4f
darkturquoise:00ced1 darkviolet:9400d3 deeppink:ff1493 deepskyblue:00bfff dimgray:696969
dimgrey:696969 dodgerblue:1e90ff firebrick:b22222 floralwhite:fffaf0 forestgreen:228b22 fuchsia:f0f
gainsboro:dcdcdc ghostwhite:f8f8ff gold:ffd700 goldenrod:daa520 gray:808080 green:008000
greenyellow:adff2f grey:808080 honeydew:f0fff0 hotpink:ff69b4 indianred:cd5c5c indigo:4b0082
ivory:fffff0 khaki:f0e68c lavender:e6e6fa lavenderblush:fff0f5 lawngreen:7cfc00 lemonchiffon:fffacd
lightblue:add8e6 lightcoral:f08080 lightcyan:e0ffff lightgoldenrodyellow:fafad2 lightgray:d3d3d3
lightgreen:90ee90 lightgrey:d3d3d3 lightpink:ffb6c1 lightsalmon:ffa07a lightseagreen:20b2aa
lightskyblue:87cefa lightslategray:778899 lightslategrey:778899 lightsteelblue:b0c4de
lightyellow:ffffe0 lime:0f0 limegreen:32cd32 linen:faf0e6 magenta:f0f maroon:800000
mediumaquamarine:66cdaa mediumblue:0000cd mediumorchid:ba55d3 mediumpurple:9370db
mediumseagreen:3cb371 mediumslateblue:7b68ee mediumspringgreen:00fa9a mediumturquoise:48d1cc
mediumvioletred:c71585 midnightblue:191970 mintcream:f5fffa mistyrose:ffe4e1 moccasin:ffe4b5
navajowhite:ffdead navy:000080 oldlace:fdf5e6 olive:808000 olivedrab:6b8e23 orange:ffa500
orangered:ff4500 orchid:da70d6 palegoldenrod:eee8aa palegreen:98fb98 paleturquoise:afeeee
palevioletred:db7093 papayawhip:ffefd5 peachpuff:ffdab9 peru:cd853f pink:ffc0cb plum:dda0dd
powderblue:b0e0e6 purple:800080 rebeccapurple:663399 red:f00 rosybrown:bc8f8f royalblue:4169e1
saddlebrown:8b4513 salmon:fa8072 sandybrown:f4a460 seagreen:2e8b57 seashell:fff5ee sienna:a0522d
silver:c0c0c0 skyblue:87ceeb slateblue:6a5acd slategray:708090 slategrey:708090 snow:fffafa
springgreen:00ff7f steelblue:4682b4 tan:d2b48c teal:008080 thistle:d8bfd8 tomato:ff6347
turquoise:40e0d0 violet:ee82ee wheat:f5deb3 white:fff whitesmoke:f5f5f5 yellow:ff0
yellowgreen:9acd32
"""
_NAMED: Final = dict(pair.split(":") for pair in _NAMES.split())
_HEX: Final = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_TOKEN: Final = re.compile(r"(?:rgb|hsl)a?\([^()]*\)|url\([^()]*\)|#?[\w-]+")
_DEGREES: Final = {"deg": 1.0, "grad": 0.9, "rad": 57.29578, "turn": 360.0}
_SHORT: Final = 4  # digits up to which each stands for two
_PARTS: Final = (3, 4)
_LINEAR_UP_TO: Final = 0.04045


@cache
def parse_colour(text: str) -> Colour | None:
    """None for what is no colour: a browser keeps the colour around it. Digits alone are one in `bgcolor`."""
    folded = text.strip().lower()
    if folded == "transparent":
        return Colour(0, 0, 0, 0)
    if folded in _NAMED:
        return _hex(_NAMED[folded])
    if found := _HEX.fullmatch(folded):
        return _hex(found[1])
    if found := _FUNCTION.fullmatch(folded):
        return _function(found[1], re.split(r"[\s,/]+", found[2].strip()))
    return None


def colour_in(shorthand: str) -> Colour | None:
    """The colour in a `background` of several parts."""
    tokens = [token for token in _TOKEN.findall(shorthand.lower()) if not token[0].isdigit()]
    return next((colour for colour in map(parse_colour, tokens) if colour is not None), None)


def over(upper: Colour, lower: Colour, opacity: float = 1.0) -> Colour:
    """What is seen when `upper` lies on an opaque colour."""
    alpha = upper.alpha * opacity
    if alpha == 1:
        return upper
    mixed = [a * alpha + b * (1 - alpha) for a, b in zip(upper[:3], lower[:3], strict=True)]
    return Colour(*mixed)


@cache
def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21, both opaque; rounded where floating point would decide about a limit."""
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


def _function(name: str, parts: list[str]) -> Colour | None:
    if len(parts) not in _PARTS:
        return None
    try:
        alpha = _part(parts[3], 1.0) if parts[3:] else 1.0
        if name == "rgb":
            red, green, blue = (_part(text, 255.0) for text in parts[:3])
            return Colour(red, green, blue, alpha)
        saturation, lightness = (_part(text, 100.0) for text in parts[1:3])
        red, green, blue = colorsys.hls_to_rgb(_turn(parts[0]), lightness, saturation)
        return Colour(red, green, blue, alpha)
    except ValueError:  # a part is no number
        return None


def _part(text: str, most: float) -> float:
    value = float(text.removesuffix("%")) / (100 if text.endswith("%") else most)
    return min(1.0, max(0.0, value))


def _turn(text: str) -> float:
    unit = next((unit for unit in _DEGREES if text.endswith(unit)), "deg")
    return float(text.removesuffix(unit)) * _DEGREES[unit] / 360 % 1.0
