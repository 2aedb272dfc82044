"""An installation for one command: database, keys and a home that nobody else uses; gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shodaku.config import environment
from shodaku.kit import keys


@contextmanager
def installation() -> Iterator[str]:
    """The owner's connection string of its migrated database. Nothing of a real installation is touched."""
    home = Path(tempfile.mkdtemp(prefix="shodaku-trial-"))
    home.chmod(0o755)  # the unprivileged PostgreSQL must reach its folder inside
    for name in environment.NAMES:
        os.environ.pop(name, None)
    os.environ |= {"SHODAKU_HOME": str(home), "SHODAKU_KEYS": str(home / "keys")}
    keys.create_missing(home / "keys")
    from shodaku.kit.postgres import Postgres  # noqa: PLC0415 - only the chosen command loads its tools

    try:
        with Postgres(home / "postgres") as databases:
            os.environ |= {
                "SHODAKU_DATABASE_URL": databases.application,
                "SHODAKU_OWNER_URL": databases.owner,
                "SHODAKU_VAULT_URL": databases.vault,
            }
            from shodaku.config import bind  # noqa: PLC0415 - settings are read only now
            from shodaku.config.databases import migrate  # noqa: PLC0415

            bind.start()
            migrate()
            yield databases.owner
            bind.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
