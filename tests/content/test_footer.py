"""Our own display lacks nothing, and lacks at once what somebody takes out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.content.letters import a_mail
from tests.people import SENDER

from shodaku.content.domain import (
    SenderDisplay,
    WordsAt,
    footer_html,
    footer_text,
    items_of,
    lint_mail,
    wanted_of,
)
from shodaku.content.merge_fields import SLOT
from shodaku.policy.domain import Reason

PAGES = {"{{ opt_out }}": "https://t.aoi.example/o/abc", "{{ why }}": "https://t.aoi.example/w/abc"}
PAGES["{{ preferences }}"] = "https://t.aoi.example/p/abc"
SELLER = replace(
    SENDER,
    contact_url="https://aoi.example/contact",
    responsible_person="青井 葵",
    sales_terms_url="https://aoi.example/terms",
)
FOUND = {
    "name": Reason.DISPLAY_NAME_MISSING,
    "opt_out": Reason.DISPLAY_OPTOUT_MISSING,
    "opt_out_words": Reason.DISPLAY_OPTOUT_WORDS_MISSING,
    "address": Reason.DISPLAY_ADDRESS_MISSING,
    "contact": Reason.DISPLAY_CONTACT_MISSING,
    "why": Reason.WHY_LINE_MISSING,
}
OF_SELLERS = ("phone", "responsible_person", "seller_email", "sales_terms")
languages = st.sampled_from(["ja", "en"])


def linked(written):
    for slot, page in PAGES.items():
        written = written.replace(slot, page)
    return written


def report(items, language, *, mail_order=True, style="", parts=("text", "html"), letter="冬の品"):
    text, html = linked(footer_text(items, language)), linked(footer_html(items, language, style=style))
    bodies = {
        "text": f"{letter}\n\n{text}" if "text" in parts else None,
        "html": f"<p>{letter}</p>{html}" if "html" in parts else None,
    }
    wanted = wanted_of(
        SenderDisplay.of(SELLER, mail_order=mail_order),
        opt_out=(PAGES["{{ opt_out }}"],),
        why=PAGES["{{ why }}"],
        link_base="https://t.aoi.example",
        one_click=False,
    )
    return lint_mail(a_mail(**bodies), wanted)


@given(
    languages, st.booleans(), st.sampled_from(["", "冬の品", "https://aoi.example/news", "配信停止", "=?x"])
)
def test_our_own_display_lacks_nothing(language, mail_order, letter):
    items = items_of(SELLER, "お便り", language, mail_order=mail_order)
    found = report(items, language, mail_order=mail_order, letter=letter)
    assert (found.missing, found.address_linked) == ((), False)


@given(
    languages,
    st.booleans(),
    st.sampled_from([("text", "html"), ("text",), ("html",)]),
    st.sets(st.sampled_from([*FOUND, *OF_SELLERS]), min_size=1),
)
def test_whatever_is_taken_out_is_found_in_each_body(language, mail_order, parts, left_out):
    items = items_of(SELLER, "お便り", language, mail_order=mail_order)
    items = replace(items, **dict.fromkeys(left_out))
    expected = {FOUND[item] for item in left_out if item in FOUND}
    if "opt_out" in left_out:
        expected.discard(Reason.DISPLAY_OPTOUT_WORDS_MISSING)
    if mail_order and left_out & set(OF_SELLERS):
        expected.add(Reason.DISPLAY_TOKUSHO_MISSING)
    assert set(report(items, language, mail_order=mail_order, parts=parts).missing) == expected


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("part", ["text", "html"])
def test_words_far_from_the_way_to_stop_are_found(language, part):
    items = replace(items_of(SELLER, "お便り", language), optout_words_at=WordsAt.ELSEWHERE)
    found = report(items, language, mail_order=False, parts=(part,))
    assert found.missing == (Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("part", ["text", "html"])
def test_a_pointer_stands_in_for_address_and_contact(language, part):
    items = replace(items_of(SELLER, "お便り", language), address=None, address_link="会社概要はこちら")
    found = report(items, language, mail_order=False, parts=(part,))
    assert (found.missing, found.address_linked) == ((), True)
    items = replace(items, address_link=None, contact=None, contact_link="お問い合わせはこちら")
    assert report(items, language, mail_order=False, parts=(part,)).missing == ()
    items = replace(items, contact_link="くわしくはこちら")
    assert set(report(items, language, mail_order=False, parts=(part,)).missing) == {
        Reason.DISPLAY_ADDRESS_MISSING,
        Reason.DISPLAY_CONTACT_MISSING,
    }


@pytest.mark.parametrize(
    "style", ["color:#fff", "display:none", "font-size:1px", "opacity:.1", "background:#333"]
)
def test_a_display_that_nobody_sees_is_found(style):
    found = report(items_of(SELLER, "お便り", "ja"), "ja", mail_order=False, style=style)
    assert found.missing[0] is Reason.DISPLAY_NOT_RECOGNISABLE


@pytest.mark.parametrize(
    "style", ["color:#fff;background:#000", "font-size:9px", "opacity:.9", "color:#767676"]
)
def test_a_display_in_other_colours_is_read(style):
    assert report(items_of(SELLER, "お便り", "ja"), "ja", mail_order=False, style=style).missing == ()


def test_another_name_is_not_the_legal_one():
    items = replace(items_of(SELLER, "お便り", "ja"), name="あおい")
    assert report(items, "ja", mail_order=False).missing == (Reason.DISPLAY_NAME_MISSING,)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_display_has_no_line_that_8bit_cannot_carry(language):
    items = items_of(SENDER, "月刊ショップだより", language, mail_order=True)
    lines = SLOT.sub("x" * 200, footer_html(items, language)).encode().split(b"\n")
    assert max(map(len, lines)) <= 998
