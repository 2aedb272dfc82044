"""A copy of the installation's folder finds out that it is a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from shodaku.kit import place


def test_the_name_is_made_once_and_kept(tmp_path):
    us = place.host(tmp_path)
    assert us == place.host(tmp_path)
    assert not us.moved
    assert len(us.id) == 16
    assert (tmp_path / "journal" / "host.id").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", [["cp", "-r"], ["cp", "-a"]])
def test_a_copied_folder_takes_another_name_and_says_where_it_came_from(tmp_path, command):
    original = place.host(tmp_path / "a")
    subprocess.run([*command, str(tmp_path / "a"), str(tmp_path / "b")], check=True)
    copy = place.host(tmp_path / "b")
    assert copy.moved
    assert copy.came_from == original.id
    assert copy.id != original.id
    assert place.host(tmp_path / "b") == copy
    assert place.host(tmp_path / "a") == original


def test_a_copy_of_a_copy_remembers_the_first(tmp_path):
    original = place.host(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    second = place.host(tmp_path / "b")
    shutil.copytree(tmp_path / "b", tmp_path / "c")
    third = place.host(tmp_path / "c")
    assert third.came_from == original.id
    assert len({original.id, second.id, third.id}) == 3


def test_a_folder_that_was_renamed_is_the_same_installation(tmp_path):
    us = place.host(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    assert place.host(tmp_path / "b") == us


def test_a_human_settles_it_and_the_name_stays(tmp_path):
    place.host(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    copy = place.host(tmp_path / "b")
    settled = place.settle(tmp_path / "b")
    assert settled.id == copy.id
    assert not settled.moved
    assert place.host(tmp_path / "b") == settled
    assert place.settle(tmp_path / "b") == settled


@pytest.mark.parametrize("content", [b"", b"abc\n", b"0123456789abcdef\n", b"\xff" * 40, b"0" * 500])
def test_a_damaged_name_is_said_and_never_replaced(tmp_path, content):
    place.host(tmp_path)
    file = tmp_path / "journal" / "host.id"
    file.write_bytes(content)
    with pytest.raises(place.PlaceUnreadable):
        place.host(tmp_path)
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(place.PlaceUnreadable):
        place.host(tmp_path / "file")


def test_many_processes_at_once_agree_on_one_name(tmp_path):
    ask = """if True:
        import sys
        from pathlib import Path
        from shodaku.kit import place
        print(place.host(Path(sys.argv[1])).id)"""
    processes = [
        subprocess.Popen([sys.executable, "-c", ask, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    said = {process.communicate(timeout=60)[0] for process in processes}
    assert len(said) == 1
    assert said == {place.host(tmp_path).id + "\n"}
