"""What a database does not know is told to it from the journal: once, in order, and never to the wrong
person.
"""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.optout.journals import a_home, lines, lost
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db
from shodaku.kit.erasure_journal import LineKind
from shodaku.ledger import selectors as ledger
from shodaku.optout import replaying
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.replaying import Replayed, replay
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Refusal, Scope, Tokens

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def journal(tmp_path):
    with a_home(tmp_path) as of_this_test:
        yield of_this_test


def a_no(shop, contact_id, scope=OptOutScope.ALL, **values):
    return OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.PAGE, **values
    )


def forgotten_acts(shop, journal, *requests):
    """Lines of acts that this database lost."""
    at = clock.now()
    with lost(shop):
        for request in requests:
            optout.opt_out(request, at)
    return lines(journal)


def tokens_of(shop, contact_id):
    return [
        Tokens(each.token, each.broad_token) for each in contacts.addresses(shop.workspace_id, contact_id)
    ]


def states(shop, contact_id):
    return {each.topic_id: each.state for each in consents.held(shop.workspace_id, contact_id)}


def test_an_opt_out_that_the_database_lost_is_the_same_act_again(shop, journal):
    reader = a_reader(shop)
    (line,) = forgotten_acts(shop, journal, a_no(shop, reader))
    assert suppressions.refusals(shop.workspace_id, reader) == []
    done = replay([line], clock.now())
    assert done == Replayed(refused=1)
    assert suppressions.refusals(shop.workspace_id, reader) == [Refusal(Scope.ALL, line.at)]
    assert states(shop, reader) == {shop.topic_id: ConsentState.WITHDRAWN}
    entry = ledger.history(shop.workspace_id, reader)[-1]
    assert (entry.kind, entry.fields["scope"]) == ("consent.withdrawn", "all")
    assert "replayed_at" in entry.fields
    receipt = optout.opt_out(a_no(shop, reader), clock.now())
    assert (receipt.at, receipt.entry_id) == (line.at, entry.entry_id)


def test_a_line_names_neither_address_nor_name(shop, journal):
    reader = a_reader(shop, "hanako.secret@example.jp", name="山田 花子")
    optout.opt_out(a_no(shop, reader, OptOutScope.ERASE, ip="192.0.2.77", said="もう送らないで"), clock.now())
    written = journal.file.read_text(encoding="utf-8")
    assert {line.kind for line in lines(journal)} == {
        LineKind.REFUSAL, LineKind.SUPPRESSION, LineKind.ERASURE,
    }  # fmt: skip
    for secret in ("hanako", "example.jp", "山田", "\\u5c71", "192.0.2", "送らない"):
        assert secret not in written


def test_replaying_twice_is_replaying_once(shop, journal):
    reader = a_reader(shop)
    found = forgotten_acts(shop, journal, a_no(shop, reader))
    replay(found, clock.now())
    entries = len(ledger.history(shop.workspace_id, reader))
    assert replay(found, clock.now()).known == 1
    assert len(suppressions.refusals(shop.workspace_id, reader)) == 1
    assert len(ledger.history(shop.workspace_id, reader)) == entries


def test_a_line_of_an_act_that_the_database_has_changes_nothing(shop, journal):
    reader = a_reader(shop)
    optout.opt_out(a_no(shop, reader), clock.now())
    before = suppressions.refusals(shop.workspace_id, reader)
    assert replay(lines(journal), clock.now()).known == 1
    assert suppressions.refusals(shop.workspace_id, reader) == before


def test_replaying_writes_no_new_line(shop, journal):
    reader = a_reader(shop)
    found = forgotten_acts(shop, journal, a_no(shop, reader, OptOutScope.ERASE))
    replay(found, clock.now())
    assert lines(journal) == found


def test_what_was_replayed_is_known_to_the_database(shop, journal):
    reader = a_reader(shop)
    (line,) = forgotten_acts(shop, journal, a_no(shop, reader))
    assert suppressions.missing(journal.host, line.seq) == [line.seq]
    replay([line], clock.now())
    assert suppressions.missing(journal.host, line.seq) == []


@pytest.mark.parametrize("scope", ["topic", "until"])
def test_a_narrow_no_stays_narrow(shop, journal, scope):
    reader = a_reader(shop)
    agree(shop, reader, topic_id=shop.other_topic_id, at=clock.now() - timedelta(hours=1))
    until = clock.now() + timedelta(days=30)
    request = {
        "topic": a_no(shop, reader, OptOutScope.TOPIC, topic_id=shop.topic_id),
        "until": a_no(shop, reader, OptOutScope.UNTIL, until=until),
    }[scope]
    found = forgotten_acts(shop, journal, request)
    replay(found, clock.now())
    (refusal,) = suppressions.refusals(shop.workspace_id, reader)
    assert refusal.scope == scope
    assert states(shop, reader) == {
        shop.topic_id: ConsentState.WITHDRAWN if scope == "topic" else ConsentState.ACTIVE,
        shop.other_topic_id: ConsentState.ACTIVE,
    }


def test_a_consent_given_after_the_no_stays(shop, journal):
    reader = a_reader(shop)
    found = forgotten_acts(shop, journal, a_no(shop, reader))
    agree(shop, reader, topic_id=shop.other_topic_id, at=clock.now())
    replay(found, clock.now())
    assert states(shop, reader) == {
        shop.topic_id: ConsentState.WITHDRAWN,
        shop.other_topic_id: ConsentState.ACTIVE,
    }


def test_of_somebody_who_is_not_here_the_address_is_closed(shop, journal):
    reader = a_reader(shop)
    pairs = tokens_of(shop, reader)
    found = forgotten_acts(shop, journal, a_no(shop, reader))
    gone = [dataclasses.replace(line, contact_id=line.contact_id + 10_000_000) for line in found]
    assert replay(gone, clock.now()).suppressed == 1
    assert suppressions.suppressed(shop.workspace_id, pairs)[pairs[0].strict].reason == "refused"
    assert suppressions.refusals(shop.workspace_id, reader) == []


def test_another_person_under_the_same_number_keeps_everything(shop, journal):
    """The restored database gave the number of somebody it did not know to somebody else."""
    reader, other = a_reader(shop), a_reader(shop)
    pairs = tokens_of(shop, reader)
    found = forgotten_acts(shop, journal, a_no(shop, reader, OptOutScope.ERASE))
    replay([dataclasses.replace(line, contact_id=other) for line in found], clock.now())
    assert suppressions.refusals(shop.workspace_id, other) == []
    assert states(shop, other) == {shop.topic_id: ConsentState.ACTIVE}
    assert erasures.erasures(shop.workspace_id) == []
    assert suppressions.suppressed(shop.workspace_id, tokens_of(shop, other)) == {}
    assert suppressions.suppressed(shop.workspace_id, pairs).keys() == {pairs[0].strict}


def test_a_topic_no_of_somebody_who_is_not_here_closes_no_address(shop, journal):
    reader = a_reader(shop)
    request = a_no(shop, reader, OptOutScope.TOPIC, topic_id=shop.topic_id)
    found = forgotten_acts(shop, journal, request)
    gone = [dataclasses.replace(line, contact_id=line.contact_id + 10_000_000) for line in found]
    assert replay(gone, clock.now()).known == 1
    assert suppressions.suppressed(shop.workspace_id, tokens_of(shop, reader)) == {}


def test_an_address_that_staff_closed_is_closed_again(shop, journal):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, "closed@example.jp")
    with lost(shop):
        suppression.suppress([pair], "staff", now=clock.now())
    assert replay(lines(journal), clock.now()).suppressed == 1
    assert suppressions.suppressed(shop.workspace_id, [pair])[pair.strict].reason == "staff"


def a_lift(shop, journal, reader, event_id):
    (pair,) = tokens_of(shop, reader)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "refused", now=clock.now())
    with lost(shop):
        suppression.lift(pair, contact_id=reader, event_id=event_id, now=clock.now())
    return pair, [line for line in lines(journal) if line.kind is LineKind.LIFT]


def test_an_address_is_opened_again_only_with_the_entry_of_the_consent_that_opened_it(shop, journal):
    reader = a_reader(shop)
    pair, lift = a_lift(shop, journal, reader, uuid.uuid4())
    assert replay(lift, clock.now()) == Replayed(not_lifted=1)
    assert suppressions.suppressed(shop.workspace_id, [pair])


def test_with_the_entry_of_its_consent_an_address_is_opened_again(shop, journal):
    reader = a_reader(shop)
    with db.transaction(shop.workspace_id) as connection:
        (event_id,) = connection.execute(
            "select event_id from consent_event where contact_id = %s and kind = 'confirmed'", [reader]
        ).fetchone()
    pair, lift = a_lift(shop, journal, reader, event_id)
    assert replay(lift, clock.now()).lifted == 1
    assert suppressions.suppressed(shop.workspace_id, [pair]) == {}


def test_who_was_erased_is_erased_again_to_the_certificate(shop, journal):
    reader = a_reader(shop)
    pairs = tokens_of(shop, reader)
    at = clock.now()
    with lost(shop):
        erasure.request(shop.workspace_id, reader, rule="erase", receipt="S-2026-11-25-000777", now=at)
    done = replay(lines(journal), clock.now())
    assert (done.erased, done.unfinished) == (1, 0)
    progress = erasures.by_receipt(shop.workspace_id, "S-2026-11-25-000777")
    assert (progress.state, progress.requested_at) == ("certified", at)
    assert erasures.remains(shop.workspace_id, reader) == {}
    assert suppressions.suppressed(shop.workspace_id, pairs)[pairs[0].strict].reason == "erased"


def test_who_was_erased_is_erased_again_also_when_their_key_is_gone(shop, journal):
    """A backup has no person keys: what was destroyed since stays destroyed."""
    from shodaku.ledger import services as ledger_services

    reader = a_reader(shop)
    with lost(shop):
        erasure.request(
            shop.workspace_id, reader, rule="erase", receipt="S-2026-11-25-000778", now=clock.now()
        )
    ledger_services.shred(shop.workspace_id, reader)
    replay(lines(journal), clock.now())
    assert erasures.by_receipt(shop.workspace_id, "S-2026-11-25-000778").state == "certified"
    assert contacts.contact(shop.workspace_id, reader) is None


def test_with_the_key_store_away_the_erased_person_is_closed_and_the_rest_waits(shop, journal):
    from shodaku.kit import runtime

    reader = a_reader(shop)
    pairs = tokens_of(shop, reader)
    with lost(shop):
        erasure.request(
            shop.workspace_id, reader, rule="erase", receipt="S-2026-11-25-000779", now=clock.now()
        )
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        done = replay(lines(journal), clock.now())
    assert (done.erased, done.unfinished) == (1, 1)
    assert suppressions.suppressed(shop.workspace_id, pairs)


def test_lines_of_a_workspace_that_is_not_here_are_passed_over(shop, journal):
    reader = a_reader(shop)
    found = forgotten_acts(shop, journal, a_no(shop, reader))
    strangers = [dataclasses.replace(line, workspace_id=2_000_000_000) for line in found]
    assert replay(strangers, clock.now()).of_nobody == 1
    assert suppressions.missing(journal.host, found[-1].seq) == []


def outcome(shop, reader, pairs):
    return (
        sorted((each.scope, each.at) for each in suppressions.refusals(shop.workspace_id, reader)),
        states(shop, reader),
        bool(suppressions.suppressed(shop.workspace_id, pairs)),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_order_in_which_hosts_are_read_changes_no_outcome(shop, tmp_path_factory, data):
    """Refusals and marks commute; so does reading one journal after the other."""
    with a_home(tmp_path_factory.mktemp("home")) as journal:
        scopes = data.draw(
            st.lists(st.sampled_from(["all", "topic", "until", "mark"]), min_size=2, max_size=4)
        )
        at = clock.now()
        outcomes = []
        for turn in itertools.islice(itertools.permutations(range(len(scopes))), 3):
            reader = a_reader(shop)
            pairs = tokens_of(shop, reader)
            before = len(lines(journal)) if journal.file.exists() else 0
            for number, scope in enumerate(scopes):
                with lost(shop):
                    if scope == "mark":
                        suppression.suppress(pairs, "refused", now=at)
                    else:
                        optout.opt_out(
                            a_no(
                                shop,
                                reader,
                                OptOutScope(scope),
                                topic_id=shop.topic_id if scope == "topic" else None,
                                until=at + timedelta(days=9) if scope == "until" else None,
                            ),
                            at + timedelta(microseconds=number),
                        )
            mine = lines(journal)[before:]
            replay([mine[place] for place in turn if place < len(mine)], clock.now())
            outcomes.append(outcome(shop, reader, pairs))
        assert all(each == outcomes[0] for each in outcomes)


def test_after_a_replay_no_number_of_a_contact_is_given_twice(shop, journal):
    first = a_contact(shop)
    (said,) = forgotten_acts(shop, journal, a_no(shop, first))
    line = dataclasses.replace(said, contact_id=first + 25_000)
    for _ in range(2):
        replay([line], clock.now())
    new = a_contact(shop)
    assert first + 25_000 + replaying.SPARE_IDS < new < first + 26_000 + replaying.SPARE_IDS
    replaying.finish(clock.now())
    assert a_contact(shop) > new + replaying.SPARE_IDS
