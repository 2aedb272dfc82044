"""Links that are followed through the web server as it is run, and what is noted of it."""

from __future__ import annotations

import contextlib
import signal
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delivery.mailings import wait_until
from tests.delivery.measured import (
    BROWSER,
    TARGETS,
    a_mailing,
    a_measured_reader,
    a_token,
    click_path,
    hits,
    pixel_path,
    wait_for_hits,
)
from tests.optout.serving import Cable, a_server
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.delivery import hit_book, selectors, services
from shodaku.delivery.hit_book import HitBook
from shodaku.delivery.visits import Actor, Hit
from shodaku.kit import db
from shodaku.kit.links import Purpose

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture(scope="module")
def server(database):
    with a_server(database) as server:
        yield server


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def get(server, path, headers=None, method="GET"):
    status, said, body = server.ask(method, path, headers=BROWSER if headers is None else headers)
    return status, {name.lower(): value for name, value in said.items()}, body


def test_a_link_leads_to_its_target_and_is_noted_without_who_asked(database, server, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    status, headers, body = get(server, click_path(shop, mailing, person))
    assert (status, headers["location"], body) == (302, TARGETS[0], b"")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert "set-cookie" not in headers
    assert wait_for_hits(database, shop, mailing, 1) == [(person, 0, "human")]


def test_a_target_with_letters_of_any_script_is_written_as_browsers_read_it(server, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    _, headers, _ = get(server, click_path(shop, mailing, person, 1))
    assert headers["location"] == "https://shop.example/%E5%95%86%E5%93%81?q=1&r=2"


def test_what_a_mail_program_adds_to_the_link_changes_nothing(server, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    added = click_path(shop, mailing, person) + "?to=https://evil.example/&fbclid=x"
    assert get(server, added)[1]["location"] == TARGETS[0]


def test_the_pixel_is_the_same_picture_for_everybody_and_noted_of_whom_it_is(database, server, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    forged = f"/p/{'A' * 42}.gif"
    good, bad = get(server, pixel_path(shop, mailing, person)), get(server, forged)
    assert (good[0], good[1]["content-type"], good[2][:6]) == (200, "image/gif", b"GIF89a")
    assert {**good[1], "date": ""} == {**bad[1], "date": ""}
    assert good[2] == bad[2]
    assert wait_for_hits(database, shop, mailing, 1) == [(person, -1, "human")]


def test_the_page_of_ones_choices_is_no_pixel(server, shop):
    person = a_reader(shop)
    status, headers, body = get(server, f"/p/{a_token(shop, 0, person, Purpose.PREFERENCE)}")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert b"measured" in body


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "このリンクは使えません"), ("en", "This link cannot be used")]
)
def test_a_link_that_is_none_of_ours_shows_a_calm_page_and_leads_nowhere(server, shop, language, words):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    token = a_token(shop, mailing, person)
    others = [
        a_token(shop, mailing, person, purpose) for purpose in Purpose if purpose is not Purpose.DELIVERY
    ]
    forged = ("B" if token[5] != "B" else "C").join((token[:5], token[6:]))
    places = [
        f"/c/{forged}/0",
        f"/c/{token}/{len(TARGETS)}",
        f"/c/{token}/-1",
        f"/c/{token}/00",
        f"/c/{token}/0/https://evil.example/",
        f"/c/{token}",
        f"/c/{a_token(shop, 2_000_000_000, person)}/0",
        f"/c/{a_token(shop, 0, person)}/0",
        *(f"/c/{other}/0" for other in others),
    ]
    for place in places:
        status, headers, body = get(server, place, {**BROWSER, "Accept-Language": language})
        text = body.decode().replace("<wbr>", "")
        assert (status, "location" in headers, words in text) == (404, False, True), place


@pytest.mark.parametrize(
    ("method", "headers", "actor"),
    [
        ("HEAD", BROWSER, "bot"),
        ("GET", BROWSER | {"Sec-Purpose": "prefetch"}, "prefetch"),
        ("GET", BROWSER | {"Purpose": "prefetch"}, "prefetch"),
        ("GET", BROWSER | {"X-Moz": "prefetch"}, "prefetch"),
        ("GET", {"User-Agent": "Barracuda Sentinel (EE)"}, "bot"),
        ("GET", {}, "bot"),
    ],
)
def test_what_is_no_person_is_led_on_marked_and_not_counted(database, server, shop, method, headers, actor):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    status, said, _ = get(server, click_path(shop, mailing, person), headers, method)
    assert (status, said["location"]) == (302, TARGETS[0])
    assert wait_for_hits(database, shop, mailing, 1) == [(person, 0, actor)]
    found = selectors.hits(shop.workspace_id, selectors.mailing(shop.workspace_id, mailing))
    assert (found.clickers, found.links[0].clicks, found.links[0].programs) == (0, 0, 1)


def test_a_scanner_that_opens_every_link_at_once_is_not_counted(database, server, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    for number in range(3):
        assert get(server, click_path(shop, mailing, person, number))[0] == 302
    assert sorted(wait_for_hits(database, shop, mailing, 3)) == [(person, link, "bot") for link in range(3)]


def test_who_follows_a_link_again_and_again_is_one_person(database, server, shop):
    one, other = a_measured_reader(shop), a_measured_reader(shop)
    mailing = a_mailing(shop, [one, other])
    for _ in range(20):
        get(server, click_path(shop, mailing, one))
    get(server, click_path(shop, mailing, other))
    wait_for_hits(database, shop, mailing, 2)
    get(server, click_path(shop, mailing, one))  # within the minute
    marker = a_mailing(shop, [one])
    get(server, click_path(shop, marker, one))
    wait_for_hits(database, shop, marker, 1)
    found = selectors.hits(shop.workspace_id, selectors.mailing(shop.workspace_id, mailing))
    assert (found.clickers, found.links[0].people, found.links[0].clicks) == (2, 2, 2)


def test_of_who_does_not_allow_it_nothing_is_noted_and_the_link_leads_on(database, server, shop):
    silent, gone, open_ = a_reader(shop), a_contact(shop), a_measured_reader(shop)
    mailing = a_mailing(shop, [silent, gone, open_])
    places = [click_path(shop, mailing, each) for each in (silent, gone, open_)]
    with db.transaction(shop.workspace_id):
        services.forget(gone)
        contacts.forget(gone)
    assert [get(server, place)[1]["location"] for place in places] == [TARGETS[0]] * 3
    assert wait_for_hits(database, shop, mailing, 1) == [(open_, 0, "human")]


def test_forgetting_a_person_forgets_what_they_followed(database, server, shop):
    gone, stays = a_measured_reader(shop), a_measured_reader(shop)
    mailing = a_mailing(shop, [gone, stays])
    for person in (gone, stays):
        get(server, click_path(shop, mailing, person))
    wait_for_hits(database, shop, mailing, 2)
    with db.transaction(shop.workspace_id):
        assert services.forget(gone)["hit"] == 1
    assert hits(database, shop, mailing) == [(stays, 0, "human")]


def test_a_hit_of_somebody_who_is_held_waits_and_holds_nobody_up(database, server, shop):
    held, free = a_measured_reader(shop), a_measured_reader(shop)
    mailing = a_mailing(shop, [held, free])
    with psycopg.connect(database.application) as opting_out:
        opting_out.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        opting_out.execute("select from contact where contact_id = %s for update", [held])
        for person in (held, free):
            get(server, click_path(shop, mailing, person))
        assert wait_for_hits(database, shop, mailing, 1) == [(free, 0, "human")]
    assert wait_for_hits(database, shop, mailing, 2)[1] == (held, 0, "human")


def test_with_the_database_away_known_links_lead_on_and_are_written_when_it_is_back(database, shop, tmp_path):
    person, later = a_measured_reader(shop), a_measured_reader(shop)
    known, unknown = a_mailing(shop, [person, later]), a_mailing(shop, [person])
    real = urlsplit(database.application)
    cable = Cable(real.port)
    through = database.application.replace(f":{real.port}/", f":{cable.port}/")
    with a_server(database, home=tmp_path, url=through) as server:
        assert get(server, click_path(shop, known, person))[0] == 302
        wait_for_hits(database, shop, known, 1)
        cable.cut()
        assert get(server, click_path(shop, known, later))[1]["location"] == TARGETS[0]
        status, headers, body = get(server, click_path(shop, unknown, person))
        assert (status, headers["retry-after"], "location" in headers) == (503, "60", False)
        assert "もう一度" in body.decode()
        assert "once more" in body.decode()
        cable.mend()
        assert wait_for_hits(database, shop, known, 2)[1] == (later, 0, "human")
        assert get(server, click_path(shop, unknown, person))[0] == 302
        cable.cut()


def test_what_waits_at_the_end_of_the_server_is_written(database, shop, tmp_path):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    with a_server(database, home=tmp_path) as server:
        assert get(server, click_path(shop, mailing, person))[0] == 302
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
    assert hits(database, shop, mailing) == [(person, 0, "human")]


def test_a_killed_server_loses_what_was_not_yet_written_and_nothing_else(database, shop, tmp_path):
    people = [a_measured_reader(shop) for _ in range(4)]
    mailing = a_mailing(shop, people)
    with a_server(database, home=tmp_path) as server:
        for person in people[:3]:
            assert get(server, click_path(shop, mailing, person))[0] == 302
        written = wait_for_hits(database, shop, mailing, 3)
        assert get(server, click_path(shop, mailing, people[3]))[0] == 302
        server.kill()
    assert hits(database, shop, mailing)[:3] == written


def test_no_hit_waits_longer_than_a_second_for_its_turn():
    assert hit_book.WAIT_SECONDS + hit_book.WRITE_SECONDS <= 1.0


class Blocked:
    """A database that never answers until it is let go."""

    def __init__(self):
        import threading

        self.go_on = threading.Event()

    @contextlib.contextmanager
    def __call__(self):
        self.go_on.wait(30)
        yield


def test_when_too_many_wait_what_comes_then_is_dropped_and_counted_and_nobody_is_held_up():
    blocked = Blocked()
    book = HitBook(blocked, waiting_max=10)
    for number in range(25):
        book.note(Hit(1, 1, number, 0, Actor.HUMAN, time.time()))
    assert book.dropped == 15
    blocked.go_on.set()


def test_a_hit_that_cannot_be_written_stops_none_of_the_others(database, shop):
    person = a_measured_reader(shop)
    mailing = a_mailing(shop, [person])
    book = HitBook(contextlib.nullcontext)
    book.note(Hit(shop.workspace_id, mailing, person, 99_999, Actor.HUMAN, time.time() - 5))  # no smallint
    wait_until(lambda: book.dropped == 1)
    book.note(Hit(shop.workspace_id, mailing, person, 0, Actor.HUMAN, time.time() - 5))
    wait_for_hits(database, shop, mailing, 1)
    book.close()


def test_after_its_time_nobody_knows_who_followed_a_link(database, shop):
    person = a_measured_reader(shop)
    old, fresh = a_mailing(shop, [person]), a_mailing(shop, [person])
    book = HitBook(contextlib.nullcontext)
    for mailing in (old, fresh):
        book.note(Hit(shop.workspace_id, mailing, person, 0, Actor.HUMAN, time.time() - 5))
        wait_for_hits(database, shop, mailing, 1)
    book.close()
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        before = NOW - services.HITS_KEPT - timedelta(days=1)
        owner.execute("update mailing set launched_at = %s where mailing_id = %s", [before, old])
        owner.execute("update hit set at = %s where mailing_id = %s", [before, old])
    assert services.drop_old_hits(shop.workspace_id, now=datetime.now(UTC)) == 1  # noqa: TID251 - an edge
    assert (hits(database, shop, old), len(hits(database, shop, fresh))) == ([], 1)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), max_size=60))
def test_whatever_stands_behind_c_leads_nowhere(server, text):
    from urllib.parse import quote

    status, headers, _ = get(server, f"/c/{quote(text, safe='/')}")
    assert "location" not in headers
    assert status == 404
