"""F55, F57: clocks that jump, and a machine that sleeps: nobody is written to who would not be otherwise."""

from __future__ import annotations

import asyncio
import email
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from tests.delivery.mailings import (
    launched,
    many_readers,
    now,
    outcomes,
    refuse,
    rows,
    send_now,
    wait_until,
)
from tests.delivery.sink import RunningSink
from tests.optout.serving import free_port
from tests.people import a_reader, a_shop

from shodaku.config import cli
from shodaku.config import worker as planes
from shodaku.delivery.outside import Outside, boottime
from shodaku.kit import clock

A_YEAR = timedelta(days=365)
AN_HOUR = timedelta(hours=1)
CONNECTIONS = 4  # of `send_now`
JUMPS = [AN_HOUR, -AN_HOUR, 10 * A_YEAR, -10 * A_YEAR]


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_f55_whatever_the_clock_of_a_worker_says_the_same_people_are_written_to(
    database, shop, tmp_path, jump
):
    """A consent that ended ten minutes ago is not alive again, one that ends in ten has not ended."""
    moment = timedelta(minutes=10)
    alive = a_reader(shop, expires_at=now() + moment)
    ended = a_reader(shop, expires_at=now() - moment)
    mailing_id = launched(shop, [alive, ended])
    with RunningSink() as sink, clock.standing_at(now() + jump):
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    found = outcomes(database, shop, mailing_id)
    assert {each: found[each][0] for each in found} == {alive: "accepted", ended: "refused"}
    dated = parsedate_to_datetime(email.message_from_bytes(sink.arrived[0].content)["Date"])
    assert abs(dated - now()) < timedelta(minutes=5)


def test_f55_what_is_put_off_comes_back_in_a_moment_and_not_in_ten_years(database, shop, tmp_path):
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with clock.standing_at(now() + 10 * A_YEAR):
        for _ in range(2):  # the second finds the relay in its pause, and waits for that
            send_now(database, shop, mailing_id, free_port(), home=tmp_path)
    statement = "select max(scheduled_at) from procrastinate_jobs where (args ->> 'mailing_id')::int = %(m)s"
    ((due,),) = rows(database, shop, statement, m=mailing_id)
    assert due < now() + AN_HOUR


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_f55_f25_while_two_clocks_differ_nothing_ends_by_the_clock_and_the_doctor_says_so(
    database, jump, capsys
):
    ticks = []
    for ahead in (timedelta(0), jump):
        with clock.standing_at(now() + ahead):
            asyncio.run(planes._ticking(lambda: ticks.append(1))())
            cli.main(["doctor"])
    assert ticks == [1]
    told = [line for line in capsys.readouterr().out.splitlines() if " time: " in line]
    assert [line[:5].strip() for line in told] == ["well", "MEND"]
    assert ("this machine is +" in told[1]) == (jump > timedelta(0))


class Sleeping:
    """A machine that sleeps for an hour when the server has taken so many messages.

    Its boot time goes on meanwhile, as CLOCK_BOOTTIME does; nothing of ours runs.
    """

    def __init__(self, taken_before):
        self._before, self._slept, self.taken = taken_before, 0.0, 0

    def boottime(self):
        return boottime() + self._slept

    def reply(self, _recipient):
        self.taken += 1
        if self.taken == self._before:
            self._slept = AN_HOUR.total_seconds()
        return b"250 2.0.0 ok\r\n"


def test_f57_a_machine_that_slept_in_the_middle_hands_nothing_over_when_it_wakes(database, shop, tmp_path):
    """Its window is long over. Who was not begun goes back and is asked for anew, who opted out since too."""
    people = many_readers(database, shop, 60)
    mailing_id = launched(shop, people)
    machine = Sleeping(taken_before=10)
    outside = Outside(boottime=machine.boottime)
    with RunningSink(seconds=0.005, reply=machine.reply) as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path, outside=outside)
        first = {person_of(each) for each in sink.arrived}
        assert 10 <= len(first) <= 10 + 2 * CONNECTIONS, "at most what was under way"
        rest = sorted({*people} - first)
        refuse(database, shop, rest[:5])

        def ended():
            send_now(database, shop, mailing_id, sink.port, home=tmp_path, outside=outside)
            return len(outcomes(database, shop, mailing_id)) == len(people)

        wait_until(ended)
    assert sorted(map(person_of, sink.arrived)) == sorted({*people} - {*rest[:5]}), "everybody else, once"
    found = outcomes(database, shop, mailing_id)
    assert {each for each in people if found[each][0] == "refused"} == {*rest[:5]}
    assert {outcome for outcome, _, _ in found.values()} <= {"accepted", "refused", "uncertain"}


def person_of(arrived):
    return int(arrived.recipient.partition("@")[0])
