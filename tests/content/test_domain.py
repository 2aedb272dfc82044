"""Merge fields and the legal display as plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.contacts.domain import honorific
from shodaku.content.domain import FIELDS, LINKS, TemplateFault, ads_of, footer_html, footer_text, items_of
from shodaku.content.fields import check_fields
from shodaku.content.merge_fields import without_slots
from shodaku.policy.domain import AD_CLASSES, Ads, MessageClass


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_told_in_both_languages_and_has_a_sample(field):
    told = FIELDS[field]
    assert all((told.ja, told.en, told.sample))
    check_fields("text", f"{{{{ {field} }}}} {{{{{field}}}}}")


def test_the_sample_of_the_name_is_what_the_honorific_makes():
    family, given_name = FIELDS["family_name"].sample, FIELDS["given_name"].sample
    assert FIELDS["name"].sample == honorific(family, given_name, None)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{{ nam }}", 1),
        ("一\n{% if x %}\n", 2),
        ("一\r\n\r\n{{ name", 3),
        ("{{\nname }}", 1),
    ],
)
def test_a_fault_names_the_line_it_stands_in(source, line):
    with pytest.raises(TemplateFault) as fault:
        check_fields("text", source)
    assert fault.value.line == line


@given(st.text(st.sampled_from("{} a"), max_size=30))
def test_a_name_with_braces_reads_the_same_and_opens_no_field(name):
    assert without_slots(name).replace(" ", "") == name.replace(" ", "")
    assert "{{" not in without_slots(name)


def written(sender, topic="お便り", language="ja"):
    items = items_of(sender, topic, language)
    return footer_text(items, language), footer_html(items, language)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_display_names_every_page_the_reader_may_need(language):
    for display in written(SENDER, language=language):
        assert all(f"{{{{ {page} }}}}" in display for page in LINKS)


def test_a_break_in_a_name_moves_nothing_in_the_display():
    broken, _ = written(replace(SENDER, formal_name="株式会社\nあおい\r\n雑貨"), "お\n便り")
    assert len(broken.splitlines()) == len(written(SENDER)[0].splitlines())
    assert "■ 送信者 株式会社 あおい 雑貨\n" in broken


def test_markup_in_a_name_is_text():
    assert "<b>" not in written(replace(SENDER, formal_name="<b>あおい</b>"), "<b>")[1]


@pytest.mark.parametrize("message_class", MessageClass)
def test_only_what_promotes_is_advertising(message_class):
    asks = {MessageClass.CONSENT_REQUEST, MessageClass.RECONFIRM}  # they ask, and must hold no advertising
    assert (ads_of(message_class) is Ads.MAIN) == (message_class in AD_CLASSES - asks)
