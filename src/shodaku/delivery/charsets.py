"""Bytes of mails as text, whatever they say they are: no refusal is lost to a charset. Pure, total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

# JAPAN.md section 3: a declared charset is read as what programs really write under its name
_SUPERSET: Final = {
    "us-ascii": "utf-8", "ascii": "utf-8", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932", "euc-jp": "euc_jis_2004",
    "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
}  # fmt: skip
_JIS: Final = ("iso-2022-jp", "csiso2022jp")
_HALF_WIDTH_KANA: Final = re.compile("[\uff61-\uff9f]")
_ESCAPE: Final = re.compile(rb"\x1b(\([BJIH]|\$[@BA]|\$\([A-Z])")
_KANA_BIT: Final = 0x80
_KANA_ROW: Final = 0x5F  # from here Shift_JIS leaps over the half-width kana
_NO_TRAIL_CELL: Final = 0x60  # and here over 0x7F, which is no trail byte


def decoded(data: bytes, charset: str | None) -> str:
    """In the declared charset, else UTF-8, else cp932 or EUC-JP; what fits none of them with replacements."""
    name = (charset or "utf-8").strip().strip("'\"").lower()
    if b"\x1b$" in data and (name.startswith(_JIS) or not charset):
        return _from_jis(data)
    for each in ("utf-8",) if name.startswith(_JIS) else (_SUPERSET.get(name, name), "utf-8"):
        try:
            return data.decode(each)
        except (UnicodeError, LookupError, ValueError):  # ValueError: a NUL in the name of the charset
            continue
    return _japanese(data)


def _japanese(data: bytes) -> str:
    """Undeclared, or declared wrongly. Bytes of EUC-JP read as cp932 give half-width kana, which nobody
    writes a mail in; what neither fits is UTF-8 with replacements.
    """
    readings = []
    for name in ("cp932", "euc_jis_2004"):
        with suppress(UnicodeError):
            readings.append(data.decode(name))
    if not readings:
        return data.decode("utf-8", "replace")
    return min(readings, key=lambda text: len(_HALF_WIDTH_KANA.findall(text)))


def header_text(raw: object) -> str:
    """A header with its encoded-words read; one that is broken stays as it is."""
    text = " ".join(str(raw).split())
    try:
        return "".join(_words(text))
    except (HeaderParseError, ValueError, LookupError):
        return text


def _words(text: str) -> Iterator[str]:
    for part, charset in decode_header(text):
        if isinstance(part, str):
            yield part
        else:
            yield decoded(part, charset) if charset else part.decode("latin-1")


def _from_jis(data: bytes) -> str:
    """ISO-2022-JP as phones and Outlook write it, with ①㈱ and half-width kana: by way of cp932."""
    text, kind, at = [], b"(B", 0
    for escape in (*_ESCAPE.finditer(data), None):
        run = data[at : escape.start() if escape else len(data)]
        text.append(_run(run, kind))
        if escape:
            kind, at = escape[1], escape.end()
    return "".join(text)


def _run(run: bytes, kind: bytes) -> str:
    if kind in (b"$@", b"$B"):
        pairs = run.translate(None, b"\r\n")
        return b"".join(map(_shift_jis, pairs[::2], pairs[1::2])).decode("cp932", "replace")
    if kind == b"(I":
        return bytes(byte | _KANA_BIT for byte in run).decode("cp932", "replace")
    return run.decode("utf-8", "replace")


def _shift_jis(row: int, cell: int) -> bytes:
    """JIS X 0208 row and cell bytes (0x21-0x7E) as Shift_JIS (JIS X 0208 annex 1)."""
    row, cell = row & 0x7F, cell & 0x7F
    lead = (row + 1 >> 1) + (0x70 if row < _KANA_ROW else 0xB0)
    odd_trail = cell + (0x1F if cell < _NO_TRAIL_CELL else 0x20)
    return bytes((lead & 0xFF, odd_trail if row % 2 else cell + 0x7E))
