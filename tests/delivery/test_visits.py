"""Whether a person followed a link, or a program did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.delivery.visits import PIXEL_LINK, SWEEP_LINKS, Actor, Hit, Sweeps, actor_of

FIREFOX = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    b"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
LINE = b"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 Line/14.1/IAB"
CUBOT = b"Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
GMAIL = b"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize("program", [FIREFOX, SAFARI, LINE, CUBOT, GMAIL])
def test_a_browser_is_a_person(program):
    assert actor_of("GET", [(b"user-agent", program)]) is Actor.HUMAN


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"curl/8.5.0",
        b"python-requests/2.32",
        b"Go-http-client/2.0",
        b"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        b"Mozilla/5.0 (compatible; Googlebot/2.1)",
        b"Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0",
        b"Barracuda Sentinel (EE)",
        b"Mozilla/5.0 (compatible; Proofpoint URL Defense)",
        b"facebookexternalhit/1.1",
        b"Slackbot-LinkExpanding 1.0",
        b"WhatsApp/2.23",
    ],
)
def test_a_library_a_scanner_or_a_chat_is_none(program):
    assert actor_of("GET", [(b"user-agent", program)]) is Actor.BOT


@pytest.mark.parametrize(
    "header",
    [
        (b"sec-purpose", b"prefetch;prerender"),
        (b"purpose", b"prefetch"),
        (b"x-moz", b"prefetch"),
        (b"x-purpose", b"preview"),
        (b"user-agent", b"Mozilla/5.0"),
    ],
)
def test_what_is_fetched_ahead_says_so(header):
    assert actor_of("GET", [(b"user-agent", FIREFOX), header]) is Actor.PREFETCH


def test_who_asks_for_the_head_alone_looks_at_nothing():
    assert actor_of("HEAD", [(b"user-agent", FIREFOX)]) is Actor.BOT


def hit(link, at, contact_id=1, mailing_id=1):
    return Hit(1, mailing_id, contact_id, link, Actor.HUMAN, 1_000.0 + at)


def judged(hits):
    sweeps = Sweeps()
    for each in hits:
        sweeps.see(each)
    return [sweeps.judged(each).actor for each in hits]


def test_many_links_of_one_message_within_a_second_are_one_program():
    assert judged([hit(0, 0.0), hit(1, 0.4), hit(2, 0.9)]) == [Actor.BOT] * 3


def test_what_follows_a_sweep_is_a_part_of_it():
    swept = [hit(0, 0.0), hit(1, 0.1), hit(2, 0.2), hit(PIXEL_LINK, 0.3), hit(3, 2.0), hit(4, 11.0)]
    assert judged(swept) == [Actor.BOT] * 6
    assert judged([*swept, hit(3, 30.0)])[-1] is Actor.HUMAN


@pytest.mark.parametrize(
    "hits",
    [
        [hit(0, 0.0), hit(1, 0.5)],  # two tabs
        [hit(0, 0.0), hit(1, 0.9), hit(2, 1.8), hit(3, 2.7)],  # a quick reader
        [hit(0, 0.0), hit(0, 0.1), hit(0, 0.2), hit(0, 0.3)],  # an impatient one
        [hit(0, 0.0), hit(1, 0.1, contact_id=2), hit(2, 0.2, contact_id=3)],
        [hit(0, 0.0), hit(1, 0.1, mailing_id=2), hit(2, 0.2, mailing_id=3)],
        [hit(PIXEL_LINK, 0.0), hit(0, 0.1), hit(1, 0.2)],  # it opens, and two tabs
    ],
)
def test_a_person_is_no_sweep(hits):
    assert judged(hits) == [Actor.HUMAN] * len(hits)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3_000)), max_size=40))
def test_a_sweep_is_so_many_links_within_a_second_wherever_it_falls(pairs):
    clicks = [hit(link, at / 1_000) for link, at in sorted(pairs, key=lambda pair: pair[1])]
    swept = any(
        len({each.link for each in clicks if 0 <= each.at - first.at <= 1.0}) >= SWEEP_LINKS
        for first in clicks
    )
    assert (Actor.BOT in judged(clicks)) == swept
