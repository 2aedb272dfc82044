"""Files that travel with a mail: what they are, how many there may be, where the HTML shows them.

An image that the HTML names by `cid:` and its file name is shown there; every other file is an attachment.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import unquote

FILE_BYTES_MAX: Final = 5 * 1024 * 1024
FILES_BYTES_MAX: Final = 10 * 1024 * 1024  # of one message, before its encoding makes a third more of them
FILES_MAX: Final = 10
NAME_CHARACTERS_MAX: Final = 100
IMAGE: Final = "image/"
_SHOWN: Final = re.compile(r'(<img\b(?:[^">]|"[^"]*")*?\ssrc=")cid:([^"]*)', re.IGNORECASE)
_LINE: Final = 76


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What is known of a file without its content."""

    name: str
    media_type: str
    bytes: int
    sha256: str

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith(IMAGE)

    @property
    def reference(self) -> str:
        return _reference(self.name)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file with its content; `content.services.accept_file` makes it of what somebody hands in."""

    name: str
    media_type: str
    body: bytes = field(repr=False)

    @property
    def reference(self) -> str:
        return _reference(self.name)

    @property
    def kept(self) -> KeptFile:
        return KeptFile(self.name, self.media_type, len(self.body), hashlib.sha256(self.body).hexdigest())


def encoded_octets(size: int) -> int:
    """Of so many bytes in base64, in lines of 76 characters."""
    characters = -(-size // 3) * 4
    return characters + 2 * -(-characters // _LINE)


def images_named_in(html: str) -> list[str]:
    """References of files that the HTML shows, in order, each once; of HTML as nh3 writes it."""
    return list(dict.fromkeys(_reference(unescape(found[2])) for found in _SHOWN.finditer(html)))


def with_addresses(html: str, addresses: Mapping[str, str]) -> str:
    """The HTML with another address in place of each picture that has one, by its reference."""

    def in_its_place(found: re.Match[str]) -> str:
        address = addresses.get(_reference(unescape(found[2])))
        return found[0] if address is None else f"{found[1]}{address}"

    return _SHOWN.sub(in_its_place, html)


def _reference(name: str) -> str:
    """The same for a name and for what a program makes of it in an address, `my%20logo.png`."""
    return unicodedata.normalize("NFC", unquote(name))
