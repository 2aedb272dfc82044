"""The vermilion stamp: stands for evidence that was checked, on a screen and on paper."""

from __future__ import annotations

from typing import Final

VIEW_BOX: Final = "0 0 56 56"
FACE: Final = '<rect class="face" x="2" y="2" width="52" height="52" rx="9"/>'
CARVING: Final = (
    '<path d="M17.5 11.5H38q-3.5 5.2-10 8.3V43q0 4.2-5.2 2.7"/><path d="M21 26h14M20 32.3h16M18 38.6h20"/>'
    '<path d="M9.5 20.5h8.3Q16 34 8.5 41.5"/><path d="M45.5 17.5q-2.5 4-7.3 6.8Q40.5 35.5 48 41.5"/>'
)
_VERMILION: Final = "#b3301d"  # --seal, in light


def seal_svg() -> str:
    """A picture of its own, for what knows no style sheet."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{VIEW_BOX}"><g fill="{_VERMILION}">{FACE}</g>'
        '<g fill="none" stroke="#ffffff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round">'
        f"{CARVING}</g></svg>"
    )
