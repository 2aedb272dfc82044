"""A scan as somebody hands it in becomes a picture that is nothing but a picture: decoded and written anew.

What cannot be decoded whole is refused, each kind with a sentence that says what to do.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from threading import Lock
from typing import ClassVar, Final

from PIL import Image, ImageOps

from shodaku.kit.errors import WrongUse

BYTES_MAX: Final = 20 * 1024 * 1024
PIXELS_MAX: Final = 40_000_000  # A4 at 300 dpi has 9 million, at 600 dpi 35 million
SIDE_PIXELS_MAX: Final = 30_000
COLOURS_MAX: Final = 64  # a page in black and white or with a few inks is smaller and sharper as PNG
KEPT_BYTES_MAX: Final = 3_000_000  # four of them fit into a proof of 16 MiB, which is written in Base64
JPEG_QUALITIES: Final = (85, 75, 65, 60)  # below 60 thin strokes break up
SHRINKINGS_MAX: Final = 8  # 40 million pixels of noise need one
SHRINKING: Final = 0.95  # a little more than the bytes ask for: small pictures have more of them a pixel
HEAD_BYTES: Final = 1024  # in which a kind of file says what it is
_ONE_AT_A_TIME: Final = Lock()  # decoded, a file of some kB can be some 100 MB


class UnfitFile(WrongUse):
    """The file is no picture. Choose a JPEG, PNG, WebP, GIF or TIFF."""

    code = "file_no_picture"
    ja: ClassVar[str] = "画像として読めないファイルです。JPEG、PNG、WebP、GIF、TIFFのどれかを選んでください。"

    def sentence(self, language: str) -> str:
        return self.ja if language == "ja" else self.message


class EmptyFile(UnfitFile):
    """The file is empty. Scan the paper once more."""

    code = "file_empty"
    ja = "ファイルが空です。もう一度スキャンしてください。"


class TooManyBytes(UnfitFile):
    """The file is larger than 20 MB. Scan the paper at 300 dpi, or save it as JPEG."""

    code = "file_too_many_bytes"
    ja = "ファイルが20 MBを超えています。300 dpiでスキャンし直すか、JPEGで保存してください。"


class TooManyPixels(UnfitFile):
    """The picture has more than 40 million pixels. Scan the paper at 300 dpi."""

    code = "file_too_many_pixels"
    ja = "画像が4,000万画素を超えています。300 dpiでスキャンし直してください。"


class DamagedPicture(UnfitFile):
    """The picture is cut off or damaged. Copy it once more, or scan the paper again."""

    code = "file_damaged"
    ja = "画像が途中で切れているか、壊れています。もう一度コピーするか、スキャンし直してください。"


class DocumentFile(UnfitFile):
    """The file is a PDF, whatever its name. Save its page as a JPEG or PNG picture and choose that."""

    code = "file_document"
    ja = "名前にかかわらず、中身はPDFです。ページをJPEGかPNGの画像として保存し、その画像を選んでください。"


class DrawingFile(UnfitFile):
    """The file is an SVG drawing, which can hold programs. Save it as a PNG picture and choose that."""

    code = "file_drawing"
    ja = "SVGはプログラムを含められるため、使えません。PNGの画像として保存し、その画像を選んでください。"


class WebPageFile(UnfitFile):
    """The file is a web page, whatever its name. Scan or photograph the paper itself."""

    code = "file_web_page"
    ja = "名前にかかわらず、中身はウェブページです。紙そのものをスキャンするか、撮影してください。"


class TelephonePhoto(UnfitFile):
    """The file is a HEIC photo. Share it as JPEG, or set the camera to “most compatible”."""

    code = "file_heic"
    ja = "HEIC形式の写真です。JPEGで書き出すか、カメラの設定を「互換性優先」にして撮り直してください。"


@dataclass(frozen=True, slots=True)
class Picture:
    """Nothing but pixels: no name, place, time or device of whoever took it."""

    media_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def plain_picture(data: bytes) -> Picture:
    """The first page or frame, the right way up. Raises UnfitFile."""
    if not data:
        raise EmptyFile
    if len(data) > BYTES_MAX:
        raise TooManyBytes
    kind = _kind(data)
    if kind is None:
        raise _stranger(data)
    with _ONE_AT_A_TIME:
        return _written(_decoded(data, kind))


def turned(picture: Picture, degrees: int) -> Picture:
    """Clockwise by a multiple of 90, to be looked at; what is kept stays as it is."""
    if degrees % 360 == 0:
        return picture
    with _ONE_AT_A_TIME, Image.open(io.BytesIO(picture.data), formats=["JPEG", "PNG"]) as opened:
        file = io.BytesIO()
        upright = opened.rotate(-degrees, expand=True)
        upright.save(file, "PNG" if picture.media_type == "image/png" else "JPEG", quality=JPEG_QUALITIES[0])
    return Picture(picture.media_type, file.getvalue())


def _kind(data: bytes) -> str | None:
    """By its first bytes; a name says nothing."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)


_STARTS: Final = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}


def _stranger(data: bytes) -> UnfitFile:
    head = data[:HEAD_BYTES].lower()
    if b"%pdf-" in head:
        return DocumentFile()
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return TelephonePhoto()
    if b"<svg" in head:
        return DrawingFile()
    if any(mark in head for mark in (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return WebPageFile()
    return UnfitFile()


def _decoded(data: bytes, kind: str) -> Image.Image:
    """Its size is looked at before its pixels are. Raises TooManyPixels, DamagedPicture."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            _check_size(*opened.size)
            opened.load()
            return _in_plain_colours(ImageOps.exif_transpose(opened))
    except UnfitFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:  # decoders fail in many ways on bytes that were made to break them
        raise DamagedPicture from error


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX or max(width, height) > SIDE_PIXELS_MAX:
        raise TooManyPixels


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """Black and white, grey, RGB or RGBA of 8 bits."""
    if image.mode.startswith("I;16"):  # convert() would make everything white that is brighter than 255
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.mode in ("I", "F"):  # heights and measurements, no picture of a paper
        raise UnfitFile
    if image.mode in ("LA", "La", "PA", "RGBa", "RGBA") or "transparency" in image.info:
        return _opaque_if_it_is(image.convert("RGBA"))
    return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")


def _opaque_if_it_is(image: Image.Image) -> Image.Image:
    return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image


def _written(image: Image.Image) -> Picture:
    """What Pillow would carry along (comments, profiles, texts) stays behind. Raises TooManyPixels."""
    image.info = {}
    if image.mode == "RGBA" or image.getcolors(COLOURS_MAX) is not None:
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        if file.tell() <= KEPT_BYTES_MAX:
            return Picture("image/png", file.getvalue())
    return Picture("image/jpeg", _small_jpeg(_on_white(image)))


def _on_white(image: Image.Image) -> Image.Image:
    """As it looks on paper, in a mode that JPEG has."""
    if image.mode != "RGBA":
        return image.convert("L") if image.mode == "1" else image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _small_jpeg(image: Image.Image) -> bytes:
    """Coarser first, then smaller, until it is no larger than what is kept. Raises TooManyPixels."""
    data = b""
    for quality in JPEG_QUALITIES:
        data = _jpeg(image, quality)
        if len(data) <= KEPT_BYTES_MAX:
            return data
    scale = 1.0
    for _ in range(SHRINKINGS_MAX):
        scale *= SHRINKING * (KEPT_BYTES_MAX / len(data)) ** 0.5
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        data = _jpeg(image.resize(size, Image.Resampling.LANCZOS), JPEG_QUALITIES[-1])
        if len(data) <= KEPT_BYTES_MAX:
            return data
    raise TooManyPixels


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()
