"""Words stand where a merge field is empty: the same ones in every place of a mail, and never as markup."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.content.test_document import in_blocks, paragraph, prose
from tests.content.test_render import decoded, message_of, parsed
from tests.people import SENDER

from shodaku.content import services
from shodaku.content.brand import Brand
from shodaku.content.composing import compose
from shodaku.content.document import parse_document
from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.form import Draft as Form
from shodaku.content.merge_fields import FALLBACK_CHARACTERS_MAX, SLOT, fallback_of, is_fallback, key_of
from shodaku.content.rich_text import Merge, Run
from shodaku.content.source import Language, Source
from shodaku.content.typed_text import read_line, read_prose, write_line
from shodaku.content.wrapping import wrap

WORDS = st.text(max_size=FALLBACK_CHARACTERS_MAX).filter(is_fallback).map(lambda each: " ".join(each.split()))
LETTER = Form(
    "{{ family_name|みなさま }}へ",
    "{{ family_name|みなさま }} {{ family_name }}",
    '<p title="{{ family_name|みなさま }}">{{ family_name|みなさま }}</p>'
    '<a href="https://aoi.example/?n={{ family_name|みなさま }}&amp;x=1">x</a>',
    (),
)


def letter_to(family_name, *, eight_bit=False):
    mail = parsed(message_of(LETTER, {"family_name": family_name}, eight_bit=eight_bit))
    text, html = mail.iter_parts()
    return mail["Subject"], decoded(text), unescape(decoded(html))


@pytest.mark.parametrize("eight_bit", [False, True])
def test_who_has_no_name_reads_the_words_in_every_place(eight_bit):
    subject, text, html = letter_to("", eight_bit=eight_bit)
    assert subject == "みなさまへ"
    assert text == "みなさま "
    assert '<p title="みなさま">みなさま</p>' in html
    assert "?n=%E3%81%BF%E3%81%AA%E3%81%95%E3%81%BE&x=1" in html
    assert letter_to(" \u3000", eight_bit=eight_bit)[0] == "みなさまへ"


@pytest.mark.parametrize("eight_bit", [False, True])
def test_who_has_one_reads_it(eight_bit):
    subject, text, html = letter_to("田中", eight_bit=eight_bit)
    assert subject == "田中へ"
    assert text == "田中 田中"
    assert '<p title="田中">田中</p>' in html


def test_the_way_everybody_is_addressed_whose_name_nobody_knows_gives_way_to_the_words():
    told = {"name": "お客様"}
    assert "読者さま" in decoded(parsed(message_of(Form("春", "{{ name|読者さま }}", None, ()), told)))
    assert "お客様" in decoded(parsed(message_of(Form("春", "{{ name }}", None, ()), told)))


def test_words_in_a_link_and_in_text_are_never_taken_for_each_other():
    html = '<a href="https://aoi.example/?n={{ name|a b }}">{{ name|a b }} {{ name|a b in a link }}</a>'
    mail = parsed(message_of(Form("春", "本文", html, ()), {"name": ""}))
    _, part = mail.iter_parts()
    assert decoded(part) == '<a href="https://aoi.example/?n=a%20b">a b a b in a link</a>'


def test_a_draft_is_frozen_with_its_words_and_shown_with_them():
    draft = Draft("{{ company|貴社 }}へ", "{{ company|貴社 }}", "<p>{{ company|貴社 }}</p>")
    frozen = services.freeze(draft, SENDER, "月刊ショップだより", "ja")
    shown = services.preview(frozen, {"company": ""})
    assert shown.subject == "貴社へ"
    assert shown.text.startswith("貴社\n")
    assert (shown.html or "").startswith("<p>貴社</p>")
    assert services.preview(frozen).subject == "株式会社サンプルへ"


def test_everybody_reads_the_words_on_a_public_page():
    copied = services.public_copy(Draft("{{ name|読者のみなさま }}へ", "{{ family_name }}", ""), "ja")
    assert copied.subject == "読者のみなさまへ"
    assert copied.text.startswith("○○")


@given(WORDS)
def test_words_come_through_blocks_typed_text_and_code_as_they_are(words):
    field = {"merge": "company", "fallback": words}
    node = {"type": "merge", "attrs": {"key": "company", "fallback": words}}
    document = parse_document(
        in_blocks({"type": "heading", "text": [field]}, {"type": "text", "doc": prose(paragraph(node))})
    )
    assert document.blocks[0].text == (Merge("company", fallback=words),)
    assert read_line(write_line(document.blocks[0].text)) == document.blocks[0].text
    composed = compose(document, {}, Brand())
    code = f"<p>{{{{ company|{words} }}}}</p>"
    html = services.compose_written(Source(Language.HTML, code), {}, Brand()).html
    for made in (composed.html, composed.text, html):
        slots = SLOT.findall(made)
        assert {key_of(each) for each in slots} == {"company"}
        assert {fallback_of(each) for each in slots} == {words.strip()}
    frozen = services.freeze(Draft("秋", composed.text, composed.html), SENDER, "月刊ショップだより", "ja")
    shown = services.preview(frozen, {"company": ""})
    assert words.strip() in shown.text
    assert words.strip() in unescape(shown.html or "")


@pytest.mark.parametrize(
    "words", ["<b>x</b>", "a|b", "{x}", "&amp;", '"', "'", "a\\b", "[x]", "*x*", "あ" * 41, "\u00a0"]
)
def test_words_that_could_be_markup_are_refused(words):
    assert not is_fallback(words)
    if words.isprintable():
        with pytest.raises(TemplateFault):
            parse_document(in_blocks({"type": "heading", "text": [{"merge": "name", "fallback": words}]}))
    # typed into a plain field they are text, as is every brace there
    assert all(isinstance(each, Run) for each in read_line(f"{{{{ name|{words} }}}}"))


def test_bold_around_a_field_with_words_stays_bold():
    (part,) = read_prose("**{{ name|読者 さま }}**")
    assert part.content == (replace(Merge("name", fallback="読者 さま"), bold=True),)


def test_a_line_of_a_text_mail_never_breaks_inside_of_a_field():
    text = "あ" * 30 + "{{ name|読者のみなさま }}"
    assert "{{ name|読者のみなさま }}" in wrap(text).split("\n")[1]
