from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content.domain import Draft, TemplateFault, items_of
from shodaku.content.services import freeze, preview
from shodaku.policy.domain import Ads, MessageClass, Reason

LETTER = Draft("11月のお便り", "{{ name }}\n\n冬の品がそろいました。\n", "")


def frozen(**changes):
    return freeze(replace(LETTER, **changes), SENDER, "月刊ショップだより", "ja")


def test_a_letter_gets_its_legal_display_and_lacks_nothing():
    ready = frozen(html="<p>{{ name }}</p><p>冬の品がそろいました。</p>")
    assert ready.display.missing == ()
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
        ("text", "{{ name | upper | trim }}", 1),
        ("text", '一行目\n{{ name|default("x") }}', 2),
        ("text", "{{ name|" + "あ" * 41 + " }}", 1),
        ("text", "{{ nam|読者 }}", 1),
        ("text", "{{ opt_out|読者 }}", 1),
        ("html", "<p>{{ name|<b>読者</b> }}</p>", 1),
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
    assert ready.display.missing == ()


def test_without_a_text_the_html_is_told_in_text():
    ready = frozen(text="", html="<h1>冬の品</h1><p>そろいました。</p>")
    assert "冬の品" in ready.text
    assert ready.display.missing == ()


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_written_the_display_is_there_or_nothing_is_frozen(text, html):
    try:
        ready = frozen(text=text, html=html)
    except TemplateFault:
        return
    assert ready.display.missing == ()


def test_a_notice_holds_no_advertising():
    assert freeze(LETTER, SENDER, "x", "ja", MessageClass.TRANSACTIONAL).ads is Ads.NONE


RECEIPT = Draft(
    "ご注文の確認",
    "{{ name }}\n\nご注文をうけたまわりました。お届けは3日後の予定です。品物は青磁の湯のみです。\n"
    "[ad]\n冬の品もどうぞ。\n[/ad]\n",
    "<p>{{ name }}</p><p>ご注文をうけたまわりました。お届けは3日後の予定です。品物は青磁の湯のみです。</p>"
    "<div data-promotion><p>冬の品もどうぞ。</p></div>",
)


def receipt(**changes):
    return freeze(replace(RECEIPT, **changes), SENDER, "x", "ja", MessageClass.TRANSACTIONAL)


def test_a_notice_with_a_word_of_advertising_has_a_form_without_it():
    ready = receipt()
    assert ready.ads is Ads.INCIDENTAL
    for part in (ready.text, ready.html):
        assert "冬の品もどうぞ。" in part
    for part in (ready.without_ads.text, ready.without_ads.html):
        assert "冬の品もどうぞ。" not in part
        assert "ご注文をうけたまわりました。" in part
        assert SENDER.formal_name in part
        assert "{{ opt_out }}" in part


def test_no_mark_of_the_editor_leaves():
    for ready in (receipt(), receipt(subject="[ad] 冬の品"), frozen(text="[ad]\n冬の品\n[/ad]\n")):
        whole = f"{ready.subject}{ready.text}{ready.html}"
        assert "[ad]" not in whole
        assert "[/ad]" not in whole
        assert "data-promotion" not in whole


def test_a_text_that_nobody_wrote_is_reduced_with_the_html_it_tells():
    ready = receipt(text="")
    assert "冬の品もどうぞ。" in ready.text
    assert "冬の品もどうぞ。" not in ready.without_ads.text
    assert "ご注文をうけたまわりました。" in ready.without_ads.text


def test_advertising_is_the_main_thing_of_an_advertisement_whatever_is_marked():
    for message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY):
        ready = freeze(RECEIPT, SENDER, "x", "ja", message_class)
        assert (ready.ads, ready.without_ads) == (Ads.MAIN, None)


def test_what_is_left_out_of_the_reduced_form_is_part_of_what_was_agreed_to():
    unmarked = RECEIPT.text.replace("[ad]\n", "").replace("[/ad]\n", "")
    assert receipt().text == receipt(text=unmarked).text
    assert receipt().content_sha256 != receipt(text=unmarked).content_sha256


@pytest.mark.parametrize("subject", ["[ad]", " [AD] "])
def test_a_mark_alone_is_no_subject(subject):
    with pytest.raises(TemplateFault):
        frozen(subject=subject)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_seller_at_a_distance_shows_what_mail_order_has_to(language):
    seller = replace(SENDER, responsible_person="青井 葵", sales_terms_url="https://aoi.example/terms")
    ready = freeze(replace(LETTER, html="<p>x</p>"), seller, "お便り", language, mail_order=True)
    assert ready.display.missing == ()
    for part in (ready.text, ready.html):
        assert all(item in part for item in ("青井 葵", "https://aoi.example/terms"))
    without = freeze(LETTER, SENDER, "お便り", language, mail_order=True)
    assert without.display.missing == (Reason.DISPLAY_TOKUSHO_MISSING,)
    assert freeze(LETTER, SENDER, "お便り", language).display.missing == ()


@pytest.mark.parametrize("item", ["name", "opt_out", "opt_out_words", "address", "contact", "why"])
def test_an_incomplete_display_is_found(item):
    items = replace(items_of(SENDER, "お便り", "ja"), **{item: None})
    assert freeze(LETTER, SENDER, "お便り", "ja", items=items).display.missing != ()
