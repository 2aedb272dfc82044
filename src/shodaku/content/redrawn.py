"""Pictures for the library: decoded whole and drawn anew, so that nothing of the file but its pixels is kept.

What mail programs show: JPEG, and PNG where something is transparent or drawn. WebP is taken and turned into
one of them. No place, time or device, no colour profile (its colours become sRGB), nothing that moves.
"""

from __future__ import annotations

import io
import unicodedata
from threading import Lock
from typing import Final

from PIL import Image, ImageCms, ImageOps

from shodaku.content.faults import TemplateFault
from shodaku.content.library import Redrawn

PICTURE_BYTES_MAX: Final = (
    10 * 1024 * 1024
)  # of the file that is handed in: a photo of a telephone has 3 to 8
PIXELS_MAX: Final = 40_000_000  # decoded, a file of some kB can be some 100 MB
WIDTH_PX_MAX: Final = 1_600  # a mail is 600 to 640 wide; screens show two dots for one and more
HEIGHT_PX_MAX: Final = 8_000
SIDE_PX_MIN: Final = 2  # a picture of one dot is no picture: it counts who opens
KEPT_BYTES_MAX: Final = 3 * 1024 * 1024  # drawn anew
SMALL_PX_MAX: Final = 480  # of the library's cards
PNG_BYTES_WORTH: Final = 200_000  # an opaque PNG up to it stays sharp; beyond it, the smaller of both kinds
FORMATS: Final = ("JPEG", "PNG", "WEBP")
_MOVING: Final = ("PNG", "WEBP")  # a photo of a telephone has a second picture too, which is left behind
_QUALITY, _SMALL_QUALITY = 85, 78
_SHOWN_NAME_CHARACTERS: Final = 40
_ONE_AT_A_TIME: Final = Lock()  # each may hold 160 MB for a moment


def redraw(name: str, data: bytes) -> Redrawn:
    """Raises TemplateFault at "pictures", with what to do instead; `name` is only said in it."""
    if not data:
        raise _fault(
            name, "空のファイルです。中身のある画像を選んでください。", "is empty. Choose another file."
        )
    if len(data) > PICTURE_BYTES_MAX:
        raise _fault(
            name,
            "10 MBを超えています。小さくして選び直してください。",
            "is larger than 10 MB. Make it smaller.",
        )
    with _ONE_AT_A_TIME:
        image, is_drawing = _decoded(name, data)
        body, media_type = _encoded(image, is_drawing=is_drawing)
        if len(body) > KEPT_BYTES_MAX:
            raise _fault(
                name,
                "縮めても3 MBを超えます。透明の部分をなくすか、JPEGで保存してください。",
                "is more than 3 MB even when it is made smaller. Save it as JPEG, without transparency.",
            )
        return Redrawn(media_type, image.width, image.height, body, _small(image, media_type))


def _decoded(name: str, data: bytes) -> tuple[Image.Image, bool]:
    """Upright, in sRGB, no larger than a mail can use; and whether it came as a PNG, as drawings do."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            fault = _unfit(name, opened)
            if fault is None:
                opened.load()
                image = _plain(ImageOps.exif_transpose(opened))
                image.thumbnail((WIDTH_PX_MAX, HEIGHT_PX_MAX), Image.Resampling.LANCZOS)
                return image, opened.format == "PNG"
    except Image.DecompressionBombError as error:  # so many that the head alone is refused
        raise _too_many(name) from error
    except Exception as error:  # decoders fail in many ways on bytes that were made to break them
        raise _fault(
            name,
            "画像として読めません。JPEG、PNG、WebPで保存し直してください。",
            "cannot be read as a picture. Save it as JPEG, PNG or WebP.",
        ) from error
    raise fault


def _unfit(name: str, opened: Image.Image) -> TemplateFault | None:
    """By what its head says, before a single pixel is decoded."""
    if opened.width * opened.height > PIXELS_MAX:
        return _too_many(name)
    if min(opened.width, opened.height) < SIDE_PX_MIN:
        return _fault(
            name, "小さすぎます。縦横2ピクセル以上にしてください。", "is too small: both sides need 2 pixels."
        )
    if opened.format in _MOVING and getattr(opened, "n_frames", 1) > 1:
        return _fault(
            name,
            "動く画像は使えません。1枚の画像として保存してください。",
            "moves. Save one frame of it as a picture.",
        )
    return None


def _too_many(name: str) -> TemplateFault:
    return _fault(
        name,
        "4,000万画素を超えています。小さくして選び直してください。",
        "has more than 40 million pixels. Make it smaller.",
    )


def _plain(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where something shines through."""
    clear = "A" in image.getbands() or "transparency" in image.info
    wanted = "RGBA" if clear else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits a dot, which no other mode has; others would cut it at 255
        image = image.point(lambda level: level / 256).convert("L")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        image = _in_srgb(image, profile, wanted)
    image = image.convert(wanted)
    if clear and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    bare = Image.new(image.mode, image.size)  # what the file said beside its pixels stays behind
    bare.paste(image)
    return bare


def _in_srgb(image: Image.Image, profile: bytes, wanted: str) -> Image.Image:
    """As it was meant; by a profile that cannot be used, as it is."""
    try:
        found = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=wanted if image.mode == wanted else "RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return image if found is None else found


def _encoded(image: Image.Image, *, is_drawing: bool) -> tuple[bytes, str]:
    if image.mode == "RGBA":
        return _png(image), "image/png"
    drawn = _png(image) if is_drawing else None
    if drawn is not None and len(drawn) <= PNG_BYTES_WORTH:
        return drawn, "image/png"
    photo = _jpeg(image, _QUALITY)
    if drawn is not None and len(drawn) <= len(photo):
        return drawn, "image/png"
    return photo, "image/jpeg"


def _small(image: Image.Image, media_type: str) -> bytes:
    copy = image.copy()
    copy.thumbnail((SMALL_PX_MAX, SMALL_PX_MAX), Image.Resampling.LANCZOS)
    return _png(copy) if media_type == "image/png" else _jpeg(copy, _SMALL_QUALITY)


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()


def _fault(name: str, ja: str, en: str) -> TemplateFault:
    shown = "".join(each for each in name if unicodedata.category(each)[0] != "C")[:_SHOWN_NAME_CHARACTERS]
    return TemplateFault("pictures", f"「{shown}」: {ja}", f"“{shown}” {en}")
