"""Blocks become code that reads as they did: merge fields with their words, and no typed text as one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.content.test_composing import HOSTILE, PICTURES, read
from tests.content.test_document import PICTURE, in_blocks, paragraph, prose, text, whole_mail

from shodaku.content.as_code import as_code
from shodaku.content.brand import Brand
from shodaku.content.composing import compose
from shodaku.content.composing_source import compose_source
from shodaku.content.document import parse_document
from shodaku.content.domain import TemplateFault
from shodaku.content.merge_fields import SLOT
from shodaku.content.source import Language, images_in_written

BRAND = Brand(colour="#8a1c12", logo=PICTURES[PICTURE], font="mincho")


def both(written, brand=None):
    """HTML of the blocks, and of the code that they become."""
    document, brand = parse_document(written), brand or Brand()
    source = as_code(document, PICTURES, brand)
    return compose(document, PICTURES, brand).html, compose_source(source, PICTURES, brand, "ja").html


def words(html):
    return re.sub(r"\s+", " ", read(html)).strip()


def addresses(html):
    return sorted(re.findall(r'(?:href|src)="([^"]*)"', html))


@pytest.mark.parametrize("brand", [Brand(), BRAND])
def test_the_mail_of_the_code_reads_and_leads_as_the_mail_of_the_blocks(brand):
    blocks, code = both(whole_mail(), brand)
    assert words(code) == words(blocks)
    assert addresses(code) == addresses(blocks)
    for looks in ('alt="店の前の並木"', brand.colour, "#faf3e6", "#eef2f7", "letter-spacing:2px"):
        assert (looks in code.replace(" ", "")) == (looks in blocks.replace(" ", "")), looks


def test_merge_fields_survive_with_their_words_wherever_they_stand():
    heading = {"id": "h", "type": "heading", "text": [{"merge": "name", "fallback": "お客様"}, "へ"]}
    button = {"id": "b", "type": "button", "label": [{"merge": "company"}], "href": "https://aoi.example/"}
    marked = {
        "type": "merge",
        "attrs": {"key": "family_name", "fallback": "会員"},
        "marks": [{"type": "bold"}, {"type": "link", "attrs": {"href": "https://aoi.example/me"}}],
    }
    written = in_blocks(heading, {"id": "t", "type": "text", "doc": prose(paragraph(marked))}, button)
    source = as_code(parse_document(written), PICTURES, Brand())
    meant = ["name|お客様", "family_name|会員", "company"]
    assert SLOT.findall(source.code) == meant
    blocks, code = both(written)
    assert SLOT.findall(code) == SLOT.findall(blocks) == meant
    assert '<a href="https://aoi.example/me"' in code


def test_what_was_typed_stays_text_however_it_looks():
    written = in_blocks({"id": "t", "type": "text", "doc": prose(paragraph(text(HOSTILE)))})
    blocks, code = both(written)
    assert words(code) == words(blocks)
    assert SLOT.findall(code) == []
    assert "<script" not in code


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60))
def test_any_text_reads_the_same_as_code(typed):
    written = in_blocks(
        {"id": "t", "type": "text", "doc": prose(paragraph(text(typed)))},
        {"id": "h", "type": "heading", "text": [typed, {"merge": "name"}, typed]},
    )
    try:
        document = parse_document(written)
        blocks = compose(document, PICTURES, Brand()).html
    except TemplateFault:
        return  # nothing to be read in it
    code = compose_source(as_code(document, PICTURES, Brand()), PICTURES, Brand(), "ja").html
    assert words(code) == words(blocks)
    assert SLOT.findall(code) == ["name"]


def test_the_text_part_in_own_words_the_preheader_and_the_pictures_go_along():
    written = whole_mail() | {"own_text": "{{ name }}\n\n自分で書いた文", "preheader": "秋の新作"}
    source = as_code(parse_document(written), PICTURES, BRAND)
    assert source.language is Language.MJML
    assert source.own_text == "{{ name }}\n\n自分で書いた文"
    assert "<mj-preview>秋の新作</mj-preview>" in source.code
    assert list(images_in_written(source)) == [PICTURE]


def test_what_the_blocks_lack_is_told_of_the_code_with_its_line():
    written = in_blocks({"id": "i", "type": "image", "image": None, "alt": "並木", "href": ""})
    source = as_code(parse_document(written), PICTURES, Brand())
    assert 'alt="並木"' in source.code
    with pytest.raises(TemplateFault) as lacking:
        compose_source(source, PICTURES, Brand(), "ja")
    assert source.code.split("\n")[lacking.value.line - 1].strip().startswith("<mj-image")
