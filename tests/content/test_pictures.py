"""Pictures of the library: drawn anew, without what nobody sees, and only what can be a picture."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from tests.content.files import PDF, PLACE, a_photo, a_picture

from shodaku.content.domain import TemplateFault, parse_alt
from shodaku.content.library import ALT_CHARACTERS_MAX
from shodaku.content.media import path_of, token_of, tokens_in, workspace_of
from shodaku.content.redrawn import PICTURE_BYTES_MAX, PIXELS_MAX, WIDTH_PX_MAX, redraw


def opened(body):
    return Image.open(io.BytesIO(body))


def saved(image, kind, **how):
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def a_head(width, height):
    """A PNG that says how large it is, and has not a pixel of it."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def fault_of(data, name="a.png"):
    with pytest.raises(TemplateFault) as caught:
        redraw(name, data)
    return caught.value


def test_a_photo_loses_its_place_and_stands_upright():
    photo = a_photo(orientation=6, size=(40, 30))
    assert PLACE in photo
    kept = redraw("IMG_1.JPG", photo)
    assert (kept.media_type, kept.width_px, kept.height_px) == ("image/jpeg", 30, 40)
    for body in (kept.body, kept.small):
        assert PLACE not in body
        assert not opened(body).getexif()
        assert "comment" not in opened(body).info


def test_a_wide_picture_becomes_as_wide_as_a_mail_can_use():
    kept = redraw("wide.png", a_picture(size=(3_200, 1_000)))
    assert (kept.width_px, kept.height_px) == (WIDTH_PX_MAX, 500)
    assert max(opened(kept.small).size) == 480
    kept = redraw("as wide.png", a_picture(size=(WIDTH_PX_MAX, 10)))
    assert (kept.width_px, kept.height_px) == (WIDTH_PX_MAX, 10)


@pytest.mark.parametrize(
    ("mode", "kind", "media_type"),
    [
        ("RGB", "JPEG", "image/jpeg"),
        ("CMYK", "JPEG", "image/jpeg"),  # of printers; no mail program shows it right
        ("L", "JPEG", "image/jpeg"),
        ("RGB", "PNG", "image/png"),  # drawn: stays sharp
        ("RGBA", "PNG", "image/png"),
        ("P", "PNG", "image/png"),
        ("RGB", "WEBP", "image/jpeg"),
        ("RGBA", "WEBP", "image/png"),  # what shines through stays so
    ],
)
def test_each_kind_becomes_one_that_mail_programs_show(mode, kind, media_type):
    image = Image.new("RGB", (60, 40), "orange").convert(mode)
    if mode == "RGBA":
        image.putalpha(128)
    kept = redraw("x", saved(image, kind))
    shown = opened(kept.body)
    assert (kept.media_type, shown.format, shown.mode) == (
        media_type,
        media_type.removeprefix("image/").upper(),
        "RGBA" if mode == "RGBA" else "RGB",
    )
    meant = image.convert("RGB").getpixel((30, 20))
    assert max(abs(a - b) for a, b in zip(shown.convert("RGB").getpixel((30, 20)), meant, strict=True)) < 8


def test_colours_of_another_space_are_brought_into_the_one_of_mails():
    """Without its profile the same numbers would be another colour: here a black that is meant as grey."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = redraw("x.png", saved(Image.new("RGB", (20, 20), (120, 60, 30)), "PNG", icc_profile=profile))
    assert "icc_profile" not in opened(kept.body).info
    assert opened(kept.body).getpixel((3, 3)) == (120, 60, 30)


def test_sixteen_bits_a_dot_become_eight_and_not_white():
    image = Image.new("I;16", (20, 20), 32_768)
    assert opened(redraw("scan.png", saved(image, "PNG")).body).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (PDF, "JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "JPEG, PNG or WebP"),
        (a_picture("GIF"), "JPEG, PNG or WebP"),
        (a_picture(size=(300, 300))[:-40], "JPEG, PNG or WebP"),
        (a_picture(size=(1, 1)), "too small"),  # a dot that counts who opens
        (a_head(10_001, 4_000), "40 million"),
        (b"\xff\xd8\xff" + bytes(PICTURE_BYTES_MAX), "10 MB"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_to_do(data, words):
    fault = fault_of(data)
    assert words in fault.sentence("en")
    assert fault.sentence("ja").startswith("「a.png」")


def test_the_size_is_judged_before_a_pixel_is_decoded():
    assert PIXELS_MAX == 10_000 * 4_000
    assert "40 million" in fault_of(a_head(60_000, 60_000)).sentence("en")
    assert "cannot be read" in fault_of(a_head(10_000, 4_000)).sentence(
        "en"
    )  # as many: it is read, and broken


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused(kind):
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    moving = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert "moves" in fault_of(moving).sentence("en")


def test_a_name_is_said_without_what_turns_a_line():
    assert "“a.png”" in fault_of(b"", "a\u202e\n.png").sentence("en")


def test_an_address_names_its_workspace_and_has_one_spelling():
    token = token_of(70_000, bytes(range(15)))
    assert len(token) == 24
    assert workspace_of(token) == 70_000
    for wrong in ("", token[:-1], f"{token}A", f"{token[:-1]}=", f"{token[:-1]}あ", f"{token[:-1]}\n"):
        assert workspace_of(wrong) is None
    with pytest.raises(ValueError, match="15 bytes"):
        token_of(1, bytes(14))


def test_pictures_are_found_in_html_by_their_address():
    one, other = token_of(1, bytes(15)), token_of(1, bytes(14) + b"\1")
    html = f'<img src="https://a.example{path_of(one, "jpg")}"><img src="{path_of(other, "png")}">' * 2
    assert tokens_in(html) == [one, other]
    assert tokens_in(f"/media/{one}A.jpg /medium/{one}.jpg") == []


def test_a_description_is_one_line_of_words():
    assert parse_alt("  青い\n器  ") == "青い 器"
    assert parse_alt("家族👩‍👩‍👧") == "家族👩‍👩‍👧"
    assert parse_alt("あ" * ALT_CHARACTERS_MAX) == "あ" * ALT_CHARACTERS_MAX
    for wrong in ("", " \u3000", "あ" * (ALT_CHARACTERS_MAX + 1), "a\u202eb", "a\x00b"):
        with pytest.raises(TemplateFault):
            parse_alt(wrong)
