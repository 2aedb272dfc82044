"""The way to another machine, by the commands of the manual; and what a plain copy of the folder does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.backups.copies import run

from shodaku.kit import place

MADE = """
from shodaku.config import environment
environment.load()
from shodaku.config import bind
bind.start_command()
import uuid
from shodaku.accounts import services
from shodaku.kit import clock
from shodaku.ledger import services as ledger
shop = services.create_workspace("shop", "店", now=clock.now())
ledger.record_act(shop.workspace_id, "policy", {"by": "a test"}, event_id=uuid.uuid4(), now=clock.now())
print(shop.workspace_id)
"""


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")}
    return kept | {"SHODAKU_HOME": str(home), "SHODAKU_JOURNAL_COPY": (home.parent / "copies").as_uri()}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def up(home):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "shodaku", "up", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
            return True
    except OSError:
        return False


def shodaku(home, *arguments):
    return run(*arguments, environment=environment(home))


@pytest.fixture
def land():
    """Where the unprivileged PostgreSQL may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="shodaku-moving-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_an_installation_moves_to_another_machine_and_a_plain_copy_of_it_sends_nothing(land):
    (land / "copies").mkdir()
    old, new, copy = (land / name for name in ("old", "new", "copy"))
    with up(old):
        made = subprocess.run(
            [sys.executable, "-c", MADE], env=environment(old), capture_output=True, text=True, check=False
        )
        assert made.stdout == "1\n", made.stderr

    done = shodaku(old, "backup", land / "all.age", "--vault", land / "keys.age")
    assert done.status == 0, done.err
    new.mkdir(mode=0o755)
    shutil.copytree(old / "keys", new / "keys")
    wrong = shodaku(new, "restore", land / "all.age")
    assert "The vault here is empty" in wrong.err
    files = (land / "all.age", "--vault", land / "keys.age", "--journal", old / "journal")
    (land / "copies" / "lease.json").unlink(missing_ok=True)  # as after three minutes
    done = shodaku(new, "restore", *files)
    assert (done.status, "Sending is open." in done.out) == (0, True), done.out + done.err
    assert json.loads(shodaku(new, "fence", "status", "--json").out)["state"] == "open"
    with up(new):
        verified = json.loads(shodaku(new, "ledger", "verify", "--json").out)
        assert (verified["workspace"], verified["faults"]) == ("shop", [])
        assert verified["opened"] == verified["entries"]
        again = shodaku(new, "restore", land / "all.age", "--without-vault")
        assert (again.status, "The database holds something already" in again.err) == (2, True)

    subprocess.run(["cp", "-a", str(new), str(copy)], check=True)
    (land / "copies" / "lease.json").unlink(missing_ok=True)
    with up(copy):
        said = shodaku(copy, "fence", "status", "--json")
        assert said.status == 1
        assert json.loads(said.out)["reasons"] == ["copied"]
        found = json.loads(shodaku(copy, "doctor", "--json").out)["second copy"]
        assert (found["well"], place.host(new).id in found["detail"]) == (False, True)
        opened = shodaku(copy, "fence", "open", "--reason", "the other machine is switched off")
        assert (opened.status, opened.out) == (0, "Sending is open.\n"), opened.err
        assert json.loads(shodaku(copy, "doctor", "--json").out)["second copy"]["well"]
