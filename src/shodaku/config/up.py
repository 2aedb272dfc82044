"""`shodaku up`: database, migrations, web and workers under one supervisor; stops in the reverse order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType

from shodaku.config import environment
from shodaku.kit import clock, keys, log
from shodaku.kit.errors import OutOfReach
from shodaku.kit.postgres import Postgres

STOP_SECONDS_MAX = 5.0
WEB_SECONDS_MAX = 120.0  # 5 on a quiet machine; a busy one was seen to take 30
RESTART_PAUSE_SECONDS = 1.0
INBOUND_PORT_BEYOND = 25  # 8025 beside 8000
PORT_MAX = 65_535
HOME_MODE = 0o711  # the unprivileged database passes through, and sees nothing else


class WebPortTaken(OutOfReach):
    """The web port is used by another program."""

    code = "web_port_taken"


class WebDidNotStart(OutOfReach):
    """The web server did not answer in time."""

    code = "web_did_not_start"


class NoVault(OutOfReach):
    """Beside the database, name the vault in SHODAKU_VAULT_URL: a second database for person keys."""

    code = "no_vault"


@dataclass(slots=True)
class Child:
    """One process of the installation, started again when it dies."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    died_at: float = 0.0

    def start(self) -> None:
        command = [sys.executable, "-m", "shodaku", *self.arguments]
        # its own session: Ctrl-C in the terminal reaches the supervisor alone, which stops everything in
        # order
        self.process = subprocess.Popen(command, env=dict(self.environment), start_new_session=True)  # noqa: S603 - our own program

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def reap(self, until: float) -> None:
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True, slots=True)
class Installation:
    """What runs: the values that other processes of it need in their environment."""

    values: Mapping[str, str]
    children: Mapping[str, Child]
    postgres: Postgres | None  # None: an external one, which others look after

    @property
    def public_url(self) -> str:
        return self.values["SHODAKU_PUBLIC_URL"]


@contextmanager
def running(*, port: int, smtp_url: str = "", demonstration: bool = False) -> Iterator[Installation]:
    """Everything up, ready to be used, until the block ends.

    Raises the named errors of kit.postgres and config.databases, WebPortTaken, WebDidNotStart.
    """
    _unwind_on_signals()
    home = environment.home()
    _free(port)
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(HOME_MODE)
    keys.create_missing(environment.keys_folder())
    with ExitStack() as stack:
        postgres = None if os.environ.get("SHODAKU_DATABASE_URL") else Postgres(home / "postgres")
        values = {**_databases(stack, postgres), **_values(port, smtp_url, demonstration=demonstration)}
        os.environ.update(values)
        environment.save(values)
        stack.callback(environment.remove)
        _migrate()
        stack.callback(_stop_own_connections)
        children = _children(port, {**os.environ, **values})
        stack.callback(_stop_all, list(children.values()))
        for child in children.values():
            child.start()
        _wait_for_web(port, children["web"])
        yield Installation(values, children, postgres)


def _unwind_on_signals() -> None:
    """Also while starting, a signal stops what runs already, in order."""

    def unwind(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, unwind)


def watch(installation: Installation) -> None:
    """Start again what dies, until SIGTERM or SIGINT."""
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        time.sleep(0.2)
        if installation.postgres is not None and installation.postgres.pid is None:
            log.info("postgres.died")
            installation.postgres.start()
        for child in installation.children.values():
            _revive(child)


def _revive(child: Child) -> None:
    if child.process.poll() is None:
        return
    if not child.died_at:
        child.died_at = time.monotonic()
        log.info("process.died", process=child.name, status=child.process.returncode)
    elif time.monotonic() - child.died_at > RESTART_PAUSE_SECONDS:
        child.died_at = 0.0
        child.start()


def _databases(stack: ExitStack, postgres: Postgres | None) -> dict[str, str]:
    """Of the external PostgreSQL that the environment names, or of our own."""
    if postgres is None:
        url = os.environ["SHODAKU_DATABASE_URL"]
        return {
            "SHODAKU_DATABASE_URL": url,
            "SHODAKU_OWNER_URL": os.environ.get("SHODAKU_OWNER_URL", url),
            "SHODAKU_VAULT_URL": _vault_url(),
        }
    databases = stack.enter_context(postgres)
    return {
        "SHODAKU_DATABASE_URL": databases.application,
        "SHODAKU_OWNER_URL": databases.owner,
        "SHODAKU_VAULT_URL": databases.vault,
    }


def _vault_url() -> str:
    if "SHODAKU_VAULT_URL" not in os.environ:
        raise NoVault
    return os.environ["SHODAKU_VAULT_URL"]


def _values(port: int, smtp_url: str, *, demonstration: bool) -> dict[str, str]:
    values = {"SHODAKU_PUBLIC_URL": os.environ.get("SHODAKU_PUBLIC_URL", f"http://127.0.0.1:{port}")}
    values |= {name: os.environ[name] for name in environment.HANDED_ON if name in os.environ}
    if smtp_url:
        values["SHODAKU_SMTP_URL"] = smtp_url
    if demonstration:
        values["SHODAKU_DEMONSTRATION"] = "1"
    return values


def _migrate() -> None:
    from shodaku.backups import services  # noqa: PLC0415 - Django reads its settings only now
    from shodaku.config import bind, databases  # noqa: PLC0415

    bind.start()
    databases.migrate()
    services.look_for_copies(clock.now())


def _stop_own_connections() -> None:
    from shodaku.config import bind  # noqa: PLC0415 - Django is set up only now

    bind.stop()


def _children(port: int, values: Mapping[str, str]) -> dict[str, Child]:
    return {
        "web": Child("web", ["serve", "--port", str(port)], values),
        "send": Child("send", ["worker", "--plane", "send"], values),
        "chore": Child("chore", ["worker", "--plane", "chore"], values),
        "ledger": Child("ledger", ["worker", "--plane", "ledger"], values),
        **_inbound(port, values),
    }


def _inbound(port: int, values: Mapping[str, str]) -> dict[str, Child]:
    """On loopback unless SHODAKU_INBOUND_SMTP names another place; `off` for none."""
    place = values.get("SHODAKU_INBOUND_SMTP") or f"127.0.0.1:{port + INBOUND_PORT_BEYOND}"
    if place == "off" or port + INBOUND_PORT_BEYOND > PORT_MAX:
        return {}
    return {"inbound": Child("inbound", ["inbound", "listen", "--smtp", place, "--patient"], values)}


def _stop_all(children: Sequence[Child]) -> None:
    until = time.monotonic() + STOP_SECONDS_MAX
    started = [child for child in children if hasattr(child, "process")]
    for child in started:
        child.stop()
    for child in started:
        child.reap(until)


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise WebPortTaken(hint=f"--port {port + 1}") from error


def _wait_for_web(port: int, web: Child) -> None:
    until = time.monotonic() + WEB_SECONDS_MAX
    while time.monotonic() < until and web.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise WebDidNotStart
