"""What was written before the wire is there after the crash, and nothing else is believed."""

import os
import signal
import subprocess
import sys

import pytest

from shodaku.delivery.journal import Answer, Journal, Recovered
from shodaku.delivery.journal_faults import JournalDamaged, JournalFull, OwnerAlive

DYING_WORKER = """
import os, signal, sys
from pathlib import Path
from shodaku.delivery.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.begin(1)
journal.answer(1, 4, 250)
journal.begin(2)
journal.answer(2, 4, 250)
print("begun", flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
signal.pause()
"""


@pytest.fixture
def file(tmp_path):
    return Journal.path(tmp_path, 1, 7, 3, 1)


def recovered(file):
    with Journal(file, create=False) as journal:
        return journal.read()


def test_a_journal_is_named_by_what_it_is_about_and_its_fence(tmp_path):
    assert Journal.path(tmp_path, 1, 7, 3, 2) == tmp_path / "1.7.3.2.journal"


def test_only_the_owner_reads_the_file(file):
    with Journal(file):
        assert file.stat().st_mode & 0o777 == 0o600


def test_after_kill_9_everything_begun_is_known_and_an_unwritten_answer_makes_it_uncertain(file):
    died = subprocess.run([sys.executable, "-c", DYING_WORKER, file, "die"], check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL
    assert recovered(file) == Recovered({1, 2}, {1: Answer(4, 250)})


def test_a_stopped_worker_still_owns_its_chunk(file):
    with subprocess.Popen(
        [sys.executable, "-c", DYING_WORKER, file, "live"], stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout.readline() == b"begun\n"
        worker.send_signal(signal.SIGSTOP)
        with pytest.raises(OwnerAlive):
            Journal(file, create=False)
        worker.kill()
    assert recovered(file).begun == {1, 2}


def test_an_opening_never_takes_over_the_file_of_another(file):
    Journal(file).close()
    with pytest.raises(FileExistsError):
        Journal(file)


def test_closing_writes_what_was_answered_and_forgetting_leaves_no_file(file):
    journal = Journal(file, durable=True)
    journal.begin(1)
    journal.answer(1, 2, 550)
    journal.close()
    journal.close()
    assert recovered(file) == Recovered({1}, {1: Answer(2, 550)})
    Journal(file, create=False).forget()
    assert not file.exists()


def test_a_full_disk_does_not_undo_what_is_settled(file, monkeypatch):
    journal = Journal(file)
    journal.begin(1)
    journal.answer(1, 4, 250)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda *_: 0)
        journal.forget()
    assert not file.exists()


def test_an_answer_that_comes_after_the_end_is_ignored(file):
    journal = Journal(file)
    journal.forget()
    journal.answer(1, 4, 250)
    journal.flush()
    assert not file.exists()


def test_half_a_record_at_the_end_counts_for_nothing(file):
    with Journal(file) as journal:
        journal.begin(1)
    with file.open("ab") as end:
        end.write(b"B\x00\x00")
    assert recovered(file).begun == {1}


def test_a_journal_with_other_content_is_not_believed(file):
    with Journal(file) as journal:
        journal.begin(1)
    with file.open("ab") as end:
        end.write(bytes(12))
    with pytest.raises(JournalDamaged):
        recovered(file)


@pytest.mark.parametrize("writes", [0, 5, OSError("no space left")])
def test_without_room_for_the_line_the_content_must_not_leave_and_the_rest_stays_readable(
    file, monkeypatch, writes
):
    real = os.write

    def full(descriptor, buffer):
        if isinstance(writes, OSError):
            raise writes
        return real(descriptor, bytes(buffer)[:writes])

    journal = Journal(file)
    journal.begin(1)
    journal.answer(1, 4, 250)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(JournalFull):
            journal.begin(2)
    assert journal.read() == Recovered({1}, {})
    journal.begin(3)
    journal.close()
    assert recovered(file) == Recovered({1, 3}, {1: Answer(4, 250)})


def test_without_its_journal_everybody_in_the_chunk_counts_as_begun():
    assert Recovered.without_journal([3, 1]) == Recovered({1, 3}, {})
