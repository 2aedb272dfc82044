"""A whole installation in processes of its own, as a stranger would start it: `shodaku demo`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

STARTED_SECONDS_MAX = 180


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def demonstration():
    """The story told once, then everything still up: what it printed, with the places to visit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "shodaku", "demo", "--json", "--port", str(a_free_port())],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        signal.signal(signal.SIGALRM, _too_late)
        signal.alarm(STARTED_SECONDS_MAX)
        told = json.loads(process.stdout.readline() or "{}")
        signal.alarm(0)
        yield told
    finally:
        signal.alarm(0)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def _too_late(_number, _frame):
    raise TimeoutError(f"the demonstration did not answer within {STARTED_SECONDS_MAX} s")
