"""A backup and its restore need the same little memory, however much there is."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
from tests.backups.copies import run
from tests.people import a_shop

MEGABYTES_MAX = 64
ROWS, ROW_BYTES = 150, 1_000_000  # as text twice that: 300 MB
MEASURED = """
import resource, sys
from shodaku.config.cli import main
status = main(sys.argv[1:])
sys.stderr.write(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}\\n")
sys.exit(status)
"""


def peak(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return int(done.stderr.rsplit("peak ", 1)[1])


def test_300_megabytes_need_no_more_than_64_beyond_what_a_command_needs(database, elsewhere, tmp_path):
    environment = {
        **os.environ,
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    alone = peak(environment, "fence", "status")
    shop = a_shop()
    with psycopg.connect(database.owner) as owner:
        owner.execute(f"set local shodaku.workspace = '{shop.workspace_id}'")
        owner.execute(
            "insert into sealed (workspace_id, hold_id, lookups, body, last_sent_at, destroy_after)"
            " select %s, gen_random_uuid(), '{}', decode(repeat(md5(n::text), %s), 'hex'), now(), now()"
            " from generate_series(1, %s) n",
            [shop.workspace_id, ROW_BYTES // 16, ROWS],
        )
    try:
        assert peak(environment, "backup", tmp_path / "all.age") - alone <= MEGABYTES_MAX
        assert (tmp_path / "all.age").stat().st_size > 2 * ROWS * ROW_BYTES
        there = peak(elsewhere.environment, "restore", tmp_path / "all.age", "--replace", "--without-vault")
        assert there - alone <= MEGABYTES_MAX
        again = run("backup", "verify", tmp_path / "all.age", environment=environment)
        assert again.status == 0
    finally:
        with psycopg.connect(database.owner) as owner:
            owner.execute(f"set local shodaku.workspace = '{shop.workspace_id}'")
            owner.execute("delete from sealed where workspace_id = %s", [shop.workspace_id])
