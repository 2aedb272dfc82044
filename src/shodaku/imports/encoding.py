"""In which encoding a list was saved: judged by what each would damage in it, not by statistics."""

from __future__ import annotations

import codecs
import io
import re
from enum import StrEnum
from typing import BinaryIO, Final

from shodaku.imports.columns import HEADER_ROWS_MAX, known_names
from shodaku.imports.faults import NotText, TooManyBytes

BLOCK_BYTES: Final = 1 << 16


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    CP932 = "cp932"
    EUC_JP = "euc-jp"
    UTF_16 = "utf-16"  # Excel's "Unicode text", always with its mark

    @property
    def codec(self) -> str:
        return _CODECS[self]


_CODECS: Final = {
    Encoding.UTF_8: "utf-8-sig",
    Encoding.CP932: "cp932",
    Encoding.EUC_JP: "euc_jis_2004",  # euc_jp, and ① and ㈱ besides, which Windows programs wrote into it
    Encoding.UTF_16: "utf-16",
}
# What a wrong encoding leaves: the replacement character, C1 controls, and the five bytes that Python's
# cp932 takes although no cp932 text has them (80, A0, FD-FF become U+0080 and U+F8F0-F8F3).
DAMAGE: Final = re.compile("[\ufffd\x80-\x9f\uf8f0-\uf8f3]")

# zip and xlsx, xls, gzip, PDF, 7z, rar
_ARCHIVES: Final = (b"PK\3\4", b"PK\5\6", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"7z\xbc\xaf", b"Rar!")


# Two of the three bytes of a kana or kanji in UTF-8 (E3-E9, then 80-BF) as cp932 takes them: rare kanji.
_TWO_OF_UTF_8: Final = re.compile(
    "["
    + "".join(
        bytes((first, second)).decode("cp932", errors="ignore")
        for first in range(0xE3, 0xEA)
        for second in range(0x80, 0xC0)
    )
    + "]"
)
_JAPANESE: Final = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")


def detect(data: bytes) -> Encoding:
    """The encoding of a whole file in memory. Raises NotText."""
    return detect_stream(io.BytesIO(data), bytes_max=len(data))


def decode(data: bytes) -> str:
    """The text of a whole file in memory; what cannot be read becomes U+FFFD. Raises NotText."""
    return data.decode(detect(data).codec, errors="replace")


def detect_stream(stream: BinaryIO, bytes_max: int) -> Encoding:
    """Reads a seekable stream to its end, one to three times, in blocks; leaves it where it was.

    A mark decides; then UTF-8, if it damages nothing; then the headings that each encoding shows; then the
    least damage, cp932 before EUC-JP. The rows that stay damaged are listed. Raises NotText, TooManyBytes.
    """
    start = stream.tell()
    head = stream.read(BLOCK_BYTES)
    if head.startswith(_ARCHIVES):
        raise NotText
    if stream.seek(0, io.SEEK_END) - start > bytes_max:
        raise TooManyBytes(bytes_max)
    stream.seek(start)
    damage = {Encoding.UTF_8: _damage(stream, Encoding.UTF_8)}
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding.UTF_16
    if b"\0" in head:
        raise NotText
    if head.startswith(codecs.BOM_UTF8) or not damage[Encoding.UTF_8]:
        return Encoding.UTF_8
    for encoding in (Encoding.CP932, Encoding.EUC_JP):
        damage[encoding] = _damage(stream, encoding)
    return max(damage, key=lambda each: (_headings(head, each), -damage[each], each is Encoding.CP932))


def _damage(stream: BinaryIO, encoding: Encoding) -> int:
    """How many characters of the stream this encoding cannot make sense of."""
    start = stream.tell()
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors="replace")
    damaged = 0
    while block := stream.read(BLOCK_BYTES):
        damaged += len(DAMAGE.findall(decoder.decode(block)))
    damaged += len(DAMAGE.findall(decoder.decode(b"", final=True)))
    stream.seek(start)
    return damaged


def is_of_utf_8(text: str) -> bool:
    """Was this row of a cp932 file written in UTF-8? Often no character of it is damaged, and each is wrong.

    Ordinary kana and kanji of cp932 (82, 83, 88-9F) are no UTF-8: a row that is both was not meant as cp932.
    """
    if _TWO_OF_UTF_8.search(text) is None:
        return False
    try:
        return _JAPANESE.search(text.encode("cp932").decode("utf-8")) is not None
    except UnicodeError:
        return False


def _headings(head: bytes, encoding: Encoding) -> int:
    """How many known headings the first rows show.

    Two encodings often read the same bytes without damage (pairs of EUC-JP are half-width kana to cp932),
    but no Japanese heading survives in the wrong one.
    """
    rows = head.decode(encoding.codec, errors="replace").splitlines()[:HEADER_ROWS_MAX]
    return known_names(cell for row in rows for cell in re.split("[,;\t]", row.replace('"', "")))
