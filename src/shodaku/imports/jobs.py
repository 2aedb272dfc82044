"""Chores of the imports room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.imports import files, running
from shodaku.kit import clock, log


def check(workspace_id: int, batch_id: int) -> None:
    done = running.check(workspace_id, batch_id, now=clock.now())
    log.info("imports.checked", workspace=workspace_id, batch=batch_id, done=done)


def run(workspace_id: int, batch_id: int) -> None:
    running.run(workspace_id, batch_id, now=clock.now())


def sweep() -> None:
    files.sweep(clock.now())


JOBS: Final[Mapping[str, Callable[..., None]]] = {
    "imports.check": check, "imports.run": run, "imports.sweep": sweep,
}  # fmt: skip
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {"imports.sweep": ("*/10 * * * *", sweep)}
