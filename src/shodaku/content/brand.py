"""How the mails and public pages of a workspace look: one colour, one logo, one stack of fonts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shodaku.content.picture import Picture

COLOUR: Final = "#0017c1"  # of links and buttons where nobody chose one
FONT: Final = "gothic"
# fonts that telephones and computers have; no mail fetches one
STACKS: Final = {
    "gothic": '"Hiragino Sans", "Noto Sans JP", "Yu Gothic", Meiryo, Arial, sans-serif',
    "mincho": '"Hiragino Mincho ProN", "Noto Serif JP", "Yu Mincho", Georgia, serif',
    "rounded": '"Hiragino Maru Gothic ProN", "Zen Maru Gothic", Meiryo, Arial, sans-serif',
}


@dataclass(frozen=True, slots=True)
class Brand:
    """`colour` as #rrggbb in small letters, legible as text on white; `font` is a key of STACKS."""

    colour: str = COLOUR
    logo: Picture | None = None
    font: str = FONT
