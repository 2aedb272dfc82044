"""Files as MIME parts (RFC 2045, 2183, 2387, 2392), encoded once for everybody who gets them."""

from __future__ import annotations

import hashlib
from base64 import encodebytes
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import quote

from shodaku.content.carried import MailFile, images_named_in, with_addresses
from shodaku.content.header_text import encoded_words

_NAME_FIRST_BYTES: Final = 42  # with ` name="` before it a line has 75 characters
_PIECE_CHARACTERS: Final = 54  # of a name that goes on: with ` filename*0*=UTF-8''` a line stays below 76
_QUOTABLE: Final = frozenset(
    " !#$%&'()+,-.;=@[]^_`{}~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
_QUOTED_CHARACTERS_MAX: Final = 60


class EncodedFile:
    """Head and body of a part. The body is encoded once and shared by all forms of all messages."""

    __slots__ = ("attached", "body", "content_id", "is_image", "reference", "shown")

    def __init__(self, file: MailFile, mail_domain: str) -> None:
        kept = file.kept
        self.reference, self.is_image = kept.reference, kept.is_image
        number = hashlib.blake2b(f"{file.name}\0{kept.sha256}".encode(), digest_size=12).hexdigest()
        self.content_id = f"{number}@{mail_domain}"
        self.body = encodebytes(file.body).rstrip(b"\n").replace(b"\n", b"\r\n")
        self.attached = self._head(file, "attachment")
        self.shown = self._head(file, "inline") + f"Content-ID: <{self.content_id}>\r\n".encode()

    @staticmethod
    def _head(file: MailFile, disposition: str) -> bytes:
        """The name twice: as RFC 2231 wants it, and in an encoded word within `name`.

        RFC 2047 section 5 forbids the second, and yet it is what older mail programs in Japan read: they know
        no RFC 2231, and would call the file `ATT00001`.
        """
        return (
            b'Content-Type: %b;\r\n name="%b"\r\n' % (file.media_type.encode(), _quoted(file.name))
            + b"Content-Transfer-Encoding: base64\r\n"
            + b"Content-Disposition: %b;\r\n %b\r\n" % (disposition.encode(), _parameter(file.name))
        )


def with_content_ids(html: str, files: Collection[EncodedFile]) -> tuple[str, list[EncodedFile]]:
    """The HTML as it leaves (RFC 2392), and the images it shows, each once; other files are attachments."""
    named = set(images_named_in(html)) if files else set()
    shown = [each for each in files if each.is_image and each.reference in named]
    return with_addresses(html, {each.reference: f"cid:{each.content_id}" for each in shown}), shown


def parts_of(boundary: bytes, heads_and_bodies: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Parts of a multipart after its first one, and its end; the bodies themselves, not copies."""
    found = []
    for head, body in heads_and_bodies:
        found += [b"\r\n--%b\r\n%b\r\n" % (boundary, head), body]
    return [*found, b"\r\n--%b--\r\n" % boundary]


def _quoted(name: str) -> bytes:
    if _is_plain(name):
        return name.encode()
    return encoded_words(name.replace("=?", "= ?").encode(), _NAME_FIRST_BYTES)


def _parameter(name: str) -> bytes:
    """RFC 2231 section 4, and section 3 where the name is long; a triplet is never cut."""
    if _is_plain(name):
        return b'filename="%b"' % name.encode()
    pieces = [""]
    for letter in name:
        written = quote(letter, safe="")
        if len(pieces[-1]) + len(written) > _PIECE_CHARACTERS:
            pieces.append("")
        pieces[-1] += written
    if len(pieces) == 1:
        return f"filename*=UTF-8''{pieces[0]}".encode()
    first, *others = pieces
    lines = [f"filename*0*=UTF-8''{first}", *(f"filename*{n}*={each}" for n, each in enumerate(others, 1))]
    return ";\r\n ".join(lines).encode()


def _is_plain(name: str) -> bool:
    return (
        len(name) <= _QUOTED_CHARACTERS_MAX and "=?" not in name and all(each in _QUOTABLE for each in name)
    )
