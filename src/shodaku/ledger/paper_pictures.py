"""Pictures of what was on the person's screen: each the very one that was recorded, and placed to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import ceil
from typing import Final

from shodaku.kit.errors import WrongUse
from shodaku.ledger.paper_words import Json, Words

PICTURES_MAX: Final = 10
PICTURE_BYTES_MAX: Final = 8 << 20
PICTURE_PIXELS_MAX: Final = 25_000_000  # a form of eight screens at twice the density; 100 MB when unpacked
PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

# all in millimetres, on A4
PAGE_WIDTH: Final = 170.0
HEIGHT_MAX: Final = 205.0
PART_WIDTH: Final = 110.0
LEGIBLE_WIDTH: Final = 70.0
PIXEL: Final = 25.4 / 96  # a picture is not blown up beyond this
PARTS_MAX: Final = 8


class PictureMismatch(WrongUse):
    """A picture is not the one that the records name."""

    code = "picture_mismatch"


class TooManyPictures(WrongUse):
    """A PDF holds at most 10 pictures; hand over the bundle itself, or a shorter one."""

    code = "too_many_pictures"


class PictureUnreadable(WrongUse):
    """A picture is no PNG of at most 8 MiB and 25 million pixels."""

    code = "picture_unreadable"


def checked_pictures(pictures: Mapping[str, bytes], named: Sequence[str]) -> dict[str, bytes]:
    """In the order of the events. A picture that no event names is refused like one with another hash.

    Raises TooManyPictures, PictureMismatch, PictureUnreadable.
    """
    if len(pictures) > PICTURES_MAX:
        raise TooManyPictures
    if not set(pictures) <= set(named):
        raise PictureMismatch
    for digest, png in pictures.items():
        if sha256(png).hexdigest() != digest:
            raise PictureMismatch
        _size(png)
    return {digest: pictures[digest] for digest in named if digest in pictures}


def _size(png: bytes) -> tuple[int, int]:
    """Width and height, before anything unpacks it."""
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])  # W3C PNG section 11.2.1
    fits = len(png) <= PICTURE_BYTES_MAX and 0 < width * height <= PICTURE_PIXELS_MAX
    if not png.startswith(PNG_HEAD) or not fits:
        raise PictureUnreadable
    return width, height


def place(number: int, digest: str, png: bytes, words: Words) -> dict[str, Json]:
    """Width in millimetres, and how many pages a tall picture is cut into so that it can be read."""
    wide, high = _size(png)
    width, parts = _fit(wide, high)
    heading = words.say("pictures_heading", number=number)
    headings = [
        words.say("pictures_part", heading=heading, part=part, parts=parts) for part in range(1, parts + 1)
    ]
    return {
        "file": file_name(number),
        "hash": digest,
        "width": width,
        "height": width * high / wide,
        "part_height": HEIGHT_MAX,
        "headings": headings if parts > 1 else [heading],
    }


def _fit(wide: int, high: int) -> tuple[float, int]:
    """Whole on one page if it can be read there, else cut, unless it is a ribbon without end."""
    width = min(PAGE_WIDTH, wide * PIXEL)
    if width * high / wide <= HEIGHT_MAX:
        return width, 1
    whole, cut = HEIGHT_MAX * wide / high, min(PART_WIDTH, width)
    parts = ceil(cut * high / wide / HEIGHT_MAX)
    return (whole, 1) if whole >= LEGIBLE_WIDTH or parts > PARTS_MAX else (cut, parts)


def file_name(number: int) -> str:
    return f"picture-{number}.png"
