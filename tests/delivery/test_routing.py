"""Which relay carries a chunk: by share, always the same, and never one that is set aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.delivery.domain import (
    SHARE_MAX,
    Carrier,
    Carries,
    Health,
    RouteDomainFault,
    choose_route,
    is_aligned,
    signing_domains,
)

CHUNKS = 400
APART_MAX = 6  # chunks by which a route may be off its share, however many there are

HEALTHS = st.sampled_from(Health)
SHARES = st.lists(st.integers(0, SHARE_MAX), min_size=1, max_size=6)
NUMBERS = st.integers(0, 2**53)


@st.composite
def carriers(draw):
    return [
        Carrier(at + 1, share, draw(HEALTHS), draw(st.booleans())) for at, share in enumerate(draw(SHARES))
    ]


def chosen(each, begin, **more):
    return [choose_route(each, number, **more) for number in range(begin, begin + CHUNKS)]


@given(carriers(), NUMBERS, st.none() | st.integers(1, 9), st.booleans())
def test_a_route_that_is_set_aside_gets_nothing(every, number, kept, fixed):
    route_id = choose_route(every, number, kept=kept, fixed=fixed)
    health = {each.route_id: each.health for each in every}
    assert route_id is None or health[route_id] is not Health.SET_ASIDE


@given(carriers(), NUMBERS)
def test_while_any_route_may_be_used_a_chunk_that_is_free_gets_one(every, number):
    every = [Carrier(each.route_id, each.share, each.health) for each in every]
    usable = any(each.health is not Health.SET_ASIDE for each in every)
    assert (choose_route(every, number) is not None) == usable


@given(carriers(), NUMBERS, st.none() | st.integers(1, 9))
def test_nothing_moves_to_a_route_that_is_not_aligned(every, number, kept):
    well = [Carrier(each.route_id, each.share) for each in every]
    before, after = choose_route(well, number, kept=kept), choose_route(every, number, kept=kept)
    aligned = {each.route_id for each in every if each.aligned}
    assert after in (before, None) or after in aligned


def test_without_an_aligned_one_the_mails_of_a_route_that_is_set_aside_wait():
    down, odd, well = Carrier(1, 1, Health.SET_ASIDE), Carrier(2, 0, aligned=False), Carrier(3, 0)
    assert choose_route([down, odd], 5) is None
    assert choose_route([down, odd, well], 5) == 3
    assert choose_route([down, odd], 5, kept=1) is None
    assert choose_route([odd], 5) == 2, "its own mails it carries: somebody chose that"


def test_who_signs_for_a_domain_signs_for_those_above_and_below_it():
    assert [is_aligned("mail.aoi.example", [each]) for each in (
        "mail.aoi.example", "aoi.example", "news.mail.aoi.example", "shop.aoi.example", "oi.example",
    )] == [True, True, True, False, False]  # fmt: skip
    assert not is_aligned("aoi.example", [])


NO_DOMAINS = (
    "aoi",
    "a b.example c",
    "a..example",
    "-a.example",
    "aoi.example;b.example",
    "あ.example",
    ",".join(f"a{number}.example" for number in range(21)),
)


@pytest.mark.parametrize("text", NO_DOMAINS)
def test_what_is_no_list_of_domains_is_refused(text):
    with pytest.raises(RouteDomainFault):
        signing_domains(text)


def test_domains_are_read_in_small_letters_and_each_once():
    said = "Aoi.example、b.example, aoi.example\n"
    assert signing_domains(said) == ("aoi.example", "b.example")
    assert signing_domains(" ") == ()


@given(SHARES, NUMBERS)
def test_routes_that_are_well_get_their_shares_of_chunks_in_a_row(shares, begin):
    every = [Carrier(at, share) for at, share in enumerate(shares)]
    got = chosen(every, begin)
    for each in every:
        wanted = CHUNKS * each.share / sum(shares) if sum(shares) else CHUNKS * (each.route_id == 0)
        assert abs(got.count(each.route_id) - wanted) <= APART_MAX


@given(carriers(), NUMBERS)
def test_only_chunks_of_a_route_that_is_set_aside_move(every, begin):
    well = [Carrier(each.route_id, each.share) for each in every]
    health = {each.route_id: each.health for each in every}
    for before, after in zip(chosen(well, begin), chosen(every, begin), strict=True):
        assert before == after or health[before] is Health.SET_ASIDE


@given(carriers(), NUMBERS, st.integers(1, 6))
def test_a_chunk_keeps_its_route_until_that_is_set_aside(every, number, kept):
    health = {each.route_id: each.health for each in every}
    if health.get(kept, Health.SET_ASIDE) is not Health.SET_ASIDE:
        assert choose_route(every, number, kept=kept) == kept


@given(carriers(), NUMBERS, st.integers(1, 6))
def test_who_may_have_the_message_already_waits_for_the_same_route(every, number, kept):
    if kept in {each.route_id for each in every}:
        assert choose_route(every, number, kept=kept, fixed=True) in (kept, None)


def test_the_next_in_order_takes_over_and_a_trial_comes_after_those_that_are_well():
    down, trial, well = (Carrier(1, 1, Health.SET_ASIDE), Carrier(2, 0, Health.TRIAL), Carrier(3, 0))
    assert choose_route([down, trial, well], 5) == 3
    assert choose_route([down, trial], 5) == 2
    assert choose_route([down, well, Carrier(4, 0)], 5) == 3
    assert choose_route([down], 5) is None
    assert choose_route([], 5) is None


def test_a_route_with_share_0_stands_by():
    assert {*chosen([Carrier(1, 100), Carrier(2, 0)], 7)} == {1}
    assert {*chosen([Carrier(1, 100, Health.SET_ASIDE), Carrier(2, 0)], 7)} == {2}


def test_a_route_takes_what_it_is_for():
    assert [each.takes(urgent=True) for each in Carries] == [True, True, False]
    assert [each.takes(urgent=False) for each in Carries] == [True, False, True]
