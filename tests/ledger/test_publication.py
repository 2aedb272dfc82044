"""The published log is what anybody needs to check it, and names nobody."""

from __future__ import annotations

import struct
import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.ledger.test_tiles import place_text
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors, services
from shodaku.ledger.merkle import HASH_BYTES, TILE_WIDTH, StoredTree, leaf_hash
from shodaku.ledger.notes import parse_vkey, read_note
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def a_log(size):
    shop = a_shop()
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        services.append_many(
            [
                Act(person, uuid.uuid4(), "consent.requested", NOW, {"address": "taro@x.example"})
                for _ in range(size)
            ]
        )
    services.sequence_all(shop.workspace_id, now=NOW)
    return shop


def get(path, status=200):
    answer = Client().get(path)
    assert answer.status_code == status, path
    return answer


def tile_over_http(shop, size):
    """As a stranger's client reads: a tile as full as the checkpoint says, each by its own address."""

    def read(level, number):
        width = min(TILE_WIDTH, (size >> 8 * level) - number * TILE_WIDTH)
        return get(f"/ledger/{shop.slug}/tile/{level}/{place_text(number, width)}").content

    return read


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_a_stranger_computes_the_signed_root_from_published_tiles_alone(size):
    shop = a_log(size)
    note = read_note(get(f"/ledger/{shop.slug}/checkpoint").content.decode())
    keys = [parse_vkey(line) for line in get(f"/ledger/{shop.slug}/keys").content.decode().splitlines()]
    assert any(note.signed_by(key) for key in keys)
    assert note.origin == f"testserver/ledger/{shop.slug}"
    assert StoredTree(note.size, tile_over_http(shop, note.size)).root() == note.root
    assert note.size == size


def test_a_full_tile_may_be_kept_for_ever_and_a_part_of_one_may_not():
    shop = a_log(300)
    assert "immutable" in get(f"/ledger/{shop.slug}/tile/0/000").headers["Cache-Control"]
    part = get(f"/ledger/{shop.slug}/tile/0/001.p/44")
    assert len(part.content) == 44 * HASH_BYTES
    assert "immutable" not in part.headers["Cache-Control"]
    assert part.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "place",
    [
        "0/001",
        "0/001.p/45",
        "0/002.p/1",
        "1/000",
        "1/000.p/2",
        "8/000",
        "0/0",
        "0/x000/001",
        "-1/000",
        "0/000/",
    ],
)
def test_what_is_not_in_the_log_is_not_found(place):
    shop = a_log(300)
    get(f"/ledger/{shop.slug}/tile/{place}", 404)


def test_entries_are_public_only_if_the_sender_wants_it():
    shop = a_log(300)
    path = f"/ledger/{shop.slug}/tile/entries/001.p/44"
    get(path, 404)
    services.publish_entries(shop.workspace_id, published=True, by="test", now=NOW)
    body = get(path).content
    entries, at = [], 0
    while at < len(body):
        (length,) = struct.unpack(">H", body[at : at + 2])
        entries.append(body[at + 2 : at + 2 + length])
        at += 2 + length
    assert len(entries) == 44
    places = selectors.entries_at(shop.workspace_id, 256, 300)
    assert [leaf_hash(each) for each in entries] == [place.hash for place in places]
    services.publish_entries(shop.workspace_id, published=False, by="test", now=NOW)
    get(path, 404)


def test_nothing_that_is_published_holds_a_field_of_anybody():
    shop = a_log(3)
    services.publish_entries(shop.workspace_id, published=True, by="test", now=NOW)
    for path in ("checkpoint", "keys", "tile/0/000.p/3", "tile/entries/000.p/3"):
        assert b"taro" not in get(f"/ledger/{shop.slug}/{path}").content


def test_a_workspace_without_a_log_and_a_stranger_to_us_are_alike():
    shop = a_shop()
    for slug in (shop.slug, "nobody-here"):
        for path in ("checkpoint", "keys", "tile/0/000", "tile/entries/000"):
            get(f"/ledger/{slug}/{path}", 404)


def test_only_looking_is_possible_and_no_cookie_is_set():
    shop = a_log(1)
    path = f"/ledger/{shop.slug}/checkpoint"
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200
    assert not get(path).cookies
