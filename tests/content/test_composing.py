"""No text of a document becomes markup or a merge field; the blocks become both parts of a mail."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.content.test_document import PICTURE, in_blocks, paragraph, prose, text, whole_mail
from tests.people import SENDER

from shodaku.content import services
from shodaku.content.brand import Brand
from shodaku.content.composing import compose
from shodaku.content.document import parse_document
from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.merge_fields import SLOT
from shodaku.content.picture import Picture
from shodaku.content.reading import Seen, read_html

PICTURES = {PICTURE: Picture(PICTURE, "https://m.aoi.example/m/1.jpg", 1200, 800, "並木")}
HOSTILE = (
    "{{ name }} {% raw %} </p><script>x</script> か\u3099 👨\u200d👩\u200d👧 C:\\x \"' &amp; {{ link0 }}"
)


def composed(written, brand=None, language="ja"):
    return compose(parse_document(written), PICTURES, brand or Brand(), language)


def read(html):
    return "".join(piece.text for piece in read_html(html).pieces)


def test_each_block_stands_in_both_parts():
    html, plain = composed(whole_mail())
    for words in ("秋のごあいさつ", "涼しくなりました。", "新しい品を見る", "AKI-1", "試飲会", "1,080円"):
        assert words in read(html)
        assert words in plain
    assert 'alt="店の前の並木"' in html
    assert "［店の前の並木］" in plain
    assert 'href="https://aoi.example/new"' in html
    assert "▼ 新しい品を見る\nhttps://aoi.example/new" in plain


def test_merge_fields_work_as_those_that_are_typed():
    html, plain = composed(whole_mail())
    assert SLOT.findall(html) == SLOT.findall(plain) == ["name"]
    frozen = services.freeze(Draft("秋", plain, html), SENDER, "月刊ショップだより", "ja")
    shown = services.preview(frozen)
    assert "山田 花子 様へ、秋のごあいさつ" in read(shown.html or "")
    assert "■ 山田 花子 様へ、秋のごあいさつ" in shown.text


def test_what_is_composed_is_frozen_as_it_is_and_gets_the_display_at_its_end():
    html, plain = composed(whole_mail())
    frozen = services.freeze(Draft("秋", plain, html), SENDER, "月刊ショップだより", "ja")
    assert (frozen.html or "").startswith(html)
    assert frozen.text.startswith(plain)
    assert "東京都中央区銀座2-1-5" in frozen.text
    assert frozen.display.missing == ()


def test_hostile_words_stay_words_in_every_place():
    html, plain = composed(
        in_blocks(
            {"type": "heading", "text": HOSTILE},
            {"type": "text", "doc": prose(paragraph(text(HOSTILE)))},
            {"type": "image", "image": str(PICTURE), "alt": HOSTILE},
            {"type": "button", "label": HOSTILE, "href": "https://aoi.example/"},
            {"type": "coupon", "title": HOSTILE, "code": HOSTILE, "until": HOSTILE},
            {"type": "event", "title": HOSTILE, "when": HOSTILE, "place": HOSTILE},
            {"type": "product", "title": HOSTILE, "price": HOSTILE, "text": HOSTILE},
            preheader=HOSTILE,
        )
    )
    assert SLOT.findall(html) == SLOT.findall(plain) == []
    assert unescape(html).replace("\u2060", "").count(HOSTILE) == 14
    assert plain.replace("\u2060", "").count(HOSTILE) == 13  # without the preheader
    assert "<script" not in html
    services.freeze(Draft("秋", plain, html), SENDER, "月刊ショップだより", "ja")


PIECES = st.lists(
    st.sampled_from(
        ["{", "}", "{{", "}}", "{{ name }}", "{%", "%}", "{#", "[ad]", "<b>", "</td>", "&lt;", "あ", " ", "'",
         "\\u{3099}", "か\u3099", '"', "]]>", "<!--", "-->", "{{ opt_out }}", "s0n1e"]
    ),
    min_size=1, max_size=10,
).map("".join)  # fmt: skip
SIGNS = st.one_of(PIECES, st.text(min_size=1, max_size=30)).filter(lambda words: words.strip())


@settings(max_examples=150)
@given(st.lists(st.tuples(SIGNS, st.booleans(), st.booleans()), min_size=1, max_size=4), SIGNS, SIGNS)
def test_no_text_becomes_markup_and_only_fields_that_were_put_in_vary(runs, line, alt):
    """The tags of the mail are those of the same document with harmless words in it."""
    inside = []
    for words, bold, merged in runs:
        inside.append(text(words, *([{"type": "bold"}] if bold else [])))
        inside += [{"type": "merge", "attrs": {"key": "name"}}] if merged else []

    def mail(change):
        told = [{**each, "text": change(each["text"])} if each["type"] == "text" else each for each in inside]
        return in_blocks(
            {"type": "heading", "text": "秋"},
            {"type": "text", "doc": prose(paragraph(*told))},
            {"type": "button", "label": change(line), "href": "https://aoi.example/"},
            {"type": "image", "image": str(PICTURE), "alt": change(alt)},
        )

    def harmless(words):
        return "".join(
            sign if sign.isspace() or unicodedata.category(sign)[0] == "C" else "x" for sign in words
        )

    try:
        html, plain = composed(mail(str))
    except TemplateFault:  # nothing but signs that nobody sees
        return
    assert SLOT.findall(html) == SLOT.findall(plain) == ["name"] * sum(merged for *_, merged in runs)
    tags = re.compile(r"</?[a-z0-9]+")
    assert tags.findall(html) == tags.findall(composed(mail(harmless))[0])
    services.freeze(Draft("秋", plain, html), SENDER, "月刊ショップだより", "ja")


def test_an_unfinished_document_is_not_composed():
    with pytest.raises(TemplateFault) as refused:
        composed(in_blocks({"type": "button", "label": "見る", "href": "javascript:alert(1)"}))
    assert "リンク先は https://" in refused.value.sentence("ja")


def test_a_text_of_ones_own_takes_the_place_of_the_text_part():
    html, plain = composed(
        in_blocks({"type": "heading", "text": "秋"}, own_text="自分で書いた本文です。{{ name }}")
    )
    assert "秋" in read(html)
    assert plain == "自分で書いた本文です。{{ name }}"


def test_a_line_of_the_text_never_begins_a_promotional_part():
    html, plain = composed(
        in_blocks({"type": "text", "doc": prose(paragraph(text("[ad]")), paragraph(text("[/ad]")))})
    )
    frozen = services.freeze(Draft("秋", plain, html), SENDER, "月刊ショップだより", "ja")
    assert "[\u2060ad]" in frozen.text


@pytest.mark.parametrize("colour", ["#0017c1", "#ffd43d", "#ffffff", "#000000", "#777777"])
def test_letters_are_read_on_every_colour_of_a_brand(colour):
    """Nothing of the mail is hidden by its own colours, as the linter would say of the display."""
    html, _ = composed(whole_mail(), Brand(colour=colour))
    hidden = [
        piece.text for piece in read_html(html).pieces if piece.seen is Seen.HIDDEN and piece.text != " "
    ]
    assert hidden == ["秋の新商品"]  # the line beside the subject


def test_a_logo_stands_first():
    logo = Picture(PICTURE, "https://m.aoi.example/m/logo.png", 400, 100, "あおい雑貨")
    html, _ = composed(whole_mail(), Brand(logo=logo))
    assert html.index('alt="あおい雑貨"') < html.index("秋のごあいさつ")


def test_an_english_mail_tells_its_pictures_in_english_brackets():
    assert "[店の前の並木]" in composed(whole_mail(), language="en").text
