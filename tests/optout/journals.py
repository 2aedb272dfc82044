"""A home of its own for a test: its journal holds nobody else's lines."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager

from shodaku.kit import db, erasure_journal, runtime
from shodaku.suppression import services as suppression


@contextmanager
def a_home(folder):
    with runtime.replaced(dataclasses.replace(runtime.current(), home=folder)):
        try:
            yield suppression.journal()
        finally:
            suppression.open_fence()


class Lost(Exception):
    """The transaction of an act is undone."""


@contextmanager
def lost(shop):
    """The acts inside are written to the journal, and the database knows nothing of them."""
    try:
        with db.transaction(shop.workspace_id):
            yield
            raise Lost  # noqa: TRY301 - what is inside must be undone
    except Lost:
        pass


def lines(journal):
    return erasure_journal.read(journal.file) if journal.file.exists() else []
