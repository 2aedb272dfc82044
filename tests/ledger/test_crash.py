"""Promise 9: what was acknowledged is never lost, whoever is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def test_f02_sixty_kills_of_the_sequencers_and_eight_restarts_of_the_database_lose_and_fork_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.crash", "--kills", "60", "--restarts", "8"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = json.loads(done.stdout)
    assert (found["kills"], found["restarts"]) == (60, 8)
    assert found["acknowledged"] > 1_000
    assert (found["missing"], found["faults"]) == (0, [])
    assert found["checkpoints_consistent"] > 30
