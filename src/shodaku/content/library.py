"""The library of pictures: what is known of a kept one, what may be said of it, how many there are. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from shodaku.content.faults import TemplateFault
from shodaku.content.media import ENDINGS, path_of, small_path_of
from shodaku.content.picture import Picture

PICTURES_MAX: Final = 2_000  # of a workspace, those that were put away too
AT_ONCE_MAX: Final = 10
AT_ONCE_BYTES_MAX: Final = 40 * 1024 * 1024
ALT_CHARACTERS_MAX: Final = 200
PAGE_PICTURES: Final = 24
_NOT_IN_WORDS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
_JOINS: Final = "\u200d"  # of emoji, between two of which one is made


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A picture as it is kept, and a small one for lists, of the same media type."""

    media_type: str
    width_px: int
    height_px: int
    body: bytes = field(repr=False)
    small: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture of the library as staff see it; `path` and `small_path` are below the public address."""

    image_id: UUID
    token: str
    media_type: str
    width_px: int
    height_px: int
    alt: str  # empty: nobody has described it yet
    bytes: int
    added_at: datetime
    put_away_at: datetime | None

    @property
    def path(self) -> str:
        return path_of(self.token, ENDINGS[self.media_type])

    @property
    def small_path(self) -> str:
        return small_path_of(self.token, ENDINGS[self.media_type])


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """What a document needs of one; no body, no size in bytes."""

    image_id: UUID
    token: str
    media_type: str
    width_px: int
    height_px: int
    alt: str

    @property
    def path(self) -> str:
        return path_of(self.token, ENDINGS[self.media_type])

    def at(self, public_url: str) -> Picture:
        return Picture(self.image_id, public_url + self.path, self.width_px, self.height_px, self.alt)


@dataclass(frozen=True, slots=True)
class KeptBrand:
    """A row of the database; without a logo its columns are all None."""

    colour: str
    font: str
    image_id: UUID | None
    token: str | None
    media_type: str | None
    width_px: int | None
    height_px: int | None
    alt: str | None

    @property
    def logo(self) -> NamedPicture | None:
        match self:
            case KeptBrand(
                image_id=UUID() as image_id,
                token=str(token),
                media_type=str(media_type),
                width_px=int(width_px),
                height_px=int(height_px),
                alt=str(alt),
            ):
                return NamedPicture(image_id, token, media_type, width_px, height_px, alt)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class PictureBody:
    media_type: str
    body: bytes


class Removed(StrEnum):
    PUT_AWAY = "put_away"  # offered no more; mails that were sent, and drafts, go on showing it
    DELETED = "deleted"  # gone; where it stood, its words are read


def parse_alt(text: str) -> str:
    """What is to be seen in a picture, on one line. Raises TemplateFault at "alt"."""
    alt = " ".join(unicodedata.normalize("NFC", text).split())
    if not alt:
        raise TemplateFault(
            "alt",
            "画像に何が写っているかを書いてください。見えない人には、この説明が届きます。",
            "Say what is to be seen. Who does not see the picture reads this.",
        )
    if len(alt) > ALT_CHARACTERS_MAX:
        raise TemplateFault(
            "alt", "説明は200文字までです。短くしてください。", "A description has at most 200 characters."
        )
    if any(unicodedata.category(each) in _NOT_IN_WORDS and each != _JOINS for each in alt):
        raise TemplateFault(
            "alt",
            "説明に使えない文字（制御文字）があります。取り除いてください。",
            "The description holds control characters. Take them out.",
        )
    return alt
