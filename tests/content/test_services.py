from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content.domain import Draft, TemplateFault, display_missing
from shodaku.content.services import freeze, preview
from shodaku.policy.domain import Ads, MessageClass, Reason

LETTER = Draft("11月のお便り", "{{ name }}\n\n冬の品がそろいました。\n", "")


def frozen(**changes):
    return freeze(replace(LETTER, **changes), SENDER, "月刊ショップだより", "ja")


def test_a_letter_gets_its_legal_display_and_lacks_nothing():
    ready = frozen(html="<p>{{ name }}</p><p>冬の品がそろいました。</p>")
    assert ready.display_missing == ()
    assert ready.text.startswith("{{ name }}")
    assert "{{ opt_out }}" in ready.text
    assert "{{ opt_out }}" in ready.html
    assert ready.ads is Ads.MAIN


def test_the_same_draft_gives_the_same_bytes():
    assert frozen() == frozen()
    assert frozen().content_sha256 != frozen(text="べつの本文").content_sha256


def test_a_sample_person_sees_the_letter_as_it_will_be():
    shown = preview(frozen())
    assert shown.text.startswith("山田 花子 様")
    assert "{{" not in shown.text


@pytest.mark.parametrize(
    ("part", "source", "line"),
    [
        ("text", "{% for x in 'a' * 1000000000 %}{{ x }}{% endfor %}", 1),
        ("text", "一行目\n{% if name %}こんにちは{% endif %}", 2),
        ("text", "{{ name", None),
        ("text", "{{ name | upper }}", 1),
        ("text", "{{ nam }}", 1),
        ("text", "{{ 7 * 7 }}", 1),
        ("text", "{{ self.__class__ }}", None),
        ("text", "{# comment #}x", 1),
        ("html", "<p>{{ secret }}</p>", 1),
        ("html", '<a href="{{ name }}">x</a>', None),
        ("subject", "{{ name }}\nBcc: x@example.jp", None),
        ("subject", "=?utf-8?q?x?=", None),
        ("subject", "", None),
        ("text", "   ", None),
        ("text", "x" * 200_001, None),
        ("subject", "x" * 201, None),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_a_sentence_at_its_field(part, source, line):
    with pytest.raises(TemplateFault) as fault:
        frozen(**{part: source})
    assert fault.value.part == part
    assert fault.value.sentence("ja").endswith("。")
    assert fault.value.sentence("en").endswith(".")
    if line is not None:
        assert str(line) in fault.value.sentence("en")


def test_a_misspelt_field_is_answered_with_the_nearest_one():
    with pytest.raises(TemplateFault, match="given_name"):
        frozen(text="{{ givenname }}")


def test_scripts_forms_and_handlers_never_leave():
    html = (
        '<p onclick="x()">a</p><script>alert(1)</script>'
        '<form action="https://x.example"><input></form><iframe src="https://x.example"></iframe>'
    )
    ready = frozen(html=html)
    for trouble in ("onclick", "<script", "<form", "<input", "<iframe", "alert"):
        assert trouble not in ready.html


def test_an_element_left_open_cannot_hide_the_legal_display():
    ready = frozen(html='<p>x</p><div style="display:none"><!--')
    assert ready.display_missing == ()


def test_without_a_text_the_html_is_told_in_text():
    ready = frozen(text="", html="<h1>冬の品</h1><p>そろいました。</p>")
    assert "冬の品" in ready.text
    assert ready.display_missing == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_written_the_display_is_there_or_nothing_is_frozen(text, html):
    try:
        ready = frozen(text=text, html=html)
    except TemplateFault:
        return
    assert ready.display_missing == ()


def test_a_notice_holds_no_advertising():
    assert freeze(LETTER, SENDER, "x", "ja", MessageClass.TRANSACTIONAL).ads is Ads.NONE


GOOD = "株式会社あおい雑貨\n東京都中央区銀座2-1-5\n03-0000-0000\n{{ why }}\n配信停止はこちら\n{{ opt_out }}\n"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (GOOD, ()),
        (GOOD.replace("株式会社あおい雑貨", "あおい"), (Reason.DISPLAY_NAME_MISSING,)),
        # another width is the same name
        (GOOD.replace("03-0000-0000", "０３-００００-００００"), ()),
        (GOOD.replace("{{ opt_out }}", ""), (Reason.DISPLAY_OPTOUT_MISSING,)),
        (GOOD.replace("配信停止はこちら", "こちら"), (Reason.DISPLAY_OPTOUT_WORDS_MISSING,)),
        # the words stand two lines away, another address between
        (
            "配信停止はこちら\nhttps://x.example\n" + GOOD.replace("配信停止はこちら\n", ""),
            (Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,),
        ),
        (GOOD.replace("東京都中央区銀座2-1-5", ""), (Reason.DISPLAY_ADDRESS_MISSING,)),
        (GOOD.replace("03-0000-0000", ""), (Reason.DISPLAY_CONTACT_MISSING,)),
        (GOOD.replace("{{ why }}", ""), (Reason.WHY_LINE_MISSING,)),
    ],
)
def test_the_linter_finds_what_is_missing(text, missing):
    assert display_missing(text, None, SENDER) == missing


HTML = (
    "<p>株式会社あおい雑貨</p><p>東京都中央区銀座2-1-5</p><p>03-0000-0000</p><p>{{ why }}</p>"
    "<p><a href='{{ opt_out }}'>配信停止</a></p>"
)


@pytest.mark.parametrize(
    ("html", "missing"),
    [
        (HTML, ()),
        (f"<div style='display:none'>{HTML}</div>", (Reason.DISPLAY_NOT_RECOGNISABLE,)),
        (f"<div style='font-size:1px'>{HTML}</div>", (Reason.DISPLAY_NOT_RECOGNISABLE,)),
        ("<img src='https://x.example/all.png' alt='株式会社あおい雑貨'>", (Reason.DISPLAY_IMAGE_ONLY,)),
    ],
)
def test_what_nobody_can_see_does_not_count(html, missing):
    assert display_missing(GOOD, html, SENDER) == missing
