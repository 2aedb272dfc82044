"""Hard words are explained where they stand, in both languages, and each that is explained is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from shodaku.console.glossary import HARD_WORDS

TEMPLATES = Path(__file__).parents[2] / "src/shodaku/console/templates"
USED = re.compile(r'\{% hard "([a-z_]+)" %\}')


def used():
    return {
        word
        for file in TEMPLATES.rglob("*.html")
        if file.name != "styleguide.html"
        for word in USED.findall(file.read_text(encoding="utf-8"))
    }


def test_every_word_is_explained_somewhere_and_none_is_used_that_is_not():
    assert used() == set(HARD_WORDS)


@pytest.mark.parametrize("name", HARD_WORDS)
def test_a_meaning_is_whole_sentences_in_both_languages(name):
    hard = HARD_WORDS[name]
    with override("en"):
        word, english = str(hard.word), str(hard.meaning)
    with override("ja"):
        japanese = str(hard.meaning)
    assert english.endswith(".")
    assert japanese.endswith("。")
    assert japanese != english
    assert english.lower() != word.lower()
