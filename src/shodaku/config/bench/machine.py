"""Where and under what a figure was measured, and the programs that a measurement starts."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psycopg

from shodaku.config.settings import DATABASE_URL
from shodaku.kit.errors import OutOfReach

_SECONDS_MAX = 10.0
_START_SECONDS_MAX = 60.0  # of a web process on a busy machine


class NoReference(OutOfReach):
    """Postfix's smtp-sink and smtp-source are not installed; there is nothing to compare with."""

    code = "no_reference"


class WorkerDidNotStart(OutOfReach):
    """The worker ended before it began to work."""

    code = "worker_did_not_start"


def context() -> dict[str, object]:
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return {
        "machine": f"{platform.machine()}, {cores} cores, Python {platform.python_version()}",
        "load": round(load, 2),
        **({"noisy": True} if load > cores else {}),
    }


def line(
    bench: str, case: str, unit: str, values: Sequence[float], n: int, **more: object
) -> dict[str, object]:
    """One case: the median of its rounds, and what it was measured under."""
    return {
        "bench": bench,
        "case": case,
        "n": n,
        "rounds": len(values),
        "value": round(median(values), 3),
        "unit": unit,
        **more,
        **context(),
    }


def program(name: str) -> str:
    """Raises NoReference."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NoReference(hint=f"{name}: apt install postfix")
    return found


@contextmanager
def smtp_sink(*, eight_bit: bool) -> Iterator[int]:
    """Postfix's receiver on a free port, that offers 8BITMIME or does not. Raises NoReference."""
    port = free_port()
    flags = [] if eight_bit else ["-8"]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to stay root
    with subprocess.Popen([program("smtp-sink"), *user, *flags, f"127.0.0.1:{port}", "512"]) as process:  # noqa: S603 - fixed
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def smtp_source(port: int, length: int, messages: int) -> float:
    """Messages a second of Postfix's own load generator, which decides nothing and writes nothing down."""
    flags = [
        "-d",
        "-s",
        "8",
        "-l",
        str(length),
        "-m",
        str(messages),
        "-f",
        "a@example.jp",
        "-t",
        "b@example.jp",
    ]
    start = time.perf_counter()
    subprocess.run([program("smtp-source"), *flags, f"127.0.0.1:{port}"], check=True)  # noqa: S603 - fixed
    return messages / (time.perf_counter() - start)


def openssl_rsa_per_second() -> float:
    """Signatures with RSA-2048 that OpenSSL itself makes a second on one core. Raises NoReference."""
    command = [program("openssl"), "speed", "-seconds", "2", "rsa2048"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - fixed
    for row in done.stdout.splitlines():
        if row.startswith("rsa 2048 bits"):
            return float(row.split()[5])
    raise NoReference(hint="openssl speed rsa2048")


@contextmanager
def send_worker(
    environment: Mapping[str, str], module: str = "shodaku.config.worker", *words: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Running, and waiting for work."""
    command = [sys.executable, "-m", module, "--plane", "send", *words]
    values = {**os.environ, **environment}
    with subprocess.Popen(command, env=values, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
        try:
            _wait_for_line(process, b'"worker.started"')
            yield process
        finally:
            process.terminate()


@contextmanager
def web_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Answering on loopback."""
    command = [sys.executable, "-m", "shodaku", "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        try:
            _wait_for(port, _START_SECONDS_MAX)
            yield process
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def postgres_cpu_seconds() -> float | None:
    """Of all its processes that live or have ended; None when the server is not on this machine."""
    try:
        with psycopg.connect(DATABASE_URL) as connection:  # it names the server while it lives
            stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text(encoding="ascii")
        parent = int(stat.rsplit(")", 1)[1].split()[1])
        living = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        fields = Path(f"/proc/{parent}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except (OSError, ValueError):
        return None
    ended = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return ended + sum(_cpu_seconds_if_alive(int(child)) for child in living)


def _cpu_seconds_if_alive(pid: int) -> float:
    try:
        return cpu_seconds(pid)
    except (OSError, ValueError):
        return 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, seconds_max: float = _SECONDS_MAX) -> None:
    until = time.monotonic() + seconds_max
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise NoReference(hint=f"port {port}")


def _wait_for_line(process: subprocess.Popen[bytes], text: bytes) -> None:
    if process.stderr is None:
        raise NoReference
    for line in process.stderr:
        if text in line:
            threading.Thread(target=process.stderr.read, daemon=True).start()  # or its pipe would fill up
            return
    raise WorkerDidNotStart
