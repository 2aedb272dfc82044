"""A picture of the library, as a mail or a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Picture:
    """`url` is whole and public; `alt` says what is to be seen to who does not see it, and is never empty."""

    image_id: UUID
    url: str
    width_px: int
    height_px: int
    alt: str
