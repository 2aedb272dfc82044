"""What the finished text says of stopping and of why it came, found where a reader finds it."""

from __future__ import annotations

import pytest

from shodaku.content.services import ShownItems, shown_items

LINK = "{{ opt_out }}"


@pytest.mark.parametrize(
    "text",
    [
        f"配信停止はこちら:\n{LINK}",
        f"配信停止はこちら: {LINK}",
        f"{LINK}\n\n配信停止はこちら",
        f"受信拒否できます\n本文\n\n配信停止はこちら：\n{LINK}",
    ],
)
def test_the_words_beside_the_address_are_shown_wherever_they_stand(text):
    assert shown_items(text) == ShownItems("配信停止はこちら", has_opt_out=True, why="")


def test_words_far_from_the_address_are_shown_as_well_for_the_check_says_what_is_wrong_with_them():
    found = shown_items(f"配信停止もできます。\n一\n二\n三\n{LINK}")
    assert (found.refusal_words, found.has_opt_out) == ("配信停止もできます。", True)


def test_an_address_that_is_called_unsubscribe_is_no_word_for_a_reader():
    assert shown_items("https://aoi.example/unsubscribe") == ShownItems("", has_opt_out=False, why="")


def test_the_sentence_above_the_evidence_says_why_it_came_and_a_drawn_line_says_nothing():
    text = "本文\n――――――――\n同意された方へお送りしています。\n届いた理由と記録:\n{{ why }}\n"
    assert shown_items(text).why == "同意された方へお送りしています。"
    assert shown_items("―――\n届いた理由:\n{{ why }}").why == "届いた理由"
    assert shown_items("{{why}}").why == ""


def test_an_empty_text_says_nothing():
    assert shown_items(" \n") == ShownItems("", has_opt_out=False, why="")
