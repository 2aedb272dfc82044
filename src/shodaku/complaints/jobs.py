"""Chores of the desk, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.complaints import services
from shodaku.kit import clock


def lapse() -> None:
    """Every day: who asked for their data and never opened the mail waits for nothing."""
    now = clock.now()
    for workspace in accounts.workspaces():
        services.end_lapsed(workspace.workspace_id, now)


JOBS: Final[Mapping[str, Callable[..., None]]] = {}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {"complaints.lapse": ("41 3 * * *", lapse)}
