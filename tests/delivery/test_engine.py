"""The engine without a database, a network or a clock: what may leave, what is known, what goes back."""

from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import NOW, READER

from shodaku.contacts.domain import Channel
from shodaku.delivery.domain import (
    CLOSING_SECONDS,
    RETRY_SECONDS,
    SENDING_SECONDS,
    Failure,
    Outcome,
    Postponed,
    Result,
    chunk_size,
    monday,
    resolve,
    retry_pause,
)
from shodaku.delivery.engine import Batch, Candidate, Ports, gate
from shodaku.delivery.transports.job import Outcome as Reply
from shodaku.delivery.transports.job import Stage, Verdict
from shodaku.policy.domain import CampaignState, Reason

ACCEPTED = Reply(Verdict.ACCEPTED, Stage.END_OF_DATA, 250, "2.0.0 kept")


@dataclass
class Letter:
    permit: object
    candidate: object


@dataclass
class Diary:
    lines: list = field(default_factory=list)
    full: bool = False

    def build(self, contact_id):
        if self.full:
            raise OSError
        self.lines.append(("M", contact_id))

    def begin(self, contact_id):
        if self.full:
            raise OSError
        self.lines.append(("B", contact_id))

    def answer(self, contact_id, stage, code):
        self.lines.append(("A", contact_id, stage, code))

    def flush(self):
        if self.full:
            raise OSError
        self.lines.append("flushed")


@dataclass
class World:
    """The ports of an engine, and a clock that is moved by hand."""

    now: float = 100.0
    revoked: set = field(default_factory=set)
    diary: Diary = field(default_factory=Diary)
    letters: list = field(default_factory=list)
    ended: int = 0
    broken: set = field(default_factory=set)
    unsendable: set = field(default_factory=set)

    def batch(self, *people, promotional=True, careful=False, message=READER.message):
        gated = gate(message, [candidate(each) for each in people], NOW)
        ports = Ports(self.diary, self.revoked, lambda: self.now, self.build, careful, promotional)
        batch = Batch(gated, ports, self.now, self.end)
        batch.go(self)
        return batch

    def build(self, permit, candidate, /, *, eight_bit):
        if permit.contact_id in self.broken:
            raise ValueError(candidate.wire)
        return ["今日は".encode()] if eight_bit else [b"Hello"]

    def end(self):
        self.ended += 1

    def send(self, permit, candidate):
        if permit.contact_id in self.unsendable:
            raise UnicodeError
        self.letters.append(Letter(permit, candidate))

    def leave(self):
        pass


def candidate(contact_id, **changes):
    return Candidate(replace(READER.person, contact_id=contact_id, **changes), f"{contact_id}@example.jp", {})


@pytest.mark.parametrize(("eight_bit", "content"), [(True, "今日は".encode()), (False, b"Hello")])
def test_a_message_is_built_as_the_connection_takes_it(eight_bit, content):
    world = World()
    batch = world.batch(1)
    assert batch.content(world.letters[0], eight_bit=eight_bit) == [content]


def test_a_permitted_message_leaves_once_with_its_evidence():
    world = World()
    batch = world.batch(1)
    (letter,) = world.letters
    assert batch.may_begin(letter)
    assert batch.content(letter) == [b"Hello"]
    assert batch.content(letter) is None, "begun is begun"
    batch.outcome(letter, ACCEPTED)
    assert world.ended == 1
    assert batch.drain().outcomes == [Outcome(1, Result.ACCEPTED, Reason.OK_CONSENT, 7, 4, 250, "")]


def test_the_journal_line_stands_before_the_content_may_leave():
    world = World(diary=Diary(full=True))
    batch = world.batch(1, 2)
    assert batch.content(world.letters[0]) is None
    assert batch.content(world.letters[1]) is None, "a full disk stops the chunk"
    assert world.diary.lines == []


def test_after_a_crash_it_is_written_whose_message_is_made_before_it_is_made():
    world = World(broken={2})
    batch = world.batch(1, 2, careful=True)
    for letter in world.letters:
        batch.content(letter)
    assert world.diary.lines == [("M", 1), ("B", 1), ("M", 2)]


def test_after_a_crash_a_full_disk_lets_no_message_be_made():
    world = World(diary=Diary(full=True))
    batch = world.batch(1, careful=True)
    assert batch.content(world.letters[0]) is None
    assert batch.drain().back == {1}


def test_the_answer_of_the_last_message_is_written_at_once():
    world = World()
    batch = world.batch(1, 2)
    first, last = world.letters
    for letter in (first, last):
        batch.content(letter)
    batch.outcome(first, ACCEPTED)
    batch.outcome(last, ACCEPTED)
    assert world.diary.lines == [("B", 1), ("B", 2), ("A", 1, 4, 250), "flushed", ("A", 2, 4, 250), "flushed"]


def test_an_answer_that_the_full_disk_does_not_take_is_recorded_all_the_same():
    world = World()
    batch = world.batch(1)
    (letter,) = world.letters
    batch.content(letter)
    world.diary.full = True
    batch.outcome(letter, ACCEPTED)
    assert world.ended == 1
    assert [(each.contact_id, each.result) for each in batch.drain().outcomes] == [(1, Result.ACCEPTED)]


def test_whose_opt_out_is_announced_gets_nothing_and_is_asked_about_again():
    world = World()
    batch = world.batch(1)
    world.revoked.add(1)
    (letter,) = world.letters
    assert not batch.may_begin(letter)
    assert batch.content(letter) is None
    batch.outcome(letter, Reply(Verdict.UNTOUCHED, Stage.DATA))
    known = batch.drain()
    assert (known.outcomes, known.back) == ([], {1})


@pytest.mark.parametrize(
    ("seconds", "begins", "leaves"), [(0.0, True, True), (1.0, False, True), (2.0, False, False)]
)
def test_no_message_begins_after_a_second_and_none_leaves_after_two(seconds, begins, leaves):
    assert (SENDING_SECONDS, CLOSING_SECONDS) == (1.0, 2.0)
    world = World()
    batch = world.batch(1)
    world.now += seconds
    assert batch.may_begin(world.letters[0]) is begins
    assert (batch.content(world.letters[0]) is not None) is leaves


def test_when_the_locks_are_gone_nothing_leaves_any_more():
    world = World()
    batch = world.batch(1)
    batch.cut()
    assert not batch.may_begin(world.letters[0])
    assert batch.content(world.letters[0]) is None


def test_when_an_opt_out_waits_nobody_new_begins_but_envelopes_that_left_are_kept():
    world = World()
    batch = world.batch(1)
    batch.stop_beginning()
    assert not batch.may_begin(world.letters[0])
    assert batch.content(world.letters[0]) == [b"Hello"]


def test_a_late_reply_is_known_at_the_second_drain():
    world = World()
    batch = world.batch(1, 2)
    begun, unbegun = world.letters
    batch.content(begun)
    assert batch.late == {1}
    first = batch.drain()
    assert (first.outcomes, first.back) == ([], {2})
    batch.outcome(unbegun, Reply(Verdict.UNTOUCHED, Stage.CONNECT))
    batch.outcome(begun, ACCEPTED)
    second = batch.drain()
    assert [each.contact_id for each in second.outcomes] == [1]
    assert second.back == set()


@pytest.mark.parametrize(
    ("reply", "result", "reason"),
    [
        (Reply(Verdict.FAILED, Stage.RCPT, 550, "5.1.1 no"), Result.FAILED, Failure.BY_SERVER),
        (Reply(Verdict.UNCERTAIN, Stage.END_OF_DATA, 0, "gone"), Result.UNCERTAIN, Reason.OK_CONSENT),
    ],
)
def test_a_bad_end_is_recorded_with_its_place(reply, result, reason):
    world = World()
    batch = world.batch(1)
    batch.content(world.letters[0])
    batch.outcome(world.letters[0], reply)
    assert batch.drain().outcomes == [Outcome(1, result, reason, 7, reply.stage, reply.code, reply.text)]


def test_a_temporary_no_is_tried_again():
    world = World()
    batch = world.batch(1)
    batch.outcome(world.letters[0], Reply(Verdict.DEFERRED, Stage.RCPT, 450, "4.2.0 later"))
    known = batch.drain()
    assert [(each.contact_id, each.reason) for each in known.retry] == [(1, Failure.EXPIRED)]


def test_a_notice_that_nobody_knows_of_is_sent_again_an_advertisement_is_not():
    uncertain = Reply(Verdict.UNCERTAIN, Stage.END_OF_DATA)
    for promotional in (True, False):
        world = World()
        batch = world.batch(1, promotional=promotional)
        batch.content(world.letters[0])
        batch.outcome(world.letters[0], uncertain)
        known = batch.drain()
        assert (len(known.outcomes), len(known.retry)) == ((1, 0) if promotional else (0, 1))


def test_one_persons_broken_data_stops_nobody_else_and_tells_nothing_of_the_person():
    world = World(broken={1}, unsendable={2})
    batch = world.batch(1, 2, 3)
    broken, good = world.letters
    assert batch.content(broken) is None
    batch.outcome(broken, Reply(Verdict.UNTOUCHED, Stage.DATA))
    assert batch.content(good) is not None
    batch.outcome(good, ACCEPTED)
    outcomes = {each.contact_id: each for each in batch.drain().outcomes}
    assert (outcomes[1].reason, outcomes[1].reply) == (Failure.UNBUILDABLE, "ValueError")
    assert (outcomes[2].reason, outcomes[2].reply) == (Failure.UNBUILDABLE, "UnicodeError")
    assert outcomes[3].result is Result.ACCEPTED


def test_refusals_are_results_and_what_must_wait_is_none():
    asleep = candidate(2, zone=timezone(timedelta(hours=-5)))  # where it is ten in the evening
    texts = replace(READER.message, channel=Channel.SMS)
    gated = gate(texts, [candidate(1, address_invalid=True), asleep], NOW)
    assert gated.known.outcomes == [Outcome(1, Result.REFUSED, Reason.ADDRESS_INVALID)]
    assert gated.known.postponed == [Postponed(2, NOW + timedelta(hours=10))]
    assert gated.permitted == []


@pytest.mark.parametrize("change", [{"gate_closed": True}, {"campaign_state": CampaignState.PAUSED}])
def test_while_the_house_is_shut_or_the_campaign_rests_everybody_goes_back(change):
    world = World()
    batch = world.batch(1, 2, message=replace(READER.message, **change))
    assert world.letters == []
    assert world.ended == 1
    known = batch.drain()
    assert (known.outcomes, known.back) == ([], {1, 2})


@given(
    st.dictionaries(st.integers(1, 20), st.sampled_from([250, 450, 550, None])),
    st.sets(st.integers(1, 20)),
    st.booleans(),
)
def test_after_a_crash_everybody_has_exactly_one_fate(answers, begun, promotional):
    """TRUST.md section 5: answered is recorded, begun is uncertain (a notice: again), the others go back."""
    people = range(1, 21)
    answered = {
        each: Reply(Verdict.ACCEPTED, Stage.END_OF_DATA, code) for each, code in answers.items() if code
    }
    known = resolve(people, begun | answered.keys(), answered, {}, promotional=promotional)
    fates = [each.contact_id for each in [*known.outcomes, *known.retry]] + sorted(known.back)
    assert sorted(fates) == [*people]
    uncertain = {each.contact_id for each in known.outcomes if each.result is Result.UNCERTAIN}
    assert uncertain == (begun - answered.keys() if promotional else set())
    assert {each.contact_id for each in known.retry} == {
        each for each, code in answers.items() if code == 450
    }


def test_pauses_grow_and_end():
    assert [retry_pause(attempt).total_seconds() for attempt in range(1, 7)] == list(RETRY_SECONDS)
    assert retry_pause(7) is None


def test_a_chunk_holds_what_leaves_in_a_second():
    assert [chunk_size(rate) for rate in (None, 10_000, 20, 0.1)] == [1000, 1000, 20, 1]
    assert monday(NOW).isoweekday() == 1
