"""Files of a mail: only what is what it says comes in, and what comes in arrives byte by byte."""

import email
import email.policy
import io
from dataclasses import replace
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.content.files import CALENDAR, PDF, PLACE, a_photo, a_picture
from tests.content.test_render import DATE, SENDER, compiled, one_line, parsed, permit, whole
from tests.content.test_services import LETTER
from tests.people import SENDER as SHOP

from shodaku.content.domain import KeptFile, TemplateFault, encoded_octets, images_named_in, with_addresses
from shodaku.content.render import Draft, MailFile, Recipient, render
from shodaku.content.services import accept, check_together, freeze

LOGO = accept("ロゴ.png", a_picture())
FLYER = accept("冬のご案内.pdf", PDF)
HTML = '<p>{{ name }}</p><p><img src="cid:ロゴ.png" alt="ロゴ"></p>'


def sent(draft, value="花子", *, eight_bit=False):
    form = compiled(draft, eight_bit=eight_bit)
    return render(
        permit(), form, Recipient(1, "hanako@example.jp", {"name": value}), DATE, eight_bit=eight_bit
    )


def plainly(text, html, files, values):
    """The same mail as the standard library builds it."""
    shown = images_named_in(html or "")
    mail = EmailMessage()
    mail.set_content(text.replace("{{ name }}", values["name"]))
    if html is not None:
        mail.add_alternative(html.replace("{{ name }}", escape(values["name"])), subtype="html")
        for name in shown:
            image = next(each for each in files if each.reference == name)
            main, sub = image.media_type.split("/")
            mail.get_payload()[1].add_related(
                image.body, main, sub, cid=f"<{name}>", filename=image.name, disposition="inline"
            )
    for each in files:
        if each.reference not in shown:
            main, sub = each.media_type.split("/")
            mail.add_attachment(each.body, main, sub, filename=each.name)
    return mail


def structure(part):
    """Kinds, and of each leaf how it is shown, its name and its content."""
    if part.is_multipart():
        return (part.get_content_type(), [structure(each) for each in part.iter_parts()])
    content = part.get_payload(decode=True)
    if part.get_content_maintype() == "text" and not part.get_filename():
        content = content.decode().replace("\r\n", "\n").rstrip("\n")
    return (part.get_content_type(), part.get_content_disposition(), part.get_filename(), content)


STEMS = st.one_of(
    st.sampled_from(
        [
            "a",
            "冬のご案内",
            "山田's 見積 (2)",
            "100%",
            "50%41",
            "a b",
            "a;b=c",
            "=?utf-8?q?x",
            "é" * 60,
            "長" * 80,
        ]
    ),
    st.text(
        st.characters(
            exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"], exclude_characters='\\/:*?"<>|.'
        ),
        min_size=1,
        max_size=60,
    ),
)
BODIES = st.binary(min_size=1, max_size=200)


@st.composite
def some_files(draw):
    """Pictures and papers of any content: the message carries bytes, whatever they are."""
    kinds = st.sampled_from([("png", "image/png"), ("jpg", "image/jpeg"), ("pdf", "application/pdf")])
    names = draw(st.lists(STEMS.map(str.strip).filter(bool), max_size=4, unique=True))
    return [
        MailFile(f"{name}.{ending}", media_type, draw(BODIES))
        for name, (ending, media_type) in ((name, draw(kinds)) for name in names)
    ]


@settings(deadline=None)
@given(
    files=some_files(),
    with_html=st.booleans(),
    value=st.sampled_from(
        ["花子", "", "=?utf-8?q?x?=", "x" * 300, "\r\nContent-Type: text/evil\r\n\r\n", "--=_"]
    ),
    eight_bit=st.booleans(),
)
def test_a_compiled_message_with_files_is_what_the_standard_library_builds(
    files, with_html, value, eight_bit
):
    pictures = [each for each in files if each.media_type.startswith("image/")][::2]
    shown = "".join(f'<img src="cid:{escape(each.name)}">' for each in pictures)
    html = f"<p>{{{{ name }}}}</p>{shown}" if with_html else None
    message = sent(Draft("春", "{{ name }} 様", html, (), tuple(files)), value, eight_bit=eight_bit)
    raw = whole(message)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = parsed(message)
    expected = plainly("{{ name }} 様", html, files, {"name": one_line(value)})
    ours, theirs = (
        structure(mail),
        structure(email.message_from_bytes(expected.as_bytes(), policy=email.policy.default)),
    )
    assert without_sources(ours) == without_sources(theirs)


def without_sources(tree):
    """Where a picture is found in its mail differs by its number."""
    if isinstance(tree[1], list):
        return (tree[0], [without_sources(each) for each in tree[1]])
    kind, shown, name, content = tree
    return (kind, shown, name, with_addresses(content, ANYWHERE) if kind == "text/html" else content)


class Anywhere(dict):
    def get(self, _name, _default=None):
        return "cid:"


ANYWHERE = Anywhere()


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_picture_stands_where_the_html_names_it_and_every_other_file_is_attached(eight_bit):
    draft = Draft("春", "{{ name }} 様", HTML, (), (FLYER, LOGO))
    mail = parsed(sent(draft, eight_bit=eight_bit))
    body, flyer = mail.iter_parts()
    text, related = body.iter_parts()
    html, logo = related.iter_parts()
    assert [mail.get_content_type(), body.get_content_type(), related.get_content_type()] == [
        "multipart/mixed",
        "multipart/alternative",
        "multipart/related",
    ]
    assert related.get_param("type") == "text/html"
    cid = logo["content-id"].strip("<>")
    assert cid.endswith("@mail.example.jp")
    assert f'<img src="cid:{cid}"' in html.get_payload(decode=True).decode()
    assert (logo.get_content_disposition(), logo.get_payload(decode=True)) == ("inline", LOGO.body)
    assert (flyer.get_content_disposition(), flyer.get_filename()) == ("attachment", "冬のご案内.pdf")
    assert flyer.get_payload(decode=True) == PDF
    for holder in (mail, body, related):  # RFC 2045 section 6.4
        assert holder["content-transfer-encoding"] == ("8bit" if eight_bit else None)
    assert text["content-transfer-encoding"] == ("8bit" if eight_bit else "base64")


def test_a_japanese_name_is_written_for_new_mail_programs_and_for_old_ones():
    raw = whole(sent(Draft("春", "本文", None, (), (FLYER,)))).decode()
    assert "filename*=UTF-8''" in raw or "filename*0*=UTF-8''" in raw
    name = raw.partition(' name="')[2].partition('"')[0]
    assert str(email.header.make_header(email.header.decode_header(name.replace("\r\n ", "")))) == FLYER.name
    assert all(len(line) <= 78 for line in raw.split("\r\n") if "name" in line or "UTF-8" in line)


def test_the_body_of_a_file_is_shared_by_the_messages_and_not_copied():
    form = compiled(
        Draft("春", "{{ name }} 様 {{ link0 }}", HTML, ("https://a.jp/",), (FLYER, LOGO)), eight_bit=True
    )
    large = [
        [
            id(each)
            for each in render(
                permit(), form, Recipient(1, "a@b.jp", {"name": name}), DATE, eight_bit=e
            ).buffers
        ]
        for name, e in (("花子", False), ("太郎", True))
    ]
    assert len(set(large[0]) & set(large[1])) >= 2


def test_without_files_a_message_has_not_one_piece_more():
    draft = Draft("春", "{{ name }} 様", "<p>{{ name }}</p>", ())
    without, with_one = sent(draft), sent(replace(draft, files=(FLYER,)))
    assert len(without.buffers) == 10
    assert len(with_one.buffers) == 13  # its head, its body, the end
    assert parsed(without).get_content_type() == "multipart/alternative"


def test_who_may_not_be_tracked_gets_the_same_files():
    draft = Draft("春", "{{ link0 }}", HTML, ("https://a.jp/",), (FLYER, LOGO))
    form = compiled(draft)
    mails = [
        each.splice(Recipient(1, "a@b.jp", {"name": "x"}), DATE)
        for each in (form.full, form.without_tracking)
    ]
    found = [[part.get_filename() for part in parsed(mail).walk() if part.get_filename()] for mail in mails]
    assert found[0] == found[1] == ["ロゴ.png", "冬のご案内.pdf"]


@pytest.mark.parametrize("eight_bit", [False, True])
def test_no_message_is_smaller_than_it_was_said_to_be(eight_bit):
    form = compiled(Draft("春", "{{ name }} 様", HTML, (), (FLYER, LOGO)), eight_bit=eight_bit)
    length = len(
        whole(render(permit(), form, Recipient(1, "a@b.jp", {"name": ""}), DATE, eight_bit=eight_bit))
    )
    assert form.octets_min <= length < form.octets_min + 1_500  # the head alone is missing


@given(st.integers(1, 400))
def test_how_long_a_file_becomes_is_known_before_it_is_encoded(size):
    with_it = compiled(Draft("春", "本文", None, (), (MailFile("a.pdf", "application/pdf", b"x" * size),)))
    with_one = compiled(Draft("春", "本文", None, (), (MailFile("a.pdf", "application/pdf", b"x"),)))
    assert 0 <= encoded_octets(size) - encoded_octets(1) - (with_it.octets_min - with_one.octets_min) <= 2


@pytest.mark.parametrize(
    ("name", "data", "media_type", "kept"),
    [
        ("logo.PNG", a_picture(), "image/png", "logo.PNG"),
        ("写真.jpeg", a_picture("JPEG"), "image/jpeg", "写真.jpeg"),
        ("a.gif", a_picture("GIF"), "image/gif", "a.gif"),
        ("a.pdf", PDF, "application/pdf", "a.pdf"),
        ("予定.ics", CALENDAR, "text/calendar", "予定.ics"),
        ("表.csv", "品名,価格\r\n器,1200\r\n".encode("cp932"), "text/csv", "表.csv"),
        ("a.txt", "本文\n".encode(), "text/plain", "a.txt"),
        ("C:\\Users\\hanako\\a.pdf", PDF, "application/pdf", "a.pdf"),
        ("../../etc/a.pdf", PDF, "application/pdf", "a.pdf"),
        ("invoice\u202efdp.pdf", PDF, "application/pdf", "invoicefdp.pdf"),
        ("a\r\nBcc: v@x.jp.pdf", PDF, "application/pdf", "aBcc_ v@x.jp.pdf"),
        ("か\u3099.pdf", PDF, "application/pdf", "が.pdf"),  # as one system writes it
    ],
)
def test_a_file_is_accepted_by_what_it_is_under_a_name_that_every_system_can_write(
    name, data, media_type, kept
):
    found = accept(name, data)
    assert (found.name, found.media_type) == (kept, media_type)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"MZ\x90\0", "cannot be sent"),
        ("a.pdf.exe", PDF, "cannot be sent"),
        ("a.pdf", b"MZ\x90\0" * 9, "cannot be sent"),
        ("a.txt", b"MZ\x90\0" * 9, "not plain text"),
        ("a.txt", b"<html><script>alert(1)</script>", "not plain text"),
        ("a.csv", b"\x7fELF\x02\x01\x01", "not plain text"),
        ("a.svg", b"<svg onload=x>", "cannot be sent"),
        ("a.html", b"<p>x", "cannot be sent"),
        ("a.docx", b"PK\x03\x04", "cannot be sent"),
        ("a.png", PDF, "content is that of a .pdf"),
        ("a.pdf", a_picture(), "content is that of a .png"),
        ("a.ics", b"hello", "calendar files"),
        ("a.txt", CALENDAR, "calendar files"),
        ("a.png", b"", "is empty"),
        ("a.png", a_picture()[:-20], "cut off or damaged"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 99, "cut off or damaged"),
        ("a.jpg", a_picture("JPEG")[:-60], "cut off or damaged"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"#!/bin/sh\n" * 9, "cut off or damaged"),
        ("a.png", a_picture(size=(7_000, 6_000)), "40 million pixels"),
        ("a.pdf", PDF + b"x" * 5 * 1024 * 1024, "larger than 5 MB"),
        ("x" * 100 + ".pdf", PDF, "at most 100 characters"),
        ("pdf", PDF, "cannot be sent"),
        (".pdf", PDF, "cannot be sent"),
    ],
)
def test_what_is_no_harmless_file_is_refused_with_what_to_do(name, data, said):
    with pytest.raises(TemplateFault) as refused:
        accept(name, data)
    assert refused.value.part == "files"
    assert said in refused.value.sentence("en")
    assert refused.value.sentence("ja").startswith("「")


def test_five_megabytes_are_accepted_and_a_name_of_a_hundred_characters():
    largest = PDF + b"x" * (5 * 1024 * 1024 - len(PDF))
    assert len(accept("あ" * 96 + ".pdf", largest).body) == 5 * 1024 * 1024


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_arrives_without_its_place_and_the_right_way_up(orientation):
    photo = a_photo(orientation)
    assert photo.count(PLACE) == 2
    body = accept("a.jpg", photo).body
    assert PLACE not in body
    with Image.open(io.BytesIO(photo)) as before, Image.open(io.BytesIO(body)) as after:
        assert after.getexif().get(0x0112, 1) == orientation
        assert set(after.getexif()) <= {0x0112}
        assert after.tobytes() == before.tobytes()


def test_what_a_telephone_hides_after_the_end_of_a_picture_is_left_out():
    assert PLACE not in accept("a.jpg", a_picture("JPEG") + a_photo()).body
    assert PLACE not in accept("a.png", a_picture() + PLACE).body
    assert PLACE not in accept("a.gif", a_picture("GIF") + PLACE).body


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_any_make_keeps_its_pixels_and_its_colours(progressive):
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    file = io.BytesIO()
    noise.save(
        file, "JPEG", quality=95, progressive=progressive, icc_profile=b"profile" * 99, restart_marker_rows=1
    )
    body = accept("a.jpg", file.getvalue()).body
    with Image.open(io.BytesIO(file.getvalue())) as before, Image.open(io.BytesIO(body)) as after:
        assert (after.tobytes(), after.info["icc_profile"]) == (before.tobytes(), b"profile" * 99)


def test_words_in_a_png_or_gif_are_taken_out_and_its_frames_stay():
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Comment", PLACE.decode())
    words.add_itxt("XML", PLACE.decode())
    assert PLACE not in accept("a.png", a_picture(pnginfo=words)).body
    file = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0, comment=PLACE)
    assert PLACE in file.getvalue()
    body = accept("a.gif", file.getvalue()).body
    assert PLACE not in body
    with Image.open(io.BytesIO(body)) as after:
        assert (after.n_frames, after.info["loop"], after.info["duration"]) == (3, 0, 70)


@pytest.mark.parametrize(
    ("sizes", "fits"),
    [([1] * 10, True), ([1] * 11, False), ([5 * 2**20] * 2, True), ([5 * 2**20, 5 * 2**20, 1], False)],
)
def test_a_mail_carries_ten_files_and_ten_megabytes(sizes, fits):
    files = [KeptFile(f"{n}.pdf", "application/pdf", size, "0" * 64) for n, size in enumerate(sizes)]
    if fits:
        check_together(files)
        return
    with pytest.raises(TemplateFault, match="Remove some"):
        check_together(files)


def frozen(html, files):
    return freeze(
        replace(LETTER, html=html), SHOP, "月刊ショップだより", "ja", files=[each.kept for each in files]
    )


def test_html_that_shows_a_picture_which_is_not_there_is_refused_in_one_sentence():
    assert frozen(HTML, [LOGO]).files == (LOGO.kept,)
    for files in ([], [FLYER], [accept("ロゴ.pdf", PDF)]):
        with pytest.raises(TemplateFault, match=r"“ロゴ\.png”, which is not") as refused:
            frozen(HTML, files)
        assert "追加するか、HTMLから取り除いてください" in refused.value.sentence("ja")


def test_what_is_carried_is_part_of_what_was_counted():
    plain = "<p>x</p>"
    digests = [frozen(plain, files).content_sha256 for files in ([], [LOGO], [FLYER], [LOGO, FLYER])]
    assert len(set(digests)) == 4
    assert frozen(plain, [LOGO]).content_sha256 == digests[1]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<img src="cid:a.png">', ["a.png"]),
        ("<IMG alt='x > y' SRC='cid:a.png'>", ["a.png"]),
        ('<img src="cid:a%20b.png"><img src="cid:a b.png">', ["a b.png"]),
        ('<img src="CID:a&amp;b.png">', ["a&b.png"]),
        ('<img src="https://a.jp/cid:a.png">', []),
        ('<a href="cid:a.png">x</a>', []),
        ('&lt;img src="cid:a.png"&gt;', []),
        ('<!-- <img src="cid:a.png"> -->', []),
        ('<img alt=\'src="cid:b.png"\' src="cid:a.png">', ["a.png"]),
    ],
)
def test_only_a_picture_shows_a_file_of_its_mail(html, shown):
    files = [MailFile(name, "image/png", b"x") for name in ("a.png", "b.png", "a b.png", "a&b.png")]
    assert images_named_in(frozen(html, files).html) == shown


def test_a_merge_field_names_no_picture():
    with pytest.raises(TemplateFault):
        frozen('<img src="cid:{{ name }}">', [])


def test_a_template_of_five_megabytes_is_refused_in_text_and_html():
    for part in ("text", "html"):
        with pytest.raises(TemplateFault, match="too long"):
            freeze(replace(LETTER, **{part: "<p>あ</p>" * 500_000}), SHOP, "x", "ja")


def test_the_linter_reads_the_mail_without_its_files():
    form = compiled(Draft("春", "{{ name }}", HTML, (), (FLYER, LOGO)))
    assert (
        sum(map(len, form.bare.splice(Recipient(1, "a@b.jp", {"name": "x"}), DATE).buffers))
        < form.octets_min + 1_500
    )
    assert SENDER.mail_domain in whole(sent(Draft("春", "x", HTML, (), (LOGO,)))).decode()
