"""A look at DNS reaches the gate: without alignment no advertising leaves, and new keys begin."""

from dataclasses import replace

import psycopg
import pytest
from tests.delivery.mailings import launched, now, outcomes, send_now
from tests.delivery.sink import RunningSink
from tests.delivery.zone import served, texts
from tests.people import SENDER, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.delivery import jobs, selectors, services
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.dns_checks import Said
from shodaku.delivery.domain_checks import is_reserved
from shodaku.delivery.key_states import KeyState

DMARC = {"_dmarc.aoi.example": "v=DMARC1; p=none"}
SPF = {"aoi.example": "v=spf1 ip4:192.0.2.1 -all"}


def check(shop, zone, domain="aoi.example"):
    return services.check_domain(shop.workspace_id, domain, texts(zone), by="test", now=now())


def became(database, shop, tmp_path):
    """What the gate says of an advertisement now; it leaves only if that is a yes."""
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    outcome, reason, _ = outcomes(database, shop, mailing_id)[reader]
    assert (outcome == "accepted") is bool(sink.arrived)
    return reason


def test_without_a_policy_no_advertising_leaves_and_with_one_it_does(database, tmp_path):
    shop = a_shop()
    assert became(database, shop, tmp_path) == "OK_CONSENT", "nobody has looked"
    assert check(shop, SPF).aligned is False
    assert became(database, shop, tmp_path) == "AUTH_DMARC_MISSING"
    assert check(shop, SPF | DMARC).aligned is True
    assert became(database, shop, tmp_path) == "OK_CONSENT"


def test_the_clock_stops_a_domain_only_when_it_found_the_same_twice(database):
    """The gate's no is final for each recipient: one wrong answer of a name server costs no campaign."""
    shop = a_shop()
    sender = replace(SENDER, sender_id=shop.sender_id, mail_domain="aoi.jp", from_address="news@aoi.jp")
    accounts.save_sender(shop.workspace_id, sender, now=now())
    well = {"aoi.jp": "v=spf1 mx -all", "_dmarc.aoi.jp": "v=DMARC1; p=none"}

    def hour(zone):
        services.check_domains(shop.workspace_id, texts(zone), now=now())
        return selectors.domain_state(shop.workspace_id, "aoi.jp").aligned

    assert hour(well)
    assert hour({})
    assert hour(well)
    assert hour({})
    assert not hour({}), "twice the same"
    assert hour(well), "what is mended counts at once"
    assert not services.check_domain(shop.workspace_id, "aoi.jp", texts({}), by="staff:1", now=now()).aligned
    assert not selectors.domain_state(shop.workspace_id, "aoi.jp").aligned, "who looks by hand means it"


def test_dns_that_keeps_silent_changes_nothing_and_is_told(database):
    shop = a_shop()
    check(shop, SPF | DMARC)
    check(shop, {"_dmarc.aoi.example": None})
    state = selectors.domain_state(shop.workspace_id, "aoi.example")
    assert state.aligned
    assert state.unanswered_at is not None
    assert Said.UNANSWERED in {each.said for each in state.findings}
    check(shop, SPF | DMARC)
    assert selectors.domain_state(shop.workspace_id, "aoi.example").unanswered_at is None


def test_a_first_look_without_an_answer_says_nothing(database):
    shop = a_shop()
    assert check(shop, {"_dmarc.aoi.example": None}).aligned is None
    assert selectors.domain_state(shop.workspace_id, "aoi.example") is None


def test_a_key_begins_with_the_look_that_finds_its_record(database):
    shop = a_shop()
    (key,) = services.make_dkim_keys(shop.workspace_id, "aoi.example", [Algorithm.RSA], by="test", now=now())
    assert not check(shop, DMARC).aligned
    assert check(shop, DMARC | {key.name: key.record}).aligned, "it signs from now on, and that is enough"
    assert [each.state for each in selectors.dkim_keys(shop.workspace_id)] == [KeyState.ACTIVE]


def test_only_domains_of_senders_are_looked_at(database):
    with pytest.raises(services.UnknownDomain):
        check(a_shop(), {}, "other.example")


def test_the_chore_looks_at_real_domains_of_each_workspace(database, monkeypatch):
    shop = a_shop()
    sender = replace(SENDER, sender_id=shop.sender_id, mail_domain="aoi.jp", from_address="news@aoi.jp")
    accounts.save_sender(shop.workspace_id, sender, now=now())
    jobs.look_at_domains()
    with psycopg.connect(database.application) as connection:
        statement = "select count(*) from procrastinate_jobs where queueing_lock = %s"
        assert connection.execute(statement, [f"domains-{shop.workspace_id}"]).fetchone()[0] == 1
    with served({"aoi.jp": "v=spf1 mx -all", "_dmarc.aoi.jp": "v=DMARC1; p=none"}) as server:
        monkeypatch.setenv("SHODAKU_DNS", server)
        jobs.check_domains(shop.workspace_id)
    assert selectors.domain_state(shop.workspace_id, "aoi.jp").aligned


def test_domains_that_nobody_can_own_are_not_looked_at_by_the_clock(database):
    assert services.check_domains(a_shop().workspace_id, texts({}), now=now()) == 0
    assert is_reserved("aoi.example")
    assert is_reserved("mail.example.com")
    assert not is_reserved("example.jp")
