"""A mail in blocks is read by an allow-list: what is not known is refused, what is missing is said."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.content.document import (
    BLOCKS_MAX,
    DOCUMENT_BYTES_MAX,
    EMPTY,
    LINE_CHARACTERS_MAX,
    PREHEADER_CHARACTERS_MAX,
    SPACE_PX,
    dump_document,
    images_in,
    parse_document,
    read_document,
    unfinished,
)
from shodaku.content.domain import TemplateFault
from shodaku.content.rich_text import (
    NODES_MAX,
    PROSE_CHARACTERS_MAX,
    Break,
    Items,
    Merge,
    Paragraph,
    Run,
    dump_prose,
    is_link,
    joined,
    parse_prose,
)
from shodaku.content.typed_text import read_line, read_prose, write_line, write_prose

PICTURE = uuid.UUID("00000000-0000-4000-8000-000000000001")


def paragraph(*inside):
    return {"type": "paragraph", "content": list(inside)}


def text(words, *marks):
    return {"type": "text", "text": words, "marks": list(marks)}


def prose(*blocks):
    return {"type": "doc", "content": list(blocks)}


def in_blocks(*blocks, **whole):
    return {"schema": 1, "blocks": [{"id": f"b{n}", **each} for n, each in enumerate(blocks)], **whole}


def whole_mail():
    """One block of each kind, finished."""
    return in_blocks(
        {"type": "heading", "text": [{"merge": "name"}, "へ、秋のごあいさつ"]},
        {"type": "text", "doc": prose(paragraph(text("涼しくなりました。", {"type": "bold"})))},
        {"type": "image", "image": str(PICTURE), "alt": "店の前の並木", "href": ""},
        {"type": "button", "label": ["新しい品を見る"], "href": "https://aoi.example/new"},
        {"type": "coupon", "title": "1割引", "code": "AKI-1", "until": "11月30日まで"},
        {"type": "event", "title": "試飲会", "when": "12月5日 10時", "place": "銀座店", "href": ""},
        {"type": "product", "title": "新茶", "price": "1,080円", "text": "静岡の茶です。", "href": ""},
        {"type": "divider"},
        {"type": "spacer", "height_px": 24},
        preheader="秋の新商品",
        own_text=None,
    )


def test_a_document_is_read_and_written_again_without_a_change():
    document = parse_document(whole_mail())
    assert len(document.blocks) == 9
    assert parse_document(json.loads(json.dumps(dump_document(document)))) == document
    assert images_in(document) == [PICTURE]


def test_a_finished_document_lacks_nothing_and_an_empty_one_says_what_to_do():
    assert unfinished(parse_document(whole_mail()), {PICTURE}) == []
    (lack,) = unfinished(EMPTY)
    assert lack.sentence("ja") == "本文がまだありません。ブロックを追加して書いてください。"
    assert lack.sentence("en") == "Nothing is written yet. Add a block and write into it."


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"schema": 2, "blocks": []},
        {"schema": 1},
        {"schema": 1, "blocks": [], "footer": "ours"},  # the display is no part of a document
        in_blocks({"type": "html", "html": "<b>x</b>"}),  # there is no raw block
        in_blocks({"type": "heading", "text": "x", "html": "<b>x</b>"}),
        in_blocks({"type": "heading", "text": [{"merge": "opt_out"}]}),
        in_blocks({"type": "heading", "text": [{"merge": "password"}]}),
        in_blocks({"type": "heading", "text": [["x"]]}),
        in_blocks({"type": "text", "doc": prose({"type": "image", "attrs": {"src": "https://x.example"}})}),
        in_blocks({"type": "text", "doc": prose(paragraph(text("x", {"type": "textStyle"})))}),
        in_blocks({"type": "text", "doc": prose({"type": "bulletList", "content": [paragraph(text("x"))]})}),
        in_blocks({"type": "text", "doc": paragraph()}),
        in_blocks({"type": "image", "image": "https://elsewhere.example/x.png"}),
        in_blocks({"type": "spacer", "height_px": "24"}),
        {"schema": 1, "blocks": [{"id": "a", "type": "divider"}] * 2},  # one id, two blocks
        {"schema": 1, "blocks": [{"id": "A b", "type": "divider"}]},
        {"schema": 1, "blocks": [{"type": "divider"}]},
    ],
)
def test_what_is_not_on_the_list_is_refused_in_one_sentence_of_each_language(value):
    with pytest.raises(TemplateFault) as refused:
        parse_document(value)
    assert refused.value.sentence("ja").endswith("。")
    assert refused.value.sentence("en").endswith(".")


@pytest.mark.parametrize("source", ["{", "[" * 100_000, '{"schema": 1', "x" * (2 * DOCUMENT_BYTES_MAX + 1)])
def test_what_is_no_json_is_refused(source):
    with pytest.raises(TemplateFault):
        read_document(source)


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        (
            in_blocks(*[{"type": "divider"}] * BLOCKS_MAX),
            in_blocks(*[{"type": "divider"}] * (BLOCKS_MAX + 1)),
        ),
        (
            in_blocks({"type": "heading", "text": "あ" * LINE_CHARACTERS_MAX}),
            in_blocks({"type": "heading", "text": "あ" * (LINE_CHARACTERS_MAX + 1)}),
        ),
        (
            in_blocks(preheader="あ" * PREHEADER_CHARACTERS_MAX),
            in_blocks(preheader="あ" * (PREHEADER_CHARACTERS_MAX + 1)),
        ),
        (
            in_blocks({"type": "spacer", "height_px": SPACE_PX[1]}),
            in_blocks({"type": "spacer", "height_px": SPACE_PX[1] + 1}),
        ),
        (
            in_blocks({"type": "text", "doc": prose(paragraph(text("あ" * PROSE_CHARACTERS_MAX)))}),
            in_blocks({"type": "text", "doc": prose(paragraph(text("あ" * (PROSE_CHARACTERS_MAX + 1))))}),
        ),
        (
            in_blocks({"type": "text", "doc": prose(*[paragraph()] * NODES_MAX)}),
            in_blocks({"type": "text", "doc": prose(*[paragraph()] * (NODES_MAX + 1))}),
        ),
    ],
)
def test_each_limit_has_two_sides(fits, too_much):
    parse_document(fits)
    with pytest.raises(TemplateFault):
        parse_document(too_much)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ({"type": "heading", "text": " "}, "text"),
        ({"type": "text"}, "prose"),
        ({"type": "image"}, "image"),
        ({"type": "image", "image": str(PICTURE)}, "alt"),
        ({"type": "image", "image": str(uuid.uuid4()), "alt": "x"}, "image"),  # nobody knows it
        ({"type": "button", "href": "https://aoi.example"}, "label"),
        ({"type": "button", "label": "x"}, "href"),
        ({"type": "button", "label": "x", "href": "javascript:alert(1)"}, "href"),
        ({"type": "button", "label": "x", "href": "http://aoi.example"}, "href"),
        ({"type": "coupon", "title": "x"}, "code"),
        ({"type": "coupon", "code": "x"}, "title"),
        ({"type": "event", "title": "x"}, "when"),
        ({"type": "product", "title": "x", "href": "//x.example"}, "href"),
    ],
)
def test_what_a_block_lacks_is_said_with_its_number(block, name):
    written = in_blocks({"type": "heading", "text": "秋"}, block)
    (lack, *_) = unfinished(parse_document(written), {PICTURE})
    assert (lack.block_id, lack.name, lack.number) == ("b1", name, 2)
    assert lack.sentence("ja").startswith("ブロック2: ")
    assert lack.sentence("en").startswith("Block 2: ")


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://aoi.example/秋?a=1&b=(2)#x", True),
        ("mailto:support@aoi.example", True),
        ("tel:+81-3-0000-0000", True),
        ("tel:03-0000-0000", True),
        ("http://aoi.example", False),
        ("HTTPS://aoi.example", True),
        ("https://", False),
        ("https:///x", False),
        ("javascript:alert(1)", False),
        (" https://aoi.example", False),
        ("https://aoi.example/{{ name }}", False),
        ('https://aoi.example/"onclick=', False),
        ("https://aoi.example/\x00", False),
        ("mailto:a@b.example?subject=x", True),
        ("mailto:a@b.example?bcc=c@d.example", False),
        ("data:text/html,x", False),
        ("https://aoi.example/" + "a" * 2_000, False),
    ],
)
def test_a_link_leads_to_a_page_a_letter_or_a_call(address, leads):
    assert is_link(address) is leads


WORDS = st.text(st.sampled_from("ab 　*[](){}\\-・1.あ\t"), min_size=1, max_size=8)
HREFS = st.sampled_from([None, None, "https://a.example/x", "https://a.example/(b)", "mailto:a@b.example"])
RUNS = st.builds(Run, WORDS, st.booleans(), st.booleans(), HREFS)
MERGES = st.builds(Merge, st.sampled_from(["name", "company"]), st.booleans(), st.booleans(), HREFS)
PARAGRAPHS = st.lists(st.one_of(RUNS, MERGES, st.just(Break())), max_size=5).map(
    lambda parts: Paragraph(tuple(joined(parts)))
)
ITEMS = st.builds(Items, st.booleans(), st.lists(PARAGRAPHS, min_size=1, max_size=3).map(tuple))
PROSE = st.lists(st.one_of(PARAGRAPHS, ITEMS), max_size=4).map(tuple)


@given(PROSE)
def test_who_writes_without_scripts_loses_nothing_of_a_rich_text(written):
    assert parse_prose(dump_prose(written)) == (written or (Paragraph(),))
    assert read_prose(write_prose(written)) == written


@given(st.lists(st.one_of(st.builds(Run, WORDS), st.builds(Merge, st.just("name"))), max_size=4))
def test_nor_of_a_heading(parts):
    line = tuple(part for part in joined(parts) if not isinstance(part, Break))
    assert read_line(write_line(line)) == line


def test_what_is_typed_in_the_usual_way_is_understood():
    greeting = "こんにちは、{{ name }}。\n**秋**の[品](https://aoi.example/)です。"
    typed = f"{greeting}\n\n- 茶\n・菓子\n\n1. 選ぶ\n2 * 3 = 6"
    first, second, third, last = read_prose(typed)
    assert first == Paragraph(
        (
            Run("こんにちは、"),
            Merge("name"),
            Run("。"),
            Break(),
            Run("秋", bold=True),
            Run("の"),
            Run("品", href="https://aoi.example/"),
            Run("です。"),
        )
    )
    assert second == Items(ordered=False, items=(Paragraph((Run("茶"),)), Paragraph((Run("菓子"),))))
    assert third == Items(ordered=True, items=(Paragraph((Run("選ぶ"),)),))
    assert last == Paragraph((Run("2 * 3 = 6"),))


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_text(typed):
    written = read_prose(typed)
    assert read_prose(write_prose(written)) == written
