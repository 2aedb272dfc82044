"""`shodaku up` as a new user meets it: first link, second start, commands beside it, the end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.flows.installation import a_free_port

from shodaku.config.visitor import Visitor

STARTED_SECONDS_MAX = 60


def environment(home, **more):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")}
    return clean | {"SHODAKU_HOME": str(home)} | more


def shodaku(home, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "shodaku", *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=STARTED_SECONDS_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def home():
    folder = Path(tempfile.mkdtemp(prefix="shodaku-up-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def up(home):
    port = a_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "shodaku", "up", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, "it ended before it was up"
        said += line
    yield said
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.stdout.close()


def test_the_first_link_makes_an_owner_once_and_asks_for_a_second_factor(up):
    link = re.search(r"http\S+/console/start/\S+", up)[0]
    visitor = Visitor(link)
    said = {
        "workspace": "first-shop",
        "formal_name": "株式会社はじめ",
        "postal_address": "東京都千代田区1-1",
        "contact_email": "desk@hajime.example",
        "contact_phone": "03-0000-0000",
        "from_address": "news@hajime.example",
        "name": "始 一",
        "email": "hajime@hajime.example",
        "password": "a password of some length",
    }
    refused = visitor.submit(visitor.get(link), {**said, "from_address": "a..b@softbank.ne.jp"})
    assert refused.status == 422
    assert "株式会社はじめ" in refused.text  # nothing that was typed is lost
    signed_in = visitor.submit(visitor.get(link), said)
    assert "2fa" in signed_in.url or "reauthenticate" in signed_in.url
    assert Visitor(link).get(link).status == 404


def test_a_second_up_on_the_same_folder_is_refused_in_one_sentence(up, home):
    second = shodaku(home, "up", "--port", str(a_free_port()))
    assert second.returncode == 3
    assert second.stderr.startswith("shodaku: Another shodaku is running on this database folder.")
    assert "Traceback" not in second.stderr


def test_a_command_in_another_shell_reaches_what_runs(up, home):
    doctor = shodaku(home, "doctor")
    assert doctor.returncode == 0
    assert "role shodaku_app owns 0 tables" in doctor.stdout


@pytest.mark.parametrize(
    "more",
    [{}, {"SHODAKU_DATABASE_URL": "postgresql://shop:hidden@127.0.0.1:1/shop"}],
    ids=["no database is named", "the database is away"],
)
def test_without_its_database_a_command_says_so_and_gives_no_secret_away(tmp_path, more):
    answer = shodaku(tmp_path, "explain", "someone@example.jp", **more)
    assert answer.returncode == 3
    assert answer.stderr.startswith("shodaku: ")
    assert "Traceback" not in answer.stderr
    assert "hidden" not in answer.stderr
