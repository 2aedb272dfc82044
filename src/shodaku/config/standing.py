"""The databases for a command: those that run, or the embedded one, started for as long as it takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from shodaku.config import environment
from shodaku.config.up import HOME_MODE
from shodaku.kit.postgres import Postgres


@contextmanager
def databases(*, make: bool = False) -> Iterator[None]:
    """Django is set up inside. `make`: an empty, migrated database where there is none.

    Raises NoDatabase, DatabaseAway, and the named errors of `config.databases.migrate` and `kit.postgres`.
    """
    from shodaku.config import bind  # noqa: PLC0415 - Django reads its settings only now

    folder = environment.home() / "postgres"
    if os.environ.get("SHODAKU_DATABASE_URL") or not (make or folder.exists()):
        bind.start_command()
        if make:
            _migrate()
        yield
        return
    if not environment.home().exists():
        environment.home().mkdir(parents=True)
        environment.home().chmod(HOME_MODE)
    with Postgres(folder) as started:
        os.environ.update(
            SHODAKU_DATABASE_URL=started.application,
            SHODAKU_OWNER_URL=started.owner,
            SHODAKU_VAULT_URL=started.vault,
        )
        bind.start_command()
        try:
            _migrate()
            yield
        finally:
            bind.stop()


def _migrate() -> None:
    from shodaku.config import databases  # noqa: PLC0415 - Django is set up only now

    databases.migrate()
