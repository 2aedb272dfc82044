"""One colour of a brand on pages in both themes: every pair that is read has a contrast of 4.5 or more. Pure.

WCAG 2.2, 1.4.3. What is too pale on paper is made darker for words and buttons there, and lighter where the
page is dark; the sender sees the colour that was chosen wherever nothing has to be read on it.
"""

from __future__ import annotations

from typing import Final

from shodaku.content.colours import BLACK, WHITE, Colour, contrast, over, parse_colour
from shodaku.content.faults import TemplateFault

READABLE: Final = 4.5
_STEPS: Final = 40  # from a colour to black or to white
# grounds of the style sheet (tokens.css): paper, surface, sunken; a test compares them
LIGHT_GROUNDS: Final = ("#faf8f4", "#ffffff", "#f4f1ea")
DARK_GROUNDS: Final = ("#131417", "#1b1d21", "#24272c")
_HEX_DIGITS: Final = frozenset("0123456789abcdef")
_HEX_LENGTH: Final = 6


def parse_brand_colour(text: str) -> str:
    """#rrggbb in small letters, read on white. Raises TemplateFault at "colour", with one that can be."""
    digits = text.strip().lower().removeprefix("#")
    colour = parse_colour(f"#{digits}") if _is_hex(digits) else None
    if colour is None:
        raise TemplateFault(
            "colour",
            "色は #1f6f43 のように、#と英数字6桁で書いてください。",
            "Write the colour as # and six digits or letters a to f, like #1f6f43.",
        )
    found = contrast(colour, WHITE)
    if found < READABLE:
        better = written(_until_read(colour, BLACK, (WHITE,)))
        raise TemplateFault(
            "colour",
            f"この色の文字は白地で読みにくくなります（コントラスト比 {found:.2f}、必要なのは4.5以上）。"
            f"同じ色合いなら {better} が使えます。",
            f"Words of this colour are hard to read on white: their contrast is {found:.2f}, and 4.5 is "
            f"needed. Of the same hue, {better} can be used.",
        )
    return f"#{digits}"


def stylesheet(colour: str) -> str:
    """For public pages, after the style sheet of ours: the semantic colours of what can be pressed."""
    base = parse_colour(colour)
    if base is None:
        raise ValueError(colour)
    light, dark = _on_light(base), _on_dark(base)
    names = ("--action", "--action-hover", "--action-soft", "--on-action")
    pairs = zip(names, light, dark, strict=True)
    lines = [f"  {name}: light-dark({written(one)}, {written(other)});" for name, one, other in pairs]
    return "\n".join([":root {", *lines, "}", ""])


def written(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour[:3])


def _on_light(base: Colour) -> tuple[Colour, Colour, Colour, Colour]:
    soft = _mixed(base, WHITE, 0.9)
    action = _until_read(base, BLACK, (*_parsed(LIGHT_GROUNDS), soft))
    return action, _mixed(action, BLACK, 0.3), soft, WHITE


def _on_dark(base: Colour) -> tuple[Colour, Colour, Colour, Colour]:
    ground = _parsed(DARK_GROUNDS)[0]
    soft = _mixed(base, ground, 0.82)
    on_action = _mixed(base, BLACK, 0.85)
    action = _until_read(base, WHITE, (*_parsed(DARK_GROUNDS), soft, on_action))
    return action, _mixed(action, WHITE, 0.4), soft, on_action


def _until_read(colour: Colour, target: Colour, grounds: tuple[Colour, ...]) -> Colour:
    """The first step towards black or white that is read on all of the grounds, as it is written down."""
    steps = (_mixed(colour, target, step / _STEPS) for step in range(_STEPS + 1))
    return next((each for each in steps if _least(each, grounds) >= READABLE), target)


def _least(colour: Colour, grounds: tuple[Colour, ...]) -> float:
    return min(contrast(colour, _rounded(ground)) for ground in grounds)


def _mixed(colour: Colour, target: Colour, share: float) -> Colour:
    """`share` of the target, from 0 to 1; in whole steps of 255, as it will be written."""
    return _rounded(over(Colour(*target[:3], share), colour)) if share else _rounded(colour)


def _rounded(colour: Colour) -> Colour:
    return Colour(*(round(part * 255) / 255 for part in colour[:3]))


def _parsed(texts: tuple[str, ...]) -> tuple[Colour, ...]:
    return tuple(colour for colour in map(parse_colour, texts) if colour is not None)


def _is_hex(digits: str) -> bool:
    return len(digits) == _HEX_LENGTH and _HEX_DIGITS.issuperset(digits)
