"""A proof on paper says what was recorded, carries the proof itself, and obeys nothing that it shows."""

import json
import string
import struct
import sys
import tomllib
import zlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from importlib.resources import files

import pytest
import segno
import typst
from tests.ledger.pdf_reading import attached, pictures_in, squeezed, text_of
from tests.ledger.proofs import HOUR, LOG_KEY, ORIGIN, STRANGER, WITNESS_KEY, Log, checked, example

from shodaku.ledger import paper, paper_bundle, paper_pictures, paper_words
from shodaku.ledger.domain import Kind
from shodaku.ledger.paper import NoJapaneseFont, NoKeyOfLog, NoPaper, make_pdf, qr_text
from shodaku.ledger.paper_bundle import (
    EVENTS_MAX,
    BundleUnreadable,
    TooManyEvents,
    TooMuchText,
    parse_bundle,
)
from shodaku.ledger.paper_pictures import (
    PICTURES_MAX,
    PictureMismatch,
    PictureUnreadable,
    TooManyPictures,
    checked_pictures,
    place,
)
from shodaku.ledger.paper_words import words_in
from shodaku.ledger.verify import read_bundle

MADE_AT = datetime(2027, 1, 10, 9, 30, 5, tzinfo=timezone(timedelta(hours=9)))
GIVEN = {
    "n": 1,
    "at": "2026-11-22T10:00:05.120+09:00",
    "address": "taro@example.jp",
    "method": "web-double",
    "topics": ["Weekly letter", "Sales"],
    "ip": "192.0.2.7",
}
WORDS = tomllib.loads((files("shodaku.ledger") / "print" / "words.toml").read_text(encoding="utf-8"))


def a_proof(*hide, kind="consent.given", files=(), **fields):
    log = Log()
    log.record(person=STRANGER, n=1)
    log.record(kind, **{**GIVEN, **fields})
    return log, log.bundle(1, hide=hide, files=files)


def printed(bundle=None, *, language="en", vkeys=None, **more):
    log, proof = a_proof()
    said = {"sender_name": "Sakura Shop", "made_at": MADE_AT, "vkeys": vkeys or log.keys, **more}
    return make_pdf(proof if bundle is None else bundle, language=language, **said)


def read(*hide, language="en", files=(), pictures=None, **fields):
    _, proof = a_proof(*hide, files=files, **fields)
    return text_of(printed(proof, language=language, pictures=pictures))


def says(text, *words):
    return [word for word in words if squeezed(word) not in text] == []


def a_png(wide=30, high=20, rows=None):
    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    drawn = zlib.compress((b"\0" + b"\x99" * wide) * high) if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", drawn) + part(b"IEND", b"")


def hashed(data):
    return sha256(data).hexdigest()


def test_the_worked_example_is_told_in_japanese():
    pdf = printed(example(), language="ja", vkeys=[LOG_KEY, WITNESS_KEY], sender_name="株式会社さくら商店")
    assert pdf.startswith(b"%PDF-1.7")
    assert says(
        text_of(pdf),
        "同意記録の証明書",
        "送信者 株式会社さくら商店",
        "同意台帳 mail.example.jp/ledger/shop",
        "作成日時 2027年1月10日 09:30:05（UTC+09:00）",
        "2件。本人の最初の記録から、最後に載せた記録まで、間に欠けはありません。",
        "同意 2026年11月22日 10:00:05.120（UTC+09:00） 本人の1件目の記録",
        "方法 登録フォーム（メールで確認） web-double",
        "伏せられた項目 頻度、IPアドレス",
        "週1回まで、新商品とセールのご案内をメールで受け取ります。",
        "同意の取り消し 2027年1月4日 08:30:00.000（UTC+09:00）",
        "範囲 すべての配信 all",
        "2番 73d8efe30a92de40e3762acbe69f39d37a388f9667722ca900fb0c40c58a7b13",
        "この証明書が示さないこと",
        example()["checkpoint"],
        f"台帳 {LOG_KEY}",
        f"証人 {WITNESS_KEY}",
        f"shodaku-verify shodaku-bundle.json \\ --key {LOG_KEY} \\ --witness {WITNESS_KEY}",
        "1 / 2",
    )


def test_and_in_english():
    assert says(
        text_of(printed(example(), vkeys=[LOG_KEY, WITNESS_KEY])),
        "Proof of consent records",
        "Made 2027-01-10 09:30:05 (UTC+09:00)",
        "Consent given 2026-11-22 10:00:05.120 (UTC+09:00) This person's record no. 1",
        "Method sign-up form, confirmed by mail web-double",
        "Not shown Frequency, IP address",
        "no. 2 73d8efe30a92de40e3762acbe69f39d37a388f9667722ca900fb0c40c58a7b13",
        "What this does not prove",
        "That the countersignatures are genuine (witness.example.org/w1)",
        "2 / 2",
    )


def test_the_proof_itself_is_attached_and_still_proves():
    log, proof = a_proof("ip", name="山田 “T”\n\u202e")
    file = attached(printed(proof, vkeys=log.keys))
    assert json.loads(file) == proof
    assert checked(log, read_bundle(file)).origin == ORIGIN


def test_it_is_kept_as_the_archives_want_it_and_can_be_read_aloud():
    pdf = printed()
    assert b'pdfaid:part="3"' in pdf or b"<pdfaid:part>3<" in pdf
    assert b"<pdfaid:conformance>A<" in pdf or b'pdfaid:conformance="A"' in pdf
    assert b"<pdfuaid:part>1<" in pdf or b'pdfuaid:part="1"' in pdf
    assert b"/AFRelationship/Source" in pdf


def test_the_same_input_gives_the_same_bytes_and_another_time_others():
    assert printed() == printed()
    assert printed() != printed(made_at=MADE_AT + timedelta(seconds=1))


@pytest.mark.parametrize(
    "value",
    [
        '#panic("x")',
        "*bold* _slanted_ `code`",
        "= A heading",
        "$ x^2 $ @somebody <label> ~ \\ -- ... /* no */ // no",
        '#image("/etc/passwd") #read("/etc/passwd") #sys.inputs',
        "{sender} {} %s {{ x }}",
        "\\u{41} &lt; <b>b</b>",
        "(((",
        "https://www.example.jp/" + "?x=1&y=[2]" * 30,
    ],
)
def test_a_value_stands_there_as_it_was_recorded_and_is_never_obeyed(value):
    _, proof = a_proof(name=value, unknown_field=[value, {"a": value}], kind=value, browser=value)
    text = text_of(printed(proof, sender_name=value[:200]))
    assert text.count(squeezed(value)) >= 4
    assert says(text, json.dumps({"a": value}, ensure_ascii=False))


def test_what_nobody_sees_is_spelled_out_so_that_no_value_hides_or_turns():
    text = read(name="a\u202eb\u200b\x07\ue000\u2028c", address="x\ny@example.jp")
    assert says(text, "Name a[U+202E]b[U+200B][U+0007][U+E000][U+2028]c", "Address x[U+000A]y@example.jp")
    assert says(text, "Characters that are invisible or cannot be printed here are given by number")


def test_the_note_on_spelled_characters_is_not_there_without_one():
    assert not says(read(), "Characters that are invisible")


def without_fonts(monkeypatch):
    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(typst, "Fonts", lambda: bare)


def test_a_letter_that_no_font_has_is_spelled_out(monkeypatch):
    without_fonts(monkeypatch)
    assert says(read(name="Ра \U00013000 \u0e01\u0e33"), "Name Ра [U+13000] [U+0E01][U+0E33]")


@pytest.mark.parametrize(("language", "name"), [("ja", "Taro"), ("en", "太郎"), ("en", "タロウ")])
def test_without_a_japanese_font_it_says_which_one_to_install(monkeypatch, language, name):
    without_fonts(monkeypatch)
    _, proof = a_proof(name=name)
    with pytest.raises(NoJapaneseFont, match="Noto Sans CJK JP"):
        printed(proof, language=language)


@pytest.mark.parametrize("library", ["typst", "segno"])
def test_without_the_two_libraries_it_says_what_to_install(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(NoPaper, match=r"pip install 'shodaku\[pdf\]'"):
        printed()


def test_fields_that_are_withheld_are_named_and_not_shown():
    text = read("address", "ip")
    assert says(text, "Not shown Address, IP address", "What the fields say that are not shown.")
    assert not says(text, "192.0.2.7")


def test_where_the_time_is_withheld_the_hour_of_the_entry_is_told():
    assert says(read("at"), "Consent given 2026-11-22 between 01:00 and 02:00 UTC", "Not shown Time")
    log = Log()
    log.record(hour=HOUR + 22, n=1)
    bundle = log.bundle(0)
    assert says(text_of(printed(bundle)), "2026-11-22 between 23:00 and 24:00 UTC")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2027-03-09T23:59:59.999-03:30", "2027-03-09 23:59:59.999 (UTC-03:30)"),
        ("2027-03-09T00:00:00Z", "2027-03-09 00:00:00 (UTC)"),
        ("2027-03-09T00:00:00.1234567+00:00", "2027-03-09 00:00:00.1234567 (UTC+00:00)"),
        ("2027-03-09T00:00:00", "2027-03-09T00:00:00"),  # no zone
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_told_to_the_digit_and_as_it_is_where_it_is_none(at, shown):
    assert says(read(at=at), f"Consent given {shown} This person's record")


def test_an_unknown_kind_field_or_code_is_shown_as_it_is():
    text = read(kind="moon.landed", method="telepathy", zz_top={"b": [True, None]})
    assert says(text, "moon.landed", "Method telepathy", 'zz_top {"b": [true, null]}')


def test_plain_values_are_put_in_words():
    text = read(name="", frequency=None, reason=True, until="2027-12-31T00:00:00.000+09:00")
    assert says(
        text, "Name (empty)", "Frequency (none)", "Reason yes", "Until 2027-12-31 00:00:00.000 (UTC+09:00)"
    )
    assert says(text, "Topics • Weekly letter • Sales")


def test_a_long_value_ends_where_the_paper_says_so():
    at_most = "x" * paper_words.VALUE_CHARS_MAX
    assert not says(read(name=at_most), "the rest is in the attached file")
    assert says(read(name=at_most + "x"), "xx… (of 2,001 characters; the rest is in the attached file)")
    rows = paper_words.VALUE_LINES_MAX
    assert says(read(name="\n".join("y" * (rows + 1))), "y… (of 121 characters;")
    assert says(read(topics=["z"] * (rows + 2)), "z … (2 more in the attached file)")


def test_an_extract_is_called_one():
    log = Log()
    log.record(n=1)
    log.record("consent.withdrawn", n=2)
    part, whole = (text_of(printed(log.bundle(*indexes))) for indexes in ((1,), (0, 1)))
    assert says(part, "1, as an extract", "this is an extract.")
    assert says(whole, "without a gap", "No record of this person is left out between")
    assert not says(whole, "extract")


def test_who_signed_alone_is_told():
    assert says(read(), "no witness has countersigned it")


def test_recorded_words_are_printed_and_other_files_named():
    wording, page, odd = "第一条\n<b>本文</b>".encode(), b"<html><p>the page</p></html>", b"\xff\xfe"
    text = read(
        files=(wording, page, odd),
        wording_sha256=hashed(wording),
        page_sha256=hashed(page),
        policy_sha256=hashed(odd),
    )
    assert says(text, f"Hash of the wording {hashed(wording)} annex, file", "第一条 <b>本文</b>")
    assert says(text, f"{hashed(page)} (a file of 28 bytes", f"{hashed(odd)} (a file of 2 bytes")
    assert not says(text, "the page</p>")


def test_a_picture_that_a_record_names_is_printed_with_its_hash():
    png = a_png()
    _, proof = a_proof(picture_sha256=hashed(png))
    assert pictures_in(printed(proof)) == 0
    pdf = printed(proof, pictures={hashed(png): png})
    assert pictures_in(pdf) == 1
    assert says(
        text_of(pdf),
        f"Hash of the picture {hashed(png)} annex, picture 1",
        f"Picture 1 Hash (SHA-256) {hashed(png)}",
    )


def test_a_picture_in_the_proof_itself_is_not_named_twice():
    png = a_png()
    text = read(files=(png,), picture_sha256=hashed(png), pictures={hashed(png): png})
    assert not says(text, "Annex: recorded files")


def test_a_picture_that_no_record_shows_is_refused():
    png = a_png()
    for hide, name in (((), hashed(a_png(wide=31))), (("picture_sha256",), hashed(png))):
        _, proof = a_proof(*hide, picture_sha256=name)
        with pytest.raises(PictureMismatch):
            printed(proof, pictures={hashed(png): png})


def test_many_pictures_are_refused_as_many_and_the_records_are_not_accused():
    pictures = {hashed(png): png for png in (a_png(wide=wide) for wide in range(1, PICTURES_MAX + 2))}
    with pytest.raises(TooManyPictures, match="at most 10 pictures"):
        checked_pictures(pictures, list(pictures))
    pictures.popitem()
    assert checked_pictures(pictures, list(pictures)) == pictures


def test_another_picture_under_the_name_of_the_recorded_one_is_refused():
    png, other = a_png(), a_png(wide=31)
    _, proof = a_proof(picture_sha256=hashed(png))
    with pytest.raises(PictureMismatch):
        printed(proof, pictures={hashed(png): other})


@pytest.mark.parametrize(
    "png",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        a_png(wide=0),
        a_png(wide=5_000, high=5_001, rows=b""),
        a_png(rows=b"no rows"),
        a_png()[:40],
        a_png() + bytes(paper_pictures.PICTURE_BYTES_MAX),
    ],
    ids=["empty", "svg", "no width", "too many pixels", "broken", "cut", "too large"],
)
def test_what_is_no_png_or_too_large_is_refused(png):
    _, proof = a_proof(picture_sha256=hashed(png))
    with pytest.raises(PictureUnreadable):
        printed(proof, pictures={hashed(png): png})


@pytest.mark.parametrize(
    ("wide", "high", "width", "parts"),
    [
        (96, 96, 25.4, 1),  # its own size
        (1280, 900, 170, 1),  # as wide as the page
        (1280, 2000, 131.2, 1),  # whole, as high as the page
        (390, 2600, 103.19, 4),  # a telephone: cut
        (10, 7000, 0.29, 1),  # a ribbon
    ],
)
def test_a_tall_picture_is_cut_where_it_could_not_be_read(wide, high, width, parts):
    placed = place(1, "hash", a_png(wide, high), words_in("en"))
    assert (round(placed["width"], 2), len(placed["headings"])) == (width, parts)


def test_the_cut_parts_are_one_picture_on_several_pages():
    png = a_png(390, 2600)
    _, proof = a_proof(picture_sha256=hashed(png))
    pdf = printed(proof, pictures={hashed(png): png})
    assert pictures_in(pdf) == 1
    assert says(text_of(pdf), "Picture 1 (part 1 of 4)", "Picture 1 (part 4 of 4)")


def test_the_qr_code_is_the_signed_checkpoint(monkeypatch):
    made, make = [], segno.make
    monkeypatch.setattr(
        segno, "make", lambda text, **how: made.append((text, how["encoding"])) or make(text, **how)
    )
    text = text_of(printed(example(), vkeys=[LOG_KEY]))
    assert made == [(example()["checkpoint"], "utf-8")]
    assert says(text, "The same text as a QR code.")


def test_a_checkpoint_too_long_for_a_qr_code_leaves_its_signatures_out(monkeypatch):
    checkpoint = parse_bundle(example()).checkpoint
    length = len(checkpoint.note.encode())
    monkeypatch.setattr(paper, "QR_BYTES_MAX", length)
    assert qr_text(checkpoint) == (checkpoint.note, True)
    longer = replace(checkpoint, note=checkpoint.note + "x")
    assert qr_text(longer) == (
        "mail.example.jp/ledger/shop\n3\n7pXTAVbnTswctp2KFVnunOREzd4OMozadXA6A/IYWoc=\n",
        False,
    )
    monkeypatch.setattr(paper, "QR_BYTES_MAX", length - 1)
    assert says(text_of(printed(example(), vkeys=[LOG_KEY])), "The first three lines as a QR code")


@pytest.mark.parametrize(
    "vkeys",
    [
        [],
        [WITNESS_KEY],
        [LOG_KEY, "no key"],
        [LOG_KEY, WITNESS_KEY.replace("w1", "w\u202e1")],
        [LOG_KEY, *[WITNESS_KEY] * paper.KEYS_MAX],
    ],
)
def test_the_key_of_the_log_must_be_named(vkeys):
    with pytest.raises(NoKeyOfLog):
        make_pdf(example(), language="en", sender_name="x", made_at=MADE_AT, vkeys=vkeys)


def test_in_the_days_of_a_key_change_one_key_of_the_log_is_enough_for_the_command():
    old = LOG_KEY.replace("+5f92549e+", "+00000000+")
    text = text_of(printed(example(), vkeys=[LOG_KEY, old]))
    assert says(text, f"Log {LOG_KEY} Log {old}", f"--key {LOG_KEY}")
    assert text.count("--key") == 1


def test_five_hundred_events_fit_and_one_more_does_not():
    _, proof = a_proof()
    proof["entries"] *= EVENTS_MAX
    assert len(parse_bundle(proof).events) == EVENTS_MAX
    proof["entries"].append(proof["entries"][0])
    with pytest.raises(TooManyEvents, match="500 events"):
        printed(proof)


def test_text_without_end_is_refused(monkeypatch):
    _, proof = a_proof()
    monkeypatch.setattr(paper_bundle, "TEXT_CHARS_MAX", 2_000)
    assert parse_bundle(proof)
    _, proof = a_proof(name="x" * 2_000)
    with pytest.raises(TooMuchText):
        printed(proof)


def test_a_file_that_the_verifier_would_not_read_is_refused(monkeypatch):
    _, proof = a_proof()
    size = len(parse_bundle(proof).file)
    monkeypatch.setattr(paper_bundle, "FILE_BYTES_MAX", size)
    assert parse_bundle(proof)
    monkeypatch.setattr(paper_bundle, "FILE_BYTES_MAX", size - 1)
    with pytest.raises(TooMuchText):
        parse_bundle(proof)


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: proof.pop("format"),
        lambda proof: proof.update(format="shodaku-bundle/2"),
        lambda proof: proof.update(checkpoint="no note"),
        lambda proof: proof.update(checkpoint=7),
        lambda proof: proof.update(checkpoint=proof["checkpoint"].replace(ORIGIN, "x" * 301)),
        lambda proof: proof.update(entries=[]),
        lambda proof: proof.update(entries={"0": proof["entries"][0]}),
        lambda proof: proof["entries"].append(None),
        lambda proof: proof["entries"][0].update(index=2),  # of two
        lambda proof: proof["entries"][0].update(index=-1),
        lambda proof: proof["entries"][0].update(index=True),
        lambda proof: proof["entries"][0].update(entry="[]"),
        lambda proof: proof["entries"][0].update(entry="[" * 100_000),
        lambda proof: proof["entries"][0].update(entry='{"kind": "x", "hour": 1e3}'),
        lambda proof: proof["entries"][0].update(entry='{"kind": "x", "hour": 99999999999999}'),
        lambda proof: proof["entries"][0]["disclosed"].update({"A": {"value": 1}}),
        lambda proof: proof["entries"][0]["disclosed"].update(name="bare"),
        lambda proof: proof["entries"][0]["disclosed"].update(name={"value": "\ud800"}),
        lambda proof: proof["entries"][0]["withheld"].update({"": "x"}),
        lambda proof: proof.update(attachments=[]),
        lambda proof: proof.update(attachments={hashed(b"x"): b64encode(b"x").decode()}),  # no event names it
        lambda proof: proof.update(attachments={GIVEN["address"]: "not base64"}),
    ],
)
def test_what_is_no_bundle_is_refused(change):
    _, proof = a_proof()
    change(proof)
    with pytest.raises(BundleUnreadable):
        printed(proof)


def test_an_attached_text_that_is_not_the_recorded_one_is_refused():
    _, proof = a_proof(wording_sha256=hashed(b"a"))
    for text, error in ((b"a", None), (b"b", BundleUnreadable)):
        proof["attachments"] = {hashed(b"a"): b64encode(text).decode()}
        if error is None:
            assert parse_bundle(proof).attachments == {hashed(b"a"): b"a"}
        else:
            with pytest.raises(error):
                parse_bundle(proof)


def test_a_time_without_zone_and_a_name_without_end_are_mistakes_of_the_caller():
    for more in ({"made_at": datetime(2027, 1, 10)}, {"sender_name": "x" * 201}):  # noqa: DTZ001 - the mistake
        with pytest.raises(ValueError, match="zone"):
            printed(**more)


def test_the_time_of_making_is_told_in_its_own_zone():
    assert says(text_of(printed(made_at=MADE_AT.astimezone(UTC))), "Made 2027-01-10 00:30:05 (UTC+00:00)")


def test_nothing_stays_on_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    png = a_png()
    _, proof = a_proof(picture_sha256=hashed(png))
    assert pictures_in(printed(proof, pictures={hashed(png): png})) == 1
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_the_ledger_has_its_words():
    assert set(Kind) - set(WORDS["kinds"]) == set()


def test_every_word_exists_in_both_languages_with_the_same_blanks():
    def blanks(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for part, words in WORDS.items():
        for name, each in words.items():
            assert sorted(each) == ["en", "ja"], (part, name)
            assert blanks(each["en"]) == blanks(each["ja"]), (part, name)


def test_the_template_names_no_package_and_no_address():
    template = (files("shodaku.ledger") / "print" / "bundle.typ").read_text(encoding="utf-8")
    assert "@" not in template
    assert "http" not in template
    assert "import" not in template
    assert "eval(" not in template
