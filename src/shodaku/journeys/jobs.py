"""The clocks of consents, as the worker of the chore plane lets them tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.journeys import services
from shodaku.kit import clock, log


def note_welcomes() -> None:
    """Every hour: a welcome that hangs is found the day it hangs."""
    now = clock.now()
    for workspace in accounts.workspaces():
        services.note_welcomes(workspace.workspace_id, now=now)


def keep() -> None:
    """Every day: end what nobody answered, ask who is silent, and note what is late."""
    now = clock.now()
    for workspace in accounts.workspaces():
        ended = services.end_unanswered(workspace.workspace_id, now=now)
        asked = services.ask_silent(workspace.workspace_id, now=now)
        services.note_late(workspace.workspace_id, now=now)
        log.info("clocks.kept", workspace=workspace.workspace_id, ended=ended, asked=asked)


JOBS: Final[Mapping[str, Callable[..., None]]] = {}
PERIODIC: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "journeys.note_welcomes": ("11 * * * *", note_welcomes),
    "journeys.keep": ("41 1 * * *", keep),  # UTC: the middle of a morning in Japan
}
