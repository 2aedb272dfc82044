"""Too many presses of a page from one network are received; none is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shodaku.optout import hurry
from shodaku.optout.hurry import PRESSES_MAX, Presses, network_of

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("", ""),
        ("unix:", ""),
        ("192.0.2.077", ""),
    ],
)
def test_neighbours_are_one_network(ip, network):
    assert network_of(ip) == network


def test_the_sixty_first_in_a_minute_is_too_many_and_the_next_minute_begins_anew():
    presses = Presses()
    said = [
        presses.are_too_many(f"192.0.2.{n}", NOW + timedelta(seconds=n / 2)) for n in range(PRESSES_MAX + 2)
    ]
    assert said == [False] * PRESSES_MAX + [True] * 2
    assert not presses.are_too_many("192.0.2.1", NOW + timedelta(minutes=1))


def test_another_network_has_its_own_count():
    presses = Presses()
    for _ in range(PRESSES_MAX):
        presses.are_too_many("192.0.2.1", NOW)
    assert not presses.are_too_many("198.51.100.1", NOW)


def test_a_clock_that_is_set_back_shuts_nobody_out():
    presses = Presses()
    for _ in range(PRESSES_MAX):
        presses.are_too_many("192.0.2.1", NOW)
    assert not presses.are_too_many("192.0.2.1", NOW - timedelta(hours=1))


def test_only_so_many_networks_are_remembered(monkeypatch):
    monkeypatch.setattr(hurry, "NETWORKS_MAX", 2)
    presses = Presses()
    for n in range(5):
        presses.are_too_many(f"10.0.{n}.1", NOW)
    assert list(presses.counts) == ["10.0.3.0/24", "10.0.4.0/24"]
