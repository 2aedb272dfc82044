"""Sending domains at the desk: what to publish, what DNS said, and who may make a key."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import psycopg
import pytest
from tests.console.desk import at_desk, text_of, url
from tests.delivery.zone import texts
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.console import domain_words
from shodaku.delivery import selectors, services
from shodaku.delivery.key_states import KeyState
from shodaku.delivery.selectors import Said, Subject

pytestmark = pytest.mark.usefixtures("database")
DOMAIN = "aoi.example"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


def test_a_key_is_made_and_its_record_stands_there_to_be_copied(shop):
    desk = at_desk(shop)
    assert desk.post(url(shop, "domain_key"), {"domain": DOMAIN, "kind": "both"}).status_code == 302
    page = text_of(desk.get(url(shop, "domains")))
    keys = selectors.dkim_keys(shop.workspace_id)
    assert len(keys) == 2
    assert all(each.record.replace("+", "&#x2B;") in page or each.record in page for each in keys)
    copied = re.findall(r'data-copy="#([^"]+)"', page)
    assert len(copied) == len(set(copied)) >= 2 * len(keys)  # name and value of each, SPF and DMARC besides
    assert all(f'id="{each}"' in page for each in copied)
    assert "Waits until DNS shows it" in page
    assert "Make a DKIM key" not in page, "one generation at a time"
    assert desk.post(url(shop, "domain_key"), {"domain": DOMAIN, "kind": "rsa"}).status_code == 409


@pytest.mark.parametrize(
    "said", [{"domain": "b.example", "kind": "rsa"}, {"domain": DOMAIN, "kind": "x"}, {}]
)
def test_what_is_no_domain_or_no_kind_makes_nothing(shop, said):
    assert at_desk(shop).post(url(shop, "domain_key"), said).status_code == 422
    assert selectors.dkim_keys(shop.workspace_id) == []


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK])
def test_who_may_not_edit_the_sender_makes_no_key(shop, role):
    desk = at_desk(shop, role)
    assert desk.post(url(shop, "domain_key"), {"domain": DOMAIN, "kind": "rsa"}).status_code == 403
    assert "Make a DKIM key" not in text_of(desk.get(url(shop, "domains")))
    assert selectors.dkim_keys(shop.workspace_id) == []


@pytest.mark.parametrize(
    ("language", "told"), [("en", "There is no such record."), ("ja", "レコードがありません。")]
)
def test_each_finding_is_told_in_the_language_of_the_desk(shop, language, told):
    services.check_domain(shop.workspace_id, DOMAIN, texts({}), by="test", now=NOW)
    page = text_of(at_desk(shop, language=language).get(url(shop, "domains")))
    assert told in page
    assert f"_dmarc.{DOMAIN}" in page


def test_a_check_is_a_chore_and_not_a_page_that_waits(shop, database):
    assert at_desk(shop).post(url(shop, "domains_check")).status_code == 302
    with psycopg.connect(database.application) as connection:
        statement = "select count(*) from procrastinate_jobs where queueing_lock = %s"
        assert connection.execute(statement, [f"domains-{shop.workspace_id}"]).fetchone()[0] == 1


def test_a_key_that_does_not_open_here_is_told(shop, tmp_path):
    from dataclasses import replace

    from shodaku.kit import keys, runtime

    services.make_dkim_keys(shop.workspace_id, DOMAIN, [selectors.Algorithm.ED25519], by="test", now=NOW)
    desk = at_desk(shop)
    assert "cannot be opened" not in text_of(desk.get(url(shop, "domains")))
    keys.create_missing(tmp_path / "keys")
    with runtime.replaced(replace(runtime.current(), keys=tmp_path / "keys", _rings={})):
        assert "This key cannot be opened; mail of the domain is held back." in text_of(
            desk.get(url(shop, "domains"))
        )


def test_the_desk_has_a_word_for_whatever_is_found():
    assert set(domain_words.FOUND) == set(Said)
    assert set(domain_words.SUBJECTS) == set(Subject)
    assert set(domain_words.STATES) == set(domain_words.TONES) == set(KeyState)
