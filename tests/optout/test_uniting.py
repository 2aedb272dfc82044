"""Two contacts are known to be one person: whichever said no, neither is written to, and nothing is lost."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.optout.journals import a_home, lines
from tests.people import a_contact, a_reader, a_shop, agree
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db, runtime
from shodaku.ledger.services import VaultAway
from shodaku.optout import services
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.uniting import SameContact, in_force_of, unite
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Refusal, Scope, Tokens

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
AGO = NOW - timedelta(days=3)


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def reason(shop, contact_id, topic_id=None):
    question = delivery.question_of_topic(shop.workspace_id, topic_id or shop.topic_id, Channel.EMAIL)
    soon = clock.now() + timedelta(minutes=1)
    verdict, _ = delivery.verdict(shop.workspace_id, contact_id, question, now=soon)
    return str(verdict.reason)


def refuse(shop, contact_id, scope=OptOutScope.ALL, at=AGO, **what):
    no = OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.PAGE, **what)
    return services.opt_out(no, at)


def join(shop, one, other):
    return unite(shop.workspace_id, one, other, by="staff:1", now=NOW)


@pytest.mark.parametrize("order", [0, 1])
def test_who_refused_everything_under_one_address_gets_nothing_at_the_other(shop, order):
    refusing, agreeing = a_reader(shop, at=AGO), a_reader(shop, at=NOW - timedelta(days=1))
    refuse(shop, refusing)
    assert reason(shop, agreeing) == "OK_CONSENT"
    assert join(shop, *(refusing, agreeing)[:: -1 if order else 1])
    assert (reason(shop, refusing), reason(shop, agreeing)) == ("REFUSED_ALL", "REFUSED_ALL")


def test_one_topic_refused_is_refused_by_both_and_the_other_topic_goes_on(shop):
    refusing, agreeing = a_reader(shop), a_reader(shop)
    agree(shop, agreeing, topic_id=shop.other_topic_id, at=AGO)
    refuse(shop, refusing, OptOutScope.TOPIC, topic_id=shop.topic_id)
    join(shop, refusing, agreeing)
    assert reason(shop, agreeing) == "REFUSED_TOPIC"
    assert reason(shop, agreeing, shop.other_topic_id) == "OK_CONSENT"


def test_an_address_on_the_never_contact_list_silences_the_other_too(shop):
    listed, agreeing = a_contact(shop), a_reader(shop)
    services.suppress_address(shop.workspace_id, Channel.EMAIL, address_of(shop, listed), "staff:1", AGO)
    join(shop, listed, agreeing)
    assert reason(shop, agreeing) == "REFUSED_ALL"


def test_an_address_that_bounced_says_nothing_about_its_person(shop):
    bounced, agreeing = a_contact(shop), a_reader(shop)
    with db.transaction(shop.workspace_id):
        suppression.suppress([tokens_of(shop, bounced)], "bounce", now=AGO)
    join(shop, bounced, agreeing)
    assert reason(shop, agreeing) == "OK_CONSENT"


def test_a_later_no_of_either_stops_both(shop):
    one, other = a_reader(shop), a_reader(shop)
    join(shop, one, other)
    refuse(shop, other, at=NOW)
    assert {reason(shop, one), reason(shop, other)} == {"REFUSED_ALL"}


def test_who_is_erased_is_erased_at_both_addresses(shop):
    one, other = a_reader(shop), a_reader(shop)
    join(shop, one, other)
    refuse(shop, one, OptOutScope.ERASE, at=NOW)
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select erasure_id from erasure where contact_id = any(%s)", [[one, other]]
        ).fetchall()
    assert len(rows) == 2
    for (erasure_id,) in rows:
        erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert erasures.remains(shop.workspace_id, one) == erasures.remains(shop.workspace_id, other) == {}
    assert signups.same_contacts(shop.workspace_id, one) == []


def test_where_a_workspace_erases_uniting_stops_and_erases_nobody():
    """Only the person's own words erase; that two contacts are one is the staff's."""
    shop = a_shop()
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    listed, agreeing = a_contact(shop), a_reader(shop)
    services.suppress_address(shop.workspace_id, Channel.EMAIL, address_of(shop, listed), "staff:1", AGO)
    join(shop, listed, agreeing)
    assert reason(shop, agreeing) == "REFUSED_ALL"
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from erasure").fetchone()[0] == 0


def test_uniting_that_failed_leaves_no_line_that_a_replay_would_carry_out(tmp_path):
    shop = a_shop()
    refusing, agreeing = a_reader(shop), a_reader(shop)
    refuse(shop, refusing)
    with a_home(tmp_path) as journal:
        nowhere = "postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1"
        away = dataclasses.replace(runtime.current(), vault_url=nowhere, _rings={})
        with runtime.replaced(away), pytest.raises(VaultAway):
            join(shop, refusing, agreeing)
        assert lines(journal) == []
    assert reason(shop, agreeing) == "OK_CONSENT"


def test_it_is_said_once_and_stands_in_the_ledger_once_for_the_house_and_for_each_of_the_two(shop):
    one, other = a_reader(shop), a_reader(shop)
    before = united(shop)
    assert join(shop, one, other)
    assert not join(shop, other, one)
    assert united(shop) == before + 3


def test_nobody_is_united_with_themselves_or_with_somebody_who_is_gone(shop):
    one = a_reader(shop)
    with pytest.raises(SameContact):
        join(shop, one, one)
    with pytest.raises(ContactGone):
        join(shop, one, 2**40)
    assert reason(shop, one) == "OK_CONSENT"


def united(shop):
    with db.transaction(shop.workspace_id) as connection:
        entries = "select count(*) from ledger_entry where entry::text like '%%admin.contacts.united%%'"
        return connection.execute(entries.replace("%%", "%")).fetchone()[0]


def tokens_of(shop, contact_id):
    from shodaku.contacts import selectors as contacts

    each = contacts.addresses(shop.workspace_id, contact_id)[0]
    return Tokens(each.token, each.broad_token)


def address_of(shop, contact_id):
    from shodaku.contacts import selectors as contacts

    return contacts.addresses(shop.workspace_id, contact_id)[0].value


moments = st.integers(0, 5).map(lambda hours: NOW - timedelta(hours=hours))
refusals = st.one_of(
    st.builds(Refusal, st.just(Scope.ALL), moments),
    st.builds(Refusal, st.just(Scope.TOPIC), moments, st.integers(1, 3)),
    st.builds(
        lambda at, days: Refusal(Scope.UNTIL, at, until=NOW + timedelta(days=days)),
        moments,
        st.integers(-1, 2),
    ),
)


@given(st.lists(refusals, max_size=5), st.dictionaries(st.integers(1, 3), moments, max_size=3))
def test_whatever_stops_a_topic_for_one_contact_is_taken_along(refused, agreed):
    choices = in_force_of(refused, agreed, [1, 2, 3], NOW)
    for topic_id in (1, 2, 3):
        since = agreed.get(topic_id)
        stopped = any(
            (each.topic_id in (None, topic_id))
            and (each.until is None or each.until > NOW)
            and (each.until is not None or since is None or since <= each.at)
            for each in refused
        )
        taken = any(each.topic_id in (None, topic_id) for each in choices)
        assert taken == stopped


def test_a_total_no_that_one_topic_ended_is_taken_along_for_the_others(shop):
    """By telephone, before anybody knew the address: the mark goes with the new consent, the no stays."""
    other = a_reader(shop, topic_id=shop.other_topic_id, at=AGO - timedelta(days=30))
    address = f"{uuid.uuid4().hex}@example.jp"
    services.suppress_address(shop.workspace_id, Channel.EMAIL, address, "staff:1", AGO, reason="refused")
    a_form(shop)
    person = ask(shop, address)
    signup.confirm_signup(confirm_token(shop, person), EVIDENCE, clock.now())
    assert reason(shop, person) == "OK_CONSENT_AFTER_REFUSAL"
    join(shop, other, person)
    assert reason(shop, other, shop.other_topic_id) == "REFUSED_TOPIC"
    agree(shop, person, topic_id=shop.other_topic_id, at=AGO - timedelta(days=1))  # as a list would say
    assert reason(shop, person, shop.other_topic_id) == "REFUSED_ALL"
