"""A pepper that one test may rotate: other tests' tokens keep their one layer."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import psycopg
from tests.ledger.vaults import an_own_vault

from shodaku.accounts import selectors as accounts
from shodaku.ledger import rotation


@contextmanager
def a_pepper_of_our_own(database, folder, monkeypatch, *shops):
    """Files, vault and the register of epochs; of all workspaces only these shops are known to a rotation."""
    mine = {shop.workspace_id for shop in shops}
    every = accounts.workspaces
    with monkeypatch.context() as changed:
        changed.setattr(
            rotation.accounts, "workspaces", lambda: [each for each in every() if each.workspace_id in mine]
        )
        try:
            with an_own_vault(database, folder) as keys:
                yield keys
        finally:
            with psycopg.connect(database.owner, autocommit=True) as owner:
                owner.execute("delete from pepper_check where epoch > 1")


def another_copy(keys, folder, *left_out):
    """The keys on a second machine."""
    shutil.copytree(keys, folder, ignore=lambda _, names: [name for name in names if name in left_out])
    return folder
