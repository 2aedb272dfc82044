"""Whatever the next server does, what the records say of a message is true, and nobody gets it twice."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.delivery.mailings import launched, many_readers, outcomes, rows, send_now, wait_until
from tests.optout.serving import free_port
from tests.people import a_shop

from shodaku.config import chaos
from shodaku.config.chaos import Fault, Manners

PEOPLE = 400
SHARES = (
    "later=0.1,never=0.05,later-after=0.05,never-after=0.05,stall=0.02,close-kept=0.03,close-lost=0.03,"
    "garbage=0.02,shutting-down=0.02"
)


@contextmanager
def misbehaving(folder, faults=SHARES, *more):
    """The server as a user starts it; its port, and where it writes down what it took."""
    port, log = free_port(), folder / "taken.jsonl"
    words = ["--port", str(port), "--faults", faults, "--stall-seconds", "0.2", "--log", str(log), *more]
    command = [sys.executable, "-m", "shodaku", "chaos", "smtp", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: listens(port))
        yield port, log
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
    assert json.loads(said)["kept"] == taken_by(log)[1].total(), (
        "what it says at the end is what it wrote down"
    )


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def taken_by(log):
    """Recipient -> faults met, in order; how often it was taken."""
    faults, kept = defaultdict(list), Counter()
    for line in log.read_text().splitlines():
        told = json.loads(line)
        faults[told["recipient"]].append(told["fault"])
        kept[told["recipient"]] += told["kept"]
    return faults, kept


def waiting(databases, shop, mailing_id):
    found = rows(
        databases,
        shop,
        "select unnest(contact_ids) from chunk where mailing_id = %(mailing)s and state = 'planned'",
        mailing=mailing_id,
    )
    return {row[0] for row in found}


CLOSES = {"close-kept", "close-lost", "garbage", "shutting-down"}


@pytest.mark.parametrize("depth", [0, 4])
def test_the_records_are_true_and_nobody_gets_a_message_twice(database, tmp_path, depth):
    """With whole messages under way at once too: then more are uncertain, and still nothing is untrue."""
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    mailing_id = launched(shop, people)
    with misbehaving(tmp_path, SHARES, *(["--chunking"] if depth else [])) as (port, log):
        for _ in range(6):  # what was not begun goes back; what was deferred waits minutes, and stays
            send_now(database, shop, mailing_id, port, home=tmp_path, depth=depth)
    found, rest = outcomes(database, shop, mailing_id), waiting(database, shop, mailing_id)
    faults, kept = taken_by(log)
    assert found.keys() | rest == {*people}, "nobody is lost"
    assert not found.keys() & rest, "nobody is both done and waiting"
    for person in people:
        address, outcome = f"{person}@example.jp", found.get(person, ("waiting",))[0]
        assert kept[address] <= 1, "nobody gets it twice"
        if outcome == "accepted":
            assert kept[address] == 1
        if outcome in ("failed", "waiting"):
            assert kept[address] == 0
        if outcome == "uncertain" and not depth:
            assert {*faults[address]} & {"close-kept", "close-lost", "garbage"}
    met = Counter(fault for each in faults.values() for fault in each)
    assert {each for each in Fault if met[each]} == {*Fault}, "every fault was met"
    told = Counter(each[0] for each in found.values())
    assert told["uncertain"] <= max(depth, 1) * sum(met[each] for each in CLOSES)
    assert {"accepted", "failed", "uncertain"} <= {each[0] for each in found.values()}


@pytest.mark.parametrize(
    "shares", ["later", "later=x", "nonsense=0.1", "later=-1", "later=0.6,never=0.6", "later=2"]
)
def test_shares_that_cannot_be_are_refused_in_one_sentence(shares):
    command = [sys.executable, "-m", "shodaku", "chaos", "smtp", "--faults", shares]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("shodaku: Shares of faults have the form")


def test_a_port_or_a_log_that_cannot_be_used_is_said_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "shodaku", "chaos", "smtp", "--port"]
        for words, status in (([port], 3), (["70000"], 3), (["0", "--log", str(tmp_path / "no" / "log")], 2)):
            done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr.count("\n")) == (status, 2)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine, not of us
@given(st.integers(0, 2**32), st.dictionaries(st.sampled_from(Fault), st.floats(0, 0.1), max_size=9))
def test_the_same_seed_draws_the_same_faults_and_only_those_that_were_asked_for(seed, shares):
    def drawn():
        chance = random.Random(seed)
        return [Manners(shares).draw(chance) for _ in range(50)]

    first = drawn()
    assert first == drawn()
    assert {each for each in first if each} <= {fault for fault, share in shares.items() if share}


def test_what_nobody_foresaw_breaks_no_server():
    """Commands out of turn, bytes that are no commands, a client that goes away in the middle."""

    async def talk(port, said):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        await writer.drain()
        writer.write_eof()
        heard = await reader.read()
        writer.close()
        return heard

    async def main():
        stop, port = asyncio.Event(), free_port()
        serving = asyncio.create_task(chaos.serve(port, Manners({}), random.Random(1), None, stop))
        await asyncio.sleep(0.05)
        odd = [b"\x00\xff\r\n", b"DATA\r\n", b"RCPT TO:nobody\r\n", b"RCPT TO:<a@b>\r\nDATA\r\nhalf", b""]
        answers = [await talk(port, each) for each in odd]
        well = await talk(port, b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n")
        stop.set()
        return answers, well, await serving

    answers, well, counts = asyncio.run(main())
    assert [each.split(b"\r\n")[1][:3] for each in answers[:3]] == [b"502", b"503", b"250"]
    assert well.endswith(b"250 2.0.0 kept\r\n221 2.0.0 bye\r\n")
    assert counts == {"well": 1, "kept": 1}
