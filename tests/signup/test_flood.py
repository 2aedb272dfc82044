"""One network, or a whole flood, has to wait for the next hour; nothing of the network is stored."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.people import a_shop
from tests.signup.forms import a_form, contact_of, page_of, posted

from shodaku.kit import db
from shodaku.signup import flood, services
from shodaku.signup.flood import Flood, Limits, network_of

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
NOW = datetime(2031, 5, 1, 10, 59, 59, tzinfo=UTC)


@pytest.fixture
def form():
    shop = a_shop()
    return shop, a_form(shop).form_id


@pytest.fixture(autouse=True)
def another_hour():
    """Tests share the counters of the installation: each of them has an hour to itself."""
    global NOW  # noqa: PLW0603 - one clock for the module
    NOW += 3 * HOUR


def admitted(form, ip, *, times, now=None, limits=None):
    shop, form_id = form
    return [
        services.admit(shop.workspace_id, form_id, ip, limits or Limits(), now or NOW) for _ in range(times)
    ]


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.112.77", "203.0.112.0/24"),
        ("::ffff:203.0.112.77", "203.0.112.0/24"),
        ("2400:4050:1234:56ff::1", "2400:4050:1234:5600::/56"),
        ("127.0.0.1", None),  # a proxy on this machine
        ("192.168.1.5", None),  # the office
        ("", None),
        ("unknown", None),
    ],
)
def test_a_network_is_the_first_part_of_an_address(ip, network):
    assert network_of(ip) == network


def test_the_eleventh_post_of_a_network_waits_and_another_network_does_not(form):
    assert admitted(form, "203.0.112.1", times=10) == [None] * 10
    assert admitted(form, "203.0.112.200", times=1) == [Flood.NETWORK]
    assert admitted(form, "203.0.113.1", times=1) == [None] or network_of("203.0.113.1") is None
    assert admitted(form, "203.0.114.1", times=1) == [None]


def test_in_the_next_hour_it_goes_on(form):
    admitted(form, "203.0.112.1", times=11)
    assert admitted(form, "203.0.112.1", times=1, now=NOW + timedelta(seconds=1)) == [None]


def test_nothing_of_a_network_can_be_read_and_two_hours_cannot_be_joined(form):
    for now in (NOW, NOW + HOUR):
        admitted(form, "203.0.112.1", times=1, now=now)
    with db.transaction(None) as connection:
        rows = connection.execute("select token, posts from signup_network").fetchall()
    tokens = [bytes(token) for token, _posts in rows]
    assert len(set(tokens)) == len(tokens)
    assert [token for token in tokens if b"203" in token or len(token) != 32] == []
    columns = "select column_name from information_schema.columns where table_name = 'signup_network'"
    with db.transaction(None) as connection:
        assert {row[0] for row in connection.execute(columns)} == {"token", "hour", "posts"}


def test_what_was_counted_goes_when_its_hour_is_over(form):
    shop, _form_id = form
    admitted(form, "203.0.112.1", times=1)
    services.sweep_floods([shop.workspace_id], now=NOW + HOUR)
    with db.transaction(None) as connection:
        assert connection.execute("select count(*) from signup_network").fetchone() == (0,)


def test_a_form_is_held_at_its_limit_and_not_before(form):
    limits = Limits(form_posts_min=5)
    shop, form_id = form
    assert admitted(form, "", times=5, limits=limits) == [None] * 5
    assert services.form_held(shop.workspace_id, form_id, limits, NOW)
    assert admitted(form, "", times=1, limits=limits) == [Flood.FORM]
    assert not services.form_held(shop.workspace_id, form_id, limits, NOW + HOUR)


def test_a_busy_form_may_be_sent_five_times_as_often_as_usual(form):
    shop, form_id = form
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into form_hour select %s, %s, date_trunc('hour', %s::timestamptz)"
            " - n * interval '1 hour', 2 from generate_series(1, 336) n",
            [shop.workspace_id, form_id, NOW],
        )
    assert admitted(form, "", times=11, limits=Limits(form_posts_min=1)) == [None] * 10 + [Flood.FORM]


def test_a_flood_is_no_part_of_what_is_usual(form):
    admitted(form, "", times=50, limits=Limits(form_posts_min=5))
    shop, form_id = form
    with db.transaction(shop.workspace_id):
        since = NOW - timedelta(days=1)
        assert flood._sql.scalar("sum_hours", form_id=form_id, since=since, hour=NOW + HOUR) == 5


@override_settings(SIGNUP_FORM_SECONDS_MIN=0, SIGNUP_NETWORK_POSTS_MAX=1, SIGNUP_FORM_POSTS_MIN=2)
def test_who_has_to_wait_is_told_and_loses_nothing():
    shop = a_shop()
    a_form(shop)
    network = f"31.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}"
    first = posted(shop, Client(REMOTE_ADDR=f"{network}.1"), email=an_address())
    address = an_address()
    second = posted(shop, Client(REMOTE_ADDR=f"{network}.2"), email=address, name="山田 花子")
    page = second.content.decode()
    assert (first.status_code, second.status_code) == (200, 429)
    assert "同じネットワークから" in page
    assert address in page
    assert 'value="山田 花子"' in page
    assert " checked" in page
    assert contact_of(shop, address) is None
    statuses = [posted(shop, Client(), email=an_address()).status_code for _ in range(2)]
    assert statuses == [200, 503]
    assert Client().get(page_of(shop)).status_code == 200


def an_address():
    return f"flood-{uuid.uuid4().hex[:10]}@example.jp"
