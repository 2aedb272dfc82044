"""Which links of a message are counted: what a reader sees and where it leads stays as it was written."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import SENDER

from shodaku.content import clicks
from shodaku.content.domain import Draft, Measured, TemplateFault
from shodaku.content.render import Draft as Form
from shodaku.content.render import untracked
from shodaku.content.services import freeze, preview

BASE = "https://t.aoi.example"
LEGAL = ("https://aoi.example/terms", "https://aoi.example/contact/", "")
SHOP = "https://shop.example/items/1"
BOTH = Measured(click_links=True, open_pixel=True, base=BASE)


def numbered(text="", html=None):
    return clicks.numbered(text, html, base=BASE, legal=LEGAL)


def frozen(text, html="", measured=BOTH):
    return freeze(Draft("春", text, html), SENDER, "便り", "ja", measured=measured)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (f"新作 {SHOP}", SHOP),
        (f"新作 {SHOP}。", SHOP),
        (f"({SHOP})", SHOP),
        (f"「{SHOP}」をどうぞ", SHOP),
        (f"<{SHOP}>", SHOP),
        (f"See {SHOP}, or call.", SHOP),
        (f"See {SHOP}?a=1&b=2.", f"{SHOP}?a=1&b=2"),
        ("https://shop.example/a_(b)", "https://shop.example/a_(b)"),  # the bracket is a part of it
        ("[more](https://shop.example/a)", "https://shop.example/a"),
        ("HTTP://Shop.example:8080", "HTTP://Shop.example:8080"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
def test_a_link_in_text_is_counted_and_what_stands_around_it_stays(text, target):
    found = numbered(text)
    assert found.links == (target,)
    assert found.text == text.replace(target, "{{ link0 }}")


@pytest.mark.parametrize(
    "text",
    [
        f"{SHOP}をご覧ください",  # a mail program may take the letters along
        "https://shop.example/商品",
        f"{SHOP}?u={{{{ name }}}}",
        f"{SHOP}/{{{{ name }}}}/x",
        f"mailto:a@shop.example tel:0312345678 ftp://shop.example/x shop.example x{SHOP}",
        "https://user@shop.example/x",
        "https://aoi.example/terms",
        "https://aoi.example/terms/#delivery",
        "https://aoi.example/contact",
        f"{BASE}/f/aoi/join",
        BASE,
        "https://shop.example/" + "a" * 2_000,
        "https:// https:///x http://?x",
    ],
)
def test_what_cannot_be_led_to_or_is_a_legal_page_stays_as_it_was_written(text):
    assert numbered(text) == (text, None, ())


def test_another_host_that_begins_like_ours_is_not_ours():
    assert numbered("https://t.aoi.example.net/x").links == ("https://t.aoi.example.net/x",)


@pytest.mark.parametrize(
    ("html", "links"),
    [
        (f'<a href="{SHOP}">見る</a>', (SHOP,)),
        (f'<a class="b" href="{SHOP}?a=1&amp;b=2" title="x &gt; y">見る</a>', (f"{SHOP}?a=1&b=2",)),
        (f'<a href="{SHOP}"><img src="https://shop.example/a.png" alt=""></a>', (SHOP,)),
        ('<a href="https://shop.example/商品">見る</a>', ("https://shop.example/商品",)),
        (f'<a href="{SHOP}">{SHOP}</a>', ()),  # mail programs warn of words that lead elsewhere
        (f'<a href="{SHOP}">www.<b>shop</b>.example</a>', ()),
        ('<a href="mailto:a@shop.example">a</a><a href="tel:03">b</a><a>c</a>', ()),
        (f'<a href="{SHOP}?u={{{{ name }}}}">a</a><a href="{{{{ opt_out }}}}">b</a>', ()),
        ('<a href="https://aoi.example/terms">規約</a>', ()),
        ('<a href="https://shop.example/a b">a</a>', ()),
        ("<p>https://shop.example/x</p>", ()),  # no link, so no click
    ],
)
def test_of_html_the_links_are_counted_and_nothing_else_changes(html, links):
    found = numbered("", html)
    assert found.links == links
    expected = html
    for number, target in enumerate(links):
        expected = expected.replace(f'href="{escape(target)}"', f'href="{{{{ link{number} }}}}"')
    assert found.html == expected


def test_the_same_target_has_one_number_in_both_bodies():
    found = numbered(f"{SHOP} https://b.example/ {SHOP}", f'<a href="{SHOP}">a</a><a href="{SHOP}">b</a>')
    assert found.links == (SHOP, "https://b.example/")
    assert found.html.count("{{ link0 }}") == found.text.count("{{ link0 }}") == 2


def test_more_links_than_are_counted_are_told_while_it_is_written():
    several = " ".join(f"https://shop.example/{number}" for number in range(clicks.LINKS_MAX))
    assert len(numbered(several).links) == clicks.LINKS_MAX
    with pytest.raises(TemplateFault):
        numbered(f"{several} https://shop.example/one-more")


@given(st.text(st.sampled_from("https://a.example/b?c=d&e#(f)[]{}.,。商 \n<>\"'"), max_size=120))
def test_whoever_is_not_counted_gets_the_text_as_it_was_written(text):
    found = numbered(text)
    assert untracked(Form("x", found.text, None, found.links)).text == text


words = st.text(st.characters(codec="utf-8", exclude_characters="{}\x00", exclude_categories=["Cc", "Cs"]))


@given(st.lists(words, max_size=4))
def test_whoever_is_not_counted_gets_links_that_lead_where_they_led(paths):
    draft = "".join(f'<a href="https://shop.example/{escape(path)}">見る</a>' for path in paths)
    plain = frozen("本文", f"<p>{draft}</p>", Measured())
    counted = frozen("本文", f"<p>{draft}</p>")
    direct = untracked(Form(counted.subject, counted.text, counted.html, counted.links))
    assert hrefs(direct.html) == hrefs(plain.html)
    assert "pixel" not in direct.html


def hrefs(html):
    return [unescape(each) for each in re.findall(r'href="([^"]*)"', html)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (SHOP, SHOP),
        ("https://shop.example/商品?q=春", "https://shop.example/%E5%95%86%E5%93%81?q=%E6%98%A5"),
        ("https://shop.example/%E5%95%86#x", "https://shop.example/%E5%95%86#x"),
        ("https://shop.example/\r\nSet-Cookie:a=b", None),
        ("https://shop.example\\@evil.example/", None),
        ("javascript:alert(1)", None),
        ("//evil.example", None),
        ("https://good.example@evil.example/", None),
    ],
)
def test_an_answer_leads_to_what_was_stored_or_nowhere(target, expected):
    assert clicks.location(target) == (None if expected is None else expected.encode())


def test_a_campaign_that_measures_nothing_is_frozen_as_ever():
    html = f'<p><a href="{SHOP}">見る</a></p>'
    one, other = frozen(SHOP, html, Measured()), freeze(Draft("春", SHOP, html), SENDER, "便り", "ja")
    assert one == other
    assert (one.links, one.open_pixel) == ((), False)
    assert "link0" not in f"{one.text}{one.html}"


def test_the_display_and_its_links_are_never_counted():
    found = frozen(SHOP, f'<p><a href="{SHOP}">見る</a></p>')
    assert found.links == (SHOP,)
    assert "{{ opt_out }}" in found.text
    assert "{{ opt_out }}" in found.html
    assert found.open_pixel
    assert found.display.missing == ()


def test_another_target_is_another_content():
    one, other = (frozen(f"https://shop.example/{each}").content_sha256 for each in "ab")
    assert one != other


def test_a_look_at_it_shows_the_targets_and_counts_nothing():
    shown = preview(frozen(SHOP, f'<p><a href="{SHOP}">見る</a></p>'))
    assert SHOP in shown.text
    assert f'href="{SHOP}"' in shown.html
    assert "pixel" not in shown.html


def test_without_html_there_is_no_pixel():
    assert not frozen(SHOP).open_pixel
