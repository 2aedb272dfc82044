"""Promise 17, threat 12: no click link leads anywhere that was not in the campaign."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delivery.measured import TARGETS, a_mailing, a_measured_reader, a_token
from tests.people import SENDER, a_shop

from shodaku.content.domain import Draft, Measured, TemplateFault, location
from shodaku.content.services import freeze
from shodaku.delivery.hits import Hits

COUNTED = Measured(click_links=True, open_pixel=True, base="https://t.aoi.example")
PIECES = (
    "https://shop.example/a|http://evil.example|//evil.example|javascript:alert(1)|\\|@|%0d%0a|\r\n|https:|/|"
    "?next=https://evil.example|#|{{ name }}|{{ opt_out }}|\"|'|<|>|<a href=|&amp;|&#58;|商品| |[|)|.|x|"
    "data:text/html,x|mailto:a@b.example"
)
pieces = st.sampled_from(PIECES.split("|"))
written = st.lists(pieces, max_size=8).map("".join)


@settings(max_examples=300, deadline=None)
@given(written, written, written)
def test_every_stored_target_was_written_in_the_campaign_and_is_a_page_of_the_web(text, href, shown):
    html = f'<p><a href="{href}">{shown}</a></p>'
    try:
        plain = freeze(Draft("春", f"本文 {text}", html), SENDER, "便り", "ja")
        counted = freeze(Draft("春", f"本文 {text}", html), SENDER, "便り", "ja", measured=COUNTED)
    except TemplateFault:
        return
    from html import unescape

    source = f"{plain.text}\n{unescape(plain.html or '')}"
    for target in counted.links:
        assert target in source
        led_to = location(target).decode("ascii")
        assert urlsplit(led_to).scheme in ("http", "https")
        assert urlsplit(led_to).netloc == urlsplit(target).netloc
        assert unquote(led_to) == unquote(target)
        assert not set(led_to) & set('\r\n \\"<>')


@pytest.fixture(scope="module")
def mailing(database):
    shop = a_shop()
    person = a_measured_reader(shop)
    number = a_mailing(shop, [person])
    return shop, number, person


class Bare:
    """The bare application in one event loop; what it passes on is answered with 404."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.hits = Hits(self._pages, contextlib.nullcontext)

    async def _pages(self, _scope, _receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})

    def answered(self, path, query=b""):
        """Status and Location."""
        said = []

        async def send(message):
            said.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": []}
        self.loop.run_until_complete(self.hits(scope, None, send))
        return said[0]["status"], dict(said[0]["headers"]).get(b"location", b"").decode()


@pytest.fixture(scope="module")
def bare():
    bare = Bare()
    yield bare
    bare.loop.close()


ALLOWED = {quote(target, safe="!#$%&'()*+,/:;=?@[]~") for target in TARGETS}


@settings(max_examples=150, deadline=None)
@given(st.integers(-5, 12), st.text(max_size=20), st.binary(max_size=30))
def test_a_good_token_leads_to_what_is_stored_whatever_stands_around_it(bare, mailing, number, tail, query):
    shop, mailing_id, person = mailing
    token = a_token(shop, mailing_id, person)
    for path in (f"/c/{token}/{number}", f"/c/{token}/{number}{tail}", f"/c/{token}/{tail}"):
        status, place = bare.answered(path, query)
        assert (status == 302 and place in ALLOWED) or (status == 404 and not place)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 41), st.sampled_from("ABCxyz019-_=/.%"))
def test_a_token_with_one_other_letter_leads_nowhere(bare, mailing, place, letter):
    shop, mailing_id, person = mailing
    token = a_token(shop, mailing_id, person)
    if token[place] == letter:
        return
    assert bare.answered(f"/c/{token[:place]}{letter}{token[place + 1 :]}/0") == (404, "")


def test_a_number_of_another_mailing_is_no_number_of_this_one(bare, mailing):
    shop, _, person = mailing
    short = a_mailing(shop, [person], links=TARGETS[:1])
    assert bare.answered(f"/c/{a_token(shop, short, person)}/0") == (302, TARGETS[0])
    assert bare.answered(f"/c/{a_token(shop, short, person)}/1") == (404, "")
