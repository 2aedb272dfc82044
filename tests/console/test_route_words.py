"""What is heard of a mail server is read in the reader's language, whichever of our sentences it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from shodaku.console import mailbox_words, route_words
from shodaku.delivery import services, transports
from shodaku.delivery.selectors import Sentence
from shodaku.optout.selectors import MailboxAway, MailboxSaid, MailboxUnreadable, PlainMailbox

TRANSPORTS = Path(transports.__file__).parent
JAPANESE = re.compile(r"[぀-ヿ]")  # kana: a sentence of kanji alone is a heading
OURS = [*Sentence, services.PasswordMissing().message]


@pytest.mark.parametrize("sentence", OURS)
def test_each_sentence_of_a_transport_has_its_japanese(sentence):
    with translation.override("ja"):
        assert JAPANESE.search(str(route_words.told(str(sentence))))
    with translation.override("en"):
        assert str(route_words.told(str(sentence))) == sentence


@pytest.mark.parametrize(
    "sentence",
    [*MailboxSaid, *Sentence, MailboxAway().message, MailboxUnreadable().message, PlainMailbox().message],
)
def test_each_sentence_of_a_mailbox_has_its_japanese(sentence):
    with translation.override("ja"):
        assert JAPANESE.search(str(mailbox_words.told(str(sentence))))
    with translation.override("en"):
        assert str(mailbox_words.told(str(sentence))) == sentence


def test_no_transport_says_a_sentence_that_has_no_name():
    def constants(tree):
        """Texts of the code, without docstrings."""
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        return [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        ]

    found = {
        (file.name, text)
        for file in TRANSPORTS.glob("*.py")
        if file.name != "sentences.py"
        for text in constants(ast.parse(file.read_text(encoding="utf-8")))
        if re.fullmatch(r"[A-Z].* .*\.", text)
    }
    assert found == set()


def test_the_words_of_a_server_are_shown_as_they_came_and_marked_as_its_own():
    with translation.override("ja"):
        assert route_words.told("5.7.8 wrong, …") == "サーバーの応答：5.7.8 wrong, …"
    with translation.override("en"):
        assert route_words.told("5.7.8 wrong, …") == "The server says: 5.7.8 wrong, …"
