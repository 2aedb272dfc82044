"""What a killed process left in the temporary folder goes, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from shodaku.kit.leftovers import remove_leftovers

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def aged(path, at):
    os.utime(path, (at.timestamp(), at.timestamp()), follow_symlinks=False)


def a_folder(place, name, at):
    made = place / name
    made.mkdir()
    (made / "1.png").write_bytes(b"a person's proof")
    aged(made, at)
    return made


def test_old_folders_of_ours_go_and_fresh_and_foreign_ones_stay(tmp_path):
    old = a_folder(tmp_path, "shodaku-paper-a", NOW - HOUR - timedelta(seconds=1))
    picture = a_folder(tmp_path, "shodaku-picture-b", NOW - 5 * HOUR)
    fresh = a_folder(tmp_path, "shodaku-paper-c", NOW - HOUR + timedelta(seconds=1))
    foreign = a_folder(tmp_path, "other-paper-d", NOW - 5 * HOUR)
    assert remove_leftovers(NOW, tmp_path) == 2
    assert [each.exists() for each in (old, picture, fresh, foreign)] == [False, False, True, True]


def test_a_link_that_bears_the_name_leads_nowhere(tmp_path):
    kept = a_folder(tmp_path, "kept", NOW - 5 * HOUR)
    link = tmp_path / "shodaku-paper-link"
    link.symlink_to(kept)
    aged(link, NOW - 5 * HOUR)
    assert remove_leftovers(NOW, tmp_path) == 0
    assert (kept / "1.png").exists()


def test_what_a_process_left_that_was_killed_is_found(tmp_path):
    program = (
        "import os, signal, tempfile, pathlib\n"
        "with tempfile.TemporaryDirectory(prefix='shodaku-paper-') as folder:\n"
        "    pathlib.Path(folder, '1.png').write_bytes(b'a person')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False
    )
    assert died.returncode == -signal.SIGKILL
    (left,) = tmp_path.glob("shodaku-paper-*")
    aged(left, NOW - 2 * HOUR)
    assert remove_leftovers(NOW, tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
