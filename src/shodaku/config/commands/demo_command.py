"""`shodaku demo`: the whole story on a sample, over real HTTP and SMTP; `--once` ends with the answer."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shodaku.config import environment
from shodaku.config.commands.output import as_json, say
from shodaku.kit.errors import OutOfReach

SINK_SECONDS_MAX = 20.0
STAFF_EMAIL = "mori@aoi.example"


class SinkDidNotStart(OutOfReach):
    """The mail server of the demonstration did not start."""

    code = "sink_did_not_start"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="tell the story, stop everything, exit 0 or 1")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument(
        "--port", type=int, default=None, help="of the console (8000; with --once a free one)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    started = time.monotonic()
    for name in environment.NAMES:
        os.environ.pop(name, None)  # its own database and mail server, whatever this shell works with
    with _home() as home, _sink(home) as (smtp_port, mails_url):
        from shodaku.config import up  # noqa: PLC0415 - only the chosen command loads its tools

        port = options.port or (_free_port() if options.once else 8000)
        smtp = f"smtp://127.0.0.1:{smtp_port}?tls=none"
        with up.running(port=port, smtp_url=smtp, demonstration=True) as installation:
            place = Place(installation.public_url, mails_url, secrets.token_urlsafe(12))
            passed = _tell(place, options, started)
            if not options.once:
                up.watch(installation)
    return 0 if passed else 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor of the demonstration goes, and with what."""

    public_url: str
    mails: str
    password: str

    @property
    def console(self) -> str:
        return f"{self.public_url}/console/"


def _tell(place: Place, options: argparse.Namespace, started: float) -> bool:
    from shodaku.config import story  # noqa: PLC0415 - Django is set up only now

    told = story.tell(
        place.public_url, place.mails, password=place.password, say=None if options.json else say
    )
    told.figures["total_seconds"] = round(time.monotonic() - started, 1)
    visit = {"console": place.console, "mails": place.mails, "email": STAFF_EMAIL, "password": place.password}
    if options.json:
        as_json(told.as_json() | ({} if options.once else {"visit": visit}))
    elif not options.once:
        say()
        for name, value in visit.items():
            say(f"{name:9}{value}")
        say("Ctrl-C stops everything and removes the sample.")
    return told.ok


@contextmanager
def _home() -> Iterator[Path]:
    """A folder of its own, removed at the end; below one that the unprivileged database can reach."""
    folder = Path(tempfile.mkdtemp(prefix="shodaku-demo-"))
    folder.chmod(0o755)
    os.environ["SHODAKU_HOME"] = str(folder)
    os.environ["SHODAKU_KEYS"] = str(folder / "keys")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _sink(home: Path) -> Iterator[tuple[int, str]]:
    """The mail server in a process of its own; its port and the address of its page."""
    smtp_port, web_port = _free_port(), _free_port()
    command = [sys.executable, "-m", "shodaku", "sink", str(home / "mails")]
    ports = ["--smtp-port", str(smtp_port), "--web-port", str(web_port)]
    process = subprocess.Popen([*command, *ports], start_new_session=True)  # noqa: S603 - our own program
    try:
        _wait_for(smtp_port, process)
        yield smtp_port, f"http://127.0.0.1:{web_port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SINK_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SinkDidNotStart


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
