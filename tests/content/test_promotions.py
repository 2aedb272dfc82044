"""How much of a message is advertising is computed from what is marked, whatever its class claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.content.domain import Marked, TemplateFault, ads_in, without_marks, without_promotions
from shodaku.content.markup import tidy
from shodaku.policy.domain import Ads

NOTICE = "ご注文をうけたまわりました。お届けは3日後です。"  # 24 characters


def marked(text=NOTICE, html=None, subject="ご注文"):
    return Marked(subject, text, html)


def block(text):
    return f"[ad]\n{text}\n[/ad]\n"


@pytest.mark.parametrize(
    ("text", "ads"),
    [
        (NOTICE, Ads.NONE),
        (f"{NOTICE}\n{block('冬の品もどうぞ。')}", Ads.INCIDENTAL),
        (f"\n  \n{block('冬')}\n{NOTICE}", Ads.MAIN),  # the first block
        (f"{NOTICE}\n{block('あ' * 12)}", Ads.INCIDENTAL),  # a third exactly
        (f"{NOTICE}\n{block('あ' * 13)}", Ads.MAIN),
        (f"{NOTICE}\n{block('あ　あ ' * 6)}", Ads.INCIDENTAL),  # spaces are not read
        (f"{NOTICE}\n{block('あ' * 6)}途中\n{block('あ' * 9)}", Ads.MAIN),  # all blocks together
        (f"{NOTICE}\n [AD] \n冬\n [/AD]\n", Ads.INCIDENTAL),
        (f"{NOTICE} [ad] と書きました", Ads.NONE),  # no line of its own
        (f"{NOTICE}\n{block('')}", Ads.NONE),
    ],
)
def test_the_text_is_main_advertising_first_or_from_a_third_on(text, ads):
    assert ads_in(marked(text)) is ads


@pytest.mark.parametrize(
    ("html", "ads"),
    [
        (f"<p>{NOTICE}</p>", Ads.NONE),
        (f"<p>{NOTICE}</p><div data-promotion><p>冬の品もどうぞ。</p></div>", Ads.INCIDENTAL),
        (f"<p>{NOTICE}</p><p data-promotion>{'あ' * 12}</p>", Ads.INCIDENTAL),
        (f"<p>{NOTICE}</p><p data-promotion>{'あ' * 13}</p>", Ads.MAIN),
        (f"<div> <p data-promotion>冬</p><p>{NOTICE}</p></div>", Ads.MAIN),
        (
            f'<p style="display:none">x</p><p data-promotion>冬</p><p>{NOTICE}</p>',
            Ads.MAIN,
        ),  # first that is seen
        (f'<p>{NOTICE}</p><p data-promotion style="display:none">{"あ" * 99}</p>', Ads.INCIDENTAL),
        (f'<p>{NOTICE}</p><img data-promotion src="https://x.example/a.png">', Ads.INCIDENTAL),
        (f'<img data-promotion src="https://x.example/a.png"><p>{NOTICE}</p>', Ads.MAIN),
        (f"<p>{NOTICE}</p><div data-promotion><div data-promotion>冬</div>の</div>", Ads.INCIDENTAL),
    ],
)
@pytest.mark.parametrize("tidied", [False, True])
def test_the_html_is_main_advertising_first_or_from_a_third_on(html, ads, tidied):
    assert ads_in(marked(html=tidy(html, "") if tidied else html)) is ads


@pytest.mark.parametrize("subject", ["[ad] 冬の品", "[AD]冬の品[/ad]", " [ad]冬"])
def test_a_subject_that_begins_with_the_mark_is_advertising(subject):
    assert ads_in(marked(subject=subject)) is Ads.MAIN
    assert "[ad]" not in without_marks(marked(subject=subject)).subject.lower()
    assert ads_in(marked(subject="冬の品 [ad]")) is Ads.NONE


def test_the_stronger_of_both_bodies_counts():
    html = f"<p>{NOTICE}</p><p data-promotion>{'あ' * 13}</p>"
    assert ads_in(marked(f"{NOTICE}\n{block('冬')}", html)) is Ads.MAIN


@pytest.mark.parametrize("text", ["[ad]\n冬", "冬\n[/ad]", "[ad]\n[ad]\n冬\n[/ad]\n", "[ad]\n[/ad]\n[/ad]"])
def test_marks_that_do_not_pair_are_told_with_their_line(text):
    with pytest.raises(TemplateFault, match="line") as fault:
        ads_in(marked(text))
    assert fault.value.part == "text"


def test_a_marked_block_goes_with_all_that_is_in_it_and_nothing_else():
    html = (
        '<p class="a">前</p><div class="b" data-promotion="x"><p>冬<br>の<img src="https://x.example/a.png">品'
        '</p></div><p title="&quot; data-promotion=1">後</p><p data-promotion>も</p>'
    )
    reduced = without_promotions(marked(f"前\n{block('冬の品')}後\n", html))
    assert reduced.text == "前\n後\n"
    assert reduced.html == '<p class="a">前</p><p title="&quot; data-promotion=1">後</p>'
    whole = without_marks(marked(f"前\n{block('冬の品')}後\n", html))
    assert whole.text == "前\n冬の品\n後\n"
    assert whole.html == html.replace(' data-promotion="x"', "").replace("<p data-promotion>", "<p>")


OPENING = ["<p>", "<div data-promotion>", "<b data-promotion='1'>", "<table><tr><td data-promotion>"]
CLOSING = ["</p>", "</div>", "</b>", "<br>", "<img data-promotion src='https://x.example/'>"]
WORDS = ["あ", "\n", "&lt;", "い data-promotion う"]
pieces = st.lists(st.sampled_from(OPENING + CLOSING + WORDS), max_size=14).map("".join)


@given(pieces)
def test_of_whatever_is_written_no_mark_stays_and_no_marked_word(html):
    tidied = tidy(html, "")
    whole = without_marks(marked(html=tidied)).html
    reduced = without_promotions(marked(html=tidied)).html
    for left in (whole, reduced):
        assert ads_in(marked(html=left)) is Ads.NONE
        assert tidy(left, "") == left  # nothing is left open
    assert len(reduced) <= len(whole)
