"""What carries a meaning can be read, light and dark: contrast of the pairs (WCAG 2.2, 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

TOKENS = dict(
    re.findall(
        r"--([a-z0-9-]+):\s*([^;]+);",
        (Path(__file__).parents[2] / "assets" / "src" / "css" / "tokens.css").read_text(encoding="utf-8"),
    )
)
GROUNDS = ("paper", "surface", "sunken")
TEXTS = ("ink", "ink-2", "ink-3", "action", "go", "wait", "never", "danger")
TEXT_PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((f"{tone}-deep", f"{tone}-soft") for tone in ("go", "wait", "never", "danger")),
    ("action", "action-soft"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-danger", "danger"),
]
SHAPES = ("line-strong", "go-bar", "wait-bar", "never-bar", "seal", "focus")


def colour(name, theme):
    value = TOKENS[name]
    if both := re.fullmatch(r"light-dark\((.+?), (.+?)\)", value):
        value = both[1 + theme]
    if other := re.fullmatch(r"var\(--([a-z0-9-]+)\)", value):
        return colour(other[1], theme)
    return value


def luminance(code):
    parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other, theme):
    light, dark = sorted((luminance(colour(name, theme)) for name in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(theme):
    assert [pair for pair in TEXT_PAIRS if contrast(*pair, theme) < 4.5] == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_controls_bars_and_the_seal_stand_out_from_the_page(theme):
    assert [shape for shape in SHAPES if contrast(shape, "surface", theme) < 3] == []
