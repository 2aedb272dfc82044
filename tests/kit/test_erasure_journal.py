"""The journal beside the database: no line is lost, doubled or misnumbered, wherever a process is cut off."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shodaku.kit import erasure_journal
from shodaku.kit.erasure_journal import (
    Journal,
    JournalUnwritable,
    Line,
    LineBroken,
    LineKind,
    NewLine,
    decode,
    encode,
)

NOW = datetime(2026, 11, 25, 9, 0, 0, 123456, tzinfo=UTC)
PAIR = (b"\x01" * 32, b"\x02" * 32)


def a_line(contact_id=7, **values):
    return NewLine(
        **{
            "kind": LineKind.REFUSAL,
            "at": NOW,
            "workspace_id": 3,
            "contact_id": contact_id,
            "event_id": uuid.UUID(int=contact_id),
            "tokens": (PAIR,),
            "said": {"scope": "all", "via": "page"},
            **values,
        }
    )


def numbers(journal):
    return [line.seq for line in erasure_journal.read(journal.file)]


def test_a_line_comes_back_as_it_was_written(tmp_path):
    journal = Journal(tmp_path)
    journal.append([a_line()], NOW)
    (line,) = erasure_journal.read(journal.file)
    assert (line.host, line.seq, line.written_at) == (journal.host, 1, NOW)
    assert {name: getattr(line, name) for name in NewLine.__dataclass_fields__} == dataclasses.asdict(
        a_line()
    )


def test_nobody_but_the_owner_of_the_process_reads_it(tmp_path):
    journal = Journal(tmp_path)
    journal.append([a_line()], NOW)
    journal.receive(a_line(), NOW)
    assert {oct(each.stat().st_mode & 0o777) for each in (journal.file, journal.received)} == {"0o600"}


def test_numbers_go_on_where_another_process_stopped(tmp_path):
    assert [mark.seq for mark in Journal(tmp_path).append([a_line(), a_line()], NOW)] == [1, 2]
    assert [mark.seq for mark in Journal(tmp_path).append([a_line()], NOW)] == [3]


def test_a_journal_that_grew_by_another_process_is_noticed(tmp_path):
    one, other = Journal(tmp_path), Journal(tmp_path)
    written = [each.append([a_line()], NOW)[0].seq for each in (one, other, one, one, other)]
    assert written == [1, 2, 3, 4, 5]
    assert numbers(one) == written


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=2000), garbage=st.binary(max_size=30))
def test_wherever_the_file_is_cut_off_the_next_line_is_whole_and_its_number_follows(
    tmp_path_factory, cut, garbage
):
    journal = Journal(tmp_path_factory.mktemp("home"))
    journal.append([a_line(each) for each in (1, 2, 3)], NOW)
    content = journal.file.read_bytes()
    whole = content[: min(cut, len(content))].count(b"\n")
    journal.file.write_bytes(content[:cut] + garbage.replace(b"\n", b"\0"))
    (mark,) = Journal(journal.folder.parent).append([a_line(9)], NOW)
    lines = erasure_journal.read(journal.file)
    assert mark.seq in (whole + 1, whole + 2)  # a line that lacked its newline alone is whole after all
    assert [line.seq for line in lines] == list(range(1, mark.seq + 1))
    assert lines[-1].contact_id == 9


def test_a_line_being_written_is_not_read(tmp_path):
    journal = Journal(tmp_path)
    journal.append([a_line(1)], NOW)
    with journal.file.open("ab") as torn:
        torn.write(b'{"v":1,"host":')
    assert numbers(journal) == [1]
    assert erasure_journal.last(journal.file) == 1


def test_threads_that_write_at_once_leave_no_gap_and_no_number_twice(tmp_path):
    journals = [Journal(tmp_path), Journal(tmp_path)]
    given_out = []

    def write(number):
        for _ in range(25):
            given_out.extend(mark.seq for mark in journals[number % 2].append([a_line(number + 1)] * 2, NOW))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_out) == list(range(1, 401))
    assert numbers(journals[0]) == list(range(1, 401))


WRITER = """
import sys
from pathlib import Path
from tests.kit.test_erasure_journal import NOW, a_line
from shodaku.kit.erasure_journal import Journal
journal = Journal(Path(sys.argv[1]))
while True:
    for mark in journal.append([a_line(int(sys.argv[2]))] * 3, NOW):
        print(mark.seq, flush=True)
"""


def test_processes_killed_while_they_write_leave_no_gap_and_lose_nothing_they_had_confirmed(tmp_path):
    confirmed = []
    for turn in range(3):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path), str(number)],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
            )
            for number in (1, 2)
        ]
        for writer in writers:
            confirmed += [int(writer.stdout.readline()) for _ in range(40 + turn)]
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            said = writer.communicate()[0].split("\n")
            confirmed += [int(each) for each in said[:-1] if each]
    journal = Journal(tmp_path)
    found = [mark.seq for mark in journal.append([a_line()], NOW)]
    assert numbers(journal) == list(range(1, found[0] + 1))
    assert len(set(confirmed)) == len(confirmed)
    assert set(confirmed) <= set(numbers(journal))


def test_a_disk_that_is_full_is_said_and_leaves_no_half_line(tmp_path, monkeypatch):
    journal = Journal(tmp_path)
    journal.append([a_line(1)], NOW)
    before = journal.file.read_bytes()
    real = os.write

    def full(descriptor, content):
        if len(content) > 20:
            return real(descriptor, content[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalUnwritable):
        journal.append([a_line(2)], NOW)
    monkeypatch.undo()
    assert journal.file.read_bytes() == before
    assert [mark.seq for mark in journal.append([a_line(2)], NOW)] == [2]


@pytest.mark.parametrize("after", [0, 1, 2, 499, 4_998, 5_000, 5_001])
def test_a_reader_begins_anywhere_in_a_long_journal(tmp_path, after):
    journal = Journal(tmp_path)
    journal.append([a_line(number + 1) for number in range(5_000)], NOW)
    assert [line.seq for line in erasure_journal.read(journal.file, after=after)] == list(
        range(after + 1, 5_001)
    )
    wanted = [number for number in (after, after + 1, 4_000) if 1 <= number <= 5_000]
    assert [line.seq for line in erasure_journal.read_numbers(journal.file, wanted)] == sorted(set(wanted))


def test_what_was_received_leaves_the_file_only_when_it_was_settled(tmp_path):
    journal = Journal(tmp_path)
    assert not journal.waiting()
    for number in (1, 2, 3):
        journal.receive(a_line(number), NOW + timedelta(seconds=number))
    assert journal.waiting()

    def all_but_the_second(lines):
        journal.receive(a_line(4), NOW)  # whoever receives meanwhile waits for nobody
        return [line for line in lines if line.contact_id != 2]

    assert journal.settle_received(all_but_the_second) == 2
    left = erasure_journal.read_received(journal.received)
    assert [line.contact_id for line in left] == [2, 4]
    assert journal.settle_received(list) == 2
    assert not journal.waiting()


def test_a_settling_that_fails_loses_nothing(tmp_path):
    journal = Journal(tmp_path)
    journal.receive(a_line(1), NOW)
    with pytest.raises(RuntimeError):
        journal.settle_received(lambda _: (_ for _ in ()).throw(RuntimeError))
    assert [line.contact_id for line in erasure_journal.read_received(journal.received)] == [1]


def test_a_received_line_that_nobody_can_read_is_put_aside_and_holds_nobody_up(tmp_path):
    journal = Journal(tmp_path)
    journal.receive(a_line(1), NOW)
    with journal.received.open("ab") as target:
        target.write(b"no line\n")
    assert journal.settle_received(list) == 1
    assert not journal.waiting()
    assert (journal.folder / f"{journal.host}.broken").read_bytes() == b"no line\n"


GOOD = json.loads(
    encode(Line(host="0" * 16, seq=1, written_at=NOW, kind=LineKind.LIFT, at=NOW, workspace_id=1))
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 2},
        {"host": "../../etc"},
        {"seq": -1},
        {"seq": True},
        {"ws": "1"},
        {"ws": 2**63},
        {"kind": "other"},
        {"contact": "x"},
        {"event": "zz"},
        {"at": "2026-11-25"},  # no zone
        {"tokens": [["00"]]},
        {"tokens": [["0", "0"]]},
        {"said": []},
    ],
)
def test_a_line_of_another_form_is_refused(wrong):
    assert decode(json.dumps(GOOD).encode())
    with pytest.raises(LineBroken):
        decode(json.dumps({**GOOD, **wrong}).encode())


@given(st.binary(max_size=300))
def test_no_bytes_make_a_reader_fail_in_any_other_way(raw):
    with pytest.raises(LineBroken):
        decode(raw)
