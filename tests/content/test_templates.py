"""Contents of ours to begin from: in both languages, and none that leaves before somebody wrote in it."""

from __future__ import annotations

import re
import uuid

import pytest

from shodaku.content.brand import Brand
from shodaku.content.composing import compose
from shodaku.content.document import (
    EMPTY,
    Divider,
    Document,
    Image,
    dump_document,
    parse_document,
    unfinished,
)
from shodaku.content.our_templates import LANGUAGES, our_templates
from shodaku.content.sampled import sampled

KINDS = ("newsletter", "event", "coupon", "notice")
KANA = re.compile("[぀-ヿ]")
EVERY = [f"{kind}-{language}" for kind in KINDS for language in LANGUAGES]


def test_there_are_four_in_each_language():
    assert list(our_templates()) == EVERY


@pytest.mark.parametrize("key", EVERY)
def test_each_is_a_document_that_does_not_leave_as_it_is(key):
    template = our_templates()[key]
    assert parse_document(dump_document(template.document)) == template.document
    assert unfinished(template.document)
    told = f"{template.name}{template.note}{template.subject}{dump_document(template.document)}"
    assert bool(KANA.search(told)) == (template.language == "ja")
    assert "example" not in told  # no address that leads nowhere could be sent by mistake


@pytest.mark.parametrize("key", EVERY)
def test_each_can_be_looked_at_with_its_gaps_filled(key):
    template = our_templates()[key]
    whole = sampled(template.document, (), template.language)
    assert unfinished(whole) == []
    assert len(whole.blocks) == len(template.document.blocks)
    assert "<table" in compose(whole, {}, Brand(), template.language).html
    assert sampled(whole, (), template.language) == whole  # what is finished stays as it is


@pytest.mark.parametrize("document", [EMPTY, Document((Divider("d"),))])
def test_an_empty_one_is_shown_with_a_text(document):
    assert unfinished(sampled(document, (), "ja")) == []


def test_a_picture_that_is_gone_is_left_out():
    document = Document((Image("i", uuid.UUID(int=1), "湯のみ"), Divider("d")))
    assert [each.block_id for each in sampled(document, (), "ja").blocks] == ["d", "sample"]
    assert sampled(document, [uuid.UUID(int=1)], "ja").blocks == document.blocks
