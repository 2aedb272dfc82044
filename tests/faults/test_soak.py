"""The soak, for a moment: each trouble once. `make soak` goes on for half an hour."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SECONDS_MAX = 600.0
TROUBLES = {"kill", "stop", "term", "restart", "cut", "burn", "relay"}


def test_f13_f14_nobody_is_lost_or_gets_it_twice_whatever_happens_to_workers_database_and_relay():
    """Also F01, F06, F07, F29, F34, F38, F39 of several machines at once, with people opting out."""
    command = [sys.executable, "-m", "tests.faults.soak", "--minutes", "0", "--people", "1000", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1_800)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert told["troubles"].keys() == TROUBLES
    assert told["taken"] > 0
    # how soon a worker ends when told to is not for a busy machine to decide
    wrong = ("lost", "twice", "after_opt_out", "untrue")
    assert {name: told[name] for name in wrong} == dict.fromkeys(wrong, 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda each: each.name)
def test_a_soak_that_is_ended_by_a_signal_leaves_no_process_and_no_folder(number):
    command = [sys.executable, "-m", "tests.faults.soak", "--minutes", "30", "--people", "100"]
    soak = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        within(lambda: {"shodaku.config.worker", "chaos", "postgres"} <= kinds(soak.pid) or soak.poll())
        (log,) = {words[at + 1] for words in started_by(soak.pid).values() for at in where(words, "--log")}
        handles = [os.pidfd_open(pid) for pid in started_by(soak.pid)]
        assert soak.poll() is None
    finally:
        soak.send_signal(number)
        soak.wait(SECONDS_MAX)
    within(lambda: len(select.select(handles, [], [], 1)[0]) == len(handles))
    within(lambda: not Path(log).parent.exists())
    for handle in handles:
        os.close(handle)


def started_by(pid):
    """Its children by their numbers, each with the words it was started with."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            if int((process / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found[int(process.name)] = words
    return found


def kinds(pid):
    return {Path(word).name for words in started_by(pid).values() for word in words}


def where(words, wanted):
    return [at for at, word in enumerate(words) if word == wanted]


def within(true):
    until = time.monotonic() + SECONDS_MAX
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)
