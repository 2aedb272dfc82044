"""The second installation is made once for all tests of this folder; each restores into it with `replace`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.backups.copies import Installation, copy_keys
from tests.postgres import a_postgres


@pytest.fixture(scope="session")
def elsewhere(database):
    home = Path(tempfile.mkdtemp(prefix="shodaku-elsewhere-"))
    shutil.rmtree(home)
    copy_keys(home)
    with a_postgres(home / "postgres") as started:
        there = Installation(
            home,
            SimpleNamespace(**{name: getattr(started, name) for name in ("owner", "application", "vault")}),
        )
        done = there.run("migrate")
        assert done.status == 0, done.err
        yield there
    shutil.rmtree(home, ignore_errors=True)
