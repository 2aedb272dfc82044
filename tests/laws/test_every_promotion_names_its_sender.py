"""Whatever somebody writes: name, address, complaints and the way to stop stand in both parts, visibly."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content.domain import Draft, TemplateFault
from shodaku.content.services import freeze, preview

words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60).filter(
    str.strip
)
markup = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div style='display:none'>",
            "<!--",
            "<table><tr><td>",
            "x",
            "{{ name }}",
            "<style>",
            "<b",
        ]
    ),
    max_size=12,
).map("".join)
senders = st.builds(
    lambda name, address, phone: replace(
        SENDER,
        formal_name=name,
        postal_address=address,
        contact_phone=phone,
        contact_email="",
        contact_url="",
    ),
    words.filter(lambda text: "{" not in text and "}" not in text),
    words.filter(lambda text: "{" not in text and "}" not in text),
    words.filter(lambda text: "{" not in text and "}" not in text),
)


@given(words, st.text(max_size=200), markup, senders, st.sampled_from(["ja", "en"]))
def test_a_frozen_message_lacks_nothing_the_law_asks_for(subject, text, html, sender, language):
    try:
        ready = freeze(Draft(subject, text, html), sender, "お便り", language)
    except TemplateFault:
        return
    assert ready.display.missing == ()


def test_the_reader_sees_who_sent_it_and_how_to_stop():
    ready = freeze(Draft("お便り", "本文", "<p>本文</p>"), SENDER, "月刊ショップだより", "ja")
    shown = preview(ready, {"opt_out": "https://aoi.example/o/x"})
    for body in (shown.text, shown.html):
        assert SENDER.formal_name in body
        assert SENDER.postal_address in body
        assert SENDER.contact_phone in body
        assert "https://aoi.example/o/x" in body
        assert "停止" in body
