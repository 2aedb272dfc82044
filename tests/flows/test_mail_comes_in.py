"""The process that takes mail in, as it runs beside a mail server: started, killed, started again."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
from tests.flows.installation import a_free_port
from tests.optout.ways import a_letter, scopes, token
from tests.people import a_reader, a_shop

from shodaku.kit import runtime

STARTED_SECONDS_MAX = 60


@contextmanager
def a_process(database, *words):
    environment = {
        **os.environ,
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
        "SHODAKU_HOME": str(runtime.current().home),
        "SHODAKU_KEYS": str(runtime.current().keys),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "shodaku", "inbound", "listen", *words],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        process.stderr.close()


def listening(process):
    """Waits until it says so."""
    before = []
    while "inbound.listening" not in (line := process.stderr.readline()):
        assert line, before[-5:]
        before.append(line)


def deliver(port, to):
    """As a mail server does: what was not answered with 250 is sent again."""
    until = time.monotonic() + STARTED_SECONDS_MAX
    while time.monotonic() < until:
        with (
            suppress(OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPDataError),
            smtplib.SMTP("127.0.0.1", port, timeout=10) as client,
        ):
            client.sendmail("a@example.jp", [to], a_letter())
            return
    raise AssertionError("it was never taken")


@pytest.mark.parametrize("killed", [False, True], ids=["told to stop", "killed"])
def test_no_mail_is_lost_when_the_process_ends_in_the_middle(database, killed):
    shop = a_shop()
    readers = [a_reader(shop) for _ in range(30)]
    port = a_free_port()
    place = f"127.0.0.1:{port}"
    with a_process(database, "--smtp", place) as first:
        listening(first)
        for reader in readers[:10]:
            deliver(port, f"o+{token(shop, reader)}@aoi.example")
        with smtplib.SMTP("127.0.0.1", port) as open_mail:
            open_mail.ehlo("x")
            open_mail.mail("a@example.jp")
            open_mail.rcpt(f"o+{token(shop, readers[10])}@aoi.example")
            first.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
            first.wait(30)
            with suppress(smtplib.SMTPException, OSError):
                open_mail.quit()
        assert first.returncode == (-signal.SIGKILL if killed else 0)
    with a_process(database, "--smtp", place) as second:
        listening(second)
        for reader in readers[10:]:
            deliver(port, f"o+{token(shop, reader)}@aoi.example")
    assert [scopes(shop, reader) for reader in readers] == [["all"]] * 30


def test_a_place_that_is_taken_is_said_in_one_sentence_or_waited_for(database):
    shop = a_shop()
    reader, port = a_reader(shop), a_free_port()
    place = f"127.0.0.1:{port}"
    with a_process(database, "--smtp", place) as first:
        listening(first)
        with a_process(database, "--smtp", place) as refused:
            said = refused.stderr.read()
            assert (refused.wait(30), "Nobody can listen there" in said) == (3, True)
        with a_process(database, "--smtp", place, "--patient") as patient:
            while "inbound.place_taken" not in (line := patient.stderr.readline()):
                assert line
            first.terminate()
            first.wait(30)
            listening(patient)
            deliver(port, f"o+{token(shop, reader)}@aoi.example")
    assert scopes(shop, reader) == ["all"]
