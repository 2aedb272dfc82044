"""Files as somebody hands them in: judged by what they are, not by their names; pictures without their data.

A mail to many carries a picture, a paper or a date, and nothing that can act: no program, no page, no
document with macros.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from PIL import Image

from shodaku.content.carried import (
    FILE_BYTES_MAX,
    FILES_BYTES_MAX,
    FILES_MAX,
    NAME_CHARACTERS_MAX,
    KeptFile,
    MailFile,
)
from shodaku.content.faults import TemplateFault
from shodaku.content.stripped import GIF, JPEG, PNG, stripped_gif, stripped_jpeg, stripped_png

PIXELS_MAX: Final = 40_000_000  # decoded, a file of some kB can be some 100 MB
_ONE_AT_A_TIME: Final = Lock()
_ORIENTATION: Final = 0x0112
_UNWRITABLE: Final = re.compile(r'[\\/:*?"<>|]')  # on one system or another
_NOT_IN_NAMES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})  # also what turns the direction
_NOT_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP: Final = re.compile(r"<(?:!doctype|html|head|body|script|svg|iframe)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Kind:
    media_type: str
    endings: tuple[str, ...]


_JPEG: Final = _Kind("image/jpeg", (".jpg", ".jpeg"))
_PNG: Final = _Kind("image/png", (".png",))
_GIF: Final = _Kind("image/gif", (".gif",))
_PDF: Final = _Kind("application/pdf", (".pdf",))
_CALENDAR: Final = _Kind("text/calendar", (".ics",))
_TABLE: Final = _Kind("text/csv", (".csv",))
_TEXT: Final = _Kind("text/plain", (".txt",))
_TEXTS: Final = (_CALENDAR, _TABLE, _TEXT)
ENDINGS: Final = tuple(e for kind in (_JPEG, _PNG, _GIF, _PDF, *_TEXTS) for e in kind.endings)


def accept(name: str, data: bytes) -> MailFile:
    """A file that may travel with a mail. Raises TemplateFault at "files", with what to do instead."""
    name = _name(name)
    if not data:
        raise _fault(
            name,
            "空のファイルです。中身のあるファイルを選んでください。",
            "is empty. Choose one with content.",
        )
    if len(data) > FILE_BYTES_MAX:
        raise _fault(
            name,
            "5 MBを超えています。小さくするか、ウェブサイトに置いてリンクを書いてください。",
            "is larger than 5 MB. Make it smaller, or put it on your site and write a link.",
        )
    kind = _kind(name, data)
    if not name.lower().endswith(kind.endings):
        raise _fault(
            name,
            f"名前の終わりと中身が合いません。中身は {kind.endings[0]} です。名前を直してください。",
            f"is not what its name says: its content is that of a {kind.endings[0]} file. Correct the name.",
        )
    stripped = _STRIPPED.get(kind)
    return MailFile(name, kind.media_type, data if stripped is None else _picture(name, data, kind, stripped))


def check_together(files: Sequence[KeptFile]) -> None:
    """All files of one message. Raises TemplateFault at "files"."""
    if len(files) > FILES_MAX:
        raise TemplateFault(
            "files",
            "1通に付けられるファイルは10個までです。減らしてください。",
            "A mail carries at most 10 files. Remove some.",
        )
    if sum(each.bytes for each in files) > FILES_BYTES_MAX:
        raise TemplateFault(
            "files",
            "ファイルの合計が10 MBを超えています。減らすか、小さくしてください。",
            "The files are more than 10 MB together. Remove some, or make them smaller.",
        )


def _name(given: str) -> str:
    """One name on every system; of a path its last part."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = "".join(each for each in name if unicodedata.category(each) not in _NOT_IN_NAMES)
    name = " ".join(_UNWRITABLE.sub("_", name).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not stem or not dot or f".{ending}".lower() not in ENDINGS:
        raise _unknown(name)
    if len(name) > NAME_CHARACTERS_MAX:
        raise _fault(
            f"{name[:20]}…",
            "ファイル名が長すぎます。100文字までにしてください。",
            "has too long a name. Use at most 100 characters.",
        )
    return name


def _kind(name: str, data: bytes) -> _Kind:
    if data.startswith(JPEG):
        return _JPEG
    if data.startswith(PNG):
        return _PNG
    if data.startswith(GIF):
        return _GIF
    if data.startswith(b"%PDF-"):
        return _PDF
    if not name.lower().endswith(tuple(e for kind in _TEXTS for e in kind.endings)):
        raise _unknown(name)
    return _text_kind(name, data)


def _text_kind(name: str, data: bytes) -> _Kind:
    text = _decoded(data)
    if text is None or _NOT_IN_TEXT.search(text) or _MARKUP.search(text):
        raise _fault(
            name,
            "文字だけのファイルではありません。テキストとして保存し直してください。",
            "is not plain text. Save it as text.",
        )
    is_calendar = text.lstrip("\ufeff \r\n").startswith("BEGIN:VCALENDAR")
    if is_calendar != name.lower().endswith(_CALENDAR.endings):
        raise _fault(
            name,
            "名前の終わりと中身が合いません。予定表のファイルだけが .ics です。",
            "is not what its name says: calendar files, and no others, end in .ics.",
        )
    return next(kind for kind in _TEXTS if name.lower().endswith(kind.endings))


def _decoded(data: bytes) -> str | None:
    for charset in ("utf-8", "cp932"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return None


def _picture(name: str, data: bytes, kind: _Kind, stripped: Callable[[bytes, int], bytes]) -> bytes:
    """Decoded whole, so that it is a picture and not only begins like one; then without its data."""
    with _ONE_AT_A_TIME:
        try:
            with Image.open(io.BytesIO(data), formats=[kind.media_type.rpartition("/")[2].upper()]) as opened:
                too_large = opened.width * opened.height > PIXELS_MAX
                if not too_large:
                    opened.load()
                    orientation = int(opened.getexif().get(_ORIENTATION, 1))
                    return stripped(data, orientation)
        except Exception as error:  # decoders fail in many ways on bytes that were made to break them
            raise _fault(
                name,
                "画像として読めません。途中で切れているか、壊れています。保存し直してください。",
                "cannot be read as a picture: it is cut off or damaged. Save it once more.",
            ) from error
    raise _fault(
        name,
        "画像が4,000万画素を超えています。小さくしてください。",
        "has more than 40 million pixels. Make the picture smaller.",
    )


_STRIPPED: Final = {
    _JPEG: stripped_jpeg,
    _PNG: lambda data, _: stripped_png(data),
    _GIF: lambda data, _: stripped_gif(data),
}


def _unknown(name: str) -> TemplateFault:
    return _fault(
        name,
        "この種類のファイルは付けられません。"
        "JPEG、PNG、GIFの画像か、PDF、テキスト(.txt)、CSV、予定表(.ics)を選んでください。"
        "ワードやエクセルの文書は、PDFで保存してください。",
        "cannot be sent. Choose a JPEG, PNG or GIF picture, a PDF, or a text (.txt), CSV or calendar (.ics) "
        "file. Save a document of an office program as PDF.",
    )


def _fault(name: str, ja: str, en: str) -> TemplateFault:
    return TemplateFault("files", f"「{name}」: {ja}", f"“{name}” {en}")
