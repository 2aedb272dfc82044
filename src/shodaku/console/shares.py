"""A part of a whole in per cent, as reports say it."""

from __future__ import annotations


def share(part: int, whole: int) -> str:
    """2.4%; empty where there is nothing to be a part of."""
    if not whole:
        return ""
    percent = 100 * part / whole
    return f"{percent:.1f}%" if percent >= 1 or not part else f"{percent:.2f}%"
