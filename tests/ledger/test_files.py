"""A scan is kept as nothing but a picture, under the person's own key; whoever opens it is written down."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import uuid
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts.services import ContactGone
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.kit import db, runtime
from shodaku.ledger import images, selectors, services
from shodaku.ledger.images import UnfitFile, plain_picture
from shodaku.ledger.verify import BUNDLE_BYTES_MAX

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
GPS = 0x8825
ORIENTATION = 0x0112
COMMENT = 0x9286


def a_scan(size=(60, 40), mode="RGB", kind="PNG", **saving):
    """A card with something written on it, in more colours than a few."""
    picture = Image.radial_gradient("L").resize(size)
    if mode not in ("1", "L"):
        across = Image.linear_gradient("L").resize(size)
        picture = Image.merge("RGB", (picture, across, across.rotate(180)))
    return as_file(picture.convert(mode), kind, **saving)


def as_file(picture, kind="PNG", **saving):
    file = io.BytesIO()
    picture.save(file, kind, **saving)
    return file.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.data))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "P"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
        ("TIFF", "RGB"),
        ("TIFF", "CMYK"),
        ("TIFF", "1"),
    ],
)
def test_what_scanners_and_telephones_make_is_kept_as_jpeg_or_png(kind, mode):
    picture = plain_picture(a_scan(kind=kind, mode=mode))
    assert picture.media_type in ("image/jpeg", "image/png")
    assert opened(picture).size == (60, 40)
    assert opened(picture).format == picture.media_type.removeprefix("image/").upper()


def test_a_photo_becomes_jpeg_and_a_page_of_few_colours_stays_sharp():
    assert plain_picture(a_scan()).media_type == "image/jpeg"
    page = Image.new("RGB", (60, 40), "white")
    ImageDraw.Draw(page).line((0, 0, 59, 39), "black")
    kept = plain_picture(as_file(page, "TIFF", compression="group4") if False else as_file(page))
    assert kept.media_type == "image/png"
    assert list(opened(kept).convert("RGB").get_flattened_data()) == list(page.get_flattened_data())


def test_a_fax_is_read_black_on_white():
    page = Image.new("1", (64, 32), 1)
    ImageDraw.Draw(page).rectangle((0, 0, 31, 31), 0)
    kept = opened(plain_picture(as_file(page, "TIFF", compression="group4"))).convert("L")
    assert (kept.getpixel((0, 0)), kept.getpixel((63, 0))) == (0, 255)


def test_sixteen_bits_of_grey_are_not_washed_out():
    levels = Image.new("I;16", (2, 1))
    levels.putpixel((0, 0), 0x4000)
    levels.putpixel((1, 0), 0xFFFF)
    for kind in ("PNG", "TIFF"):
        kept = opened(plain_picture(as_file(levels, kind)))
        assert [kept.getpixel((x, 0)) for x in (0, 1)] == [0x40, 0xFF]


def test_what_shines_through_still_does():
    stamp = Image.new("RGBA", (4, 4), (200, 0, 0, 128))
    kept = plain_picture(as_file(stamp))
    assert (kept.media_type, opened(kept).getpixel((0, 0))) == ("image/png", (200, 0, 0, 128))
    assert opened(plain_picture(a_scan(mode="RGBA"))).mode == "RGB"  # opaque all over


def test_of_several_frames_or_pages_the_first_is_kept():
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    for kind in ("GIF", "TIFF", "WEBP"):
        kept = opened(plain_picture(as_file(first, kind, save_all=True, append_images=[second])))
        red, _, blue = kept.convert("RGB").getpixel((4, 4))
        assert (red > 200, blue < 50) == (True, True)


def test_the_right_way_up_without_place_device_or_comment():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # a telephone held upright
    exif[COMMENT] = "山田 花子"
    exif.get_ifd(GPS)[2] = (35.0, 40.0, 0.0)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "山田 花子")
    files = [
        a_scan(kind="JPEG", exif=exif, comment=b"Hanako", icc_profile=b"profile", dpi=(300, 300)),
        a_scan(kind="PNG", exif=exif, pnginfo=texts, icc_profile=b"profile"),
        a_scan(kind="WEBP", exif=exif, xmp=b"<x:xmpmeta/>"),
    ]
    for file in files:
        kept = opened(plain_picture(file))
        assert kept.size == (40, 60)
        assert dict(kept.getexif()) == {}
        assert not {"comment", "icc_profile", "exif", "xmp", "Author"} & kept.info.keys()
        assert not any(word in plain_picture(file).data for word in (b"Hanako", b"profile", b"xmpmeta"))


def test_bytes_behind_the_picture_do_not_come_along():
    page = b"<html><script>alert(1)</script></html>"
    for kind in ("JPEG", "PNG", "GIF"):
        assert b"script" not in plain_picture(a_scan(kind=kind) + page).data


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n"
HTML = b"\xef\xbb\xbf<!DOCTYPE html><title>x</title><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.mark.parametrize(
    ("data", "fault", "says"),
    [
        (b"", images.EmptyFile, "empty"),
        (PDF, images.DocumentFile, "PDF"),
        (b"\r\n" + PDF, images.DocumentFile, "PDF"),
        (HTML, images.WebPageFile, "web page"),
        (b"<SCRIPT>alert(1)</SCRIPT>", images.WebPageFile, "web page"),
        (SVG, images.DrawingFile, "SVG"),
        (HEIC, images.TelephonePhoto, "HEIC"),
        (b"PK\x03\x04word/document.xml", UnfitFile, "no picture"),
        (b"BM" + bytes(60), UnfitFile, "no picture"),
        (b"plain text", UnfitFile, "no picture"),
        (a_scan(kind="JPEG")[:-200], images.DamagedPicture, "cut off"),
        (a_scan(kind="PNG")[:-40], images.DamagedPicture, "cut off"),
        (a_scan(kind="TIFF")[:100], images.DamagedPicture, "cut off"),
        (b"\xff\xd8\xff" + HTML, images.DamagedPicture, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + PDF, images.DamagedPicture, "damaged"),
        (b"RIFF\xff\0\0\0WEBP" + SVG, images.DamagedPicture, "damaged"),
        (as_file(Image.new("F", (4, 4)), "TIFF"), UnfitFile, "no picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence_that_says_what_to_do(data, fault, says):
    with pytest.raises(UnfitFile) as refused:
        plain_picture(data)
    assert type(refused.value) is fault
    assert says in refused.value.sentence("en")
    assert refused.value.sentence("ja").endswith("。")


def test_each_kind_has_its_own_sentence_in_both_languages():
    kinds = [UnfitFile, *UnfitFile.__subclasses__()]
    for language in ("ja", "en"):
        assert len({kind().sentence(language) for kind in kinds}) == len(kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_a_file_of_twenty_megabytes_is_read_and_one_byte_more_is_not():
    scan = a_scan(kind="JPEG")
    assert plain_picture(scan + bytes(images.BYTES_MAX - len(scan)))
    with pytest.raises(images.TooManyBytes):
        plain_picture(scan + bytes(images.BYTES_MAX - len(scan) + 1))


def a_bomb(width, height):
    """A few bytes that say they are a picture of this size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8_000, 5_001), (30_001, 10), (10_000, 9_000), (60_000, 60_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked(size):
    with pytest.raises(images.TooManyPixels):
        plain_picture(a_bomb(*size))


def test_forty_million_pixels_are_read():
    assert opened(plain_picture(as_file(Image.new("1", (8_000, 5_000), 1)))).size == (8_000, 5_000)


def noise(size, mode="RGB"):
    """Nothing a decoder can make small."""
    pixels = random.Random(1).randbytes(size[0] * size[1] * len(mode))
    return Image.frombytes(mode, size, pixels)


def test_four_pictures_of_the_largest_have_room_in_what_a_verifier_reads():
    assert 4 * images.KEPT_BYTES_MAX * 4 // 3 < BUNDLE_BYTES_MAX


@pytest.mark.parametrize(
    ("size", "mode", "shrinks"),
    [((800, 600), "RGB", False), ((1_200, 1_000), "RGB", True), ((1_600, 1_000), "RGBA", True)],
)
def test_what_is_kept_has_room_in_a_proof_whatever_was_handed_in(size, mode, shrinks, monkeypatch):
    monkeypatch.setattr(images, "KEPT_BYTES_MAX", 300_000)
    kept = plain_picture(as_file(noise(size, mode), "PNG", compress_level=1))
    assert kept.media_type == "image/jpeg"
    assert 100_000 < len(kept.data) <= images.KEPT_BYTES_MAX
    assert (opened(kept).size != size) is shrinks
    assert opened(kept).width / opened(kept).height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_page_of_few_colours_that_is_large_as_png_is_kept_as_jpeg():
    page = noise((5_000, 1_000), "L").point(lambda level: level // 8 * 8)
    kept = plain_picture(as_file(page, "PNG", compress_level=1))
    assert (kept.media_type, opened(kept).mode) == ("image/jpeg", "L")
    assert len(kept.data) <= images.KEPT_BYTES_MAX


def test_a_fax_full_of_dots_is_kept_as_jpeg():
    page = Image.frombytes("1", (6_400, 5_000), random.Random(1).randbytes(800 * 5_000))
    kept = plain_picture(as_file(page))
    assert (kept.media_type, opened(kept).mode) == ("image/jpeg", "L")
    assert len(kept.data) <= images.KEPT_BYTES_MAX


def test_what_shone_through_stands_on_white_in_a_jpeg(monkeypatch):
    monkeypatch.setattr(images, "KEPT_BYTES_MAX", 1_000)
    clear = noise((64, 64), "RGBA")
    clear.putalpha(0)
    kept = plain_picture(as_file(clear))
    assert kept.media_type == "image/jpeg"
    assert opened(kept).convert("L").getextrema() == (255, 255)


def test_a_picture_that_cannot_be_made_small_enough_is_refused(monkeypatch):
    monkeypatch.setattr(images, "KEPT_BYTES_MAX", 100)  # the head of a JPEG alone has more
    with pytest.raises(images.TooManyPixels):
        plain_picture(a_scan())


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF"]),
    hits=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 10_000),
)
def test_whatever_the_bytes_it_is_a_picture_or_a_refusal(kind, hits, cut):
    broken = bytearray(a_scan((24, 16), kind=kind))
    for place, value in hits:
        broken[place % len(broken)] = value
    try:
        kept = plain_picture(bytes(broken[: max(1, len(broken) - cut % 64)]))
    except UnfitFile:
        return
    assert opened(kept).format in ("JPEG", "PNG")


@pytest.fixture
def shop(database):
    return a_shop()


def keep(shop, person, **scan):
    return services.keep_file(shop.workspace_id, person, a_scan(**scan), now=NOW)


def read(shop, person, evidence_id):
    return services.read_file(shop.workspace_id, person, evidence_id, by="staff:7", now=NOW)


def test_what_is_kept_is_read_again_under_its_hash(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    media_type, data = read(shop, person, kept.evidence_id)
    assert (media_type, len(data)) == (kept.media_type, kept.bytes)
    assert hashlib.sha256(data).hexdigest() == kept.sha256
    assert selectors.files_of(shop.workspace_id, person) == [kept]


def test_the_newest_file_comes_first(shop):
    person = a_contact(shop)
    first = keep(shop, person)
    later = services.keep_file(shop.workspace_id, person, a_scan(), now=NOW.replace(hour=4))
    assert selectors.files_of(shop.workspace_id, person) == [later, first]
    assert selectors.files_of(shop.workspace_id, a_contact(shop)) == []


def test_every_reading_is_an_entry_of_the_person(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    read(shop, person, kept.evidence_id)
    read(shop, person, kept.evidence_id)
    entries = selectors.history(shop.workspace_id, person)
    assert [entry.kind for entry in entries] == ["admin.evidence.read"] * 2
    assert entries[0].fields == {
        "evidence_id": str(kept.evidence_id),
        "sha256": kept.sha256,
        "by": "staff:7",
        "n": 1,
        "at": "2026-11-25T03:00:00.000+00:00",
    }
    assert selectors.audit(shop.workspace_id).consistent


def test_while_the_key_store_is_away_nothing_is_kept_or_read(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        for act in (lambda: keep(shop, person), lambda: read(shop, person, kept.evidence_id)):
            with pytest.raises(services.VaultAway):
                act()
    assert selectors.files_of(shop.workspace_id, person) == [kept]
    assert selectors.history(shop.workspace_id, person) == []


def test_a_file_of_another_person_or_shop_is_not_there(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    for whose, who in ((shop, a_contact(shop)), (other := a_shop(), a_contact(other))):
        with pytest.raises(services.NoFile):
            read(whose, who, kept.evidence_id)
    with pytest.raises(services.NoFile):
        read(shop, person, uuid.uuid4())


def test_for_somebody_who_is_gone_nothing_is_kept(shop):
    with pytest.raises(ContactGone):
        keep(shop, 987_654_321)


def as_owner(database, shop, statement, *values):
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("alter table ledger_file disable trigger ledger_file_no_update")
        owner.execute(statement, values)
        owner.execute("alter table ledger_file enable trigger ledger_file_no_update")


@pytest.mark.parametrize(
    "change",
    [
        "body = overlay(body placing '\\x00' from 40)",
        "body = substring(body from 1 for 20)",
        "sha256 = repeat('ab', 32)",
        "media_type = 'image/png'",
        "evidence_id = gen_random_uuid()",
    ],
)
def test_a_file_that_was_changed_since_does_not_open(database, shop, change):
    person = a_contact(shop)
    keep(shop, person)
    as_owner(database, shop, f"update ledger_file set {change}")  # noqa: S608 - one of the above
    (kept,) = selectors.files_of(shop.workspace_id, person)
    with pytest.raises(services.FileBroken):
        read(shop, person, kept.evidence_id)
    assert selectors.history(shop.workspace_id, person) == []


def test_a_file_that_was_moved_to_another_person_does_not_open(database, shop):
    person, other = a_contact(shop), a_contact(shop)
    kept = keep(shop, person)
    as_owner(database, shop, "update ledger_file set contact_id = %s", other)
    with pytest.raises(services.FileBroken):
        read(shop, other, kept.evidence_id)


def test_the_bytes_at_rest_are_not_the_picture(shop):
    person = a_contact(shop)
    keep(shop, person), keep(shop, person)
    with db.transaction(shop.workspace_id) as connection:
        bodies = [row[0] for row in connection.execute("select body from ledger_file").fetchall()]
    assert not any(b"JFIF" in body for body in bodies)
    assert all(one[12:] != two[12:] for one, two in pairwise(bodies))


@pytest.mark.parametrize(
    "statement",
    ["update ledger_file set media_type = 'image/png'", "delete from ledger_file", "truncate ledger_file"],
)
def test_the_application_can_neither_change_nor_delete_a_file(shop, statement):
    keep(shop, a_contact(shop))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(statement)


def test_the_erasers_function_reaches_no_other_shop(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    with db.transaction(a_shop().workspace_id) as connection:
        connection.execute("select erase_files(%s, %s)", [shop.workspace_id, person])
    assert selectors.files_of(shop.workspace_id, person) == [kept]


def test_who_is_erased_leaves_no_file(shop):
    person, stays = a_reader(shop), a_reader(shop)
    keep(shop, person), keep(shop, person)
    kept = keep(shop, stays)
    with db.transaction(shop.workspace_id):
        erasure_id = erasure.request(shop.workspace_id, person, rule="erase", receipt="S-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert erasures.remains(shop.workspace_id, person) == {}
    assert selectors.files_of(shop.workspace_id, stays) == [kept]
    assert erasures.by_receipt(shop.workspace_id, "S-1").counts["ledger_file"] == 2


def test_whose_key_is_destroyed_has_files_that_nobody_reads(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    services.shred(shop.workspace_id, person)
    with pytest.raises(services.KeyDestroyed):
        read(shop, person, kept.evidence_id)


def test_a_disclosure_tells_of_the_file_and_not_its_sealed_bytes(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    (row,) = erasures.rows_about(shop.workspace_id, person)["ledger_file"]
    assert (row["sha256"], row["evidence_id"]) == (kept.sha256, str(kept.evidence_id))
    assert "body" not in row


def test_a_file_that_does_not_open_is_left_out_of_a_sealing_and_the_log_names_it_by_its_number(
    database, shop, monkeypatch
):
    told = []
    monkeypatch.setattr("shodaku.kit.log.info", lambda event, **facts: told.append((event, facts)))
    person = a_contact(shop)
    broken = keep(shop, person)
    as_owner(database, shop, "update ledger_file set body = overlay(body placing '\\x00' from 40)")
    whole = keep(shop, person, size=(61, 40))
    strange = keep(shop, person, size=(62, 40))
    sealed = services.files_to_seal(shop.workspace_id, person, {broken.sha256, whole.sha256})
    assert sealed.keys() == {whole.sha256}
    assert strange.sha256 not in sealed
    assert told == [
        (
            "ledger.file_left_out",
            {
                "workspace": shop.workspace_id,
                "evidence": str(broken.evidence_id),
                "reason": "file_broken",
            },
        )
    ]


def test_of_whom_the_key_is_gone_no_file_is_sealed(shop):
    person = a_contact(shop)
    kept = keep(shop, person)
    services.shred(shop.workspace_id, person)
    assert services.files_to_seal(shop.workspace_id, person, {kept.sha256}) == {}


def test_while_the_key_store_is_away_a_file_is_not_left_out(shop, monkeypatch):
    person = a_contact(shop)
    kept = keep(shop, person)
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away), pytest.raises(services.VaultAway):
        services.files_to_seal(shop.workspace_id, person, {kept.sha256})
