"""A campaign that stops by itself leaves an entry of the ledger, as somebody who stops it does."""

import pytest
from tests.campaigns.test_uncertain import a_campaign
from tests.delivery.mailings import launched, many_readers, now, rows
from tests.delivery.test_stopping import sent, weighed
from tests.people import a_shop

from shodaku.campaigns import jobs, services
from shodaku.delivery import services as delivery
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.ledger.services import VaultAway

KIND = "admin.campaign.stopped"


@pytest.fixture
def shop(database):
    return a_shop()


def stop(shop, mailing_id, *, reason="complaints", sent=1_000, bad=4):
    """As the worker's own statement stops it."""
    statements = db.Statements("shodaku.delivery")
    with db.transaction(shop.workspace_id):
        statements.run("stop_mailing", mailing_id=mailing_id, stopped_for=reason, sent=sent, bad=bad)


def entries(shop):
    return [each for each in ledger.history(shop.workspace_id, 0) if each.kind == KIND]


def test_what_the_worker_stopped_is_in_the_ledger_a_minute_later_once(database, shop, tmp_path):
    people = many_readers(database, shop, 500)
    mailing_id = sent(database, shop, people, tmp_path, unknown=people[:26])
    weighed(database, tmp_path)
    jobs.record_stops()
    jobs.record_stops()
    (entry,) = entries(shop)
    assert {name: entry.fields[name] for name in ("mailing", "why", "sent", "bad", "by")} == {
        "mailing": mailing_id,
        "why": "bounces",
        "sent": 500,
        "bad": 26,
        "by": "itself",
    }
    delivery.cancel(shop.workspace_id, mailing_id, now=now())


def test_it_names_the_campaign_and_each_stop_has_an_entry_of_its_own(shop):
    campaign_id, mailing_id, _ = a_campaign(shop, 1)
    for _ in range(2):
        stop(shop, mailing_id)
        assert services.record_stops(shop.workspace_id, now=now()) == 1
        assert services.resume(shop.workspace_id, campaign_id, now=now())
    assert [each.fields["campaign"] for each in entries(shop)] == [campaign_id, campaign_id]
    services.cancel(shop.workspace_id, campaign_id, now=now())


def test_what_rests_already_does_not_stop_again(shop):
    campaign_id, mailing_id, _ = a_campaign(shop, 1)
    assert services.pause(shop.workspace_id, campaign_id, now=now())
    stop(shop, mailing_id)
    assert services.record_stops(shop.workspace_id, now=now()) == 0


def test_while_the_vault_is_away_the_stop_waits_and_is_not_lost(shop, monkeypatch):
    _, mailing_id, _ = a_campaign(shop, 1)
    stop(shop, mailing_id)

    def away(*_arguments):
        raise VaultAway

    with monkeypatch.context() as patched:
        patched.setattr(vault, "ensure", away)
        jobs.record_stops()
        assert entries(shop) == []
    jobs.record_stops()
    assert len(entries(shop)) == 1


def test_what_belongs_to_no_campaign_is_recorded_by_its_mailing(database, shop):
    mailing_id = launched(shop, many_readers(database, shop, 1))
    stop(shop, mailing_id)
    services.record_stops(shop.workspace_id, now=now())
    (entry,) = entries(shop)
    assert (entry.fields["campaign"], entry.fields["mailing"]) == (None, mailing_id)
    kept = "select state from mailing where mailing_id = %(m)s"
    assert rows(database, shop, kept, m=mailing_id) == [("paused",)]
