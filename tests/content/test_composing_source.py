"""A mail written as code: nothing in it becomes a script or outlives the display, faults name their line."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content import services
from shodaku.content.brand import Brand
from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.merge_fields import SLOT
from shodaku.content.picture import Picture
from shodaku.content.reading import read_html
from shodaku.content.source import (
    SOURCE_BYTES_MAX,
    Language,
    Source,
    dump_written,
    images_in_written,
    parse_written,
    source_of,
)

FLOWER = UUID("6f1d1a52-6a3b-4d3e-9c0d-0d9c7a3f1a11")
PICTURES = {FLOWER: Picture(FLOWER, "https://m.aoi.example/media/a.jpg", 1200, 800, "花")}
IN_MJML = "<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n{}\n</mj-column></mj-section></mj-body></mjml>"


def composed(language, code, own_text=None, brand=None):
    source = Source(Language(language), code, own_text)
    return services.compose_written(source, PICTURES, brand or Brand(), "ja")


def mjml(inside):
    return composed("mjml", IN_MJML.format(inside))


def fault(language, code):
    with pytest.raises(TemplateFault) as refused:
        composed(language, code)
    return refused.value


def read(html):
    return "".join(piece.text for piece in read_html(html).pieces)


def frozen(made):
    return services.freeze(Draft("秋", made.text, made.html), SENDER, "月刊ショップだより", "ja")


class Tags(HTMLParser):
    """Every start tag with its attributes, as a browser reads the finished mail."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


GREETING = {
    "html": '<h2>秋のお便り</h2><p>{{ name }}</p><p><a href="https://aoi.example/?a=1&amp;b=2">見る</a></p>',
    "mjml": IN_MJML.format(
        "<mj-text><h2>秋のお便り</h2><p>{{ name }}</p></mj-text>"
        '<mj-button href="https://aoi.example/?a=1&amp;b=2">見る</mj-button>'
    ),
    "markdown": "## 秋のお便り\n\n{{ name }}\n\n[見る](https://aoi.example/?a=1&b=2)",
}


@pytest.mark.parametrize("language", GREETING)
def test_each_language_becomes_a_mail_with_a_text_part_and_the_legal_display(language):
    made = composed(language, GREETING[language])
    ready = frozen(made)
    shown = services.preview(ready)
    assert "秋のお便り" in read(shown.html)
    assert "山田 花子 様" in read(shown.html)
    assert "秋のお便り" in shown.text
    assert "山田 花子 様" in shown.text
    assert 'href="https://aoi.example/?a=1&amp;b=2"' in made.html
    assert "東京都中央区銀座2-1-5" in shown.text
    assert ready.display.missing == ()


def test_the_text_part_can_be_written_in_own_words():
    assert composed("html", "<p>見出し</p>", "ことばだけの本文").text == "ことばだけの本文"


def test_columns_of_mjml_stand_side_by_side_and_go_below_each_other_on_a_telephone():
    html = mjml("<mj-text>左</mj-text></mj-column><mj-column><mj-text>右</mj-text>").html
    columns = re.findall(r'<div class="[^"]*mj-column-per-50[^"]*" style="([^"]*)"', html)
    assert len(columns) == 2
    assert all("max-width:300px" in style and "width:100%" in style for style in columns)


def test_mjml_without_colours_of_its_own_has_those_of_the_workspace():
    html = composed("mjml", GREETING["mjml"], brand=Brand(colour="#7a1f3d")).html
    assert "background:#7a1f3d" in html
    own = GREETING["mjml"].replace("<mj-button", '<mj-button background-color="#123456"')
    assert "background:#123456" in composed("mjml", own, brand=Brand(colour="#7a1f3d")).html


def test_signs_that_the_compiler_of_mjml_would_break_come_through():
    html = mjml(
        f'<mj-image src="picture:{FLOWER}" alt="か\u3099 👨\u200d👩\u200d👧 C:\\x &quot;q&quot;" />'
    ).html
    (image,) = [at for tag, at in Tags(html).found if tag == "img"]
    assert image["alt"] == 'か\u3099 👨\u200d👩\u200d👧 C:\\x "q"'
    assert image["src"] == "https://m.aoi.example/media/a.jpg"


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("html", f'<img src="picture:{FLOWER}" alt="花">'),
        ("mjml", IN_MJML.format(f'<mj-image src="picture:{FLOWER}" alt="花"/>')),
        ("markdown", f"![花](picture:{FLOWER})"),
    ],
)
def test_a_picture_of_the_library_is_named_by_its_id(language, code):
    source = Source(Language(language), code)
    assert images_in_written(source) == [FLOWER]
    assert 'src="https://m.aoi.example/media/a.jpg"' in composed(language, code).html


FAULTS = [
    ("html", "<p>\n{{ nmae }}</p>", 2, "nmae"),
    ("html", "<p>1\n\n<a href='javascript:alert(1)'>x</a>", 3, "javascript"),
    ("html", "<a href='http://aoi.example/'>x</a>", 1, "https"),
    ("html", "\n<img src='https://elsewhere.example/x.png' alt=''>", 2, "elsewhere"),
    ("html", f"<img src='picture:{FLOWER}'>", 1, "alt"),
    ("html", f"<img src='{str(FLOWER).replace('6f', '7f')}' alt='x'>", 1, "cannot be used"),
    ("html", f"<img src='picture:{str(FLOWER).replace('6f', '7f')}' alt='x'>", 1, "gone"),
    ("html", "a\n<script>x()</script>", 2, "script"),
    ("html", "a\n<p ONCLICK='x()'>b</p>", 2, "onclick"),
    ("html", "<p>\n<style>\np{background:url(https://e.example/p)}</style>", 2, "url"),
    ("html", "<p style='background:URL(x)'>a</p>", 1, "url"),
    ("html", "<mj-text>a</mj-text>", 1, "MJML"),
    ("mjml", "<p>a</p>", 1, "<mjml>"),
    ("mjml", IN_MJML.format("<mj-include path='./x.mjml' />"), 5, "mj-include"),
    ("mjml", IN_MJML.format("<!-- <MJ-Include path='x' /> -->"), 5, "mj-include"),
    ("mjml", IN_MJML.format("<mj-raw><p>a</p></mj-raw>"), 5, "mj-raw"),
    ("mjml", IN_MJML.format("<mj-buton>a</mj-buton>"), 5, "mj-button"),
    ("mjml", IN_MJML.format("<mj-text>a"), 5, "not closed"),
    ("mjml", IN_MJML.format("a</mj-text>"), 5, "no <mj-text>"),
    ("mjml", IN_MJML.format("<mj-text>1 < 2</mj-text>"), 5, "&lt;"),
    ("mjml", IN_MJML.format("<mj-text>a</mj-text>\n<mj-image src='cid:a.png' />"), 6, "alt"),
    ("markdown", "1\n\n2\n[x](javascript:alert(1))", 3, "javascript"),
    ("markdown", "1\n\n![x](https://elsewhere.example/x.png)", 3, "elsewhere"),
    ("markdown", f"![](picture:{FLOWER})", 1, "alt"),
    ("markdown", "1\n{{ nmae }}", 2, "nmae"),
    ("markdown", " \n ", None, "Nothing is written"),
]


@pytest.mark.parametrize(("language", "code", "line", "words"), FAULTS)
def test_what_cannot_stand_there_is_told_with_its_line(language, code, line, words):
    told = fault(language, code)
    assert told.line == line
    assert words in told.sentence("en")
    assert told.sentence("ja") != told.sentence("en")


@pytest.mark.parametrize("language", GREETING)
def test_thousands_of_elements_inside_of_each_other_are_refused_before_any_compiler_sees_them(language):
    deep = "> " * 40_000 + "a" if language == "markdown" else "<div>" * 40_000
    if language == "markdown":
        assert len(composed(language, deep).html) < 500_000
    else:
        assert "too many" in fault(language, deep).sentence("en")
        assert "too deep" in fault(language, "<div>" * 200).sentence("en")


def test_braces_that_are_no_merge_field_are_text():
    typed = "{% x %} {# y #} {{{ name }} }} {{ {"
    for language in ("html", "markdown"):
        html = composed(language, typed).html
        assert SLOT.findall(html) == ["name"]
        assert read(html).replace("\u2060", "").strip() == typed
    # an entity is a brace only when it was read
    assert "link0" in fault("html", "<p>&#123;&#123; link0 &#125;&#125;</p>").sentence("en")


def test_chinese_characters_at_which_the_compiler_of_mjml_stumbles_come_through():
    assert "台臺台臺台臺台臺>" in read(mjml("<mj-text>台臺台臺台臺台臺></mj-text>").html)


def test_markdown_takes_html_as_text():
    html = composed("markdown", "<script>x</script> <b>y</b>\n\n<div onclick=x>z</div>").html
    assert "<script>x</script> <b>y</b>" in read(html)
    assert {"script", "b"}.isdisjoint(tag for tag, _at in Tags(html).found)


def test_a_source_is_kept_as_it_stands_and_read_again():
    source = Source(Language.MJML, "<mjml>\n\t{{ 書きかけ", "本文")
    assert parse_written(dump_written(source)) == source
    assert source_of("html", "a\r\nb\x00", "  ") == Source(Language.HTML, "a\nb")


@pytest.mark.parametrize(
    "value",
    [
        {"schema": 2, "language": "html", "code": ""},
        {"schema": 1, "language": "php", "code": ""},
        {"schema": 1, "language": ["html"], "code": ""},
        {"schema": 1, "language": "html", "code": 1},
        {"schema": 1, "language": "html", "code": "", "more": 1},
        {"schema": 1, "language": "html", "code": "x" * (SOURCE_BYTES_MAX + 1)},
    ],
)
def test_what_is_no_source_is_refused(value):
    with pytest.raises(TemplateFault):
        parse_written(value)


PIECES = st.sampled_from([
    "<script>alert(1)</script>", "<scr<script>ipt>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>", "<a href='&#106;avascript:alert(1)'>", "[x](javascript:alert(1))",
    "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>", "<div style='display:none'>", "</div>",
    "<mj-style>div{display:none}</mj-style>", "<mj-raw>", "<mj-include path='/etc/passwd'/>", "<mj-text>",
    "</mj-text>", "<mj-head>", "<mj-body>", "<mjml>", "</mjml>", "{{ name }}", "{{", "}}", "{% raw %}", "{#",
    "<iframe srcdoc='<script>x</script>'>", "<p>", "</p>", "<table>", "<td>", '"', "'", "`", "<", ">", "&",
    "&lt;script&gt;", "\\", "\n", "```\n", "# ", "![a](cid:x.png)", "あ", "\u202e", "<base href=//e.example>",
    "<div style='position:fixed;top:0;background:#fff'>", "<form action=//e.example>", "<plaintext>", "<xmp>",
    "<a href='https://aoi.example/{{ name }}'>", "<img src='cid:a.png' alt='", "<title>", "<textarea>",
])  # fmt: skip
CODES = st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join)
NEVER = {"script", "iframe", "svg", "form", "base", "style", "link", "meta", "object", "embed", "math"}


@settings(max_examples=400)
@given(st.sampled_from(list(Language)), CODES, st.booleans())
def test_nothing_that_is_written_becomes_a_script_or_loses_the_display(language, code, framed):
    if framed and language is Language.MJML:
        code = IN_MJML.format(f"<mj-text>{code}</mj-text>")
    try:
        ready = frozen(composed(language, code))
    except TemplateFault:
        return
    for tag, at in Tags(ready.html).found:
        assert tag not in NEVER
        assert not any(name.startswith("on") for name in at)
        assert all((at.get(name) or "").startswith(("https:", "mailto:", "tel:", "cid:", "{{"))
                   for name in ("href", "src") if name in at)  # fmt: skip
    assert ready.html.count("東京都中央区銀座2-1-5") == ready.text.count("東京都中央区銀座2-1-5") == 1
    assert ready.display.missing == ()
