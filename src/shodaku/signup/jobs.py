"""Chores of the sign-up room, as the worker of the chore plane runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shodaku.kit import clock, log
from shodaku.signup import services


def sweep_throttle(timestamp: int = 0) -> None:
    """Once a night; `timestamp` is the tick that procrastinate hands to periodic jobs."""
    log.info("signup.throttle_swept", rows=services.sweep_throttle(now=clock.now()), tick=timestamp)


JOBS: Final[Mapping[str, Callable[..., None]]] = {"signup.sweep_throttle": sweep_throttle}
PERIODIC: Final[Mapping[str, tuple[str, Callable[..., None]]]] = {
    "signup.sweep_throttle": ("17 3 * * *", sweep_throttle)
}
