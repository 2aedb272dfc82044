"""How a public page shows the brand of its workspace: a style sheet of its colour, a logo in its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shodaku.content.brand import COLOUR

LOGO_WIDTH_PX_MAX: Final = 200
LOGO_HEIGHT_PX_MAX: Final = 44


@dataclass(frozen=True, slots=True)
class PageLogo:
    """`path` is below the public address, so that it is shown from wherever the page is."""

    path: str
    alt: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class PageBrand:
    stylesheet: str | None  # a path; None: the usual colours
    logo: PageLogo | None = None


def stylesheet_path(colour: str) -> str | None:
    """The address says the whole content, so anybody may keep it for ever."""
    return None if colour == COLOUR else f"/brand/{colour.removeprefix('#')}.css"


def fitting(path: str, alt: str, width_px: int, height_px: int) -> PageLogo:
    share = min(1.0, LOGO_WIDTH_PX_MAX / width_px, LOGO_HEIGHT_PX_MAX / height_px)
    return PageLogo(path, alt, max(1, round(width_px * share)), max(1, round(height_px * share)))
