"""Pictures without what nobody sees: place, time, device, comments. Not a pixel is written anew.

Walked segment by segment; what is no known segment, or stands after the end, is left out (phones put a second
picture there, with a place of its own). Raises ValueError or IndexError for one that ends before its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"
GIF: Final = (b"GIF87a", b"GIF89a")

_MARK: Final = 0xFF  # begins a marker; several of them are one
_END_OF_IMAGE: Final = 0xD9
_RESTARTS: Final = range(0xD0, 0xD8)
_START_OF_SCAN: Final = 0xDA
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
# JFIF, the colour profile, and how Adobe encodes colours: without these it looks different
_SEEN: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
_WITHOUT_LENGTH: Final = frozenset({0x01, *_RESTARTS})
_PNG_UNSEEN: Final = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF
_GIF_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_ORIENTATIONS: Final = range(2, 9)


def stripped_jpeg(data: bytes, orientation: int) -> bytes:
    """`orientation` (1-8, of its Exif data) is kept alone: without it a photo would lie on its side."""
    found = [data[:2]]
    if orientation in _ORIENTATIONS:
        found.append(_exif(orientation))
    for marker, segment in _segments(data):
        named = marker in _APPLICATION and not any(
            marker == kept and segment[4:].startswith(name) for kept, name in _SEEN
        )
        if not named and marker != _COMMENT:
            found.append(segment)
    return b"".join(found)


def stripped_png(data: bytes) -> bytes:
    found, at = [data[:8]], 8
    while True:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise ValueError("ends before its end")
        if kind not in _PNG_UNSEEN:
            found.append(chunk)
        if kind == b"IEND":
            return b"".join(found)
        at += 12 + length


def stripped_gif(data: bytes) -> bytes:
    """Frames, their times and the loop stay."""
    at = 13 + _colours(data[10])
    found = [data[:at]]
    while (block := data[at]) != _GIF_END:
        if block == _GIF_IMAGE:
            start = at + 10 + _colours(data[at + 9]) + 1
        elif block == _GIF_EXTENSION:
            start = at + 2
        else:
            raise ValueError("no known block")
        end = _after_blocks(data, start)
        if block == _GIF_IMAGE or _is_seen(data[at:end]):
            found.append(data[at:end])
        at = end
    return b"".join([*found, bytes([_GIF_END])])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each with its marker, a scan with the data after it, up to the end of the picture."""
    at = 2
    while True:
        while data[at] == data[at + 1] == _MARK:
            at += 1
        if data[at] != _MARK:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == _END_OF_IMAGE:
            yield marker, data[at : at + 2]
            return
        end = at + 2
        if marker not in _WITHOUT_LENGTH:
            end += int.from_bytes(data[end : end + 2], "big")
        if marker == _START_OF_SCAN:
            end = _after_scan(data, end)
        if end >= len(data):
            raise ValueError("ends before its end")
        yield marker, data[at:end]
        at = end


def _after_scan(data: bytes, at: int) -> int:
    """Where the next marker stands that is neither a stuffed 0xFF nor a restart."""
    while (at := data.find(b"\xff", at)) >= 0:
        following = data[at + 1]
        if following and following != _MARK and following not in _RESTARTS:
            return at
        at += 1 if following == _MARK else 2
    raise ValueError("ends before its end")


def _exif(orientation: int) -> bytes:
    """TIFF, big-endian, with one entry: tag 0x0112, a SHORT."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + bytes([0, orientation, 0, 0])
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _is_seen(extension: bytes) -> bool:
    label = extension[1]
    if label == _GIF_APPLICATION:
        return extension[3:14] in _GIF_LOOPS
    return label != _GIF_COMMENT
