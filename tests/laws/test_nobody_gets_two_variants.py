"""Promises 1, 2 and 4 of a campaign with variants: each person gets one mail at most, by the same gate."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import many_readers, now, rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Judged, NewTrial, Variant
from shodaku.campaigns.splitting import KEY_BYTES, PLACES, parts, place_of, within
from shodaku.consent.domain import Method
from shodaku.kit import db
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.segments.domain import EVERYBODY

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(st.integers(2, 50), st.integers(2, 4))
def test_the_parts_of_the_variants_and_of_the_others_never_meet_and_leave_nobody_out(share, variants):
    found = parts(share, variants)
    assert len(found) == variants + 1
    assert [sum(part.holds(place) for part in found) for place in range(PLACES)] == [1] * PLACES
    sizes = {part.end - part.first for part in found[:-1]}
    assert len(sizes) == 1
    assert sizes.pop() * variants <= PLACES * share // 100


@given(KEYS, st.integers(1, 2**63 - 1), st.integers(2, 50), st.integers(2, 4))
def test_everybody_stands_in_exactly_one_part(key, contact_id, share, variants):
    place = place_of(key, contact_id)
    assert sum(part.holds(place) for part in parts(share, variants)) == 1


def test_places_are_even_and_another_key_mixes_anew():
    first, second = (
        [place_of(key, contact_id) * 10 // PLACES for contact_id in range(20_000)]
        for key in (b"a" * KEY_BYTES, b"b" * KEY_BYTES)
    )
    for places in (first, second):
        assert all(1_800 < count < 2_200 for count in Counter(places).values())
    same = sum(one == other for one, other in zip(first, second, strict=True))
    assert 1_700 < same < 2_300  # a tenth, by chance


@pytest.mark.usefixtures("database")
def test_the_database_puts_everybody_where_the_function_does(database):
    shop, key = a_shop(), bytes(range(KEY_BYTES))
    people = many_readers(database, shop, 300)
    for part in parts(30, 3):
        where = within(EVERYBODY, key, part)
        with db.transaction(shop.workspace_id) as connection:
            statement = f"select c.contact_id from contact c where {where.sql} order by 1"  # noqa: S608 - ours
            found = connection.execute(statement, dict(where.parameters)).fetchall()
        assert [row[0] for row in found] == [each for each in people if part.holds(place_of(key, each))]


def test_who_tries_a_variant_gets_no_other_one_and_who_said_no_gets_none(database, tmp_path):
    shop = a_shop()
    people = many_readers(database, shop, 400)
    campaign_id = a_draft(shop)
    trial = NewTrial((Variant("別の件名"), Variant("三つめの件名")), 50, Judged.HAND, 4)
    services.save_trial(shop.workspace_id, campaign_id, trial, staff_id=None, now=now())
    counted = services.count(shop.workspace_id, campaign_id, now=now())
    services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())
    found = selectors.trial(shop.workspace_id, campaign_id)
    gone = people[::40]
    for contact_id in gone:
        order = OptOut(
            workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE
        )
        optout.opt_out(order, now())
    with RunningSink() as sink:
        for each in found.variants:
            send_now(database, shop, each.mailing_id, sink.port, home=tmp_path)
        send_now(database, shop, found.held_id, sink.port, home=tmp_path)  # what is held leaves by no worker
        tried = [each.recipient for each in sink.arrived]
        services.decide_trial(
            shop.workspace_id, campaign_id, 2, staff_id=None, now=now() + timedelta(hours=1)
        )
        rest = selectors.campaign(shop.workspace_id, campaign_id).mailing_id
        send_now(database, shop, rest, sink.port, home=tmp_path)
    everybody = Counter(each.recipient for each in sink.arrived)
    assert set(everybody.values()) == {1}
    assert set(everybody) == {f"{each}@example.jp" for each in people if each not in gone}
    assert 100 < len(tried) < 300
    held = rows(
        database, shop, "select count(*) from delivery where mailing_id = %(held)s", held=found.held_id
    )
    assert held == [(0,)]
