"""A consent that came on paper or by telephone is written down whole, or nothing is (施行規則4条1項)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.people import a_contact, a_shop

from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method, Terms
from shodaku.contacts.services import ContactGone
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.policy.domain import Reason
from shodaku.signup import services

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SIGNED_AT = NOW - timedelta(days=3)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def paper(shop, **changed):
    told = services.ToldConsent(
        contact_id=a_contact(shop),
        topic_ids=(shop.topic_id,),
        method=Method.PAPER,
        at=SIGNED_AT,
        wording="月刊ショップだよりを受け取ります。",
        by="staff:7",
        scan_sha256="ab" * 32,
    )
    return replace(told, **changed)


def test_a_whole_one_holds_and_is_proved(shop):
    told = paper(shop, terms=Terms(written=True))
    answer = services.record_told_consent(shop.workspace_id, told, now=NOW)
    assert (type(answer), answer.reason) == (services.Recorded, Reason.CONSENT_RECORDED)
    (held,) = consents.held(shop.workspace_id, told.contact_id)
    assert (held.state, held.since, held.confirmed) == ("active", SIGNED_AT, False)
    (entry,) = ledger.history(shop.workspace_id, told.contact_id)
    assert (entry.entry_id, entry.kind) == (answer.entry_id, "consent.given")
    assert entry.fields["form_sha256"] == "ab" * 32
    assert entry.fields["purpose"] == ["商品の案内"]
    assert (entry.fields["by"], entry.fields["method"], entry.fields["n"]) == ("staff:7", "paper", 1)


def test_the_words_can_be_read_again_by_the_hash_in_the_entry(shop):
    told = paper(shop, topic_ids=(shop.topic_id, shop.other_topic_id))
    services.record_told_consent(shop.workspace_id, told, now=NOW)
    (entry,) = ledger.history(shop.workspace_id, told.contact_id)
    kept = consents.wording_by_sha256(shop.workspace_id, entry.fields["wording_sha256"])
    assert (kept.text, kept.version) == (told.wording, entry.fields["wording_version"])
    assert len(consents.held(shop.workspace_id, told.contact_id)) == 2


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"at": None}, {"at"}),
        ({"at": NOW + timedelta(seconds=1)}, {"at"}),
        ({"at": SIGNED_AT.replace(year=26)}, {"at"}),
        ({"at": datetime(1999, 12, 31, 23, 59, tzinfo=UTC)}, {"at"}),
        ({"method": None}, {"method"}),
        ({"wording": " "}, {"wording_version", "wording_sha256"}),
        ({"scan_sha256": None}, {"form_sha256"}),
        ({"by": ""}, {"by"}),
        ({"topic_ids": ()}, {"topics", "purposes"}),
        ({"purposes": ()}, {"purposes"}),
        ({"method": Method.WEB_SINGLE}, {"url"}),
        ({"method": Method.CARD, "wording": ""}, {"wording_version", "wording_sha256"}),
        ({"method": Method.REPLY, "wording": ""}, {"wording_version", "wording_sha256"}),
    ],
)
def test_without_a_part_nothing_is_written(shop, changed, missing):
    told = paper(shop, **changed)
    answer = services.record_told_consent(shop.workspace_id, told, now=NOW)
    assert (type(answer), answer.reason) == (services.Incomplete, Reason.EVIDENCE_INCOMPLETE)
    assert set(answer.missing) == missing
    assert consents.held(shop.workspace_id, told.contact_id) == []
    assert ledger.history(shop.workspace_id, told.contact_id) == []
    assert consents.wordings(shop.workspace_id, "topic", shop.topic_id) == []


def test_the_first_day_is_that_of_the_clock_on_the_wall(shop):
    tokyo = timezone(timedelta(hours=9))
    told = paper(shop, at=datetime(2000, 1, 1, tzinfo=tokyo))
    assert isinstance(services.record_told_consent(shop.workspace_id, told, now=NOW), services.Recorded)


def test_for_somebody_who_is_gone_no_key_is_made(shop):
    told = paper(shop, contact_id=987_654_321)
    with pytest.raises(ContactGone):
        services.record_told_consent(shop.workspace_id, told, now=NOW)
    assert vault.read(shop.workspace_id, [told.contact_id]) == {}
