"""What a terminal shows when something is wrong: one sentence, and never a secret."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shodaku.config import cli, databases, settings
from shodaku.kit import keys

ODD = [
    "postgres//u:secretpw@h/db",
    "postgresql://u:secretpw@h:port/db",
    "postgresql://u:sec/secretpw@h/db",
    "postgresql://u:secretpw@[::1/db",
    "host=127.0.0.1 port=1 password=secretpw",
    "postgresql://u:secretpw@127.0.0.1:1/db?no_such_option=1",
    "postgresql://u:secretpw@127.0.0.1:1/db?connect_timeout=soon",
    "\x00",
]


def shodaku(home, *arguments, **more):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")}
    return subprocess.run(
        [sys.executable, "-m", "shodaku", *arguments],
        env=clean | {"SHODAKU_HOME": str(home)} | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("url", ODD)
def test_no_address_of_a_database_is_told_however_odd_it_is(url):
    with pytest.raises((databases.DatabaseAway, databases.DatabaseAddressFault)) as refused:
        databases.connect(url)
    assert "secretpw" not in f"{refused.value.message} {refused.value.hint}"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("url", ODD)
def test_the_settings_can_be_read_with_every_address(url):
    assert settings.database(url, pool=False)["ENGINE"]


def test_an_address_is_read_as_the_database_reads_it():
    read = settings.database("postgresql://u%40x:p%2Fw@db.internal:5433/shop?sslmode=require", pool=False)
    assert [read[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "shop", "u@x", "p/w", "db.internal", "5433",
    ]  # fmt: skip
    assert read["OPTIONS"] == {"sslmode": "require"}


def test_a_mistyped_address_is_refused_in_one_sentence_without_the_password(tmp_path):
    answer = shodaku(tmp_path, "doctor", SHODAKU_DATABASE_URL="postgres//u:secretpw@h/db")
    assert answer.returncode == 2
    assert answer.stderr.startswith("shodaku: The address of the database cannot be read")
    assert "SHODAKU_DATABASE_URL" in answer.stderr
    assert "secretpw" not in answer.stderr + answer.stdout
    assert "Traceback" not in answer.stderr


@pytest.fixture
def broken(monkeypatch):
    """A command that fails as nobody foresaw."""

    class Module:
        @staticmethod
        def define(parser):
            parser.set_defaults(run=Module.run)

        @staticmethod
        def run(_options):
            raise LookupError("hanako@example.jp")

    monkeypatch.setattr(cli, "_module", lambda _name: Module)
    monkeypatch.setattr(cli.environment, "load", lambda: None)


def test_what_nobody_foresaw_is_told_without_its_text(broken, capsys, monkeypatch):
    monkeypatch.delenv("SHODAKU_TRACE", raising=False)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("shodaku: Something went wrong inside; nothing was finished.")
    assert "LookupError at " in said
    assert f"{__name__}:" in said
    assert "hanako" not in said


def test_a_developer_may_ask_for_all_of_it(broken, capsys, monkeypatch):
    monkeypatch.setenv("SHODAKU_TRACE", "1")
    assert cli.main(["doctor"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("purpose", ["cookie", "link", "form", "pepper"])
def test_the_web_server_does_not_start_without_its_keys(tmp_path, purpose):
    keys.create_missing(tmp_path / "keys")
    (tmp_path / "keys" / f"{purpose}.1").unlink()
    answer = shodaku(tmp_path, "serve")
    assert answer.returncode == 3
    assert answer.stderr.startswith("shodaku: A key file is missing")
    assert f"{purpose}.1" in answer.stderr


def test_without_a_key_folder_every_process_has_a_secret_of_its_own(tmp_path):
    program = "from shodaku.config import settings; print(settings.SECRET_KEY)"
    command = [sys.executable, "-c", program]
    environment = os.environ | {"SHODAKU_HOME": str(tmp_path), "SHODAKU_KEYS": str(tmp_path / "none")}
    secrets = {
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(secrets) == 2
    assert all(len(secret.strip()) == 64 for secret in secrets)
